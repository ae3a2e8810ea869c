package picture

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/akin-search/akin/internal/golden"
)

// tolerance is how far a value may be off, on which share of the values.
type tolerance struct {
	levels int
	share  float64
}

var exact = tolerance{0, 1}

func TestDecodesAsPillow(t *testing.T) {
	dir := golden.Dir(t)
	expected := golden.NPZ(t, filepath.Join(dir, "decode_expected.npz"))
	for name, want := range expected {
		tol := exact
		switch {
		case strings.HasSuffix(name, ".jpg"):
			tol = tolerance{2, 0.999} // of libjpeg; of the Go decoder none
		case strings.HasSuffix(name, ".avif"):
			tol = tolerance{3, 1}
		}
		data := readGolden(t, filepath.Join(dir, "decode", name))
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p, info, err := Decode(t.Context(), data, Limits{})
			if errors.Is(err, ErrNoDecoder) {
				t.Skip(err)
			}
			if err != nil {
				t.Fatal(err)
			}
			compare(t, p, want, tol)
			inspected, err := Inspect(data, Limits{})
			if err != nil || inspected != info {
				t.Errorf("Inspect gives %+v, %v; Decode %+v", inspected, err, info)
			}
			if info.Width != p.Width || info.Height != p.Height {
				t.Errorf("info %+v of a picture of %d x %d", info, p.Width, p.Height)
			}
			p.Release()
		})
		if strings.HasSuffix(name, ".jpg") {
			t.Run(name+" in Go", func(t *testing.T) {
				t.Parallel()
				src := &source{ctx: t.Context(), data: data, lim: Limits{}.filled(), format: "jpeg"}
				h, err := readJPEGHeader(src)
				if err != nil {
					t.Fatal(err)
				}
				p, err := decodeJPEGInGo(src, 1)
				if err != nil {
					t.Fatal(err)
				}
				compare(t, upright(p, h.exif.orientation), want, exact)
			})
		}
	}
	if len(expected) != 41 {
		t.Errorf("%d expected pictures, want 41", len(expected))
	}
}

// expectedPixels returns the pixels that another program makes of the files in a folder of testdata, by file, and under
// NAME:alpha the alpha of those that have any. At least so many arrays are there.
func expectedPixels(t *testing.T, folder string, least int) map[string]golden.Array {
	t.Helper()
	expected := golden.NPZ(t, filepath.Join("testdata", folder, "expected.npz"))
	if len(expected) < least {
		t.Fatalf("%d arrays, not %d", len(expected), least)
	}
	return expected
}

// decodesAs compares a file's pixels and alpha with those expected of its name, and what Inspect returns with what Decode does.
// It skips a test where the library of a file is not there.
func decodesAs(t *testing.T, data []byte, expected map[string]golden.Array, name string, tol tolerance) Info {
	t.Helper()
	p, info, err := Decode(t.Context(), data, Limits{})
	if errors.Is(err, ErrNoDecoder) {
		t.Skip(err)
	}
	if err != nil {
		t.Fatal(err)
	}
	compare(t, p, expected[name], tol)
	if alpha, ok := expected[name+":alpha"]; ok != (p.Alpha != nil) {
		t.Errorf("alpha: %v, want %v", p.Alpha != nil, ok)
	} else if ok && !bytes.Equal(alpha.Uint8(), p.Alpha) {
		t.Errorf("alpha differs: %v, want %v", p.Alpha, alpha.Uint8())
	}
	if inspected, err := Inspect(data, Limits{}); err != nil || inspected != info {
		t.Errorf("Inspect returns %+v, %v; Decode %+v", inspected, err, info)
	}
	return info
}

func compare(t *testing.T, p *Picture, want golden.Array, tol tolerance) {
	t.Helper()
	if want.Shape[0] != p.Height || want.Shape[1] != p.Width {
		t.Fatalf("%d x %d, want %d x %d", p.Width, p.Height, want.Shape[1], want.Shape[0])
	}
	off, worst, different := 0, 0, 0
	for i, v := range want.Uint8() {
		d := int(p.Pix[i]) - int(v)
		d = max(d, -d)
		worst = max(worst, d)
		if d > 0 {
			different++
		}
		if d > tol.levels {
			off++
		}
	}
	t.Logf("%d of %d values differ, by %d at most", different, len(p.Pix), worst)
	if float64(off) > (1-tol.share)*float64(len(p.Pix)) {
		t.Errorf("%d of %d values are off by more than %d, the worst by %d", off, len(p.Pix), tol.levels, worst)
	}
}

