package weaviate

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"math"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/akin-search/akin/internal/crc32c"
	"github.com/akin-search/akin/internal/record"
	pb "github.com/weaviate/weaviate/grpc/generated/protocol/v1"
	"google.golang.org/protobuf/types/known/structpb"
)

// object is a picture as the class has it.
type object struct {
	uuid string
	record.Stored
	vectors map[string][]float32 // by named vector
	has     map[string]bool
	sums    map[string]uint32
	updated int64 // milliseconds since 1970, by the cluster's clock
	created int64
}

// uuidOf is the id of a picture of that content at that source. It is the same on every
// machine, so that what is written twice is written once.
func uuidOf(hash record.Hash, source string) string {
	sum := sha256.Sum256(append(append([]byte("akin picture\x00"), hash[:]...), source...))
	return formatUUID(sum[:])
}

// formatUUID writes 16 bytes as a UUID of version 8: one that is made as its maker likes.
func formatUUID(b []byte) string {
	b = append([]byte(nil), b[:16]...)
	b[6], b[8] = b[6]&0x0f|0x80, b[8]&0x3f|0x80
	h := hex.EncodeToString(b)
	return h[:8] + "-" + h[8:12] + "-" + h[12:16] + "-" + h[16:20] + "-" + h[20:]
}

// numberOf is a picture's id: 62 bits of its UUID.
func numberOf(uuid string) int64 {
	b, _ := hex.DecodeString(strings.ReplaceAll(uuid, "-", ""))
	if len(b) != 16 {
		return 0
	}
	return int64(binary.BigEndian.Uint64(b[8:])<<2>>2 ^ binary.BigEndian.Uint64(b)<<2>>2)
}

// contentID stands for a content.
func contentID(h record.Hash) int64 { return int64(binary.BigEndian.Uint64(h[:])>>1 | 1) }

func bytesOf(v []float32) []byte {
	b := make([]byte, 0, 4*len(v))
	for _, x := range v {
		b = binary.LittleEndian.AppendUint32(b, math.Float32bits(x))
	}
	return b
}

func vectorOf(b []byte) []float32 {
	v := make([]float32, len(b)/4)
	for i := range v {
		v[i] = math.Float32frombits(binary.LittleEndian.Uint32(b[4*i:]))
	}
	return v
}

func sumOf(v []float32) uint32 { return crc32c.Sum(bytesOf(v)) }

// folders returns every folder above a source, with its slash.
func folders(source string) []string {
	var out []string
	for i := range len(source) {
		if source[i] == '/' || source[i] == filepath.Separator {
			out = append(out, source[:i+1])
		}
	}
	return out
}

// properties are a picture's, without those of its spaces.
func (o *object) properties() map[string]any {
	slashed := filepath.ToSlash(o.Source)
	p := map[string]any{
		"number": strconv.FormatInt(o.ID, 10), "name": o.Name, "loose": record.FoldName(o.Name),
		"source": o.Source, "root": o.Root, "folders": folders(o.Source),
		"stem": strings.ToLower(o.Name[strings.LastIndexByte(o.Name, '/')+1:]),
		"file": strings.ToLower(slashed[strings.LastIndexByte(slashed, '/')+1:]),
		"size": o.Size, "mtime": strconv.FormatInt(o.Mtime, 10),
		"format": o.Format, "width": o.Width, "height": o.Height, "taken": o.Taken,
		"error": o.Error, "failed": o.Error != "", "imported": strings.HasPrefix(o.Source, record.ImportedSource("")),
		"tags": append([]string{}, o.Tags...), "keys": keysOf(o.Tags),
	}
	if o.Metadata != nil {
		p["described"] = metadataText(o.Metadata)
	}
	if o.Error == "" {
		p["hash"] = hex.EncodeToString(o.Hash[:])
	}
	if clock, instant := record.DateOf(o.Taken, o.Mtime, time.Local); clock != record.NoDate {
		p["clock"], p["instant"] = clock, instant
	}
	return p
}

