package picture

import (
	"bytes"
	"context"
	"encoding/binary"
	"math"
	"os"
	"path/filepath"
	"testing"
)

// The files were written by exiftool 12, which reads these values from them (-n -Composite:all).
func TestShotsAreReadAsExifToolReadsThem(t *testing.T) {
	t.Parallel()
	for file, want := range map[string]Shot{
		"nikon.jpg":           {"NIKON D850", "AF-S Nikkor 24-70mm f/2.8E ED VR", Position{-33.8567844, 151.215296699969, true}},
		"apple.jpg":           {"Apple iPhone 12", "iPhone 12 back camera 4.2mm f/1.6", Position{64.1466, -21.9426, true}},
		"half_a_position.jpg": {Camera: "Canon"}, // 10 degrees of which hemisphere?
	} {
		data, err := os.ReadFile(filepath.Join("testdata/shot", file))
		if err != nil {
			t.Fatal(err)
		}
		pic, info, err := Decode(context.Background(), data, Limits{})
		if err != nil {
			t.Fatal(err)
		}
		pic.Release()
		got := info.Shot
		near := func(a, b float64) bool { return math.Abs(a-b) < 1e-9 }
		if got.Camera != want.Camera || got.Lens != want.Lens || got.Position.Known != want.Position.Known ||
			!near(got.Position.Latitude, want.Position.Latitude) || !near(got.Position.Longitude, want.Position.Longitude) {
			t.Errorf("%s: %+v, want %+v", file, got, want)
		}
	}
}

func TestTextsOfFilesAreOneCleanLine(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ why, text, want string }{
		{"an escape sequence", "EOS\x1b[31m R5", "EOS[31m R5"},
		{"lines and blanks", "  EOS\n\tR5  ", "EOS R5"},
		{"what follows the zero is another's", "EOS\x00rest", "EOS"},
		{"Latin-1", "Voigtl\xe4nder", "Voigtländer"},
		{"UTF-8", "Voigtländer", "Voigtländer"},
		{"right-to-left override", "EOS\u202eR5", "EOSR5"},
	} {
		if got := shotText(tag{kind: 2, count: uint64(len(c.text)), values: []byte(c.text)}); got != c.want {
			t.Errorf("%s: %q, want %q", c.why, got, c.want)
		}
	}
	if got := shotText(tag{kind: 2, count: shotLimit + 1, values: bytes.Repeat([]byte("x"), shotLimit+1)}); got != "" {
		t.Errorf("a text over the limit: %q", got)
	}
}

// A position out of range, one by zero and one of zeros are not known; a cut block has no wrong one.
func TestSenselessPositionsAreNotKnown(t *testing.T) {
	t.Parallel()
	whole := shotEXIF(t, "nikon.jpg")
	want := readEXIF(whole).shot.Position
	for cut := range whole {
		if got := readEXIF(whole[:cut]).shot.Position; got != (Position{}) && got != want {
			t.Fatalf("cut at %d: %v", cut, got)
		}
	}
	rationals := func(v ...uint32) tag {
		var b []byte
		for _, x := range v {
			b = binary.LittleEndian.AppendUint32(b, x)
		}
		return tag{kind: 5, count: uint64(len(v) / 2), values: b}
	}
	d := directories{order: binary.LittleEndian}
	for _, c := range []struct {
		why string
		tag tag
	}{
		{"91 degrees", rationals(91, 1, 0, 1, 0, 1)},
		{"0 by 0", rationals(10, 1, 0, 0, 0, 1)},
		{"1 by 0", rationals(1, 0, 0, 1, 0, 1)},
		{"two numbers", rationals(10, 1, 0, 1)},
	} {
		if v, ok := d.degrees(c.tag, 90); ok {
			t.Errorf("%s: %v", c.why, v)
		}
	}
	if v, ok := d.degrees(rationals(33, 1, 30, 1, 36, 1), 90); !ok || math.Abs(v-33.51) > 1e-12 {
		t.Errorf("33° 30' 36\": %v", v)
	}
}

// shotEXIF is the EXIF block of a file of testdata/shot.
func shotEXIF(t testing.TB, file string) []byte {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("testdata/shot", file))
	if err != nil {
		t.Fatal(err)
	}
	at := bytes.Index(data, []byte("Exif\x00\x00"))
	if at < 4 {
		t.Fatalf("%s has no EXIF", file)
	}
	return data[at : at-2+int(binary.BigEndian.Uint16(data[at-2:]))]
}
