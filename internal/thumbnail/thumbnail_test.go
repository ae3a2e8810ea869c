package thumbnail

import (
	"bytes"
	"image"
	_ "image/jpeg"
	_ "image/png"
	"math"
	"testing"
)

func decode(t *testing.T, p Picture) (image.Image, string) {
	t.Helper()
	m, format, err := image.Decode(bytes.NewReader(p.Data))
	if err != nil || p.Type != "image/"+format {
		t.Fatalf("%s: %v", p.Type, err)
	}
	return m, format
}

func TestFlatPicturesBecomePNGAndOthersJPEG(t *testing.T) {
	t.Parallel()
	const width, height = 400, 300
	stripes := make([]byte, 0, width*height*3)
	waves := make([]byte, 0, width*height*3)
	for y := range height {
		for x := range width {
			stripes = append(stripes, [][]byte{{0, 38, 100}, {254, 203, 0}, {198, 12, 48}}[3*x/width]...)
			v := 127 + 90*math.Sin(float64(x)/60)*math.Cos(float64(y)/45) + 4*math.Sin(float64(x*y))
			waves = append(waves, byte(v), byte(200-v/2), byte(v/3+float64(x)/8))
		}
	}
	for _, c := range []struct {
		name, format string
		pix          []byte
	}{{"a flag", "png", stripes}, {"a photograph", "jpeg", waves}} {
		p, err := Make(width, height, c.pix, nil, 200)
		if err != nil {
			t.Fatal(err)
		}
		m, format := decode(t, p)
		if format != c.format {
			t.Errorf("%s became %s, want %s", c.name, format, c.format)
		}
		if m.Bounds().Dx() != 200 || m.Bounds().Dy() != 150 || p.Width != 200 || p.Height != 150 {
			t.Errorf("%s: %v, says %d x %d, want 200 x 150", c.name, m.Bounds(), p.Width, p.Height)
		}
		for _, at := range []image.Point{{20, 20}, {100, 75}, {180, 140}} {
			r, g, b, _ := m.At(at.X, at.Y).RGBA()
			i := 3 * (2*at.Y*width + 2*at.X)
			for k, v := range []uint32{r, g, b} {
				if d := int(v>>8) - int(c.pix[i+k]); d > 8 || d < -8 {
					t.Errorf("%s at %v: channel %d is %d, was %d", c.name, at, k, v>>8, c.pix[i+k])
				}
			}
		}
	}
}

func TestBigPicturesKeepTheirColours(t *testing.T) {
	t.Parallel()
	const width, height = 2003, 1501 // no multiple of anything
	pix := make([]byte, 0, width*height*3)
	for y := range height {
		for x := range width {
			pix = append(pix, byte(x*255/width), byte(y*255/height), byte((x/3+y/3)%2*255))
		}
	}
	p, err := Make(width, height, pix, nil, 100)
	if err != nil {
		t.Fatal(err)
	}
	m, _ := decode(t, p)
	if m.Bounds().Size() != image.Pt(100, 75) {
		t.Fatalf("%v", m.Bounds())
	}
	for y := 2; y < 75; y += 10 {
		for x := 2; x < 100; x += 10 {
			r, g, b, _ := m.At(x, y).RGBA()
			got := [3]int{int(r >> 8), int(g >> 8), int(b >> 8)}
			for k, want := range [3]int{(2*x + 1) * 255 / 200, (2*y + 1) * 255 / 150, 127} {
				if d := got[k] - want; d > 9 || d < -9 {
					t.Errorf("channel %d at %d,%d is %d, want about %d", k, x, y, got[k], want)
				}
			}
		}
	}
}

func TestSmallPicturesAreNotEnlarged(t *testing.T) {
	t.Parallel()
	p, err := Make(3, 2, make([]byte, 18), nil, 100)
	if err != nil {
		t.Fatal(err)
	}
	if m, _ := decode(t, p); m.Bounds().Size() != image.Pt(3, 2) {
		t.Errorf("%v", m.Bounds())
	}
}

func TestThinPicturesKeepAPixel(t *testing.T) {
	t.Parallel()
	p, err := Make(3000, 1, make([]byte, 9000), nil, 100)
	if err != nil || p.Width != 100 || p.Height != 1 {
		t.Errorf("%d x %d, %v", p.Width, p.Height, err)
	}
}

func TestShortBuffersAreAnError(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ width, height, bytes int }{{2, 2, 11}, {0, 2, 0}, {-1, 5, 100}, {1 << 40, 1 << 40, 12}} {
		if _, err := Make(c.width, c.height, make([]byte, c.bytes), nil, 100); err == nil {
			t.Errorf("%d x %d of %d bytes: no error", c.width, c.height, c.bytes)
		}
	}
}
