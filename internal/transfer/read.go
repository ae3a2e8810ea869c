package transfer

import (
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/akin-search/akin/api"
	"github.com/akin-search/akin/internal/frame"
	"github.com/akin-search/akin/internal/vector"
)

// maxFileBytes bounds the vectors of a .npy or .faiss file.
const maxFileBytes = 64 << 30

// embeddings are the rows of a file, and what they are called.
type embeddings struct {
	names   []string
	sources []string // their paths or addresses; nil where the file has none
	rows    vector.Matrix
	numbers []int // of the rows in the file, from 1; nil where none was dropped
	tables  []api.Understood
}

// number is what a row is called in messages.
func (in *embeddings) number(i int) int {
	if in.numbers != nil {
		return in.numbers[i]
	}
	return i + 1
}

// dropNaN drops the rows that are NaN, as "akin embed" and others write for pictures that could not be read, and returns
// their names.
func (in *embeddings) dropNaN() (names []string) {
	rows, nan := withoutNaN(in.rows)
	if len(nan) == 0 {
		return nil
	}
	kept := embeddings{rows: rows, tables: in.tables}
	for i, name := range in.names {
		if len(names) < len(nan) && nan[len(names)] == i {
			names = append(names, name)
			continue
		}
		kept.names, kept.numbers = append(kept.names, name), append(kept.numbers, i+1)
		if in.sources != nil {
			kept.sources = append(kept.sources, in.sources[i])
		}
	}
	*in = kept
	return names
}

// withoutNaN returns the rows that are not NaN, and the numbers of those that are.
func withoutNaN(m vector.Matrix) (kept vector.Matrix, nan []int) {
	i := 0
	for row := range m.All() {
		if isNaN(row) {
			nan = append(nan, i)
		}
		i++
	}
	if len(nan) == 0 {
		return m, nil
	}
	values := make([]float32, 0, (i-len(nan))*m.Dim)
	for row := range m.All() {
		if !isNaN(row) {
			values = append(values, row...)
		}
	}
	return vector.Matrix{Dim: m.Dim, Parts: [][]float32{values}}, nan
}

// isNaN reports whether all values of a row are NaN, as in a row of a picture that could not be embedded.
func isNaN(row []float32) bool {
	return len(row) > 0 && !slices.ContainsFunc(row, func(v float32) bool { return v == v })
}

func (in *embeddings) understood(file string, u api.Understood) {
	u.File = file
	if u.Notable() {
		in.tables = append(in.tables, u)
	}
}

// readEmbeddings reads a file of embeddings and the names of its rows.
func readEmbeddings(o api.ImportOptions) (in embeddings, err error) {
	file := o.File
	f, err := os.Open(file)
	if err != nil {
		return in, fmt.Errorf("import: %w", err)
	}
	defer f.Close()
	format := FormatOf(file)
	if format == "csv" || format == "tsv" || format == "txt" {
		csv, err := vector.ReadCSV(f, o.Columns)
		if err != nil {
			return in, fmt.Errorf("import %s: %w", file, err)
		}
		in = embeddings{names: csv.Names, sources: csv.Sources, rows: csv.Rows}
		in.understood(file, csv.Columns)
		return in, nil
	}
	if frame.Is("."+format) || frame.IsParquet(f) || frame.IsArrow(f) {
		t, err := readFrame(file, o.Columns)
		if err != nil {
			return in, fmt.Errorf("import %s: %w", file, err)
		}
		in = embeddings{names: t.Names, sources: t.Sources, rows: t.Rows}
		in.understood(file, t.Columns)
		return in, nil
	}
	if name := unread(f, format); name != "" {
		return in, &FormatError{File: file, Format: name}
	}
	if format == "npz" || format == "safetensors" {
		if in, err = readArrays(f, format, o); err != nil || o.Names == "" {
			return in, err
		}
	}
	if o.Names == "" {
		return in, &NoRowNamesError{File: file}
	}
	var ids []int64
	switch format {
	case "npz", "safetensors":
	case "faiss":
		in.rows, ids, err = vector.ReadFAISS(f, maxFileBytes)
	default:
		in.rows, err = vector.ReadNPY(f, maxFileBytes)
	}
	if err != nil {
		return in, fmt.Errorf("import %s: %w", file, err)
	}
	want := in.rows.Rows()
	if ids != nil {
		want = -1
	}
	said := maps.Clone(o.Columns)
	delete(said, api.ValuesColumn) // an array, where it is said
	list, err := readNames(o.Names, want, said)
	if err != nil {
		return in, err
	}
	in.names, in.sources = list.names, list.paths
	in.understood(o.Names, list.columns)
	if ids != nil {
		if in.names, err = namesOf(ids, list.names); err == nil && list.paths != nil {
			in.sources, err = namesOf(ids, list.paths)
		}
		if err != nil {
			return in, fmt.Errorf("import %s: %w in %s", file, err, o.Names)
		}
	}
	if n := len(in.names); n != in.rows.Rows() {
		return in, fmt.Errorf("import %s: it has %d rows, and %s has %d names", file, in.rows.Rows(), o.Names, n)
	}
	return in, nil
}

