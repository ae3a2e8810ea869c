package source

import (
	"os"

	"github.com/akin-search/akin/api"
	"github.com/akin-search/akin/internal/frame"
)

// frameRows returns the rows of a typed table as texts, behind one of its titles.
type frameRows struct {
	table *frame.Frame
	row   int
}

// newFrameList begins a list in Parquet or JSON lines. It takes the file over.
func newFrameList(f *os.File, path string, o Options) (*list, error) {
	t, err := frame.Open(f)
	if err != nil {
		return nil, err
	}
	return &list{path: path, in: &frameRows{table: t}, typed: true, o: o, columns: listColumns{path: 0, name: -1, tags: -1}}, nil
}

func (r *frameRows) Read() ([]string, error) {
	if r.row++; r.row == 1 {
		return r.table.Titles, nil
	}
	cells, err := r.table.Read()
	if err != nil {
		return nil, err
	}
	fields := make([]string, len(cells))
	for i, c := range cells {
		fields[i] = c.String()
	}
	return fields, nil
}

func (r *frameRows) Line() int { return r.row }

func (r *frameRows) Describe(file string) api.Understood { return api.Understood{File: file} }
