package resample_test

import (
	"bytes"
	"fmt"
	"image/png"
	"math"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/akin-search/akin/internal/golden"
	"github.com/akin-search/akin/internal/picture"
	"github.com/akin-search/akin/internal/resample"
)

var filters = map[string]resample.Filter{
	"nearest": resample.Nearest, "bilinear": resample.Bilinear, "bicubic": resample.Bicubic, "lanczos": resample.Lanczos,
}

func load(t testing.TB, path string) *picture.Picture {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	img, err := png.Decode(f)
	if err != nil {
		t.Fatal(err)
	}
	b := img.Bounds()
	p := picture.New(b.Dx(), b.Dy())
	for y := range b.Dy() {
		for x := range b.Dx() {
			r, g, bl, _ := img.At(x, y).RGBA()
			copy(p.Pix[3*(y*p.Width+x):], []byte{byte(r >> 8), byte(g >> 8), byte(bl >> 8)})
		}
	}
	return p
}

func TestResizeEqualsPillowToTheBit(t *testing.T) {
	t.Parallel()
	dir := golden.Dir(t)
	sources := map[string]*picture.Picture{
		"rgb":  load(t, filepath.Join(dir, "decode", "rgb.png")),
		"tiny": load(t, filepath.Join(dir, "resize_tiny.png")),
		"wide": load(t, filepath.Join(dir, "resize_wide.png")),
	}
	cases := golden.NPZ(t, filepath.Join(dir, "resize_expected.npz"))
	if len(cases) == 0 {
		t.Fatal("no cases")
	}
	for key, want := range cases {
		var width, height int
		part := strings.Split(key, ":")
		if _, err := fmt.Sscanf(part[2], "%dx%d", &width, &height); err != nil {
			t.Fatal(err)
		}
		name := strings.TrimSuffix(strings.TrimPrefix(part[0], "resize_"), ".png")
		src, f := sources[name], strings.ToLower(part[1])
		if src == nil {
			t.Fatalf("source %q", part[0])
		}
		filter, ok := filters[f]
		if !ok {
			t.Fatalf("filter %q", part[1])
		}
		got := resample.Resize(src, width, height, filter)
		if got.Width != width || got.Height != height || !bytes.Equal(got.Pix, want.Uint8()) {
			t.Errorf("%s: not what Pillow gives", key)
		}
	}
}

// testdata/pillow.npz holds pictures ("N:in") and what Pillow 13.0.0 made of them
// ("N:filter"): sides of one pixel, one pass only, and both sides of where Pillow
// turns the order of the passes around.
func TestResizeEqualsPillowOnEveryPath(t *testing.T) {
	t.Parallel()
	comparePillow(t, filepath.Join("testdata", "pillow.npz"))
}

// regions are parts of a picture: its middle, a corner, a column, a row and all of it.
func regions(width, height int) []resample.Region {
	return []resample.Region{
		{X: width / 4, Y: height / 4, Width: max(1, width/2), Height: max(1, height/2)},
		{X: width - (width+2)/3, Y: height - (height+1)/2, Width: (width + 2) / 3, Height: (height + 1) / 2},
		{X: width / 2, Y: 0, Width: 1, Height: height}, {X: 0, Y: height / 3, Width: width, Height: 1},
		{X: 0, Y: 0, Width: width, Height: height},
	}
}

