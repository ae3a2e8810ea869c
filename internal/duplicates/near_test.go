package duplicates

import (
	"cmp"
	"math"
	"path/filepath"
	"slices"
	"testing"

	"github.com/akin-search/akin/api"
	"github.com/akin-search/akin/internal/golden"
	"github.com/akin-search/akin/internal/indexer"
	"github.com/akin-search/akin/internal/models"
	"github.com/akin-search/akin/internal/space"
	"github.com/akin-search/akin/internal/vector"
)

// The most similar flags, and how far from duplicates they are.
func TestNearestFlags(t *testing.T) {
	if testing.Short() {
		t.Skip("compares the pixels of many pictures")
	}
	t.Parallel()
	deps := golden.Deps(t)
	library, err := filepath.Glob(filepath.Join(deps, "lib", "*onnxruntime.[1sd]*"))
	if err != nil || len(library) == 0 {
		t.Fatalf("no ONNX Runtime in %s: %v", deps, err)
	}
	o := models.Options{Library: library[0], ModelDirs: []string{filepath.Join(deps, "models")}}
	c, err := space.Open(t.Context(), filepath.Join(t.TempDir(), "flags.akin"), o)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if _, err := indexer.Index(t.Context(), c, []string{filepath.Join(golden.Flags(t), "images")}, api.IndexOptions{}); err != nil {
		t.Fatal(err)
	}
	v, err := c.OpenSpace(t.Context(), "")
	if err != nil {
		t.Fatal(err)
	}
	defer v.Close()
	f := &finder{c: c, v: v, o: api.DuplicateOptions{MaxWrong: defaultMaxWrong, Progress: func(api.Progress) {}}}
	if err := f.openCaches(c.Location); err != nil {
		t.Fatal(err)
	}
	defer f.closeCaches()
	if err := f.gather(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := f.find(t.Context()); err != nil {
		t.Fatal(err)
	}
	if len(f.pairs) > 0 {
		t.Errorf("%d pairs of flags are copies", len(f.pairs))
	}
	var all []candidate
	for a := range f.contents {
		for b := a + 1; b < len(f.contents); b++ {
			all = append(all, candidate{a: a, b: b})
		}
	}
	if err := f.sign(t.Context(), all, true); err != nil {
		t.Fatal(err)
	}
	between := func(a, b int) relation {
		return f.measure(a, b, 0, 1-float64(vector.Dot(v.Matrix.Row(f.contents[a].row), v.Matrix.Row(f.contents[b].row))), math.MaxFloat64)
	}
	for i := range all {
		all[i].distance = between(all[i].a, all[i].b).distance
	}
	slices.SortFunc(all, func(x, y candidate) int { return cmp.Compare(x.distance, y.distance) })
	name := func(u int) string { return v.Pictures.At(f.contents[u].pictures[0]).Name }
	t.Logf("tolerance %+v", f.tolerance)
	for i, p := range all {
		a, b := name(p.a), name(p.b)
		if i < 5 || a == "Indonesia" && b == "Monaco" {
			r := between(p.a, p.b)
			t.Logf("%d: %s, %s: distance %.2f, %d bits, difference %.0f, cast %.0f, aspect %.3f, score %.4f",
				i+1, a, b, r.distance, r.moved.Bits, r.moved.Difference, r.moved.Cast, r.moved.Aspect, 1-r.moved.Embedding)
		}
	}
	near := slices.ContainsFunc(all[:5], func(p candidate) bool { return name(p.a) == "Chad" && name(p.b) == "Romania" })
	if !near || all[0].distance < seriesWithin {
		t.Errorf("Chad and Romania are not among the nearest, or these are too near: %.2f", all[0].distance)
	}
}
