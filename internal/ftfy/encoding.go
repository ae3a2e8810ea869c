package ftfy

import (
	"bytes"
	"slices"
	"unicode/utf8"

	"golang.org/x/text/encoding/charmap"
)

// singleByte is an encoding with a character for each of its 256 bytes.
type singleByte struct {
	decode [256]rune
	encode map[rune]byte
	// sloppy ones have the character of Latin-1 where the standard has none, and U+FFFD at byte 1A: what is U+FFFD in a
	// text was some byte that nobody knows any more.
	sloppy bool
	mac    bool
}

func newSingleByte(c *charmap.Charmap, sloppy bool) *singleByte {
	e := &singleByte{encode: make(map[rune]byte, 256), sloppy: sloppy, mac: c == charmap.Macintosh}
	for b := range 256 {
		r := c.DecodeByte(byte(b))
		if r == utf8.RuneError {
			r = rune(b)
		}
		if sloppy && b == 0x1a {
			r = utf8.RuneError
		}
		e.decode[b], e.encode[r] = r, byte(b)
	}
	return e
}

var (
	latin1      = newSingleByte(charmap.ISO8859_1, false)
	windows1252 = newSingleByte(charmap.Windows1252, true)

	// encodings are those that a text may have been decoded with by mistake, the first that fits first.
	encodings = []*singleByte{
		latin1,
		windows1252,
		newSingleByte(charmap.Windows1251, true),
		newSingleByte(charmap.Windows1250, true),
		newSingleByte(charmap.Windows1253, true),
		newSingleByte(charmap.Windows1254, true),
		newSingleByte(charmap.Windows1257, true),
		newSingleByte(charmap.ISO8859_2, false),
		newSingleByte(charmap.Macintosh, false),
		newSingleByte(charmap.CodePage437, false),
	}
)

// bytesOf are a text's bytes, if the encoding has all of its characters.
func (e *singleByte) bytesOf(text []rune) ([]byte, bool) {
	out := make([]byte, len(text))
	for i, r := range text {
		if r < 0x80 && r != 0x1a {
			out[i] = byte(r)
			continue
		}
		b, ok := e.encode[r]
		if !ok {
			return nil, false
		}
		out[i] = b
	}
	return out, true
}

// fixEncoding takes off one wrong encoding after another.
func (f *fixer) fixEncoding(text []rune) []rune {
	for f.spend(len(text)) {
		fixed := f.fixEncodingOnce(text)
		if slices.Equal(fixed, text) {
			break
		}
		text = fixed
	}
	return text
}

func (f *fixer) fixEncodingOnce(text []rune) []rune {
	if !badness().found(text) {
		return text // ASCII among them
	}
	for _, e := range encodings {
		encoded, ok := e.bytesOf(text)
		if !ok {
			continue
		}
		// In Mac Roman, an en dash and a space would be taken for a byte that is missing.
		if !e.mac && alteredUTF8.search(encoded) {
			encoded = restoreNoBreakSpaces(encoded)
		}
		if e.sloppy {
			encoded = lossyUTF8.replace(encoded, func([]byte) []byte { return []byte("\ufffd") })
		}
		if bytes.IndexByte(encoded, 0xed) >= 0 || bytes.IndexByte(encoded, 0xc0) >= 0 {
			if fixed, ok := decodeVariants(encoded); ok {
				return fixed
			}
		} else if utf8.Valid(encoded) {
			return []rune(string(encoded))
		}
	}
	if fixed := f.fixParts(text); !slices.Equal(fixed, text) {
		return fixed
	}
	// Windows-1252 that was taken for Latin-1: the other text, if any, stays.
	fixed := slices.Clone(text)
	for i, r := range text {
		if r >= 0x80 && r <= 0x9f {
			fixed[i] = windows1252.decode[r]
		}
	}
	return fixed
}

// fixParts fixes what looks like UTF-8 in a text whose parts are of different encodings (decode_inconsistent_utf8).
func (f *fixer) fixParts(text []rune) []rune {
	var out []rune
	done := 0
	for i := 0; i < len(text); {
		if i > 0 && continuesStrictly(text[i-1]) {
			i++
			continue
		}
		end := i
		for n := 1; n > 0; end += n {
			n = utf8Sequence().match(text[end:])
		}
		if end == i {
			i++
			continue
		}
		part := text[i:end]
		if len(part) < len(text) && badness().found(part) {
			out = append(append(out, text[done:i]...), f.fixEncoding(part)...)
			done = end
		}
		i = end
	}
	return append(out, text[done:]...)
}
