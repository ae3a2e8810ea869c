package akin_test

import (
	"image"
	"image/draw"
	"image/png"
	"os"
	"path/filepath"
	"testing"

	"github.com/akin-search/akin"
	"github.com/akin-search/akin/api"
	"github.com/akin-search/akin/internal/golden"
	"github.com/akin-search/akin/internal/store/weaviate/weaviatetest"
)

// The index of parts of a collection in a cluster lies in the cache of each machine, which makes its own.
func TestPartsInAClusterAreThoseOfAFolder(t *testing.T) {
	golden.Deps(t)
	nodes := weaviatetest.Start(t, 1, false)
	dir := t.TempDir()
	must(t, os.Mkdir(filepath.Join(dir, "in"), 0o777))
	write := func(name string, img image.Image) string {
		t.Helper()
		path := filepath.Join(dir, name+".png")
		f, err := os.Create(path)
		must(t, err)
		must(t, png.Encode(f, img))
		must(t, f.Close())
		return path
	}
	whole := spotted(480, 360, 1)
	write("in/whole", whole)
	for i := range 5 {
		write("in/other "+string(rune('a'+i)), spotted(300, 240, uint64(20+i)))
	}
	part := image.NewRGBA(image.Rect(0, 0, 240, 180))
	draw.Draw(part, part.Bounds(), whole, image.Pt(200, 100), draw.Src)
	crop := write("crop", part)
	for machine := range 2 {
		c := open(t, nodes.Address("Parts"), at(t.TempDir()))
		r, err := c.Index(t.Context(), []string{filepath.Join(dir, "in")}, api.IndexOptions{Parts: true})
		must(t, err)
		if r.Parts == nil || r.Parts.Added != 6 {
			t.Errorf("machine %d: %+v", machine, r.Parts)
		}
		found, err := c.Search(t.Context(), akin.Like(crop), api.SearchOptions{Parts: true, Sizes: true, Metadata: true, Filter: api.Filter{Names: []string{"w*", "o*"}}})
		must(t, err)
		if len(found.Hits) != 1 || found.Hits[0].Name != "whole" || found.Hits[0].Width != 480 || found.Parts.Pictures != 6 {
			t.Errorf("machine %d: %+v, %+v", machine, found.Hits, found.Parts)
		}
		among, err := c.Parts(t.Context(), api.PartsOptions{})
		must(t, err)
		if len(among.Groups) != 0 || among.Pictures != 6 {
			t.Errorf("machine %d: %+v", machine, among)
		}
	}
}