func comparePillow(t *testing.T, path string) {
	t.Helper()
	arrays := golden.NPZ(t, path)
	compared := 0
	for key, want := range arrays {
		number, name, _ := strings.Cut(key, ":")
		filter, ok := filters[name]
		if !ok {
			continue
		}
		in := arrays[number+":in"]
		src := &picture.Picture{Width: in.Shape[1], Height: in.Shape[0], Pix: in.Uint8()}
		got := resample.Resize(src, want.Shape[1], want.Shape[0], filter)
		if !bytes.Equal(got.Pix, want.Uint8()) {
			t.Errorf("%s: %dx%d to %dx%d is not what Pillow gives", key, src.Width, src.Height, got.Width, got.Height)
		}
		for _, r := range regions(got.Width, got.Height) {
			part, want := resample.ResizeRegion(src, got.Width, got.Height, r, filter), resample.Crop(got, r.X, r.Y, r.Width, r.Height)
			if part.Width != r.Width || part.Height != r.Height || !bytes.Equal(part.Pix, want.Pix) {
				t.Errorf("%s: %+v of %dx%d to %dx%d is not that of the whole", key, r, src.Width, src.Height, got.Width, got.Height)
			}
		}
		compared++
	}
	if compared == 0 {
		t.Error("nothing was compared")
	}
}

// testdata/make_torch.py made testdata/torch.npz. A thousandth of a step of 8 bits is 4e-6 of the whole range.
func TestFloatsEqualTorch(t *testing.T) {
	t.Parallel()
	arrays := golden.NPZ(t, filepath.Join("testdata", "torch.npz"))
	compared := 0
	for key, want := range arrays {
		number, name, _ := strings.Cut(key, ":")
		filter, ok := filters[name]
		if !ok {
			continue
		}
		in := arrays[number+":in"]
		src := &picture.Picture{Width: in.Shape[1], Height: in.Shape[0], Pix: in.Uint8()}
		got := make([]float32, len(want.Float32()))
		width, height := want.Shape[1], want.Shape[0]
		resample.Floats(got, src, width, height, resample.Region{Width: width, Height: height}, filter)
		for i, w := range want.Float32() {
			if d := math.Abs(float64(got[i] - w)); d > 1e-3 {
				t.Errorf("%s: value %d is %g, not %g", key, i, got[i], w)
				break
			}
		}
		for _, r := range regions(width, height) {
			part := make([]float32, 3*r.Width*r.Height)
			resample.Floats(part, src, width, height, r, filter)
			for y := range r.Height {
				if row := got[3*((r.Y+y)*width+r.X):][:3*r.Width]; !slices.Equal(part[3*y*r.Width:][:3*r.Width], row) {
					t.Errorf("%s: row %d of %+v is not that of the whole", key, y, r)
				}
			}
		}
		compared++
	}
	if compared == 0 {
		t.Error("nothing was compared")
	}
}

// A picture of one pixel by 300,000 is resized in little memory: the middle of what would have 45 GB, and a square in
// two passes between which it would have 800 MB.
func TestLongPicturesTakeLittleMemory(t *testing.T) {
	t.Parallel()
	const long, side = 300_000, 224
	for _, tall := range []bool{false, true} {
		src := &picture.Picture{Width: long, Height: 1, Pix: make([]byte, 3*long)}
		for i := range src.Pix {
			src.Pix[i] = byte(i / 3 * 255 / long) // ever lighter
		}
		width, height, middle := side*long, side, resample.Region{X: (side*long - side) / 2, Width: side, Height: side}
		if tall {
			src.Width, src.Height = 1, long
			width, height, middle = side, side*long, resample.Region{Y: (side*long - side) / 2, Width: side, Height: side}
		}
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		p := resample.ResizeRegion(src, width, height, middle, resample.Bicubic)
		squashed := resample.Resize(src, side, side, resample.Bicubic)
		floats := make([]float32, 3*side*side)
		resample.Floats(floats, src, side, side, resample.Region{Width: side, Height: side}, resample.Bicubic)
		runtime.ReadMemStats(&after)
		if mb := (after.TotalAlloc - before.TotalAlloc) >> 20; mb > 600 {
			t.Errorf("tall %t: %d MB were allocated", tall, mb)
		}
		for i, v := range p.Pix {
			if v != 127 {
				t.Fatalf("tall %t: value %d of the middle is %d", tall, i, v)
			}
		}
		for i, v := range floats {
			if math.Abs(float64(v)-float64(squashed.Pix[i])) > 0.51 {
				t.Fatalf("tall %t: value %d is %g, and %d in 8 bits", tall, i, v, squashed.Pix[i])
			}
		}
	}
}

