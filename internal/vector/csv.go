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

// ReadCSV reads embeddings: names in the first column (after pandas' unnamed
// index, if there is one), and the values either in one column, as Python prints
// an array ("features", "embedding", or whichever column has brackets), or in a
// column each. sources has what stands in a column of paths or addresses, and is
// nil when there is none. Rows in errors count from 1, without the header.
func ReadCSV(r io.Reader) (names, sources []string, rows Matrix, err error) {
	names, sources, rows, err = readCSV(r)
	if err != nil {
		return nil, nil, Matrix{}, fmt.Errorf("%w: CSV: %w", ErrFile, err)
	}
	return names, sources, rows, nil
}

func readCSV(r io.Reader) (names, sources []string, rows Matrix, err error) {
	in := bufio.NewReader(r)
	if bom, _ := in.Peek(3); string(bom) == "\ufeff" {
		_, _ = in.Discard(3)
	}
	c := csv.NewReader(in)
	c.ReuseRecord = true
	c.FieldsPerRecord = -1
	first, err := c.Read()
	if err == io.EOF {
		return nil, nil, Matrix{}, errors.New("the file is empty")
	}
	if err != nil {
		return nil, nil, Matrix{}, err
	}
	first = slices.Clone(first)
	record, line := first, 1
	var header []string
	if isHeader(first) {
		header = first
		if record, line, err = next(c); err == io.EOF {
			return nil, nil, Matrix{}, errors.New("there is a header and no row below it")
		}
	}
	var cols columns
	if err == nil && len(record) == len(first) {
		if cols, err = findColumns(header, record); err != nil {
			return nil, nil, Matrix{}, err
		}
	}
	var values []float32
	for row := 1; err != io.EOF; row++ {
		if err == nil && len(record) != len(first) {
			err = fmt.Errorf("it has %d columns, the first line has %d", len(record), len(first))
		}
		name := ""
		if err == nil {
			// A substring would keep the whole row in memory.
			name = strings.Clone(record[cols.name])
			if strings.TrimSpace(name) == "" {
				err = errors.New("it has no name")
			}
		}
		before := len(values)
		if err == nil {
			values, err = cols.values(values, record)
		}
		if dim := len(values) - before; err == nil && row > 1 && dim != rows.Dim {
			err = fmt.Errorf("it has %d values, the rows above have %d", dim, rows.Dim)
		}
		if err != nil {
			return nil, nil, Matrix{}, fmt.Errorf("row %d (%.60q, line %d): %w", row, name, line, err)
		}
		rows.Dim = len(values) - before
		names = append(names, name)
		if cols.source >= 0 {
			sources = append(sources, strings.Clone(record[cols.source]))
		}
		record, line, err = next(c)
	}
	rows.Parts = [][]float32{values}
	return names, sources, rows, nil
}

// next reads a record and the line that it begins on.
func next(c *csv.Reader) (record []string, line int, err error) {
	record, err = c.Read()
	if len(record) > 0 {
		line, _ = c.FieldPos(0)
	}
	var parse *csv.ParseError
	if errors.As(err, &parse) {
		return nil, parse.StartLine, parse.Err
	}
	return record, line, err
}

// isHeader reports whether the first line names columns. pandas names columns of
// numbers 0, 1, 2 …
func isHeader(first []string) bool {
	numbers, counting := 0, true
	for _, field := range first[1:] {
		if strings.HasPrefix(strings.TrimSpace(field), "[") {
			return false
		}
		if isNumber(field) {
			counting = counting && field == strconv.Itoa(numbers)
			numbers++
		}
	}
	return numbers == 0 || counting
}

func isNumber(field string) bool {
	_, err := strconv.ParseFloat(strings.TrimSpace(field), 64)
	return err == nil || errors.Is(err, strconv.ErrRange)
}

// columns says what stands where. Values are in the column printed, or else in
// the columns numbers.
type columns struct {
	name, source, printed int // -1 means none
	numbers               []int
}

