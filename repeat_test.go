package akin_test

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"github.com/akin-search/akin"
	"github.com/akin-search/akin/api"
	"github.com/akin-search/akin/internal/golden"
)

// A folder gives the same answers whenever and by however many cores it is indexed: what is
// drawn by chance is drawn from pictures in the order of their numbers.
func TestTheSameFolderGivesTheSameBytes(t *testing.T) {
	t.Parallel()
	golden.Deps(t)
	files, err := filepath.Glob(filepath.Join(golden.Flags(t), "images", "*.png"))
	must(t, err)
	dir := t.TempDir()
	for i, f := range files[:60] {
		copyFile(t, f, filepath.Join(dir, "pictures", filepath.Base(f)))
		if i%10 == 0 { // and twice, where another core comes first at times
			copyFile(t, f, filepath.Join(dir, "pictures", "z", filepath.Base(f)))
		}
	}
	const seed = 7
	var want [][]byte
	for i, threads := range []int{1, 2, 8, 2} {
		c := open(t, filepath.Join(t.TempDir(), "c.akin"), akin.Options{Threads: threads})
		r, err := c.Index(t.Context(), []string{filepath.Join(dir, "pictures")}, api.IndexOptions{})
		must(t, err)
		if r.Added != 66 || r.Embedded != 60 {
			t.Fatalf("%+v", r)
		}
		m, err := c.Map(t.Context(), api.MapOptions{Seed: seed})
		must(t, err)
		p, err := c.Probe(t.Context(), api.ProbeOptions{Pictures: 6})
		must(t, err)
		segments, err := filepath.Glob(filepath.Join(c.Path(), "spaces", "*", "*.vec"))
		must(t, err)
		if len(segments) != 1 {
			t.Fatalf("%q", segments)
		}
		vectors, err := os.ReadFile(segments[0])
		must(t, err)
		list, err := c.Pictures(t.Context(), api.ListOptions{Limit: 100})
		must(t, err)
		got := [][]byte{vectors}
		for _, v := range []any{list, m, p} {
			data, err := json.Marshal(v)
			must(t, err)
			got = append(got, data)
		}
		if i == 0 {
			want = got
		}
		for j, what := range []string{"vectors", "pictures", "map", "probe"} {
			if !bytes.Equal(got[j], want[j]) {
				t.Errorf("%d threads, run %d: other %s:\n%.300q\n%.300q", threads, i, what, got[j], want[j])
			}
		}
	}
}
