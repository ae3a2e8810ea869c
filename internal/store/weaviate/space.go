package weaviate

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/akin-search/akin/internal/record"
	pb "github.com/weaviate/weaviate/grpc/generated/protocol/v1"
	"google.golang.org/protobuf/types/known/structpb"
)

// space is a space with the named vector that it is.
type space struct {
	record.Space
	vector string
	made   string // when, RFC 3339
	uuid   string
}

// chance is what a space keeps of its random pairs.
type chance struct {
	rows   int
	scores []float32
	recall float64 // of searches; 1 is exact
}

func spaceID(model, fingerprint string) [32]byte {
	return sha256.Sum256([]byte("akin space\x00" + model + "\x00" + fingerprint))
}

// vectorName is a space's named vector: the model as Weaviate can call it, and its and the
// fingerprint's hash.
func vectorName(model, fingerprint string) string {
	safe := strings.Map(func(r rune) rune {
		if r >= '0' && r <= '9' || r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' {
			return r
		}
		return '_'
	}, model)
	id := spaceID(model, fingerprint)
	return "v_" + safe[:min(len(safe), 80)] + "_" + hex.EncodeToString(id[:6])
}

// spaceObject is a space with the properties that were asked for.
type spaceObject struct {
	space
	fields  map[string]*pb.Value
	updated int64 // when, milliseconds
}

// otherTime is for what the other nodes may add to one's answer.
const otherTime = 5 * time.Second

// spaceObjects reads the spaces, the oldest first, with some of their properties: from one node, or
// from every one that answers. A node that was away may lack a space, for a search asks no other.
func (c *Collection) spaceObjects(ctx context.Context, every bool, properties ...string) (spaces []space, fields []map[string]*pb.Value, err error) {
	if ok, err := c.there(ctx); !ok {
		return nil, nil, err
	}
	r := c.request(maxResults/10, nil)
	r.Collection += spacesSuffix
	r.Properties = &pb.PropertiesRequest{NonRefProperties: append([]string{"model", "fingerprint", "dim", "vector", "made"}, properties...)}
	found := map[string]spaceObject{}
	read := func(ctx context.Context, n *node) error {
		reply, err := n.wire.Search(ctx, r)
		if err != nil {
			return err
		}
		for _, result := range reply.Results {
			if o := readSpace(result); o.updated >= found[o.uuid].updated {
				found[o.uuid] = o
			}
		}
		return nil
	}
	var first *node
	err = c.ask(ctx, "read spaces", func(ctx context.Context, n *node) error {
		first = n
		return read(ctx, n)
	})
	if err != nil {
		return nil, nil, err
	}
	if every {
		within, cancel := context.WithTimeout(ctx, otherTime)
		defer cancel()
		for _, n := range c.nodes {
			if n != first {
				_ = n.try(within, read) // the first's answer stands without
			}
		}
	}
	for _, o := range slices.SortedFunc(maps.Values(found), func(a, b spaceObject) int { return strings.Compare(a.made+a.vector, b.made+b.vector) }) {
		spaces, fields = append(spaces, o.space), append(fields, o.fields)
	}
	return spaces, fields, ctx.Err()
}

func readSpace(result *pb.SearchResult) spaceObject {
	f := result.Properties.GetNonRefProps().GetFields()
	o := spaceObject{space{vector: f["vector"].GetTextValue(), made: f["made"].GetTextValue(), uuid: result.Metadata.GetId()}, f, result.Metadata.GetLastUpdateTimeUnix()}
	o.Model, o.Fingerprint, o.Dim = f["model"].GetTextValue(), f["fingerprint"].GetTextValue(), int(intOf(f["dim"]))
	o.ID = contentID(spaceID(o.Model, o.Fingerprint))
	return o
}

func intOf(v *pb.Value) int64 {
	if _, ok := v.GetKind().(*pb.Value_NumberValue); ok {
		return int64(v.GetNumberValue())
	}
	return v.GetIntValue()
}

// recent caches the list of spaces, which every search needs.
type recent struct {
	at     time.Time
	spaces []space
}

// recentTime is how long the cache is valid. A writer does not rely on it.
const recentTime = 2 * time.Second

// Spaces lists the spaces, the oldest first.
func (c *Collection) Spaces(ctx context.Context) ([]record.Space, error) {
	spaces, err := c.counted(ctx, false)
	out := make([]record.Space, len(spaces))
	for i, s := range spaces {
		out[i] = s.Space
	}
	return out, err
}

// forget drops what is cached, so that the next caller asks the cluster.
func (c *Collection) forget() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.spaces = recent{}
}