// findColumns goes by the header, if there is one, and by the first row below.
func findColumns(header, row []string) (columns, error) {
	c := columns{source: -1, printed: -1}
	title := func(i int) string {
		if header == nil {
			return ""
		}
		return strings.ToLower(strings.TrimSpace(header[i]))
	}
	printed := func(i int) bool {
		return slices.Contains([]string{"features", "feature", "embedding", "embeddings", "vector"}, title(i)) ||
			strings.HasPrefix(strings.TrimSpace(row[i]), "[")
	}
	// An index that pandas wrote has no title; the names follow it as text.
	if t := title(0); header != nil && (t == "" || t == "unnamed: 0") && isNumber(row[0]) && len(row) > 1 && !isNumber(row[1]) && !printed(1) {
		c.name = 1
	}
	var numbers, counted []int
	for i := c.name + 1; i < len(row); i++ {
		t := title(i)
		switch {
		case c.printed < 0 && printed(i):
			c.printed = i
		case t != "" && strings.Contains("0123456789", t[len(t)-1:]):
			counted = append(counted, i)
		case isNumber(row[i]):
			numbers = append(numbers, i)
		case c.source < 0 && isSource(t, row[i]):
			c.source = i
		}
	}
	if c.printed >= 0 {
		return c, nil
	}
	// Beside columns 0, 1 … or e0, e1 …, one called "width" is no value.
	if len(counted) > 0 {
		numbers = counted
	}
	if len(numbers) == 0 {
		return c, errors.New(`no column has numbers or is called "features"`)
	}
	// Whatever stands between two columns of values ought to be one.
	for i := numbers[0]; i <= numbers[len(numbers)-1]; i++ {
		c.numbers = append(c.numbers, i)
	}
	return c, nil
}

func isSource(title, field string) bool {
	for _, word := range []string{"path", "file", "url", "address", "image", "source"} {
		if strings.Contains(title, word) {
			return true
		}
	}
	return title == "" && strings.ContainsAny(field, `/\`)
}

// values appends the values of one record.
func (c columns) values(values []float32, record []string) ([]float32, error) {
	if c.printed >= 0 {
		return appendPrinted(values, record[c.printed])
	}
	for _, i := range c.numbers {
		var err error
		if values, err = appendNumber(values, strings.TrimSpace(record[i])); err != nil {
			return values, fmt.Errorf("column %d: %w", i+1, err)
		}
	}
	return values, nil
}

// appendPrinted reads an array as NumPy prints it, "[[ 1.5 -2e-3\n 0. ]]", or a
// list as Python and JSON do.
func appendPrinted(values []float32, text string) ([]float32, error) {
	if strings.Contains(text, "...") || strings.Contains(text, "…") {
		return values, errors.New("its array was printed shortened (...), so values are lost; print it after numpy.set_printoptions(threshold=sys.maxsize), or write a .npy file")
	}
	open, closed, before := 0, 0, len(values)
	for text = strings.TrimSpace(text); text != ""; text = strings.TrimLeft(text, " \t\r\n,") {
		switch text[0] {
		case '[':
			if open++; len(values) > before {
				return values, errors.New("its array has several rows; write one picture a row")
			}
			text = text[1:]
		case ']':
			closed++
			text = text[1:]
		default:
			if closed > 0 {
				return values, errors.New("something follows its array")
			}
			end := strings.IndexAny(text, " \t\r\n,[]")
			if end < 0 {
				end = len(text)
			}
			var err error
			if values, err = appendNumber(values, text[:end]); err != nil {
				return values, err
			}
			text = text[end:]
		}
	}
	if open != closed {
		return values, errors.New("the brackets of its array do not match")
	}
	if len(values) == before {
		return values, errors.New("it has no values")
	}
	return values, nil
}

func appendNumber(values []float32, field string) ([]float32, error) {
	v, err := strconv.ParseFloat(field, 32)
	if err != nil && !errors.Is(err, strconv.ErrRange) {
		return values, fmt.Errorf("%.40q is not a number", field)
	}
	if math.IsNaN(v) || math.IsInf(v, 0) {
		return values, fmt.Errorf("%.40q is not a finite number", field)
	}
	return append(values, float32(v)), nil
}

// WriteCSV writes a name and then the values of its row, a column each, in as
// many digits as it takes to read the same float32 again.
func WriteCSV(w io.Writer, names []string, m Matrix) error {
	if err := m.check(); err != nil {
		return fmt.Errorf("write CSV: %w", err)
	}
	if len(names) != m.Rows() {
		return fmt.Errorf("write CSV: %d names for %d rows", len(names), m.Rows())
	}
	c := csv.NewWriter(w)
	record := make([]string, 1+max(0, m.Dim))
	record[0] = "name"
	for j := range m.Dim {
		record[1+j] = "e" + strconv.Itoa(j)
	}
	err := c.Write(record)
	i := 0
	for row := range m.All() {
		if err != nil {
			break
		}
		name := names[i]
		i++
		record[0] = name
		for j, v := range row {
			if v-v != 0 {
				return fmt.Errorf("write CSV: row %d (%q) has a value that is not finite", i, name)
			}
			record[1+j] = strconv.FormatFloat(float64(v), 'g', -1, 32)
		}
		err = c.Write(record)
	}
	c.Flush()
	if err = errors.Join(err, c.Error()); err != nil {
		return fmt.Errorf("write CSV: %w", err)
	}
	return nil
}
