package akin_test

import (
	"bytes"
	"image"
	"image/jpeg"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/akin-search/akin"
	"github.com/akin-search/akin/api"
	"github.com/akin-search/akin/internal/golden"
)

// largePhoto writes a JPEG of more than 4 megapixels.
func largePhoto(t *testing.T, path string) {
	t.Helper()
	m := image.NewYCbCr(image.Rect(0, 0, 2400, 1800), image.YCbCrSubsampleRatio420)
	for i := range m.Y {
		x, y := float64(i%m.YStride), float64(i/m.YStride)
		m.Y[i] = byte(128 + 70*math.Sin(x/37)*math.Cos(y/53) + 40*math.Sin(x*y/9000))
	}
	for i := range m.Cb {
		m.Cb[i], m.Cr[i] = byte(90+i%64), byte(200-i/m.CStride%100)
	}
	var b bytes.Buffer
	if err := jpeg.Encode(&b, m, nil); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, b.Bytes(), 0o644); err != nil {
		t.Fatal(err)
	}
}

func TestACollectionRemembersHowItsPicturesWereDecoded(t *testing.T) {
	t.Parallel()
	golden.Deps(t)
	dir := t.TempDir()
	first, second := filepath.Join(dir, "a", "first.jpg"), filepath.Join(dir, "b", "first.jpg")
	for _, path := range []string{first, second} {
		if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
			t.Fatal(err)
		}
	}
	largePhoto(t, first)
	data, err := os.ReadFile(first)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(second, append(data, 0), 0o644); err != nil { // the same picture of other bytes
		t.Fatal(err)
	}
	for _, c := range []struct {
		decode  string
		reduced int
		head    string
	}{{"", 0, ""}, {"exact", 0, ""}, {"auto", 1, "auto-decode+"}, {"fast", 1, "fast-decode+"}} {
		at := filepath.Join(t.TempDir(), "photos.akin")
		begun := open(t, at, akin.Options{Decode: c.decode})
		r, err := begun.Index(t.Context(), []string{first}, api.IndexOptions{})
		if err != nil || r.Reduced != c.reduced || r.Embedded != 1 {
			t.Fatalf("--decode %q: %+v, %v", c.decode, r, err)
		}
		later := open(t, at, akin.Options{})
		hits, err := later.Search(t.Context(), akin.Like(second), api.SearchOptions{Top: 1})
		if err != nil || len(hits.Hits) != 1 || hits.Hits[0].Score < 0.99999 {
			t.Errorf("--decode %q: a copy is found with %+v, %v", c.decode, hits.Hits, err)
		}
		r, err = later.Index(t.Context(), []string{first, second}, api.IndexOptions{})
		if err != nil || r.Reduced != c.reduced || r.Embedded != 1 || r.Unchanged != 1 {
			t.Errorf("--decode %q, later: %+v, %v", c.decode, r, err)
		}
		info, err := later.Info(t.Context())
		if err != nil || len(info.Spaces) != 1 || !strings.HasPrefix(info.Spaces[0].Fingerprint, c.head) {
			t.Errorf("--decode %q: %+v, %v", c.decode, info.Spaces, err)
		}
	}
}