func keysOf(tags []string) []string {
	keys := make([]string, len(tags))
	for i, t := range tags {
		keys[i] = record.TagKey(t)
	}
	return keys
}

// spaceValues are the properties of the vectors that an object has.
func spaceValues(vectors map[string][]float32) map[string]any {
	p := map[string]any{}
	for name, v := range vectors {
		p[hasPrefix+name], p[sumPrefix+name] = true, int64(sumOf(v))
	}
	return p
}

// batchObject is the object as batches send it.
func (o *object) batchObject(class string) (*pb.BatchObject, error) {
	values := o.properties()
	for name, v := range spaceValues(o.vectors) {
		values[name] = v
	}
	b := &pb.BatchObject{Uuid: o.uuid, Collection: class, Properties: &pb.BatchObject_Properties{}}
	plain := map[string]any{}
	for name, v := range values {
		switch v := v.(type) {
		case []string:
			if len(v) == 0 {
				b.Properties.EmptyListProps = append(b.Properties.EmptyListProps, name)
				continue
			}
			b.Properties.TextArrayProperties = append(b.Properties.TextArrayProperties, &pb.TextArrayProperties{PropName: name, Values: v})
		case int:
			plain[name] = float64(v)
		case int64:
			plain[name] = float64(v) // sizes, times in seconds and checksums: less than 53 bits
		default:
			plain[name] = v
		}
	}
	s, err := structpb.NewStruct(plain)
	if err != nil {
		return nil, fmt.Errorf("store %s: %w", o.Source, err)
	}
	b.Properties.NonRefProperties = s
	for name, v := range o.vectors {
		b.Vectors = append(b.Vectors, &pb.Vectors{Name: name, VectorBytes: bytesOf(v), Type: pb.Vectors_VECTOR_TYPE_SINGLE_FP32})
	}
	return b, nil
}

// readObject makes an object of a search's result.
func readObject(r *pb.SearchResult) (o *object, err error) {
	o = &object{uuid: r.Metadata.GetId(), has: map[string]bool{}, sums: map[string]uint32{}, updated: r.Metadata.GetLastUpdateTimeUnix(), created: r.Metadata.GetCreationTimeUnix()}
	fields := r.Properties.GetNonRefProps().GetFields()
	word := func(name string) string { return fields[name].GetTextValue() }
	number := func(name string) int64 {
		v := fields[name]
		if _, ok := v.GetKind().(*pb.Value_NumberValue); ok {
			return int64(v.GetNumberValue())
		}
		return v.GetIntValue()
	}
	o.Name, o.Source, o.Root = word("name"), word("source"), word("root")
	o.Format, o.Taken, o.Error = word("format"), word("taken"), word("error")
	o.Size, o.Width, o.Height = number("size"), int(number("width")), int(number("height"))
	o.Tags = fields["tags"].GetListValue().GetTextValues().GetValues()
	o.Metadata = metadataOf(word("described"))
	o.ID, _ = strconv.ParseInt(word("number"), 10, 64)
	o.Mtime, _ = strconv.ParseInt(word("mtime"), 10, 64)
	if hash := word("hash"); hash != "" {
		b, err := hex.DecodeString(hash)
		if err != nil || len(b) != len(o.Hash) {
			return nil, fmt.Errorf("%w: object %s has the hash %q", record.ErrDamaged, o.uuid, hash)
		}
		copy(o.Hash[:], b)
	}
	for name, v := range fields {
		if vector, ok := strings.CutPrefix(name, hasPrefix); ok && v.GetBoolValue() {
			o.has[vector] = true
		}
		if vector, ok := strings.CutPrefix(name, sumPrefix); ok {
			o.sums[vector] = uint32(number(name))
		}
	}
	for _, v := range r.Metadata.GetVectors() {
		if len(v.GetVectorBytes()) > 0 {
			if o.vectors == nil {
				o.vectors = map[string][]float32{}
			}
			o.vectors[v.GetName()] = vectorOf(v.GetVectorBytes())
		}
	}
	return o, nil
}
