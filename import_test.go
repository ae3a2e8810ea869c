package akin_test

import (
	"bytes"
	"fmt"
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

// indexedAs makes a collection of tiny pictures, each of its own colour.
func indexedAs(t *testing.T, names ...string) (c *akin.Collection, folder string) {
	t.Helper()
	golden.Deps(t)
	folder = filepath.Join(t.TempDir(), "pictures")
	for i, name := range names {
		img := image.NewRGBA(image.Rect(0, 0, 8, 8))
		for p := range 64 {
			img.SetRGBA(p%8, p/8, color.RGBA{byte(40 * i), byte(255 - 31*i), 90, 255})
		}
		var b bytes.Buffer
		must(t, png.Encode(&b, img))
		path := filepath.Join(folder, filepath.FromSlash(name))
		must(t, os.MkdirAll(filepath.Dir(path), 0o777))
		must(t, os.WriteFile(path, b.Bytes(), 0o666))
	}
	c = open(t, filepath.Join(t.TempDir(), "c.akin"), akin.Options{})
	r, err := c.Index(t.Context(), []string{folder}, api.IndexOptions{})
	must(t, err)
	if r.Added != len(names) {
		t.Fatalf("%+v", r)
	}
	return c, folder
}

func table(names ...string) string {
	var b strings.Builder
	b.WriteString("name,e0,e1\n")
	for i, n := range names {
		fmt.Fprintf(&b, "\"%s\",%d,1\n", n, i)
	}
	return b.String()
}

// A picture that came under its path, or its file name, without a file is given the file when that is
// indexed.
func TestAFileTakesOverWhatWasImportedUnderItsPath(t *testing.T) {
	t.Parallel()
	c, folder := indexedAs(t, "a.png")
	later := filepath.Join(folder, "later.png")
	file := filepath.Join(t.TempDir(), "v.csv")
	must(t, os.WriteFile(file, []byte(table(later, "other.png")), 0o666))
	r, err := c.Import(t.Context(), api.ImportOptions{Model: "m", File: file})
	must(t, err)
	if r.New != 2 {
		t.Fatalf("%+v", r)
	}
	for i, name := range []string{"later.png", "other.png"} {
		img := image.NewGray(image.Rect(0, 0, 9+i, 9))
		var b bytes.Buffer
		must(t, png.Encode(&b, img))
		must(t, os.WriteFile(filepath.Join(folder, name), b.Bytes(), 0o666))
	}
	_, err = c.Index(t.Context(), []string{folder}, api.IndexOptions{})
	must(t, err)
	info, err := c.Info(t.Context())
	must(t, err)
	if info.Pictures != 3 {
		t.Errorf("%d pictures, not 3", info.Pictures)
	}
	for _, s := range info.Spaces {
		if s.Model == "m" && s.Covered != 2 {
			t.Errorf("%+v", s)
		}
	}
}
