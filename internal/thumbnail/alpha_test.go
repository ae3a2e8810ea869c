package thumbnail

import (
	"image"
	"image/draw"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

// testdata/alpha.py has made NAME_BOX.png out of NAME.png with Pillow.
func TestThumbnailsKeepAlphaAsPillowDoes(t *testing.T) {
	t.Parallel()
	files, _ := filepath.Glob("testdata/*_*.png")
	if len(files) < 4 {
		t.Fatalf("testdata has %d thumbnails", len(files))
	}
	for _, file := range files {
		name, number, _ := strings.Cut(strings.TrimSuffix(filepath.Base(file), ".png"), "_")
		box, err := strconv.Atoi(number)
		if err != nil {
			t.Fatal(err)
		}
		whole, want := straight(t, filepath.Join("testdata", name+".png")), straight(t, file)
		size := whole.Rect.Size()
		var pix, alpha []byte
		for i := 0; i < len(whole.Pix); i += 4 {
			pix, alpha = append(pix, whole.Pix[i:i+3]...), append(alpha, whole.Pix[i+3])
		}
		p, err := Make(size.X, size.Y, pix, alpha, box)
		if err != nil {
			t.Fatal(err)
		}
		made, format := decode(t, p)
		if format != "png" || made.Bounds() != want.Rect {
			t.Errorf("%s: a %s of %v, want a png of %v", file, format, made.Bounds(), want.Rect)
			continue
		}
		got := image.NewNRGBA(made.Bounds())
		draw.Draw(got, got.Rect, made, image.Point{}, draw.Src)
		worst := 0
		for i := 0; i < len(want.Pix); i += 4 {
			a, b := int(got.Pix[i+3]), int(want.Pix[i+3])
			worst = max(worst, a-b, b-a)
			for c := range 3 { // as much as they are seen
				d := (int(got.Pix[i+c])*a - int(want.Pix[i+c])*b) / 255
				worst = max(worst, d, -d)
			}
		}
		if worst > 3 {
			t.Errorf("%s differs from Pillow's by up to %d levels", file, worst)
		}
	}
}

func TestShortAlphaIsAnError(t *testing.T) {
	t.Parallel()
	if _, err := Make(2, 2, make([]byte, 12), make([]byte, 3), 100); err == nil {
		t.Error("three bytes of alpha for four pixels: no error")
	}
}

func straight(t *testing.T, file string) *image.NRGBA {
	t.Helper()
	f, err := os.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	m, _, err := image.Decode(f)
	if err != nil {
		t.Fatal(err)
	}
	out := image.NewNRGBA(m.Bounds())
	draw.Draw(out, out.Rect, m, image.Point{}, draw.Src)
	return out
}
