package vector

import (
	"bufio"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"math"
	"slices"
	"strconv"
	"strings"
)

// ReadCSV reads embeddings with a header row: names in the first column, and the
// values either in a column "features" (or "embedding"), as pandas prints a NumPy
// array, brackets and line breaks and all, or in a column each. sources has what
// stands in a column of paths or addresses, if there is one.
func ReadCSV(r io.Reader) (names, sources []string, m Matrix, err error) {
	in := bufio.NewReader(r)
	if bom, _ := in.Peek(3); string(bom) == "\ufeff" {
		_, _ = in.Discard(3)
	}
	c := csv.NewReader(in)
	c.ReuseRecord = true
	header, err := c.Read()
	if err != nil {
		return nil, nil, Matrix{}, fmt.Errorf("%w: CSV header: %w", ErrFile, err)
	}
	header = slices.Clone(header)
	printed, source, first := -1, -1, -1
	for i, h := range header {
		switch strings.ToLower(strings.TrimSpace(h)) {
		case "features", "embedding", "embeddings", "vector":
			printed = i
		case "path", "file", "url", "address", "image", "flag image", "source":
			source = i
		default:
			if i > 0 && first < 0 {
				first = i
			}
		}
	}
	if printed < 0 && first < 0 {
		return nil, nil, Matrix{}, fmt.Errorf("%w: CSV header %q: no column \"features\", and none with numbers", ErrFile, strings.Join(header, ","))
	}
	var values []float32
	for row := 1; ; row++ {
		record, err := c.Read()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, nil, Matrix{}, fmt.Errorf("%w: CSV row %d: %w", ErrFile, row, err)
		}
		name := strings.TrimSpace(record[0])
		before := len(values)
		if printed >= 0 {
			values, err = appendPrinted(values, record[printed])
		} else {
			for i, field := range record {
				if i >= first && i != source && err == nil {
					values, err = appendNumber(values, strings.TrimSpace(field))
				}
			}
		}
		dim := len(values) - before
		if err == nil && dim == 0 {
			err = errors.New("it has no numbers")
		}
		if err == nil && name == "" {
			err = errors.New("it has no name")
		}
		if err == nil && m.Dim != 0 && dim != m.Dim {
			err = fmt.Errorf("it has %d numbers, the rows before have %d", dim, m.Dim)
		}
		if err != nil {
			return nil, nil, Matrix{}, fmt.Errorf("%w: CSV row %d (%s): %w", ErrFile, row, name, err)
		}
		m.Dim = dim
		names = append(names, name)
		if source >= 0 {
			sources = append(sources, strings.Clone(record[source]))
		}
	}
	if len(names) == 0 {
		return nil, nil, Matrix{}, fmt.Errorf("%w: the CSV has a header and no rows", ErrFile)
	}
	m.Parts = [][]float32{values}
	return names, sources, m, nil
}

// appendPrinted reads an array as NumPy prints it: "[[ 1.5 -2e-3\n 0. ]]".
func appendPrinted(values []float32, text string) ([]float32, error) {
	if strings.Contains(text, "...") {
		return nil, errors.New("the array was cut short when it was printed (…): write it with numpy.set_printoptions(threshold=sys.maxsize)")
	}
	for _, field := range strings.FieldsFunc(text, func(r rune) bool {
		return r == '[' || r == ']' || r == ',' || r == ' ' || r == '\n' || r == '\r' || r == '\t'
	}) {
		var err error
		if values, err = appendNumber(values, field); err != nil {
			return nil, err
		}
	}
	return values, nil
}

func appendNumber(values []float32, field string) ([]float32, error) {
	v, err := strconv.ParseFloat(field, 32)
	if err != nil {
		return nil, fmt.Errorf("%.40q is not a number", field)
	}
	if math.IsNaN(v) || math.IsInf(v, 0) {
		return nil, fmt.Errorf("%q is not finite", field)
	}
	return append(values, float32(v)), nil
}

// WriteCSV writes a name and the values of its row a line, as ReadCSV reads them.
func WriteCSV(w io.Writer, names []string, m Matrix) error {
	c := csv.NewWriter(w)
	_ = c.Write([]string{"name", "features"})
	for i, name := range names {
		var b strings.Builder
		b.WriteByte('[')
		for j, v := range m.Row(i) {
			if j > 0 {
				b.WriteByte(' ')
			}
			b.WriteString(strconv.FormatFloat(float64(v), 'g', -1, 32))
		}
		b.WriteByte(']')
		if err := c.Write([]string{name, b.String()}); err != nil {
			return err
		}
	}
	c.Flush()
	return c.Error()
}
