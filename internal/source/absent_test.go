package source

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/akin-search/akin/internal/picture"
)

// Where FFmpeg and Poppler are not installed, that is told of the first film and the first document, and the others count as other
// files. Animated pictures need neither.
func TestAnAbsentProgramIsToldOnce(t *testing.T) {
	t.Setenv("PATH", "")
	dir := t.TempDir()
	for _, name := range []string{"a.mp4", "b.mp4", "c.pdf", "d.pdf", "e.mov"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte("x"), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	data, err := os.ReadFile("../picture/testdata/animations/opaque.gif")
	if err == nil {
		err = os.WriteFile(filepath.Join(dir, "f.gif"), data, 0o666)
	}
	if err != nil {
		t.Fatal(err)
	}
	var items, others, absent []string
	err = Walk(t.Context(), []string{dir}, Options{
		Frames: 2, Pages: 2, Other: func(path string) { others = append(others, filepath.Base(path)) },
		Problem: func(path string, err error) {
			e, ok := errors.AsType[*picture.NoDecoderError](err)
			if !ok {
				t.Errorf("%s: %v", path, err)
				return
			}
			absent = append(absent, filepath.Base(path)+": "+e.Library)
		},
	}, func(it Item) error {
		rel, err := filepath.Rel(dir, it.Source)
		items = append(items, filepath.ToSlash(rel))
		return err
	})
	if err != nil || !slices.Equal(absent, []string{"a.mp4: FFmpeg", "c.pdf: Poppler"}) || !slices.Equal(others, []string{"b.mp4", "d.pdf", "e.mov"}) {
		t.Errorf("%v, absent %v, others %v", err, absent, others)
	}
	if want := []string{"f.gif", "f.gif/frame 00:00:00.330", "f.gif/frame 00:00:00.580"}; !slices.Equal(items, want) {
		t.Errorf("%v, want %v", items, want)
	}
}
