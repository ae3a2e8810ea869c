package picture

import (
	"bytes"
	"compress/gzip"
	"encoding/binary"
	"errors"
	"image"
	"image/color"
	"image/png"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/akin-search/akin/internal/bounded"
	"github.com/akin-search/akin/internal/golden"
)

func TestSniffTellsByContent(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ head, want string }{
		{"\x89PNG\r\n\x1a\n", "png"},
		{"\xff\xd8\xff\xe0", "jpeg"},
		{"GIF89a", "gif"},
		{"RIFF\x00\x00\x00\x00WEBPVP8 ", "webp"},
		{"RIFF\x00\x00\x00\x00WAVEfmt ", ""},
		{"BM\x00\x00\x00\x00\x00\x00\x00\x00\x36\x00\x00\x00\x28\x00\x00\x00", "bmp"},
		{"BMW makes cars, and this is text", ""},
		{"II*\x00", "tiff"},
		{"MM\x00*", "tiff"},
		{"\x00\x00\x00\x18ftypheic\x00\x00\x00\x00mif1heic", "heic"},
		{"\x00\x00\x00\x1cftypmif1\x00\x00\x00\x00avifmif1miaf", "avif"},
		{"\x00\x00\x00\x18ftypisom\x00\x00\x02\x00isomiso2", ""},
		{"<svg xmlns='http://www.w3.org/2000/svg'/>", "svg"},
		{"\xef\xbb\xbf<?xml version='1.0'?>\n<!-- a > b --><!DOCTYPE svg [<!ENTITY a 'b'>]>\n<svg>", "svg"},
		{"<s:svg xmlns:s='http://www.w3.org/2000/svg'>", "svg"},
		{"<html><svg/></html>", ""},
		{"<!DOCTYPE html><svg/>", ""},
		{"<?xml version='1.0'?><rss/>", ""},
		{"<", ""},
		{"", ""},
	} {
		if got := Sniff([]byte(c.head)); got != c.want {
			t.Errorf("Sniff(%q) = %q, want %q", c.head, got, c.want)
		}
	}
}

func TestOrientationsTurnThePictureUpright(t *testing.T) {
	t.Parallel()
	// Where the stored pixel at (x, y) of a width x height picture goes.
	goes := map[int]func(x, y, w, h int) (int, int){
		1: func(x, y, w, h int) (int, int) { return x, y },
		2: func(x, y, w, h int) (int, int) { return w - 1 - x, y },
		3: func(x, y, w, h int) (int, int) { return w - 1 - x, h - 1 - y },
		4: func(x, y, w, h int) (int, int) { return x, h - 1 - y },
		5: func(x, y, w, h int) (int, int) { return y, x },
		6: func(x, y, w, h int) (int, int) { return h - 1 - y, x },
		7: func(x, y, w, h int) (int, int) { return h - 1 - y, w - 1 - x },
		8: func(x, y, w, h int) (int, int) { return y, w - 1 - x },
	}
	for orientation, where := range goes {
		for _, size := range [][2]int{{1, 1}, {1, 7}, {40, 3}, {33, 64}, {131, 257}} {
			w, h := size[0], size[1]
			p := New(w, h)
			for i := range w * h {
				p.Pix[3*i], p.Pix[3*i+1], p.Pix[3*i+2] = byte(i), byte(i>>8), byte(i>>16)
			}
			q := upright(p, orientation)
			for i := range w * h {
				x, y := where(i%w, i/w, w, h)
				at := 3 * (y*q.Width + x)
				if got := int(q.Pix[at]) | int(q.Pix[at+1])<<8 | int(q.Pix[at+2])<<16; got != i {
					t.Fatalf("orientation %d, %d x %d: pixel %d lies where %d belongs", orientation, w, h, got, i)
				}
			}
		}
	}
}

func TestOddEXIFBlocksCountAsUpright(t *testing.T) {
	t.Parallel()
	block := func(kind uint16, count, value uint32) []byte {
		b := []byte("Exif\x00\x00II*\x00\x08\x00\x00\x00\x01\x00\x12\x01")
		b = binary.LittleEndian.AppendUint16(b, kind)
		b = binary.LittleEndian.AppendUint32(b, count)
		return binary.LittleEndian.AppendUint32(b, value)
	}
	for _, c := range []struct {
		why  string
		exif []byte
		want int
	}{
		{"a short", block(3, 1, 6), 6},
		{"a long, as some phones write", block(4, 1, 8), 8},
		{"out of range", block(3, 1, 9), 1},
		{"zero, as some editors write", block(3, 1, 0), 1},
		{"no value", block(3, 0, 6), 1},
		{"text", block(2, 1, 6), 1},
		{"cut inside the entry", block(3, 1, 6)[:22], 1},
		{"cut inside the header", block(3, 1, 6)[:9], 1},
		{"directory beyond the end", []byte("II*\x00\xff\xff\xff\xff\x01\x00"), 1},
		{"empty", nil, 1},
	} {
		if got := readEXIF(c.exif).orientation; got != c.want {
			t.Errorf("%s: %d, want %d", c.why, got, c.want)
		}
	}
}

