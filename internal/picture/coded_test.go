package picture

import (
	"bytes"
	"errors"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// withoutCoded skips a test where the library of a file is not there.
func withoutCoded(t testing.TB, err error) {
	t.Helper()
	if errors.Is(err, ErrNoDecoder) {
		t.Skip(err)
	}
}

// The files are made by testdata/coded/make.py, which tells whose pixels these are.
func TestJPEGXLAndJPEG2000DecodeAsTheirOwnPrograms(t *testing.T) {
	t.Parallel()
	expected := expectedPixels(t, "coded", 22)
	for name := range expected {
		if strings.Contains(name, ":") {
			continue
		}
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			tol := exact
			if strings.Contains(name, "lossy") || strings.Contains(name, "from_jpeg") || strings.Contains(name, "ycc") {
				tol = tolerance{2, 1} // versions of the libraries round in other ways
			}
			info := decodesAs(t, readGolden(t, filepath.Join("testdata", "coded", name)), expected, name, tol)
			if want := "2024-07-31T12:00:00"; strings.HasPrefix(name, "turned") && info.Taken != want {
				t.Errorf("taken %q, want %q", info.Taken, want)
			}
		})
	}
}

func TestHostileJPEGXLAndJPEG2000AreErrors(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"rgb.jxl", "lossy.jxl", "rgba.jxl", "rgb.jp2", "lossy.jp2", "rgb.j2k"} {
		data := readGolden(t, filepath.Join("testdata", "coded", name))
		_, _, err := Decode(t.Context(), data, Limits{Pixels: 61*43 - 1})
		withoutCoded(t, err)
		if !errors.Is(err, ErrTooLarge) {
			t.Errorf("%s: error %v, want ErrTooLarge", name, err)
		}
		for n := 1; n < len(data)-16; n += 1 + len(data)/40 {
			p, _, err := Decode(t.Context(), data[:n], Limits{})
			if err == nil {
				p.Release()
				t.Errorf("%s: no error for the first %d of %d bytes", name, n, len(data))
			} else if !errors.Is(err, ErrCorrupt) && !errors.Is(err, ErrFormat) {
				t.Errorf("%s: error %v for the first %d of %d bytes", name, err, n, len(data))
			}
		}
		// Whatever the bytes are, there is an answer in time, and it is an error of this package or a picture.
		for at := 12; at < len(data); at += 1 + len(data)/60 {
			changed := bytes.Clone(data)
			changed[at] ^= 0x5a
			p, info, err := Decode(t.Context(), changed, Limits{Pixels: 1 << 20, Time: 5 * time.Second})
			if err == nil && (info.Width != p.Width || len(p.Pix) != 3*p.Width*p.Height) {
				t.Errorf("%s changed at %d: %+v of a picture of %d x %d", name, at, info, p.Width, p.Height)
			}
			if err != nil && !errors.Is(err, ErrCorrupt) && !errors.Is(err, ErrFormat) && !errors.Is(err, ErrTooLarge) {
				t.Errorf("%s changed at %d: error %v", name, at, err)
			}
			p.Release()
		}
	}
	// A size that nobody has: 2^31 x 2^31 in JPEG 2000.
	huge := bytes.Clone(readGolden(t, filepath.Join("testdata", "coded", "rgb.j2k")))
	copy(huge[8:], "\x7f\xff\xff\xff\x7f\xff\xff\xff")
	if _, _, err := Decode(t.Context(), huge, Limits{}); !errors.Is(err, ErrTooLarge) && !errors.Is(err, ErrCorrupt) {
		t.Errorf("huge: %v", err)
	}
}
