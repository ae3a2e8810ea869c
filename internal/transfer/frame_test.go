package transfer

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/akin-search/akin/api"
)

// Rows of Parquet (by pyarrow) and JSON lines find their pictures as those of CSV do, whatever the file is called.
func TestTypedTablesAreImported(t *testing.T) {
	t.Parallel()
	data, err := os.ReadFile(filepath.Join("..", "frame", "testdata", "pandas.parquet")) // {"name": ["a", "b"], "e": [[1, 0], [0, 1]]}
	must(t, err)
	for name, text := range map[string]string{
		"e.parquet": string(data), "e.bin": string(data),
		"e.jsonl": `{"name": "a", "e": [1, 0]}` + "\n" + `{"name": "b", "e": [0, 3]}`,
	} {
		c, _ := indexedAs(t, "a.png", "b.png")
		file := filepath.Join(t.TempDir(), name)
		must(t, os.WriteFile(file, []byte(text), 0o666))
		r, err := Import(t.Context(), c, api.ImportOptions{Model: "m", File: file})
		must(t, err)
		if r.Matched != 2 || r.MatchedBy.Name != 2 || r.Tables[0].Name != "name" || r.Tables[0].Values != "e" {
			t.Errorf("%s: %+v", name, r)
		}
		e, err := Export(t.Context(), c, "m")
		must(t, err)
		if !slices.Equal(e.Vector(0), []float32{1, 0}) || !slices.Equal(e.Vector(1), []float32{0, 1}) {
			t.Errorf("%s: %v, %v", name, e.Vector(0), e.Vector(1))
		}
	}
}

// The file, by safetensors (internal/vector/testdata/arrays/make.py), has no names, and two matrices would be two models.
func TestArraysAreImportedWithNames(t *testing.T) {
	t.Parallel()
	from := filepath.Join("..", "vector", "testdata", "arrays")
	names := filepath.Join(t.TempDir(), "names.txt")
	must(t, os.WriteFile(names, []byte("a.png\nb.png\n"), 0o666))
	for _, c := range []struct {
		file, names string
		said        api.Columns
		first       []float32
		says        string
	}{
		{"F64.safetensors", names, nil, []float32{0.4364358, -0.8728716, 0.2182179}, ""},
		{"F64.safetensors", "", nil, nil, "which of its arrays has the names of the rows? It has embeddings float64 (2, 3) and bias float32 (3)"},
		{"two.npz", names, api.Columns{api.ValuesColumn: "dino"}, []float32{0.4364358, -0.8728716, 0.2182179}, ""},
	} {
		col, _ := indexedAs(t, "a.png", "b.png")
		r, err := Import(t.Context(), col, api.ImportOptions{Model: "m", File: filepath.Join(from, c.file), Names: c.names, Columns: c.said})
		if c.says != "" {
			if err == nil || !strings.Contains(err.Error(), c.says) {
				t.Errorf("%s: %v", c.file, err)
			}
			continue
		}
		must(t, err)
		e, err := Export(t.Context(), col, "m")
		must(t, err)
		if r.Matched != 2 || r.MatchedBy.File != 2 || !slices.Equal(e.Vector(0), c.first) { // (1, -2, 0.5) / √5.25
			t.Errorf("%s: %+v, %v", c.file, r, e.Vector(0))
		}
	}
}