func TestCropIsBlackOutside(t *testing.T) {
	t.Parallel()
	src := picture.New(2, 2)
	copy(src.Pix, []byte{1, 1, 1, 2, 2, 2, 3, 3, 3, 4, 4, 4})
	for _, c := range []struct {
		why        string
		x, y, w, h int
		want       []byte // one channel
	}{
		{"inside", 1, 0, 1, 2, []byte{2, 4}},
		{"over the top left corner", -1, -1, 2, 2, []byte{0, 0, 0, 1}},
		{"over the bottom right corner", 1, 1, 2, 2, []byte{4, 0, 0, 0}},
		{"outside", 5, 5, 1, 1, []byte{0}},
	} {
		got := resample.Crop(src, c.x, c.y, c.w, c.h)
		for i, v := range c.want {
			if got.Pix[3*i] != v {
				t.Errorf("%s: pixel %d is %d, want %d", c.why, i, got.Pix[3*i], v)
			}
		}
	}
}

func TestPlanarSeparatesChannels(t *testing.T) {
	t.Parallel()
	src := &picture.Picture{Width: 2, Height: 1, Pix: []byte{0, 1, 2, 253, 254, 255}}
	var table [3][256]float32
	for c := range table {
		for v := range table[c] {
			table[c][v] = float32(1000*c + v)
		}
	}
	got := make([]float32, 6)
	resample.Planar(got, src, &table)
	if want := []float32{0, 253, 1001, 1254, 2002, 2255}; !slices.Equal(got, want) {
		t.Errorf("%v, want %v", got, want)
	}
}

func TestResizeToTheSameSizeIsACopy(t *testing.T) {
	t.Parallel()
	src := &picture.Picture{Width: 1, Height: 2, Pix: []byte{1, 2, 3, 4, 5, 6}}
	for name, f := range filters {
		got := resample.Resize(src, 1, 2, f)
		if !bytes.Equal(got.Pix, src.Pix) || &got.Pix[0] == &src.Pix[0] {
			t.Errorf("%s: %v", name, got.Pix)
		}
	}
}

func BenchmarkResize(b *testing.B) {
	for _, c := range []struct{ from, to [2]int }{
		{[2]int{4000, 3000}, [2]int{224, 224}},
		{[2]int{1024, 768}, [2]int{224, 224}},
		{[2]int{224, 224}, [2]int{1024, 768}},
		{[2]int{256, 4000}, [2]int{224, 224}},
	} {
		src := picture.New(c.from[0], c.from[1])
		for i := range src.Pix {
			src.Pix[i] = byte(i * 7 >> 3)
		}
		b.Run(fmt.Sprintf("%dx%d to %dx%d", c.from[0], c.from[1], c.to[0], c.to[1]), func(b *testing.B) {
			b.SetBytes(int64(len(src.Pix)))
			for b.Loop() {
				resample.Resize(src, c.to[0], c.to[1], resample.Bicubic).Release()
			}
		})
		b.Run(fmt.Sprintf("%dx%d to %dx%d in floats", c.from[0], c.from[1], c.to[0], c.to[1]), func(b *testing.B) {
			dst := make([]float32, 3*c.to[0]*c.to[1])
			b.SetBytes(int64(len(src.Pix)))
			for b.Loop() {
				resample.Floats(dst, src, c.to[0], c.to[1], resample.Region{Width: c.to[0], Height: c.to[1]}, resample.Bicubic)
			}
		})
	}
}

func BenchmarkPlanar(b *testing.B) {
	src := picture.New(224, 224)
	dst := make([]float32, len(src.Pix))
	var table [3][256]float32
	b.SetBytes(int64(len(src.Pix)))
	for b.Loop() {
		resample.Planar(dst, src, &table)
	}
}
