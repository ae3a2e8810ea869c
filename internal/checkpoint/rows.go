package checkpoint

import (
	"encoding/binary"
	"fmt"
	"math"
	"os"
	"slices"

	"github.com/akin-search/akin/internal/float16"
)

// Rows reads rows first…first+count-1 of the first axis as float32. The tensor must
// not be permuted, and be of float32, float16 or bfloat16.
func (t Tensor) Rows(first, count int64) ([]float32, error) {
	if t.Perm != nil || len(t.Shape) == 0 || first < 0 || count < 0 || first > t.Shape[0]-count {
		return nil, fmt.Errorf("read tensor %s: rows %d to %d of %v", t.Name, first, first+count, t.Shape)
	}
	row := t.Length / max(1, t.Shape[0])
	return t.floats(first*row, count*row)
}

// floats reads some bytes of the tensor, in the order in which they are stored.
func (t Tensor) floats(from, length int64) ([]float32, error) {
	f, err := os.Open(t.File)
	if err != nil {
		return nil, fmt.Errorf("read tensor %s: %w", t.Name, err)
	}
	defer f.Close()
	data := make([]byte, length)
	if _, err := f.ReadAt(data, t.Offset+from); err != nil {
		return nil, fmt.Errorf("read tensor %s of %s: %w", t.Name, t.File, err)
	}
	out, err := floats(t.Type, data)
	if err != nil {
		return nil, fmt.Errorf("read tensor %s: %w", t.Name, err)
	}
	return out, nil
}

// Float32 reads all values as float32, in row-major order of Shape, of a tensor of float32, float16 or
// bfloat16.
func (t Tensor) Float32() ([]float32, error) {
	stored, err := t.floats(0, t.Length)
	if err != nil || t.Perm == nil {
		return stored, err
	}
	steps := make([]int, len(t.Shape)) // in stored, along each axis of Shape
	step := 1
	for position := len(t.Stored) - 1; position >= 0; position-- {
		steps[slices.Index(t.Perm, position)] = step
		step *= int(t.Stored[position])
	}
	out := make([]float32, len(stored))
	index := make([]int64, len(t.Shape))
	at := 0
	for i := range out {
		out[i] = stored[at]
		for axis := len(index) - 1; axis >= 0; axis-- {
			at += steps[axis]
			if index[axis]++; index[axis] < t.Shape[axis] {
				break
			}
			at -= steps[axis] * int(t.Shape[axis])
			index[axis] = 0
		}
	}
	return out, nil
}

// floats decodes the three types that weights have.
func floats(typ string, data []byte) ([]float32, error) {
	var out []float32
	switch typ {
	case "float32":
		out = make([]float32, len(data)/4)
		for i := range out {
			out[i] = math.Float32frombits(binary.LittleEndian.Uint32(data[4*i:]))
		}
	case "bfloat16":
		out = make([]float32, len(data)/2)
		for i := range out {
			out[i] = math.Float32frombits(uint32(binary.LittleEndian.Uint16(data[2*i:])) << 16)
		}
	case "float16":
		out = make([]float32, len(data)/2)
		for i := range out {
			out[i] = float16.Decode(binary.LittleEndian.Uint16(data[2*i:]))
		}
	default:
		return nil, fmt.Errorf("it is %s", typ)
	}
	return out, nil
}
