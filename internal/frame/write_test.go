package frame

import (
	"errors"
	"io"
	"iter"
	"os"
	"path/filepath"
	"slices"
	"testing"
)

func TestWrittenEmbeddingsAreReadAgain(t *testing.T) {
	t.Parallel()
	vectors := [][]float32{{1, 0}, {0.6, -0.8}, {0, 1e-10}}
	rows := []map[string]any{
		{"name": "a", "path": "/p/a.png"}, {"name": "Zoë", "path": nil}, {"name": "", "path": "https://x/z.png"},
	}
	for i, v := range vectors {
		rows[i]["embedding"] = []any{float64(v[0]), float64(v[1])}
	}
	for name, write := range map[string]func(w io.Writer, names, paths []string, vectors iter.Seq[[]float32]) error{
		"x.parquet": WriteEmbeddings,
		"x.feather": func(w io.Writer, names, paths []string, vectors iter.Seq[[]float32]) error {
			return WriteArrow(w, names, paths, 2, vectors)
		},
	} {
		path := filepath.Join(t.TempDir(), name)
		f, err := os.Create(path)
		if err != nil {
			t.Fatal(err)
		}
		if err := errors.Join(write(f, []string{"a", "Zoë", ""}, []string{"/p/a.png", "", "https://x/z.png"}, slices.Values(vectors)), f.Close()); err != nil {
			t.Fatal(err)
		}
		readsAs(t, path, "name path embedding", rows)
	}
}
