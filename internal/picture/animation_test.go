package picture

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// seen is the hash of a picture's red, green, blue and alpha, as testdata/animations/make.py makes it.
func seen(p *Picture) string {
	var all []byte
	for i := range p.Width * p.Height {
		alpha := byte(255)
		if p.Alpha != nil {
			alpha = p.Alpha[i]
		}
		if alpha == 0 {
			all = append(all, 0, 0, 0, 0)
			continue
		}
		all = append(append(all, p.Pix[3*i:3*i+3]...), alpha)
	}
	sum := sha256.Sum256(all)
	return hex.EncodeToString(sum[:])
}

// Half a red over half a blue is two thirds of a red, and three quarters opaque: 128 + 128·127/255 = 191.75, and
// 128·255/(128·255 + 128·127) = 0.668.
func TestAPixelIsDrawnOverAnother(t *testing.T) {
	t.Parallel()
	for _, x := range []struct{ under, over, want [4]byte }{
		{[4]byte{0, 0, 255, 128}, [4]byte{255, 0, 0, 128}, [4]byte{170, 0, 85, 192}},
		{[4]byte{0, 0, 255, 255}, [4]byte{255, 0, 0, 51}, [4]byte{51, 0, 204, 255}},
		{[4]byte{9, 9, 9, 0}, [4]byte{255, 0, 1, 3}, [4]byte{255, 0, 1, 3}},
		{[4]byte{9, 8, 7, 6}, [4]byte{255, 0, 0, 0}, [4]byte{9, 8, 7, 6}},
		{[4]byte{9, 8, 7, 6}, [4]byte{1, 2, 3, 255}, [4]byte{1, 2, 3, 255}},
	} {
		p := &Picture{Width: 1, Height: 1, Pix: x.under[:3], Alpha: x.under[3:4]}
		p.drawPixel(0, x.over[:3], x.over[3])
		if x.under != x.want {
			t.Errorf("%v, want %v", x.under, x.want)
		}
	}
}

// Frames are as Pillow shows them.
func TestFramesOfAnimations(t *testing.T) {
	t.Parallel()
	dir := filepath.Join("testdata", "animations")
	var expected map[string][]struct {
		MS     int
		SHA256 string
	}
	data, err := os.ReadFile(filepath.Join(dir, "expected.json"))
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(data, &expected); err != nil || len(expected) < 15 {
		t.Fatal(len(expected), err)
	}
	for name, want := range expected {
		data, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil {
			t.Fatal(err)
		}
		a, err := OpenAnimation(data, Limits{})
		if err != nil || len(a.Starts) != len(want) || a.Cut || a.First == (name == "default.png") {
			t.Errorf("%s: %v, %+v, want %d frames", name, err, a, len(want))
			continue
		}
		at := time.Duration(0)
		for i, w := range want {
			if a.Starts[i] != at {
				t.Errorf("%s: frame %d begins at %s, not %s", name, i, a.Starts[i], at)
			}
			if w.MS <= 10 {
				w.MS = 100
			}
			at += time.Duration(w.MS) * time.Millisecond
			p, err := a.Frame(t.Context(), i)
			if err != nil {
				t.Fatal(name, err)
			}
			if got := seen(p); got != w.SHA256 {
				t.Errorf("%s: frame %d differs", name, i)
			}
		}
		if a.Duration != at {
			t.Errorf("%s: it takes %s, not %s", name, a.Duration, at)
		}
		for _, i := range []int{len(want) - 1, 0, 2} { // in any order
			if p, err := a.Frame(t.Context(), i); err != nil || seen(p) != want[i].SHA256 {
				t.Errorf("%s: frame %d again: %v", name, i, err)
			}
		}
		still, _, err := Decode(t.Context(), data, Limits{})
		if err != nil || a.First && seen(still) != want[0].SHA256 {
			t.Errorf("%s: the first frame is not the picture: %v", name, err)
		}
	}
}

func TestAPictureThatDoesNotMoveIsNoAnimation(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"still.gif", "still.png", "still.webp", "make.py"} {
		data, err := os.ReadFile(filepath.Join("testdata", "animations", name))
		if err != nil {
			t.Fatal(err)
		}
		if _, err := OpenAnimation(data, Limits{}); !errors.Is(err, ErrStill) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// Of a file that is cut off, the frames before the cut are read.
func TestAnAnimationThatIsCutOff(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"transparent-1.gif", "dispose-0-blend-1.png", "lossless.webp"} {
		data, err := os.ReadFile(filepath.Join("testdata", "animations", name))
		if err != nil {
			t.Fatal(err)
		}
		whole, err := OpenAnimation(data, Limits{})
		if err != nil {
			t.Fatal(err)
		}
		some := 0
		for n := range len(data) {
			a, err := OpenAnimation(data[:n], Limits{})
			if err != nil {
				continue
			}
			some++
			if !a.Cut && !strings.HasSuffix(name, "gif") || len(a.Starts) > len(whole.Starts) {
				t.Errorf("%s cut at %d: %d frames, cut: %v", name, n, len(a.Starts), a.Cut)
			}
			last := len(a.Starts) - 1
			p, err := a.Frame(t.Context(), last)
			want, _ := whole.Frame(t.Context(), last)
			if err != nil || seen(p) != seen(want) {
				t.Errorf("%s cut at %d: frame %d: %v", name, n, last, err)
			}
		}
		if some == 0 {
			t.Errorf("%s: no cut leaves two frames", name)
		}
	}
}

func FuzzAnimation(f *testing.F) {
	files, err := filepath.Glob(filepath.Join("testdata", "animations", "*.*"))
	if err != nil {
		f.Fatal(err)
	}
	for _, name := range files {
		data, err := os.ReadFile(name)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(data)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		lim := Limits{Pixels: 1 << 16}
		a, err := OpenAnimation(data, lim)
		if err != nil {
			return
		}
		for _, i := range []int{0, min(3, len(a.Starts)-1)} {
			if p, err := a.Frame(t.Context(), i); err == nil && (p.Width != a.Width || p.Height != a.Height || len(p.Pix) != 3*p.Width*p.Height) {
				t.Errorf("%d x %d pixels of %d x %d", p.Width, p.Height, a.Width, a.Height)
			}
		}
	})
}
