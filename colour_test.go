package akin_test

import (
	"image"
	"image/color"
	"path/filepath"
	"strings"
	"testing"

	"github.com/akin-search/akin"
	"github.com/akin-search/akin/api"
	"github.com/akin-search/akin/internal/golden"
)

// marks writes four shapes, dark on white.
func marks(t *testing.T, dir string) map[string]func(x, y int) bool {
	t.Helper()
	shapes := map[string]func(x, y int) bool{
		"disc":  func(x, y int) bool { return (x-48)*(x-48)+(y-48)*(y-48) < 30*30 },
		"bars":  func(x, y int) bool { return x > 16 && x < 80 && y > 16 && y < 80 && x/12%2 == 0 },
		"cross": func(x, y int) bool { return x > 16 && x < 80 && y > 16 && y < 80 && (abs(x-48) < 8 || abs(y-48) < 8) },
		"wedge": func(x, y int) bool { return x > 16 && y < 80 && y > x },
	}
	for name, inside := range shapes {
		writeMark(t, filepath.Join(dir, name+".png"), inside, color.NRGBA{20, 30, 160, 255}, color.NRGBA{255, 255, 255, 255})
	}
	return shapes
}

func writeMark(t *testing.T, path string, inside func(x, y int) bool, ink, ground color.NRGBA) {
	t.Helper()
	m := image.NewNRGBA(image.Rect(0, 0, 96, 96))
	for i := range 96 * 96 {
		c := ground
		if inside(i%96, i/96) {
			c = ink
		}
		m.SetNRGBA(i%96, i/96, c)
	}
	writePNG(t, path, m)
}

func TestWithoutColoursAMarkIsFoundInAnyColours(t *testing.T) {
	t.Parallel()
	golden.Deps(t)
	dir, at, queries := t.TempDir(), filepath.Join(t.TempDir(), "marks.akin"), t.TempDir()
	shapes := marks(t, dir)
	begun := open(t, at, akin.Options{Colour: "drop"})
	r, err := begun.Index(t.Context(), []string{dir}, api.IndexOptions{})
	if err != nil || r.Embedded != 4 || r.Colour != "drop" {
		t.Fatalf("%+v, %v", r, err)
	}
	later := open(t, at, akin.Options{}) // which remembers it
	for name, inside := range shapes {
		query := filepath.Join(queries, name+".png")
		writeMark(t, query, inside, color.NRGBA{255, 255, 255, 255}, color.NRGBA{0, 130, 60, 255})
		found, err := later.Search(t.Context(), akin.Like(query), api.SearchOptions{Top: 1})
		if err != nil || len(found.Hits) != 1 || found.Hits[0].Name != name || found.Hits[0].Score < 0.99 {
			t.Errorf("%s in white on green: %+v, %v", name, found.Hits, err)
		}
	}
	info, err := later.Info(t.Context())
	if err != nil || len(info.Spaces) != 1 || info.Spaces[0].Colour != "drop" || !strings.HasPrefix(info.Spaces[0].Fingerprint, "no-colour+") {
		t.Errorf("%+v, %v", info.Spaces, err)
	}
	again, err := later.Index(t.Context(), []string{dir}, api.IndexOptions{})
	if err != nil || again.Embedded != 0 || again.Colour != "drop" {
		t.Errorf("indexed again: %+v, %v", again, err)
	}
	_, err = open(t, at, akin.Options{Colour: "grey"}).Index(t.Context(), []string{dir}, api.IndexOptions{})
	if err == nil || !strings.Contains(err.Error(), `colour "grey": use keep or drop`) {
		t.Errorf("%v", err)
	}
}