// readArrays reads embeddings of a file with several arrays. If a file of names was given, theirs are not looked for.
func readArrays(f *os.File, format string, o api.ImportOptions) (in embeddings, err error) {
	info, err := f.Stat()
	if err != nil {
		return in, fmt.Errorf("import %s: %w", o.File, err)
	}
	read, said := vector.ReadNPZ, o.Columns
	if format == "safetensors" {
		read = vector.ReadSafetensors
	}
	if o.Names != "" { // it has the columns of names and paths
		said = api.Columns{api.ValuesColumn: o.Columns[api.ValuesColumn]}
	}
	all, err := read(f, info.Size(), maxFileBytes)
	if err != nil {
		return in, fmt.Errorf("import %s: %w", o.File, err)
	}
	t, err := vector.OfArrays(all, said, o.Names == "")
	if none, ok := errors.AsType[*vector.NoNamesError](err); ok {
		return in, &NoRowNamesError{File: o.File, Arrays: none.Arrays}
	}
	if err != nil {
		return in, fmt.Errorf("import %s: %w", o.File, err)
	}
	in = embeddings{names: t.Names, sources: t.Sources, rows: t.Rows}
	if o.Names != "" {
		t.Columns.Name, t.Columns.Path = "", ""
		in.names, in.sources = nil, nil
	}
	in.understood(o.File, t.Columns)
	return in, nil
}

// readFrame reads embeddings of Parquet, Arrow or JSON lines.
func readFrame(file string, said api.Columns) (vector.CSV, error) {
	f, err := os.Open(file)
	if err != nil {
		return vector.CSV{}, err
	}
	t, err := frame.Open(f)
	if err != nil {
		return vector.CSV{}, err
	}
	defer t.Close()
	return vector.ReadFrame(t, said)
}

// known are the formats of other programs that are not read, by their endings.
var known = map[string]string{
	"lance": "Lance",
	"pt":    "PyTorch", "pth": "PyTorch", "pkl": "pickle", "pickle": "pickle",
	"h5": "HDF5", "hdf5": "HDF5", "mat": "MATLAB", "xlsx": "Excel", "tar": "tar", "zip": "ZIP", "db": "a database", "sqlite": "SQLite",
}

// unread returns the name of a format that is neither .npy nor FAISS, or "". The content decides about .npy.
func unread(f io.ReaderAt, format string) string {
	head := make([]byte, 6)
	if n, _ := f.ReadAt(head, 0); string(head[:n]) == "\x93NUMPY" { // a short file says later what is wrong with it
		return ""
	}
	return known[format]
}

// namesOf returns the names of rows by their ids, of which 0 is the first line.
func namesOf(ids []int64, lines []string) ([]string, error) {
	names := make([]string, len(ids))
	for i, id := range ids {
		if id < 0 || id >= int64(len(lines)) {
			return nil, fmt.Errorf("row %d has the id %d, and there are only %d lines, from 0", i, id, len(lines))
		}
		names[i] = lines[id]
	}
	return names, nil
}

// FormatOf returns the format of a file of embeddings, which is its extension in lower case: "csv", "npy",
// "faiss".
func FormatOf(path string) string {
	return strings.TrimPrefix(strings.ToLower(filepath.Ext(path)), ".")
}
