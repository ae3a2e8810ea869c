package vector

import (
	"errors"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/akin-search/akin/api"
	"github.com/akin-search/akin/internal/frame"
)

func openFrame(t testing.TB, path string) *frame.Frame {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	table, err := frame.Open(f)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = table.Close() })
	return table
}

func jsonLines(t testing.TB, lines ...string) *frame.Frame {
	t.Helper()
	path := filepath.Join(t.TempDir(), "x.jsonl")
	if err := os.WriteFile(path, []byte(strings.Join(lines, "\n")), 0o666); err != nil {
		t.Fatal(err)
	}
	return openFrame(t, path)
}

// The file was written by pyarrow (internal/frame/testdata/make.py). It has four columns of lists: of three nobody
// can know that they are not the values, but one is called embedding.
func TestEmbeddingsOfParquet(t *testing.T) {
	t.Parallel()
	for _, said := range []api.Columns{nil, {api.ValuesColumn: "fixed"}, {api.ValuesColumn: "half", api.NameColumn: "id"}} {
		path := filepath.Join("..", "frame", "testdata", "groups.parquet")
		got, err := ReadFrame(openFrame(t, path), said)
		if len(said) < 2 { // the fourth row has no name
			if err == nil || !strings.Contains(err.Error(), "row 4 has no name") {
				t.Errorf("%v: %v", said, err)
			}
			continue
		}
		if err != nil {
			t.Fatal(err)
		}
		if !slices.Equal(got.Names, []string{"1", "2", "3", "4", "5"}) || got.Rows.Dim != 3 || !slices.Equal(got.Rows.Row(4), []float32{10, 11, 12}) ||
			got.Rows.Row(1)[0] != -0.5 || got.Columns.Values != "half" || got.Columns.Name != "id" {
			t.Errorf("%+v", got)
		}
	}
}

func TestEmbeddingsOfJSONLines(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		why   string
		lines []string
		names []string
		flat  []float32
		says  string
	}{
		{"a list", []string{`{"id": 7, "embedding": [1, 2]}`, `{"id": 8, "embedding": [3, 4]}`}, []string{"7", "8"}, []float32{1, 2, 3, 4}, ""},
		{"name goes before id", []string{`{"id": 7, "name": "a", "label": 1, "f0": 1, "f1": 2}`, `{"id": 8, "name": "b", "label": 1, "f0": 3, "f1": 4}`},
			[]string{"a", "b"}, []float32{1, 2, 3, 4}, ""},
		{"no embedding is NaN", []string{`{"name": "a", "v": null}`, `{"name": "b", "v": [1, 2]}`, `{"name": "c"}`},
			[]string{"a", "b", "c"}, []float32{nan, nan, 1, 2, nan, nan}, ""},
		{"two lists", []string{`{"name": "a", "clip": [1, 2], "dino": [1, 2, 3]}`}, nil, nil, "the columns clip and dino can both be the values"},
		{"one of two is called so", []string{`{"name": "a", "box": [1, 2], "vector": [1, 2, 3]}`}, []string{"a"}, []float32{1, 2, 3}, ""},
		{"a shorter row", []string{`{"name": "a", "v": [1, 2]}`, `{"name": "b", "v": [1]}`}, nil, nil, `row 2 ("b"): it has 1 values, the rows above have 2`},
		{"texts", []string{`{"name": "a", "v": "red"}`}, nil, nil, "no column has numbers"},
	} {
		got, err := ReadFrame(jsonLines(t, c.lines...), nil)
		if c.says != "" {
			if err == nil || !strings.Contains(err.Error(), c.says) || !errors.Is(err, ErrFile) {
				t.Errorf("%s: %v", c.why, err)
			}
			continue
		}
		same := func(a, b float32) bool { return a == b || a != a && b != b }
		if err != nil || !slices.Equal(got.Names, c.names) || !slices.EqualFunc(flat(got.Rows), c.flat, same) {
			t.Errorf("%s: %v %v, %v", c.why, got.Names, got.Rows.Parts, err)
		}
	}
}

var nan = float32(math.NaN())
