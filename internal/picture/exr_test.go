package picture

import (
	"errors"
	"math"
	"path/filepath"
	"strings"
	"testing"
)

// The files are made by testdata/exr/make.py, with OpenEXR's own library.
func TestOpenEXRDecodesAsItsOwnLibrary(t *testing.T) {
	t.Parallel()
	expected := expectedPixels(t, "exr", 18)
	for name := range expected {
		if strings.Contains(name, ":") {
			continue
		}
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			data := readGolden(t, filepath.Join("testdata", "exr", name))
			decodesAs(t, data, expected, name, exact)
			for n := 4; n < len(data)-1; n += 1 + len(data)/300 {
				if p, _, err := Decode(t.Context(), data[:n], Limits{}); !errors.Is(err, ErrCorrupt) {
					p.Release()
					t.Fatalf("error %v for the first %d of %d bytes", err, n, len(data))
				}
			}
		})
	}
}

// The table of light agrees with the formula at and beside every place where a level begins.
func TestLightIsEncodedAsSRGB(t *testing.T) {
	t.Parallel()
	formula := func(v float32) byte {
		if v <= 0.0031308 {
			return byte(math.Floor(float64(v)*12.92*255 + 0.5))
		}
		return byte(math.Floor((1.055*math.Pow(float64(v), 1/2.4)-0.055)*255 + 0.5))
	}
	for _, level := range lightLevels[:255] {
		for _, v := range []float32{math.Nextafter32(math.Nextafter32(level, 0), 0), level, math.Nextafter32(level, 2), level * 1.001, level * 0.999} {
			if got, want := encodeLight(v), formula(v); got != want {
				t.Errorf("%v: %d, want %d", v, got, want)
			}
		}
	}
	for v, want := range map[float32]byte{-1: 0, 0: 0, 1: 255, 70_000: 255, 1e-30: 0, 0.5: 188, 0.214: 127} {
		if got := encodeLight(v); got != want {
			t.Errorf("%v: %d, want %d", v, got, want)
		}
	}
}

func FuzzEXR(f *testing.F) {
	files, _ := filepath.Glob(filepath.Join("testdata", "exr", "*.exr"))
	for _, file := range files {
		if data := readGolden(f, file); len(data) < 40_000 {
			f.Add(data)
		}
	}
	fuzzFormat(f, "exr")
}
