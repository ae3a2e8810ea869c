package vector

import (
	"encoding/binary"
	"encoding/json"
	"fmt"
	"io"
	"math"

	"github.com/akin-search/akin/internal/checkpoint"
)

// namesKey is the entry of a safetensors file's metadata with the names of the rows: a list as JSON writes it. The
// format has tensors of numbers and metadata of texts, and no tensor of texts.
const namesKey = "names"

var safetensorKinds = map[string]kind{
	"float16": {size: 2, order: binary.LittleEndian}, "bfloat16": {size: 2, order: binary.LittleEndian, brain: true},
	"float32": {size: 4, order: binary.LittleEndian}, "float64": {size: 8, order: binary.LittleEndian},
}

// ReadSafetensors reads the headers of the tensors in a safetensors file, and the names of rows that WriteSafetensors
// puts into its metadata. limitBytes bounds what a tensor takes in the file and in memory.
func ReadSafetensors(r io.ReaderAt, size, limitBytes int64) ([]Array, error) {
	tensors, metadata, err := checkpoint.Safetensors(r, size)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrFile, err)
	}
	var all []Array
	for _, t := range tensors {
		a := Array{Name: t.Name, Type: t.Type, Shape: t.Shape}
		if k, ok := safetensorKinds[t.Type]; ok {
			a.matrix = func() (Matrix, error) {
				return readMatrix(io.NewSectionReader(r, t.Offset, t.Length), k, t.Shape, false, limitBytes)
			}
		}
		all = append(all, a)
	}
	var names []string
	if text, ok := metadata[namesKey]; ok && json.Unmarshal([]byte(text), &names) == nil {
		all = append(all, Array{
			Name: namesKey, Type: "text", Shape: []int64{int64(len(names))},
			texts: func() ([]string, error) { return names, nil },
		})
	}
	return all, nil
}

// safetensorsHeader is as much as the format's reference reads.
const safetensorsHeader = 100_000_000

// WriteSafetensors writes the rows as a tensor called embeddings, float32, and the names in the metadata.
func WriteSafetensors(w io.Writer, names []string, m Matrix) error {
	if err := m.check(); err != nil {
		return fmt.Errorf("write .safetensors: %w", err)
	}
	if names == nil {
		names = []string{}
	}
	list, err := json.Marshal(names)
	if err != nil {
		return fmt.Errorf("write .safetensors: %w", err)
	}
	rows := m.Rows()
	if rows > 0 && m.Dim > math.MaxInt/4/rows {
		return fmt.Errorf("write .safetensors: %d rows of %d values", rows, m.Dim)
	}
	header, err := json.Marshal(map[string]any{
		"__metadata__": map[string]string{namesKey: string(list)},
		"embeddings":   map[string]any{"dtype": "F32", "shape": []int{rows, m.Dim}, "data_offsets": []int{0, 4 * rows * m.Dim}},
	})
	if err != nil {
		return fmt.Errorf("write .safetensors: %w", err)
	}
	for len(header)%8 != 0 { // so that the values are aligned, as the reference writes
		header = append(header, ' ')
	}
	if len(header) > safetensorsHeader {
		return fmt.Errorf("write .safetensors: the names take %d bytes, and the format has room for %d: write .npz or .parquet", len(header), safetensorsHeader)
	}
	if _, err := w.Write(append(binary.LittleEndian.AppendUint64(nil, uint64(len(header))), header...)); err != nil {
		return fmt.Errorf("write .safetensors: %w", err)
	}
	for _, p := range m.Parts {
		if err := WriteFloats(w, p); err != nil {
			return err
		}
	}
	return nil
}
