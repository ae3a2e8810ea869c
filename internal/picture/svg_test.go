package picture

import (
	"encoding/binary"
	"errors"
	"path/filepath"
	"testing"
	"unicode/utf16"
)

// A drawing has no pixels of its own: a wall is drawn at 2048, in its proportions.
func TestLargeDrawingsAreDrawnSmaller(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		file          string
		width, height int
	}{
		{"huge_viewbox.svg", 2048, 1807}, // 170000 x 150000
		{"huge_size.svg", 2048, 1024},    // 1000000 x 500000
		{"utf16.svg", 600, 400},
	} {
		data := readGolden(t, filepath.Join("testdata", "svg", c.file))
		p, info, err := Decode(t.Context(), data, Limits{})
		if errors.Is(err, ErrNoDecoder) {
			t.Skip(err)
		}
		if err != nil || p.Width != c.width || p.Height != c.height || info.Width != c.width {
			t.Errorf("%s: %+v, %v", c.file, info, err)
			continue
		}
		// All three have a rectangle of this colour, a quarter from the left.
		if at := 3 * (p.Height*2/5*p.Width + p.Width/4); [3]byte(p.Pix[at:]) != [3]byte{0xc8, 0x28, 0x1e} {
			t.Errorf("%s: %v", c.file, p.Pix[at:at+3])
		}
	}
}

func encodeUTF(text string, order binary.AppendByteOrder, width int, mark bool) []byte {
	if mark {
		text = "\ufeff" + text
	}
	var out []byte
	if width == 4 {
		for _, r := range text {
			out = order.AppendUint32(out, uint32(r))
		}
		return out
	}
	for _, u := range utf16.Encode([]rune(text)) {
		out = order.AppendUint16(out, u)
	}
	return out
}

func TestSniffReadsWideEncodings(t *testing.T) {
	t.Parallel()
	const drawing = `<!-- ☃ --><svg xmlns="http://www.w3.org/2000/svg" width="600" height="400"><rect width="300" height="400" fill="#f00"/></svg>`
	const page = `<html><svg/></html>`
	for _, c := range []struct {
		why  string
		data []byte
		want string
	}{
		{"UTF-16, little-endian", encodeUTF(drawing, binary.LittleEndian, 2, true), "svg"},
		{"UTF-16, big-endian", encodeUTF(drawing, binary.BigEndian, 2, true), "svg"},
		{"UTF-16 without a mark", encodeUTF(drawing, binary.LittleEndian, 2, false), "svg"},
		{"UTF-32", encodeUTF(drawing, binary.BigEndian, 4, true), "svg"},
		{"UTF-32 without a mark", encodeUTF(drawing, binary.LittleEndian, 4, false), "svg"},
		{"a page in UTF-16", encodeUTF(page, binary.LittleEndian, 2, true), ""},
		{"a mark alone", []byte("\xff\xfe"), ""},
		{"half a unit", []byte("\xff\xfe<"), ""},
		{"zeros", make([]byte, 64), ""},
	} {
		if got := Sniff(c.data); got != c.want {
			t.Errorf("%s: %q, want %q", c.why, got, c.want)
		}
	}
}

// What a drawing leaves see-through can be flattened on any colour; Pix is what it was before: drawn on white.
func TestTransparentDrawings(t *testing.T) {
	t.Parallel()
	logo := func(under, shapes string) []byte {
		return []byte(`<svg xmlns="http://www.w3.org/2000/svg" width="600" height="400">` + under + shapes + `</svg>`)
	}
	const white = `<circle cx="300" cy="200" r="150" fill="#fff"/><text x="40" y="80" font-size="60" fill="#fff" opacity="0.6">akin</text>
		<path d="M0 0 600 400" stroke="#fff" stroke-width="9"/>`
	const bright = `<circle cx="250" cy="200" r="150" fill="#e33" fill-opacity="0.4"/><circle cx="350" cy="200" r="150" fill="#36c" fill-opacity="0.7"/>`
	for _, c := range []struct {
		why, shapes string
	}{
		{"a white logo", white},
		{"layers", bright},
		{"nothing", ""},
	} {
		on := func(colour string) *Picture {
			p, _, err := Decode(t.Context(), logo(`<rect width="600" height="400" fill="`+colour+`"/>`, c.shapes), Limits{})
			if errors.Is(err, ErrNoDecoder) {
				t.Skip(err)
			}
			if err != nil || p.Alpha != nil || p.OnWhite {
				t.Fatalf("%s on %s: %v", c.why, colour, err)
			}
			return p
		}
		off := func(a, b *Picture) (worst byte) {
			for i := range a.Pix {
				worst = max(worst, apart(a.Pix[i], b.Pix[i]))
			}
			return worst
		}
		p, _, err := Decode(t.Context(), logo("", c.shapes), Limits{})
		if err != nil {
			if errors.Is(err, ErrNoDecoder) {
				t.Skip(err)
			}
			t.Fatal(err)
		}
		if p.Alpha == nil || !p.OnWhite {
			t.Fatalf("%s: alpha %v, on white %v", c.why, p.Alpha != nil, p.OnWhite)
		}
		if worst := off(p, on("#fff")); worst > 0 {
			t.Errorf("%s: Pix is off what is drawn on white by %d", c.why, worst)
		}
		p.Flatten(Black)
		if worst := off(p, on("#000")); worst > 1 {
			t.Errorf("%s: flattened on black is off what is drawn on black by %d", c.why, worst)
		}
	}
}