func TestPoolServesBuffersOfTheRightSize(t *testing.T) {
	t.Parallel()
	for size := 1; size < 1<<20; size += 1 + size/7 {
		index, capacity := class(size)
		if capacity < size || capacity > 64 && capacity > size+size/8+1 {
			t.Errorf("a buffer of %d for %d bytes", capacity, size)
		}
		if again, same := class(capacity); again != index || same != capacity {
			t.Errorf("class of %d is %d, of its capacity %d", size, index, again)
		}
	}
	p := New(100, 100)
	p.Release()
	p.Release() // twice does no harm
	if q := New(99, 99); len(q.Pix) != 99*99*3 {
		t.Errorf("%d bytes for 99 x 99", len(q.Pix))
	}
}

// Not parallel: it counts allocated bytes.
func TestPromisesThatTheFileCannotKeepAreCheap(t *testing.T) {
	var small bytes.Buffer
	if err := png.Encode(&small, image.NewGray(image.Rect(0, 0, 4, 4))); err != nil {
		t.Fatal(err)
	}
	big := small.Bytes()
	binary.BigEndian.PutUint32(big[16:], 12000)
	binary.BigEndian.PutUint32(big[20:], 12000)
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	_, _, err := Decode(t.Context(), big, Limits{})
	runtime.ReadMemStats(&after)
	if !errors.Is(err, ErrCorrupt) {
		t.Errorf("error %v, want ErrCorrupt", err)
	}
	if used := after.TotalAlloc - before.TotalAlloc; used > 1<<20 {
		t.Errorf("%d bytes were allocated for a file of %d", used, len(big))
	}
}

func TestHEICAndAVIFDecode(t *testing.T) {
	t.Parallel()
	near := func(t *testing.T, p *Picture) {
		t.Helper()
		if p.Width != 64 || p.Height != 48 {
			t.Fatalf("%d x %d, want 64 x 48", p.Width, p.Height)
		}
		sum := 0
		for i := 0; i < len(p.Pix); i += 3 {
			x, y := i/3%64, i/3/64
			for c, want := range []int{4 * x, 5 * y, 255 - 4*x} {
				d := int(p.Pix[i+c]) - want
				sum += max(d, -d)
			}
		}
		if mean := float64(sum) / float64(len(p.Pix)); mean > 4 {
			t.Errorf("values are off by %.2f on average", mean)
		}
	}
	for _, name := range []string{"gradient.heic", "gradient.avif"} {
		data, err := os.ReadFile(filepath.Join("testdata", name))
		if err != nil {
			t.Fatal(err)
		}
		t.Run(name, func(t *testing.T) {
			p, info, err := Decode(t.Context(), data, Limits{})
			if errors.Is(err, ErrNoDecoder) {
				t.Skip(err)
			}
			if err != nil {
				t.Fatal(err)
			}
			if info.Format != strings.TrimPrefix(filepath.Ext(name), ".") {
				t.Errorf("format %q", info.Format)
			}
			near(t, p)
		})
	}
}