// counted returns the spaces with how many pictures they cover; those of every node, or what one
// said a moment ago.
func (c *Collection) counted(ctx context.Context, every bool) ([]space, error) {
	c.mu.Lock()
	known := c.spaces
	c.mu.Unlock()
	if !every && time.Since(known.at) < recentTime {
		return known.spaces, nil
	}
	began := time.Now()
	spaces, _, err := c.spaceObjects(ctx, every)
	if err != nil {
		return nil, err
	}
	for i, s := range spaces {
		if s.Rows, err = c.count(ctx, is(hasPrefix+s.vector, true)); err != nil {
			return nil, err
		}
		s.Covered = s.Rows
		spaces[i] = s
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.spaces = recent{began, spaces}
	return spaces, nil
}

// spaceOf returns a space by its id.
func (c *Collection) spaceOf(ctx context.Context, id int64) (space, error) {
	for _, every := range []bool{false, true} {
		spaces, err := c.counted(ctx, every)
		if err != nil {
			return space{}, err
		}
		for _, s := range spaces {
			if s.ID == id {
				return s, nil
			}
		}
	}
	return space{}, fmt.Errorf("collection %s: there is no space %d", c.address, id)
}

// Space returns the space of a model and fingerprint, and makes it when absent.
func (w *Writer) Space(ctx context.Context, model, fingerprint string, dim int) (record.Space, error) {
	if model == "" || dim < 1 || len(fingerprint) > 1024 {
		return record.Space{}, fmt.Errorf("make space: model %q, %d dimensions, fingerprint of %d bytes", model, dim, len(fingerprint))
	}
	if err := w.c.ensureVector(ctx, vectorName(model, fingerprint)); err != nil {
		return record.Space{}, err
	}
	began, put := time.Now(), false
	for {
		spaces, err := w.c.counted(ctx, true)
		if err != nil {
			return record.Space{}, err
		}
		for _, s := range spaces {
			if s.Model == model && s.Fingerprint == fingerprint {
				if s.Dim != dim {
					return record.Space{}, fmt.Errorf("space %s has %d dimensions, not %d", model, s.Dim, dim)
				}
				return s.Space, nil
			}
		}
		switch {
		case !put:
			put = true
			err = w.c.putSpace(ctx, space{Space: record.Space{Model: model, Fingerprint: fingerprint, Dim: dim}, made: time.Now().UTC().Format(time.RFC3339Nano)}, chance{rows: -1})
		case time.Since(began) > schemaTime:
			err = fmt.Errorf("make space %s: it is written, and no node has it", model)
		default:
			err = pauseFor(ctx, time.Second)
		}
		if err != nil {
			return record.Space{}, err
		}
	}
}

// putSpace writes what is known of a space.
func (c *Collection) putSpace(ctx context.Context, s space, of chance) error {
	id := spaceID(s.Model, s.Fingerprint)
	fields := map[string]any{
		"model": s.Model, "fingerprint": s.Fingerprint, "dim": float64(s.Dim), "vector": vectorName(s.Model, s.Fingerprint), "made": s.made,
		"chanceRows": float64(of.rows), "recall": strconv.FormatFloat(of.recall, 'g', -1, 64),
	}
	if len(of.scores) > 0 { // an empty blob is none
		fields["chance"] = base64.StdEncoding.EncodeToString(bytesOf(of.scores))
	}
	values, err := structpb.NewStruct(fields)
	if err != nil {
		return err
	}
	return c.putBatch(ctx, "write a space", []*pb.BatchObject{{
		Uuid: formatUUID(id[:]), Collection: c.address.Class + spacesSuffix, Properties: &pb.BatchObject_Properties{NonRefProperties: values},
	}})
}

// chanceOf returns what the space keeps of its random pairs.
func (c *Collection) chanceOf(ctx context.Context, id int64) (chance, error) {
	c.mu.Lock()
	known, ok := c.chances[id]
	c.mu.Unlock()
	if ok {
		return known, nil
	}
	spaces, fields, err := c.spaceObjects(ctx, true, "chance", "chanceRows", "recall")
	if err != nil {
		return chance{}, err
	}
	for i, s := range spaces {
		scores, err := base64.StdEncoding.DecodeString(fields[i]["chance"].GetBlobValue())
		if err != nil {
			return chance{}, fmt.Errorf("%w: the random pairs of %s: %w", record.ErrDamaged, s.Model, err)
		}
		recall, _ := strconv.ParseFloat(fields[i]["recall"].GetTextValue(), 64)
		known := chance{rows: int(intOf(fields[i]["chanceRows"])), scores: vectorOf(scores), recall: recall}
		c.mu.Lock()
		c.chances[s.ID] = known
		c.mu.Unlock()
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.chances[id], nil
}