// Not parallel: it counts allocated bytes.
func TestBrokenFilesAreRefusedCheaply(t *testing.T) {
	dir := golden.Dir(t)
	cases := []struct {
		name string
		kind error
		text string
	}{
		{"badcrc.png", ErrCorrupt, "PNG: bad checksum"},
		{"bomb_100000x100000.png", ErrTooLarge, "100000 x 100000"},
		{"empty.png", ErrFormat, "empty"},
		{"garbage.jpg", ErrCorrupt, "JPEG: "},
		{"header_only.png", ErrCorrupt, "truncated after 33 bytes"},
		{"huge.gif", ErrTooLarge, "65535 x 65535"},
		{"noise.webp", ErrCorrupt, "WebP: "},
		{"page.html.png", ErrFormat, "text/html"},
		{"text.jpg", ErrFormat, "seems to be text"},
		{"truncated.jpg", ErrCorrupt, "truncated after 895 bytes"},
		{"truncated.png", ErrCorrupt, "truncated after 9502 bytes"},
		{"zero_width.png", ErrCorrupt, "no pixels"},
	}
	entries, err := os.ReadDir(filepath.Join(dir, "broken"))
	if err != nil {
		t.Fatal(err)
	}
	if len(entries) != len(cases) {
		t.Errorf("%d broken files, %d cases", len(entries), len(cases))
	}
	for _, system := range []bool{true, false} {
		for _, c := range cases {
			t.Run(c.name+map[bool]string{true: "", false: " in Go"}[system], func(t *testing.T) {
				withSystemJPEG(t, system)
				data := readGolden(t, filepath.Join(dir, "broken", c.name))
				var before, after runtime.MemStats
				runtime.ReadMemStats(&before)
				start := time.Now()
				_, _, err := Decode(t.Context(), data, Limits{})
				took := time.Since(start)
				runtime.ReadMemStats(&after)
				if !errors.Is(err, c.kind) || !strings.Contains(err.Error(), c.text) {
					t.Errorf("error %q, want %q with %q", err, c.kind, c.text)
				}
				if used := after.TotalAlloc - before.TotalAlloc; used > 64<<20 {
					t.Errorf("%d bytes were allocated", used)
				}
				if took > 2*time.Second {
					t.Errorf("it took %v", took)
				}
			})
		}
	}
}

// withSystemJPEG forces the JPEG decoder for a test that does not run in parallel.
func withSystemJPEG(t testing.TB, on bool) {
	if on && systemJPEG() == nil {
		_, err := openJPEGForTest()
		t.Skip("no libjpeg-turbo: ", err)
	}
	before := useSystemJPEG
	useSystemJPEG = on
	t.Cleanup(func() { useSystemJPEG = before })
}

func openJPEGForTest() (string, error) {
	for _, d := range Decoders() {
		if d.Name == "libjpeg-turbo" {
			return d.Library, d.Err
		}
	}
	return "", nil
}

// Every prefix of a picture is a truncated picture.
func TestEveryTruncationIsAnError(t *testing.T) {
	dir := golden.Dir(t)
	for _, name := range []string{
		"jpeg_420.jpg", "jpeg_progressive.jpg", "jpeg_odd_17x9.jpg", "rgb.png", "palette.png", "still.gif",
		"lossy.webp", "lossless.webp", "animated.webp", "palette.bmp", "rgb.bmp", "photo.avif",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			data := readGolden(t, filepath.Join(dir, "decode", name))
			step, spare := 1+len(data)/200, 1
			// The last bytes of some formats are padding or a mark that no pixel needs.
			switch filepath.Ext(name) {
			case ".jpg":
			case ".png": // two checksums and an IEND chunk, and the end of the compressed data
				spare = 26
			default:
				spare = 12
			}
			for n := len(data) - spare; n > 0; n -= step {
				cut := bytes.Clone(data[:n])
				p, _, err := Decode(t.Context(), cut, Limits{})
				if err == nil {
					t.Errorf("no error for the first %d of %d bytes", n, len(data))
					p.Release()
				}
			}
		})
	}
}

