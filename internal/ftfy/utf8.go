package ftfy

import (
	"bytes"
	"strings"
	"unicode/utf8"
)

// restoreNoBreakSpaces puts the byte A0 back where something made a space of it and UTF-8 needs it (restore_byte_a0).
func restoreNoBreakSpaces(text []byte) []byte {
	// "Ã la" is "à la": here the space stands for both. But "Ã s " is Portuguese "às", and so on.
	var out []byte
	for i := 0; i < len(text); i++ {
		out = append(out, text[i])
		if text[i] != 0xc3 || i+1 == len(text) || text[i+1] != ' ' {
			continue
		}
		after := string(text[i+2:])
		word := true
		for _, rest := range []string{" ", "quele", "quela", "quilo", "s "} {
			word = word && !strings.HasPrefix(after, rest)
		}
		if word {
			out = append(out, 0xa0)
		}
	}
	return alteredUTF8.replace(out, func(sequence []byte) []byte { return bytes.ReplaceAll(sequence, []byte(" "), []byte{0xa0}) })
}

// decodeVariants reads UTF-8 that may have CESU-8's surrogate pairs and Java's two bytes for NUL in it (codec
// utf-8-variants). As ftfy's, it takes a line break at the very end for the last byte of either.
func decodeVariants(text []byte) ([]rune, bool) {
	var out []rune
	last := func(b byte, at int, from, to byte) bool {
		return b >= from && b <= to || b == '\n' && at == len(text)-1
	}
	for i := 0; i < len(text); {
		switch t := text[i:]; {
		case len(t) >= 2 && t[0] == 0xc0 && last(t[1], i+1, 0x80, 0x80):
			out = append(out, 0)
			i += 2
		case len(t) >= 6 && t[0] == 0xed && t[1] >= 0xa0 && t[1] <= 0xaf && t[2]&0xc0 == 0x80 &&
			t[3] == 0xed && t[4] >= 0xb0 && t[4] <= 0xbf && last(t[5], i+5, 0x80, 0xbf):
			out = append(out, rune(t[1]&0x0f)<<16+rune(t[2]&0x3f)<<10+rune(t[4]&0x0f)<<6+rune(t[5]&0x3f)+0x10000)
			i += 6
		default:
			r, n := utf8.DecodeRune(t)
			if r == utf8.RuneError && n == 1 {
				return nil, false
			}
			out = append(out, r)
			i += n
		}
	}
	return out, true
}
