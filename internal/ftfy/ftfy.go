// Package ftfy turns a text that went through wrong hands (decoded in the wrong encoding, escaped for HTML, with
// typographic quotes and ligatures) into the one that was meant. The definition is fix_text of ftfy 6.3.1
// (https://github.com/rspeer/python-ftfy, Robyn Speer, Apache-2.0) with its default configuration, which open_clip runs
// on every text; the tables and the order of the steps are ported from there.
package ftfy

import (
	"errors"
	"slices"
	"strings"
	"unicode/utf8"
)

// ErrTangled marks a text that is wrapped in more layers than can be taken off in reasonable time: no one writes such.
var ErrTangled = errors.New("the text is escaped or encoded too many times over")

const (
	segmentLimit = 1_000_000 // characters that are fixed at once (max_decode_length)

	// workLimit bounds the characters that all passes over a text look at. Texts are fixed until nothing changes, so
	// "&amp;amp;amp;…" has as many passes as it has "amp;".
	workLimit = 8 << 20
)

// Fix returns the text as it was meant. What is no UTF-8 becomes U+FFFD, byte by byte.
func Fix(text string) (string, error) {
	if plain(text) {
		return text, nil
	}
	f := fixer{work: workLimit, unescape: true}
	rest := []rune(text)
	var out []rune
	for len(rest) > 0 {
		end := slices.Index(rest, '\n') + 1
		if end == 0 {
			end = len(rest)
		}
		end = min(end, segmentLimit)
		fixed, err := f.segment(rest[:end])
		if err != nil {
			return "", err
		}
		out = append(out, fixed...)
		rest = rest[end:]
	}
	return string(out), nil
}

// plain reports whether there is nothing that any step would change.
func plain(text string) bool {
	for i := range len(text) {
		if c := text[i]; c >= utf8.RuneSelf || c == '&' || c == 0x7f || c < ' ' && c != '\t' && c != '\n' && c != '\f' {
			return false
		}
	}
	return true
}

type fixer struct {
	work     int  // how many characters may still be looked at
	unescape bool // no segment so far had a "<", which means that the text is HTML itself
}

// spend reports whether a pass over n characters may begin.
func (f *fixer) spend(n int) bool {
	f.work -= n
	return f.work >= 0
}

// segment fixes a line (fix_and_explain).
func (f *fixer) segment(text []rune) ([]rune, error) {
	if slices.Contains(text, '<') {
		f.unescape = false
	}
	for {
		if !f.spend(len(text)) {
			return nil, ErrTangled
		}
		before := text
		if f.unescape {
			text = unescapeEntities(text)
		}
		text = f.fixEncoding(text)
		text = translate(text)
		text = withoutEscapes(text)
		text = slices.DeleteFunc(slices.Clone(text), isControl)
		text = []rune(Composed(string(text)))
		if slices.Equal(text, before) && f.work >= 0 {
			return text, nil
		}
	}
}

// translate replaces single characters: C1 controls by what Windows-1252 has there, Latin ligatures by their letters,
// full and half width by the ordinary one, curly quotes by straight ones, and line breaks by "\n".
func translate(text []rune) []rune {
	out := make([]rune, 0, len(text))
	for _, r := range text {
		if r >= 0x80 && r <= 0x9f {
			r = windows1252.decode[r]
		}
		switch letters, ok := ligatures[r]; {
		case ok:
			out = append(out, letters...)
		case r == 0x3000, r >= 0xff01 && r <= 0xffef:
			out = append(out, standardWidth(r)...)
		default:
			out = append(out, r)
		}
	}
	text, out = out, out[:0]
	for i, r := range text {
		switch {
		case r == 0x2bc, r >= 0x2018 && r <= 0x201b:
			r = '\''
		case r >= 0x201c && r <= 0x201f:
			r = '"'
		case r == '\r' && i+1 < len(text) && text[i+1] == '\n':
			continue
		case r == '\r', r == 0x2028, r == 0x2029, r == 0x85:
			r = '\n'
		}
		out = append(out, r)
	}
	return out
}

// withoutEscapes is a text without the sequences that colour a terminal: \033\[((?:\d|;)*)([a-zA-Z]).
func withoutEscapes(text []rune) []rune {
	if !slices.Contains(text, '\x1b') {
		return text
	}
	var out []rune
	for i := 0; i < len(text); i++ {
		if text[i] == '\x1b' && i+1 < len(text) && text[i+1] == '[' {
			end := i + 2
			for end < len(text) && (isDigit(text[end]) || text[end] == ';') {
				end++
			}
			if end < len(text) && (text[end]|0x20) >= 'a' && (text[end]|0x20) <= 'z' {
				i = end
				continue
			}
		}
		out = append(out, text[i])
	}
	return out
}

// isControl reports whether a character shows nothing and was hardly meant.
func isControl(r rune) bool {
	switch {
	case r < 0x09, r == 0x0b, r >= 0x0e && r < 0x20, r == 0x7f, r >= 0x206a && r <= 0x206f, r == 0xfeff, r >= 0xfff9 && r <= 0xfffc:
		return true
	}
	return false
}

var ligatures = map[rune][]rune{}

func init() {
	for _, pair := range strings.Fields("ĲIJ ĳij ŉʼn ǱDZ ǲDz ǳdz ǄDŽ ǅDž ǆdž ǇLJ ǈLj ǉlj ǊNJ ǋNj ǌnj ﬀff ﬁfi ﬂfl ﬃffi ﬄffl ﬅſt ﬆst") {
		r := []rune(pair)
		ligatures[r[0]] = r[1:]
	}
}