func TestAStoppedContextStops(t *testing.T) {
	t.Parallel()
	dir := golden.Dir(t)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, _, err := Decode(ctx, readGolden(t, filepath.Join(dir, "decode", "rgb.png")), Limits{})
	if !errors.Is(err, context.Canceled) {
		t.Errorf("error %v, want context.Canceled", err)
	}
	for _, name := range []string{"rgb.png", "jpeg_progressive.jpg", "still.gif", "lossy.webp", "lossless.webp", "raw.tiff", "lzw.tiff", "rgb.bmp"} {
		_, _, err = Decode(t.Context(), readGolden(t, filepath.Join(dir, "decode", name)), Limits{Time: 1})
		if !errors.Is(err, ErrTooLarge) || !strings.Contains(err.Error(), "longer than") {
			t.Errorf("%s: error %v, want ErrTooLarge", name, err)
		}
	}
}

func TestInspectTellsTheSizeOfWhatIsTooLarge(t *testing.T) {
	t.Parallel()
	data := readGolden(t, filepath.Join(golden.Dir(t), "broken", "bomb_100000x100000.png"))
	info, err := Inspect(data, Limits{})
	if !errors.Is(err, ErrTooLarge) || info.Width != 100000 || info.Format != "png" {
		t.Errorf("%+v, %v", info, err)
	}
}

func TestThePixelLimitHoldsForEveryFormat(t *testing.T) {
	t.Parallel()
	dir := golden.Dir(t)
	for _, name := range []string{"rgb.png", "jpeg_420.jpg", "still.gif", "lossy.webp", "animated.webp", "rgb.bmp", "raw.tiff", "photo.avif"} {
		data := readGolden(t, filepath.Join(dir, "decode", name))
		_, _, err := Decode(t.Context(), data, Limits{Pixels: 131*87 - 1})
		if !errors.Is(err, ErrTooLarge) && !errors.Is(err, ErrNoDecoder) {
			t.Errorf("%s: error %v, want ErrTooLarge", name, err)
		}
		p, _, err := Decode(t.Context(), data, Limits{Pixels: 131 * 87})
		if err != nil && !errors.Is(err, ErrNoDecoder) {
			t.Errorf("%s at the limit: %v", name, err)
		}
		p.Release()
	}
}

func readGolden(t testing.TB, path string) []byte {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func TestBothJPEGDecodersAgree(t *testing.T) {
	lib := systemJPEG()
	files, err := filepath.Glob(filepath.Join("testdata", "*.jpg"))
	if err != nil || len(files) == 0 {
		t.Fatal("no files: ", err)
	}
	for _, file := range files {
		t.Run(filepath.Base(file), func(t *testing.T) {
			t.Parallel()
			data := readGolden(t, file)
			src := &source{ctx: t.Context(), data: data, lim: Limits{}.filled(), format: "jpeg"}
			info, err := inspectJPEG(src)
			if err != nil {
				t.Fatal(err)
			}
			p, err := decodeJPEGInGo(src, 1)
			if err != nil {
				t.Fatal(err)
			}
			for n := len(data) - 1; n > 100; n -= 13 {
				if _, err := decodeJPEGInGo(&source{ctx: t.Context(), data: data[:n], lim: src.lim, format: "jpeg"}, 1); !errors.Is(err, ErrCorrupt) {
					t.Fatalf("error %v for the first %d of %d bytes, want ErrCorrupt", err, n, len(data))
				}
			}
			if lib == nil {
				t.Skip("no libjpeg-turbo to compare with")
			}
			want, err := lib.decode(src, info, 1)
			if err != nil {
				t.Fatal(err)
			}
			if !bytes.Equal(p.Pix, want.Pix) {
				t.Error("the decoders differ")
			}
		})
	}
}