func TestDrawings(t *testing.T) {
	t.Parallel()
	const namespace = `xmlns="http://www.w3.org/2000/svg"`
	zipped := func(text string) string {
		var b bytes.Buffer
		z := gzip.NewWriter(&b)
		z.Write([]byte(text))
		z.Close()
		return b.String()
	}
	half := `<svg ` + namespace + ` width="40" height="20"><rect width="20" height="20" fill="#f00"/></svg>`
	for _, c := range []struct {
		why, text     string
		width, height int
		kind          error
	}{
		{"an icon is drawn larger", half, 512, 256, nil},
		{"packed", zipped(half), 512, 256, nil},
		{"a poster keeps its size", `<svg ` + namespace + ` width="900" height="600"><rect width="450" height="600" fill="red"/></svg>`, 900, 600, nil},
		{"only a view box", `<svg ` + namespace + ` viewBox="0 0 2 4"><rect width="1" height="4" fill="red"/></svg>`, 256, 512, nil},
		{"in percent", `<svg ` + namespace + ` width="100%" height="100%" viewBox="0 0 8 8"><path d="M0 0h4v8h-4z" fill="red"/></svg>`, 512, 512, nil},
		{"not closed", `<svg ` + namespace + `><rect`, 0, 0, ErrCorrupt},
		{"a wall is drawn smaller", `<svg ` + namespace + ` width="1e9" height="5e8" viewBox="0 0 2 1"><path d="M0 0h1v1h-1z" fill="red"/></svg>`, 2048, 1024, nil},
		{"packed and cut", zipped(half)[:80], 0, 0, ErrCorrupt},
	} {
		p, info, err := Decode(t.Context(), []byte(c.text), Limits{})
		if errors.Is(err, ErrNoDecoder) {
			t.Skip(err)
		}
		if c.kind != nil {
			if !errors.Is(err, c.kind) {
				t.Errorf("%s: error %v, want %v", c.why, err, c.kind)
			}
			continue
		}
		if err != nil {
			t.Errorf("%s: %v", c.why, err)
			continue
		}
		if p.Width != c.width || p.Height != c.height || info.Format != "svg" {
			t.Errorf("%s: %d x %d, want %d x %d", c.why, p.Width, p.Height, c.width, c.height)
		}
		left, right := 3*(p.Height/2*p.Width+p.Width/4), 3*(p.Height/2*p.Width+p.Width*3/4)
		if [3]byte(p.Pix[left:]) != [3]byte{255, 0, 0} || [3]byte(p.Pix[right:]) != [3]byte{255, 255, 255} {
			t.Errorf("%s: %v on the left and %v on the right, want red and white", c.why, p.Pix[left:left+3], p.Pix[right:right+3])
		}
	}
}

func TestSeeThroughColoursAreKept(t *testing.T) {
	t.Parallel()
	m := image.NewNRGBA(image.Rect(0, 0, 2, 1))
	m.SetNRGBA(0, 0, color.NRGBA{200, 100, 50, 0})
	m.SetNRGBA(1, 0, color.NRGBA{7, 8, 9, 128})
	var b bytes.Buffer
	if err := png.Encode(&b, m); err != nil {
		t.Fatal(err)
	}
	p, _, err := Decode(t.Context(), b.Bytes(), Limits{})
	if err != nil {
		t.Fatal(err)
	}
	if want := []byte{200, 100, 50, 7, 8, 9}; !bytes.Equal(p.Pix, want) {
		t.Errorf("%v, want %v", p.Pix, want)
	}
}

// Whatever comes in, Decode gives a picture within the limits or an error of this package.
func FuzzDecode(f *testing.F) {
	if dir, found := golden.Find(); found {
		for _, sub := range []string{"decode", "broken"} {
			entries, err := os.ReadDir(filepath.Join(dir, sub))
			if err != nil {
				f.Fatal(err)
			}
			for _, e := range entries {
				f.Add(readGolden(f, filepath.Join(dir, sub, e.Name())))
			}
		}
	}
	for _, pattern := range []string{"*.*", "cases/*.*", "reported/*.*"} {
		own, _ := filepath.Glob(filepath.Join("testdata", filepath.FromSlash(pattern)))
		for _, file := range own {
			f.Add(readGolden(f, file))
		}
	}
	for _, data := range askingMuch() {
		f.Add(data)
	}
	f.Add([]byte(`<svg xmlns="http://www.w3.org/2000/svg" width="8" height="8"><circle r="4"/></svg>`))
	lim := Limits{Pixels: 1 << 20, Time: 5 * time.Second}
	f.Fuzz(func(t *testing.T, data []byte) {
		var p *Picture
		var info Info
		var err error
		bounded.Run(t, 256<<20+100*uint64(len(data)), 2*lim.Time, func() { p, info, err = Decode(t.Context(), data, lim) })
		if err != nil {
			if p != nil {
				t.Error("a picture and an error")
			}
			if !errors.Is(err, ErrFormat) && !errors.Is(err, ErrCorrupt) && !errors.Is(err, ErrTooLarge) && !errors.Is(err, ErrNoDecoder) {
				t.Errorf("error %v is none of this package's", err)
			}
			return
		}
		if int64(p.Width)*int64(p.Height) > lim.Pixels || len(p.Pix) != 3*p.Width*p.Height {
			t.Errorf("%d x %d with %d bytes", p.Width, p.Height, len(p.Pix))
		}
		if info.Width != p.Width || info.Height != p.Height || info.Format == "" {
			t.Errorf("info %+v of a picture of %d x %d", info, p.Width, p.Height)
		}
		if info.Format == "jpeg" {
			src := &source{ctx: t.Context(), data: data, lim: lim.filled(), format: "jpeg"}
			if q, err := decodeJPEGInGo(src, 1); err == nil {
				q.Release()
			}
		}
		p.Release()
	})
}
