package checkpoint

import (
	"cmp"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"slices"
	"strings"
)

// headerLimit is what the format's reference reads at most.
const headerLimit = 100_000_000

// metadataKey is the entry of the header that is no tensor.
const metadataKey = "__metadata__"

// safetensorTypes are the format's names of what a tensor holds.
var safetensorTypes = map[string]string{
	"F64": "float64", "F32": "float32", "F16": "float16", "BF16": "bfloat16", "F8_E4M3": "float8e4m3", "F8_E5M2": "float8e5m2",
	"I64": "int64", "I32": "int32", "I16": "int16", "I8": "int8", "U64": "uint64", "U32": "uint32", "U16": "uint16", "U8": "uint8", "BOOL": "bool",
}

// readSafetensors reads the header of a safetensors file and holds it to what the
// reference does (safetensors 0.5, src/tensor.rs): the tensors fill the file, one
// behind the other.
//
//	0    uint64 length of the header n, little-endian
//	8    the header, JSON: {"NAME": {"dtype": "F32", "shape": […], "data_offsets": [begin, end]}, …}
//	8+n  the tensors
func readSafetensors(r io.ReaderAt, size int64) ([]Tensor, error) {
	n, entries, err := safetensorsHeader(r, size)
	if err != nil {
		return nil, err
	}
	delete(entries, metadataKey)
	if len(entries) == 0 {
		return nil, errors.New("it holds no tensor")
	}
	tensors := make([]Tensor, 0, len(entries))
	for name, raw := range entries {
		t, err := entry(name, raw)
		if err != nil {
			return nil, err
		}
		tensors = append(tensors, t)
	}
	slices.SortFunc(tensors, func(a, b Tensor) int {
		return cmp.Or(cmp.Compare(a.Offset, b.Offset), cmp.Compare(a.Length, b.Length), strings.Compare(a.Name, b.Name))
	})
	end := int64(0)
	for i := range tensors {
		t := &tensors[i]
		if t.Offset != end {
			return nil, fmt.Errorf("tensor %s begins at byte %d, where the one before it ends at %d", t.Name, t.Offset, end)
		}
		end += t.Length
		t.Offset += 8 + n
	}
	if end != size-8-n {
		return nil, fmt.Errorf("its tensors have %d bytes, and %d are there", end, size-8-n)
	}
	return tensors, nil
}

// safetensorsHeader reads the header, and returns its length too.
func safetensorsHeader(r io.ReaderAt, size int64) (n int64, entries map[string]json.RawMessage, err error) {
	head := make([]byte, 8)
	if size < int64(len(head)) {
		return 0, nil, fmt.Errorf("it has %d bytes", size)
	}
	if _, err := r.ReadAt(head, 0); err != nil {
		return 0, nil, fmt.Errorf("its header: %w", err)
	}
	length := binary.LittleEndian.Uint64(head)
	if length > headerLimit || int64(length) > size-8 {
		return 0, nil, fmt.Errorf("a header of %d bytes in a file of %d", length, size)
	}
	header := make([]byte, length)
	if _, err := r.ReadAt(header, 8); err != nil {
		return 0, nil, fmt.Errorf("its header: %w", err)
	}
	if err := json.Unmarshal(header, &entries); err != nil {
		return 0, nil, fmt.Errorf("its header: %w", err)
	}
	return int64(length), entries, nil
}

// Safetensors reads the header of a safetensors file as it is: its tensors in the order of their bytes, and the texts
// that its writer put beside them. The tensors' File is "".
func Safetensors(r io.ReaderAt, size int64) (tensors []Tensor, metadata map[string]string, err error) {
	fail := func(err error) ([]Tensor, map[string]string, error) {
		return nil, nil, fmt.Errorf("%w: safetensors: %w", ErrCorrupt, err)
	}
	if tensors, err = readSafetensors(r, size); err != nil {
		return fail(err)
	}
	_, entries, err := safetensorsHeader(r, size)
	if err != nil {
		return fail(err)
	}
	if raw, ok := entries[metadataKey]; ok {
		if err := json.Unmarshal(raw, &metadata); err != nil {
			return fail(fmt.Errorf("its metadata: %w", err))
		}
	}
	return tensors, metadata, nil
}

// entry reads one tensor of the header; Offset is from the header's end.
func entry(name string, raw json.RawMessage) (Tensor, error) {
	var e struct {
		Dtype   string   `json:"dtype"`
		Shape   []int64  `json:"shape"`
		Offsets [2]int64 `json:"data_offsets"`
	}
	if len(name) > nameLimit {
		return Tensor{}, fmt.Errorf("a tensor's name has %d bytes", len(name))
	}
	if err := json.Unmarshal(raw, &e); err != nil {
		return Tensor{}, fmt.Errorf("tensor %s: %w", name, err)
	}
	if len(e.Shape) > axisLimit {
		return Tensor{}, fmt.Errorf("tensor %s has %d axes", name, len(e.Shape))
	}
	typ, ok := safetensorTypes[e.Dtype]
	if !ok {
		return Tensor{}, fmt.Errorf("tensor %s has the unknown type %.40q", name, e.Dtype)
	}
	count := typeBytes[typ]
	for _, n := range e.Shape {
		if n < 0 || n != 0 && count > math.MaxInt64/n {
			return Tensor{}, fmt.Errorf("tensor %s has the shape %v", name, e.Shape)
		}
		count *= n
	}
	if e.Offsets[0] < 0 || e.Offsets[1] < e.Offsets[0] || e.Offsets[1]-e.Offsets[0] != count {
		return Tensor{}, fmt.Errorf("tensor %s of %s %v lies from byte %d to %d", name, typ, e.Shape, e.Offsets[0], e.Offsets[1])
	}
	return Tensor{Name: name, Type: typ, Shape: e.Shape, Stored: e.Shape, Offset: e.Offsets[0], Length: count}, nil
}
