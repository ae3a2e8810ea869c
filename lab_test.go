package akin_test

import (
	"errors"
	"image"
	"image/color"
	"image/png"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/akin-search/akin"
	"github.com/akin-search/akin/api"
	"github.com/akin-search/akin/internal/golden"
)

// Ranks without colours are those of a collection of grey pictures.
func TestContextIsAnotherCollection(t *testing.T) {
	t.Parallel()
	golden.Deps(t)
	flags := filepath.Join(golden.Flags(t), "images")
	dir := t.TempDir()
	names := []string{"Brazil", "Chad", "Romania", "Japan", "Nepal", "Indonesia", "Monaco", "Poland", "Norway", "Iceland", "Mali", "Peru"}
	for _, name := range names {
		copyFile(t, filepath.Join(flags, name+".png"), filepath.Join(dir, "pictures", name+".png"))
		width, height, pixels, err := akin.Alter(t.Context(), filepath.Join(flags, name+".png"), "colour", akin.Options{})
		if err != nil {
			t.Fatal(err)
		}
		grey := image.NewRGBA(image.Rect(0, 0, width, height))
		for i := range width * height {
			grey.Set(i%width, i/width, color.RGBA{pixels[3*i], pixels[3*i+1], pixels[3*i+2], 255})
		}
		if err := os.MkdirAll(filepath.Join(dir, "grey"), 0o777); err != nil {
			t.Fatal(err)
		}
		f, err := os.Create(filepath.Join(dir, "grey", name+".png"))
		if err == nil {
			err = errors.Join(png.Encode(f, grey), f.Close())
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	pairs := []api.Pair{{A: "Chad", B: "Romania"}, {A: "Indonesia", B: "Monaco"}, {A: "Norway", B: "Iceland"}}
	var want [2]map[string]map[string][2]int
	var collections [2]*akin.Collection
	for i, kind := range []string{"pictures", "grey"} {
		c := open(t, filepath.Join(dir, kind+".akin"), akin.Options{})
		if _, err := c.Index(t.Context(), []string{filepath.Join(dir, kind)}, api.IndexOptions{}); err != nil {
			t.Fatal(err)
		}
		want[i], collections[i] = ranks(t, c, pairs...), c
	}
	r, err := collections[0].Context(t.Context(), append(pairs, api.Pair{A: "Atlantis", B: "Chad"}), api.ContextOptions{})
	if err != nil {
		t.Fatal(err)
	}
	if r.Pictures != len(names) || len(r.Without) != 4 || len(r.Missing) != 1 || len(r.Pairs) != 3 {
		t.Fatalf("%+v", r)
	}
	for _, p := range r.Pairs {
		for i, without := range []string{"", "colour"} {
			if got, want := p.Ranks[akin.DefaultModel][without], want[i][p.A+"-"+p.B][akin.DefaultModel]; got != want {
				t.Errorf("%s – %s without %q: %v, want %v", p.A, p.B, without, got, want)
			}
		}
	}
	few, err := collections[0].Context(t.Context(), pairs[:1], api.ContextOptions{Without: []string{"lettering"}, Pictures: 5})
	if err != nil || few.Pictures != 5 || len(few.Without) != 2 {
		t.Errorf("%+v, %v", few, err)
	}
	if _, err := collections[0].Context(t.Context(), pairs, api.ContextOptions{Without: []string{"sound"}}); err == nil || !strings.Contains(err.Error(), `"sound"`) {
		t.Error(err)
	}
}
