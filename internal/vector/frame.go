package vector

import (
	"errors"
	"fmt"
	"io"
	"math"
	"slices"
	"strings"

	"github.com/akin-search/akin/api"
	"github.com/akin-search/akin/internal/frame"
)

// frameHead is how many rows tell which columns hold values.
const frameHead = 100

// ReadFrame reads embeddings of a table with typed columns: the values in a column of lists, or in a column
// each, and names, as ReadCSV finds them. A row without values is one of NaN.
func ReadFrame(f *frame.Frame, said api.Columns) (CSV, error) {
	t, err := readFrame(f, said)
	if err != nil && !errors.Is(err, frame.ErrFile) {
		err = fmt.Errorf("%w: %s: %w", ErrFile, f.Format, err)
	}
	return t, err
}

func readFrame(f *frame.Frame, said api.Columns) (t CSV, err error) {
	var head [][]frame.Cell
	likely := make([]string, len(f.Titles)) // what each column has in the first row that has any
	for len(head) < frameHead {
		cells, err := f.Read()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return t, err
		}
		head = append(head, slices.Clone(cells))
		for i, c := range cells {
			if likely[i] == "" {
				likely[i] = c.String()
			}
		}
	}
	if len(head) == 0 {
		return t, errors.New("it has no row")
	}
	var cols columns
	if err := cols.find(f.Titles, likely, said); err != nil {
		return t, err
	}
	cols.describe(f.Titles, &t.Columns)
	f.Keep(append([]int{cols.name, cols.source, cols.printed}, cols.numbers...)...)
	piece := []float32{}
	absent := 0 // rows without values before the first that has any
	for row := 1; ; row++ {
		var cells []frame.Cell
		if len(head) > 0 {
			cells, head = head[0], head[1:]
		} else if cells, err = f.Read(); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			return t, err
		}
		name := cells[cols.name].String()
		if strings.TrimSpace(name) == "" {
			return t, fmt.Errorf("row %d has no name", row)
		}
		before := len(piece)
		piece, err = cols.cells(piece, cells, f.Titles)
		dim := len(piece) - before
		switch {
		case err != nil:
		case dim == 0 && t.Rows.Dim == 0:
			absent++
		case dim == 0:
			piece = append(piece, slices.Repeat([]float32{float32(math.NaN())}, t.Rows.Dim)...)
		case t.Rows.Dim == 0:
			t.Rows.Dim = dim
			piece = append(slices.Repeat([]float32{float32(math.NaN())}, absent*dim), piece...)
		case dim != t.Rows.Dim:
			err = fmt.Errorf("it has %d values, the rows above have %d", dim, t.Rows.Dim)
		}
		if err != nil {
			return t, fmt.Errorf("row %d (%.60q): %w", row, name, err)
		}
		t.Names = append(t.Names, name)
		if cols.source >= 0 {
			t.Sources = append(t.Sources, cells[cols.source].String())
		}
		if len(piece) >= pieceValues {
			t.Rows.Parts, piece = append(t.Rows.Parts, piece), nil
		}
	}
	if t.Rows.Dim == 0 {
		return t, errors.New("no row has values")
	}
	t.Rows.Parts = append(t.Rows.Parts, piece)
	return t, nil
}

// cells appends the values of a row: none where there are none.
func (c columns) cells(values []float32, row []frame.Cell, titles []string) ([]float32, error) {
	if c.printed >= 0 {
		switch cell := row[c.printed]; cell.Kind {
		case frame.Null:
			return values, nil
		case frame.Values:
			return append(values, cell.Values...), nil
		case frame.Text:
			return appendPrinted(values, cell.Text)
		}
		return values, fmt.Errorf("its %s is no list of numbers", titles[c.printed])
	}
	before := len(values)
	for _, i := range c.numbers {
		switch cell := row[i]; cell.Kind {
		case frame.Number:
			values = append(values, float32(cell.Number))
		case frame.Null:
			values = append(values, float32(math.NaN()))
		default:
			return values[:before], fmt.Errorf("its %s is no number", titles[i])
		}
	}
	return values, nil
}
