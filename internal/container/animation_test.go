package container

import (
	"bytes"
	"errors"
	"image/png"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/akin-search/akin/internal/picture"
)

func openAnimationFile(t *testing.T, name string) (Container, error) {
	t.Helper()
	f, err := os.Open(filepath.Join("..", "picture", "testdata", "animations", name))
	if err != nil {
		t.Fatal(err)
	}
	c, err := openAnimation(t.Context(), f)
	if err == nil {
		t.Cleanup(func() { c.Close() })
	}
	return c, err
}

func TestFramesOfAnAnimation(t *testing.T) {
	t.Parallel()
	// The frames of transparent-1.gif stay for 100, 30, 100 (as 0 does), 100 (as 10), 250 and 1000 ms.
	for _, x := range []struct {
		name string
		n    int
		want []string
	}{
		{"transparent-1.gif", 1, []string{"00:00:00.580"}}, // the middle is 790 ms
		{"transparent-1.gif", 2, []string{"00:00:00.330", "00:00:00.580"}},
		{"transparent-1.gif", 100, []string{"00:00:00.100", "00:00:00.130", "00:00:00.230", "00:00:00.330", "00:00:00.580"}},
		{"transparent-1.gif", 0, nil},
		{"default.png", 1000, []string{"00:00:00.000", "00:00:00.200", "00:00:00.400", "00:00:00.600", "00:00:00.800"}},
		{"opaque.webp", 3, []string{"00:00:00.100", "00:00:00.300", "00:00:00.500"}},
	} {
		c, err := openAnimationFile(t, x.name)
		if err != nil {
			t.Fatal(x.name, err)
		}
		var got []string
		for _, m := range c.(Sampled).Sample(x.n) {
			got = append(got, m.Name[len(framePrefix):])
			if found, ok := c.Find(m.Name); !ok || found.At != m.At || found.Name != m.Name {
				t.Errorf("%s: %s is found as %+v", x.name, m.Name, found)
			}
			data, err := c.Read(t.Context(), m, 1<<20)
			if err != nil {
				t.Fatal(err)
			}
			if im, err := png.Decode(bytes.NewReader(data)); err != nil || im.Bounds().Dx() != 40 || im.Bounds().Dy() != 30 {
				t.Errorf("%s: %s is %v, %v", x.name, m.Name, im, err)
			}
			if _, err := c.Read(t.Context(), m, 100); !errors.Is(err, ErrTooLong) {
				t.Errorf("in 100 bytes: %v", err)
			}
		}
		if !slices.Equal(got, x.want) {
			t.Errorf("%s, %d: %v, want %v", x.name, x.n, got, x.want)
		}
		for _, none := range []string{"frame 00:00:00.001", "frame 00:01:00.000", "frame 0:0:0.100", "frame -1:00:00.000", "page 1", ""} {
			if m, ok := c.Find(none); ok {
				t.Errorf("%s: %q is %+v", x.name, none, m)
			}
		}
	}
}

func TestAStillPictureIsNoContainer(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"still.gif", "still.png", "still.webp", "make.py"} {
		if _, err := openAnimationFile(t, name); !errors.Is(err, picture.ErrStill) {
			t.Errorf("%s: %v", name, err)
		}
	}
	for name, want := range map[string][2]bool{"a.gif": {false, true}, "A.PNG": {false, true}, "a.jpg": {}, ".gif": {}, "a.mp4": {true, false}} {
		if got := [2]bool{KindOf(name) != nil, MayMove(name)}; got != want {
			t.Errorf("%s: %v, want %v", name, got, want)
		}
	}
}
