package frame

import (
	"errors"
	"io"
	"os"
	"path/filepath"
	"slices"
	"testing"
)

func TestWrittenEmbeddingsAreReadAgain(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "x.parquet")
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	vectors := [][]float32{{1, 0}, {0.6, -0.8}, {0, 1e-10}}
	if err := errors.Join(WriteEmbeddings(f, []string{"a", "Zoë", ""}, []string{"/p/a.png", "", "https://x/z.png"}, slices.Values(vectors)), f.Close()); err != nil {
		t.Fatal(err)
	}
	in := open(t, path)
	if !slices.Equal(in.Titles, []string{"name", "path", "embedding"}) {
		t.Errorf("columns %v", in.Titles)
	}
	for i, want := range []struct {
		name string
		path Cell
	}{{"a", textCell("/p/a.png")}, {"Zoë", Cell{}}, {"", textCell("https://x/z.png")}} {
		cells, err := in.Read()
		if err != nil || cells[0].Text != want.name || cells[1].Kind != want.path.Kind || cells[1].Text != want.path.Text || !slices.Equal(cells[2].Values, vectors[i]) {
			t.Errorf("row %d: %+v, %v", i, cells, err)
		}
	}
	if _, err := in.Read(); !errors.Is(err, io.EOF) {
		t.Error(err)
	}
}
