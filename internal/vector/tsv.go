package vector

import (
	"bufio"
	"io"
	"strconv"
)

// WriteTSV writes a row a line with tabs between the values, and nothing else, as TensorBoard's projector reads vectors.
func WriteTSV(w io.Writer, m Matrix) error {
	if err := m.check(); err != nil {
		return err
	}
	out := bufio.NewWriter(w)
	var b []byte
	for row := range m.All() {
		b = b[:0]
		for j, v := range row {
			if j > 0 {
				b = append(b, '\t')
			}
			b = strconv.AppendFloat(b, float64(v), 'g', -1, 32)
		}
		if _, err := out.Write(append(b, '\n')); err != nil {
			return err
		}
	}
	return out.Flush()
}
