package transfer

import (
	"os"
	"path/filepath"
	"slices"
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
