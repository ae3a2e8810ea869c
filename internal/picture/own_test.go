package picture

import (
	"bytes"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/akin-search/akin/internal/bounded"
)

// fuzzFormat fuzzes the decoder of one format: whatever comes in costs little, is an error of this package or a picture
// of the size that Inspect tells, and the picture does not depend on what was in its memory before.
func fuzzFormat(f *testing.F, format string) {
	known, _ := FormatOf(format)
	for _, ext := range known.Extensions {
		files, err := filepath.Glob(filepath.Join("testdata", "cases", "*"+ext))
		if err != nil {
			f.Fatal(err)
		}
		for _, file := range files {
			f.Add(readGolden(f, file))
		}
	}
	for name, data := range askingMuch() {
		if Sniff(data) == format {
			f.Logf("and %s", name)
			f.Add(data)
		}
	}
	lim := Limits{Pixels: 1 << 20, Time: 5 * time.Second}
	f.Fuzz(func(t *testing.T, data []byte) {
		if Sniff(data) != format {
			return
		}
		info, inspectErr := Inspect(data, lim)
		var pix, alpha []byte
		for _, before := range []byte{0x00, 0xff} {
			var p *Picture
			var err error
			if inspectErr == nil { // what the pool gives next
				q := New(info.Width, info.Height)
				for i := range q.Pix {
					q.Pix[i] = before
				}
				q.Release()
			}
			bounded.Run(t, 64<<20+100*uint64(len(data)), 2*lim.Time, func() { p, _, err = Decode(t.Context(), data, lim) })
			if err != nil {
				if !errors.Is(err, ErrFormat) && !errors.Is(err, ErrCorrupt) && !errors.Is(err, ErrTooLarge) {
					t.Errorf("error %v is none of this package's", err)
				}
				return
			}
			if inspectErr != nil || info.Width != p.Width || info.Height != p.Height {
				t.Fatalf("Inspect gives %+v, %v of a picture of %d x %d", info, inspectErr, p.Width, p.Height)
			}
			if before != 0 && (!bytes.Equal(p.Pix, pix) || !bytes.Equal(p.Alpha, alpha)) {
				t.Error("not all pixels are written")
			}
			pix, alpha = bytes.Clone(p.Pix), bytes.Clone(p.Alpha)
			p.Release()
		}
	})
}

func FuzzPNM(f *testing.F)  { fuzzFormat(f, "pnm") }
func FuzzQOI(f *testing.F)  { fuzzFormat(f, "qoi") }
func FuzzTGA(f *testing.F)  { fuzzFormat(f, "tga") }
func FuzzICO(f *testing.F)  { fuzzFormat(f, "ico") }
func FuzzPSD(f *testing.F)  { fuzzFormat(f, "psd") }
func FuzzBMP(f *testing.F)  { fuzzFormat(f, "bmp") }
func FuzzGIF(f *testing.F)  { fuzzFormat(f, "gif") }
func FuzzTIFF(f *testing.F) { fuzzFormat(f, "tiff") }
func FuzzWebP(f *testing.F) { fuzzFormat(f, "webp") }

// fuzzedOtherwise are the targets of formats with another reader to compare with, or whose pixels a library of the system
// decodes: of those only the headers are read here.
var fuzzedOtherwise = map[string]string{
	"png": "FuzzPNG", "jpeg": "FuzzReducedJPEG",
	"avif": "FuzzHeaders", "heic": "FuzzHeaders", "jp2": "FuzzHeaders", "jxl": "FuzzHeaders", "raw": "FuzzHeaders", "svg": "FuzzHeaders",
}

// Whatever the headers say, Inspect costs little, and returns a size within the limits or an error of this package.
func FuzzHeaders(f *testing.F) {
	for _, pattern := range []string{"coded/*.j*", "heif/*.*i[fc]", "svg/*.svg", "metadata/*.heic", "*.avif", "*.heic"} {
		files, err := filepath.Glob(filepath.Join("testdata", filepath.FromSlash(pattern)))
		if err != nil || len(files) == 0 {
			f.Fatal(pattern, err)
		}
		for _, file := range files {
			f.Add(readGolden(f, file))
		}
	}
	for _, data := range askingMuch() {
		f.Add(data)
	}
	f.Add([]byte("FUJIFILMCCD-RAW 0201FF393103\x00\x00\x00\x00"))
	lim := Limits{Pixels: 1 << 20, Time: 5 * time.Second}
	f.Fuzz(func(t *testing.T, data []byte) {
		if !strings.HasSuffix(fuzzedOtherwise[Sniff(data)], "Headers") {
			return
		}
		var info Info
		var err error
		bounded.Run(t, 64<<20+100*uint64(len(data)), 2*lim.Time, func() { info, err = Inspect(data, lim) })
		switch {
		case err == nil && (info.Width < 1 || info.Height < 1 || int64(info.Width)*int64(info.Height) > lim.Pixels):
			t.Errorf("%+v", info)
		case err != nil && !errors.Is(err, ErrFormat) && !errors.Is(err, ErrCorrupt) && !errors.Is(err, ErrTooLarge) && !errors.Is(err, ErrNoDecoder):
			t.Errorf("error %v is none of this package's", err)
		}
	})
}

func TestEveryFormatHasAFuzzTarget(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("*_test.go")
	if err != nil {
		t.Fatal(err)
	}
	var tests strings.Builder
	for _, file := range files {
		tests.Write(readGolden(t, file))
	}
	for _, format := range Formats() {
		target := fmt.Sprintf("fuzzFormat(f, %q)", format.Name)
		if name, ok := fuzzedOtherwise[format.Name]; ok {
			target = "func " + name + "(f *testing.F)"
		}
		if !strings.Contains(tests.String(), target) {
			t.Errorf("%s has no fuzz target: none has %s", format.Title, target)
		}
	}
}

// Of a file that is cut anywhere before its last pixel nothing is made up.
func TestEveryTruncationOfAnOwnFormatIsAnError(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name  string
		spare int    // bytes at the end that no pixel needs
		why   string // what they are
	}{
		{"p1.pbm", 1, "the last space"}, {"p2.pgm", 4, "spaces, and digits of a number that is one without them"},
		{"p3.ppm", 4, "the same"}, {"p4.pbm", 0, ""}, {"p5.pgm", 0, ""}, {"p6_16.ppm", 0, ""}, {"rgba16.pam", 0, ""},
		{"rgba.qoi", 8, "the end mark"}, {"runs.qoi", 8, "the same"},
		{"tga_rgba_rle_20.tga", 0, ""}, {"tga_palette24.tga", 0, ""}, {"tga_runs.tga", 0, ""},
		{"24.ico", 0, ""}, {"8.ico", 0, ""}, {"png.ico", 0, ""}, {"deepest.ico", 0, ""},
		{"rgb_raw.psd", 0, ""}, {"rgba_rle.psd", 0, ""}, {"cmyk16.psd", 0, ""}, {"rgba.psb", 0, ""},
	} {
		data := readGolden(t, filepath.Join("testdata", "cases", c.name))
		for n := len(data) - 1 - c.spare; n > 0; n-- {
			p, _, err := Decode(t.Context(), bytes.Clone(data[:n]), Limits{})
			if err == nil {
				p.Release()
				t.Errorf("%s: no error for the first %d of %d bytes", c.name, n, len(data))
				break
			}
			if !errors.Is(err, ErrCorrupt) && !errors.Is(err, ErrFormat) {
				t.Errorf("%s: error %v for the first %d of %d bytes", c.name, err, n, len(data))
				break
			}
		}
	}
}
