package akin_test

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"image"
	"image/draw"
	"math"
	"os"
	"path/filepath"
	"testing"

	"github.com/akin-search/akin"
	"github.com/akin-search/akin/api"
	"github.com/akin-search/akin/internal/golden"
)

// A flag in a corner of a large picture is found in its regions.
func TestSearchInRegions(t *testing.T) {
	t.Parallel()
	golden.Deps(t)
	dir := t.TempDir()
	brazil := filepath.Join(golden.Flags(t), "images", "Brazil.png")
	f, err := os.Open(brazil)
	must(t, err)
	flag, _, err := image.Decode(f)
	must(t, errors.Join(err, f.Close()))
	in := filepath.Join(dir, "in")
	must(t, os.Mkdir(in, 0o777))
	const with = 7
	count := 30
	if testing.Short() {
		count = 10
	}
	for i := range count {
		img := spotted(3*flag.Bounds().Dx(), 3*flag.Bounds().Dy(), uint64(40+i))
		if i == with { // the tile of the third row and fourth column of the finer grid lies over it
			draw.Draw(img, flag.Bounds().Add(image.Pt(2*flag.Bounds().Dx(), 2*flag.Bounds().Dy())), flag, flag.Bounds().Min, draw.Src)
		}
		writePNG(t, filepath.Join(in, fmt.Sprintf("%02d.png", i)), img)
	}
	white := image.NewGray(image.Rect(0, 0, 600, 400))
	draw.Draw(white, white.Bounds(), image.White, image.Point{}, draw.Src)
	writePNG(t, filepath.Join(in, "plain.png"), white)
	c := open(t, filepath.Join(dir, "c.akin"), at(t.TempDir()))
	index := func(o api.IndexOptions) api.IndexReport {
		t.Helper()
		r, err := c.Index(t.Context(), []string{in}, o)
		must(t, err)
		return r
	}
	if r := index(api.IndexOptions{}); len(r.Regions) > 0 {
		t.Errorf("without regions: %+v", r.Regions)
	}
	regions := api.SearchOptions{In: "regions"}
	if _, err := c.Search(t.Context(), akin.Like(brazil), regions); !errors.Is(err, api.ErrNoRegions) {
		t.Errorf("without regions: %v", err)
	}
	r := index(api.IndexOptions{Regions: true})
	if len(r.Regions) != 1 || r.Regions[0].Pictures != count+1 || r.Regions[0].Added != count+1 || r.Regions[0].Regions != 25*count {
		t.Errorf("%+v", r.Regions)
	}
	if r := index(api.IndexOptions{}); r.Regions[0].Pictures != count+1 || r.Regions[0].Added != 0 {
		t.Errorf("once more: %+v", r.Regions)
	}
	whole, err := c.Search(t.Context(), akin.Like(brazil), api.SearchOptions{})
	must(t, err)
	found, err := c.Search(t.Context(), akin.Like(brazil), regions)
	must(t, err)
	if found.Hits[0].Name != fmt.Sprintf("%02d", with) || len(found.Hits) != 10 {
		t.Fatalf("%+v", found.Hits)
	}
	w, h := float64(flag.Bounds().Dx()), float64(flag.Bounds().Dy())
	if best := found.Hits[0]; *best.Box != (api.Box{2 * w, 2 * h, w, h}) || best.Score < 0.999 || best.Score < whole.Hits[0].Score+0.1 {
		t.Errorf("%+v at %v; of whole pictures %v", best, *best.Box, whole.Hits[0].Score)
	}
	seen := map[string]bool{}
	for i, hit := range found.Hits {
		if seen[hit.Name] || hit.Rank != i+1 || hit.Box == nil || i > 0 && hit.Score > found.Hits[i-1].Score {
			t.Errorf("hit %d: %+v", i, hit)
		}
		seen[hit.Name] = true
	}
	// The same as comparing the query with every region.
	m, err := akin.OpenModel(r.Regions[0].Model, at(t.TempDir()))
	must(t, err)
	defer m.Close()
	query, err := m.Embed(t.Context(), []string{brazil}, nil)
	must(t, err)
	e, err := open(t, filepath.Join(dir, "c.akin", "regions"), akin.Options{ReadOnly: true}).Export(t.Context(), r.Regions[0].Model)
	must(t, err)
	length := 0.
	for _, v := range query[0].Vector {
		length += float64(v) * float64(v)
	}
	best := map[string]float64{} // by the hash of the content, with which a region's name begins
	for i, name := range e.Names {
		sum := 0.
		for k, v := range e.Vector(i) {
			sum += float64(v) * float64(query[0].Vector[k])
		}
		best[name[:64]] = max(best[name[:64]], sum/math.Sqrt(length))
	}
	all, err := c.Search(t.Context(), akin.Like(brazil), api.SearchOptions{In: "regions", Top: 100})
	must(t, err)
	if len(all.Hits) != count || len(best) != count {
		t.Errorf("%d hits and %d pictures with regions", len(all.Hits), len(best))
	}
	for _, hit := range all.Hits {
		data, err := os.ReadFile(hit.Source)
		must(t, err)
		if want := best[fmt.Sprintf("%x", sha256.Sum256(data))]; math.Abs(hit.Score-want) > 1e-5 {
			t.Errorf("%s: %v, want %v", hit.Name, hit.Score, want)
		}
	}
	filtered, err := c.Search(t.Context(), akin.Like(brazil), api.SearchOptions{In: "regions", Filter: api.Filter{Names: []string{"0[0-5]"}}, Top: 20})
	must(t, err)
	if len(filtered.Hits) != 6 {
		t.Errorf("filtered: %+v", filtered.Hits)
	}
	// What is gone is forgotten.
	must(t, os.Remove(filepath.Join(in, fmt.Sprintf("%02d.png", with))))
	if r := index(api.IndexOptions{Prune: true}); r.Regions[0].Pictures != count {
		t.Errorf("%+v", r.Regions)
	}
	if found, err = c.Search(t.Context(), akin.Like(brazil), regions); err != nil || found.Hits[0].Score > 0.9 {
		t.Errorf("after it is gone: %+v, %v", found.Hits, err)
	}
	if testing.Short() {
		return
	}
	// A run that is interrupted keeps what it did, and the next one goes on.
	for i := range 40 {
		writePNG(t, filepath.Join(in, fmt.Sprintf("more %02d.png", i)), spotted(400, 300, uint64(400+i)))
	}
	ctx, cancel := context.WithCancel(t.Context())
	_, err = c.Index(ctx, []string{in}, api.IndexOptions{Progress: func(p api.Progress) {
		if p.Step == api.StepRegions && p.Done > 5 {
			cancel()
		}
	}})
	if !errors.Is(err, context.Canceled) {
		t.Errorf("interrupted: %v", err)
	}
	if r := index(api.IndexOptions{}); r.Regions[0].Pictures != 70 || r.Regions[0].Added < 1 || r.Regions[0].Added > 36 {
		t.Errorf("after an interruption: %+v", r.Regions)
	}
	if problems, err := c.Verify(t.Context()); err != nil || len(problems) > 0 {
		t.Errorf("%v, %v", problems, err)
	}
	// Without the model's embeddings there are none of its regions.
	if info, err := c.Info(t.Context()); err != nil || len(info.Regions) != 1 {
		t.Errorf("%+v, %v", info, err)
	}
	_, err = c.Drop(t.Context(), found.Model, "")
	must(t, err)
	if info, err := c.Info(t.Context()); err != nil || len(info.Regions) != 0 {
		t.Errorf("dropped: %+v, %v", info, err)
	}
}
