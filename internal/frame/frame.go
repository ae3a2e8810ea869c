// Package frame reads tables whose columns have names and types: Parquet, Arrow, and JSON lines. A row is a cell
// for each column. Of what lies within a column, structures become columns of their own, as image.path; lists of
// numbers are values, and lists of texts one text with semicolons. It also writes embeddings as Parquet and Arrow.
//
// Nothing is executed or fetched, and what a file says of its own size is not believed before it is read.
package frame

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

// ErrFile marks a file that is damaged, hostile, or not of its format.
var ErrFile = errors.New("not a table that can be read")

// Kind is what a cell holds.
type Kind byte

// The kinds of cells. Other is what is neither text nor numbers: bytes, or lists of lists.
const (
	Null Kind = iota
	Text
	Number
	Values
	Other
)

// Cell is one value of a row.
type Cell struct {
	Kind   Kind
	Text   string // also of a Number, as it is written
	Number float64
	Values []float32
	Bytes  []byte // of Other in Parquet and Arrow, where it is bytes; they are others' after the next row
}

// String is what a person would read in a list: nothing for what is no text.
func (c Cell) String() string {
	switch c.Kind {
	case Text, Number:
		return c.Text
	case Values:
		return "[…]"
	}
	return ""
}

// Frame is a table that is being read. Close it.
type Frame struct {
	Titles []string
	Format string // as people call it
	// Notes are texts under names that Parquet and Arrow files have of themselves.
	Notes map[string]string

	rows  rowReader
	close func() error
}

// rowReader reads the rows of one format.
type rowReader interface {
	read() ([]Cell, error)
	keep(columns []bool)
}

// Is reports whether files of an extension, as ".parquet", are frames.
func Is(ext string) bool {
	switch strings.ToLower(ext) {
	case ".parquet", ".pq", ".json", ".jsonl", ".ndjson", ".arrow", ".arrows", ".feather", ".ipc":
		return true
	}
	return false
}

// IsParquet reports whether a file begins as Parquet does, whatever it is called.
func IsParquet(r io.ReaderAt) bool {
	var head [4]byte
	_, err := r.ReadAt(head[:], 0)
	return err == nil && string(head[:]) == "PAR1"
}

// Open begins to read a file, which it takes over. Its first bytes or its name's ending tell the format.
func Open(f *os.File) (*Frame, error) {
	t, err := View(f)
	if err != nil {
		_ = f.Close()
		return nil, err
	}
	t.close = f.Close
	return t, nil
}

// View is Open of a file that stays the caller's: several may view it at a time.
func View(f *os.File) (t *Frame, err error) {
	defer recovered(&err)
	info, err := f.Stat()
	if err != nil {
		return nil, err
	}
	switch ext := strings.ToLower(filepath.Ext(f.Name())); ext {
	case ".parquet", ".pq":
		t, err = openParquet(f, info.Size())
	case ".json":
		t, err = openJSON(f)
	case ".jsonl", ".ndjson":
		t, err = openJSONLines(f)
	case ".arrow", ".arrows", ".feather", ".ipc":
		t, err = openArrow(f, info.Size())
	default:
		switch {
		case IsParquet(f):
			t, err = openParquet(f, info.Size())
		case IsArrow(f):
			t, err = openArrow(f, info.Size())
		default:
			return nil, fmt.Errorf("%w: %q files are none", ErrFile, ext)
		}
	}
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrFile, err)
	}
	t.close = func() error { return nil }
	return t, nil
}

// Close closes the file, if it was taken over.
func (t *Frame) Close() error { return t.close() }

// Keep says which columns are needed from here on: the cells of the others may be null.
func (t *Frame) Keep(columns ...int) {
	keep := make([]bool, len(t.Titles))
	for _, i := range columns {
		if i >= 0 && i < len(keep) {
			keep[i] = true
		}
	}
	t.rows.keep(keep)
}

// Read returns the cells of the next row, which are others' after the next call; io.EOF ends.
func (t *Frame) Read() (cells []Cell, err error) {
	defer recovered(&err)
	cells, err = t.rows.read()
	if err != nil && !errors.Is(err, io.EOF) && !errors.Is(err, ErrFile) {
		err = fmt.Errorf("%w: %w", ErrFile, err)
	}
	return cells, err
}

// Skip passes over rows, without reading the groups of rows that lie among them as a whole.
func (t *Frame) Skip(ctx context.Context, rows int64) error {
	for rows > 0 {
		if err := ctx.Err(); err != nil {
			return err
		}
		if p, ok := t.rows.(*parquetRows); ok {
			if rows -= p.skipGroups(rows); rows == 0 {
				break
			}
		} else if a, ok := t.rows.(*arrowRows); ok {
			n := min(rows, a.length-a.row)
			if a.row, rows = a.row+n, rows-n; rows == 0 {
				break
			}
		}
		if _, err := t.Read(); err != nil {
			return err
		}
		rows--
	}
	return nil
}

// recovered makes an error of what a format's library panics with on files that it does not expect.
func recovered(err *error) {
	if caught := recover(); caught != nil {
		*err = fmt.Errorf("%w: it is damaged: %v", ErrFile, caught)
	}
}

func textCell(s string) Cell { return Cell{Kind: Text, Text: s} }

func numberCell(v float64, bits int) Cell {
	return Cell{Kind: Number, Number: v, Text: strconv.FormatFloat(v, 'g', -1, bits)}
}

func integerCell(v int64) Cell {
	return Cell{Kind: Number, Number: float64(v), Text: strconv.FormatInt(v, 10)}
}

// listCell makes one cell of a list's: values, texts with semicolons, or what is neither.
func listCell(list []Cell) Cell {
	if len(list) == 0 {
		return Cell{}
	}
	c := Cell{Kind: list[0].Kind}
	switch c.Kind {
	case Number:
		c.Kind = Values
		c.Values = make([]float32, len(list))
		for i, e := range list {
			if e.Kind != Number {
				return Cell{Kind: Other}
			}
			c.Values[i] = float32(e.Number)
		}
	case Text:
		texts := make([]string, len(list))
		for i, e := range list {
			if e.Kind != Text {
				return Cell{Kind: Other}
			}
			texts[i] = e.Text
		}
		c.Text = strings.Join(texts, ";")
	default:
		c.Kind = Other
	}
	return c
}
