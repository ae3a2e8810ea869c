package local

import (
	"iter"
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// Typed is text as it is compared with what someone types: without case, diacritics
// and underscores.
func Typed(text string) string {
	for i := range len(text) {
		if c := text[i]; c >= utf8.RuneSelf || c != typedByte(c) {
			return string(appendTyped(nil, text))
		}
	}
	return text
}

// appendTyped appends a text as Typed returns it.
func appendTyped(b []byte, text string) []byte {
	before := len(b)
	for i := 0; i < len(text); {
		if c := text[i]; c < utf8.RuneSelf {
			b = append(b, typedByte(c))
			i++
			continue
		}
		r, size := utf8.DecodeRuneInString(text[i:])
		switch {
		case r < latinEnd:
			b = append(b, latin()[r-utf8.RuneSelf]...)
		case 0x300 <= r && r < 0x370: // combining diacritics
		default:
			return append(b[:before], typedUnicode(text)...)
		}
		i += size
	}
	return b
}

// typedByte is Typed of an ASCII character.
func typedByte(c byte) byte {
	switch {
	case c == '_':
		return ' '
	case 'A' <= c && c <= 'Z':
		return c + 'a' - 'A'
	}
	return c
}

// latin are the characters before latinEnd as Typed returns them, because to decompose a letter takes a microsecond.
var latin = sync.OnceValue(func() *[latinEnd - utf8.RuneSelf]string {
	var table [latinEnd - utf8.RuneSelf]string
	for i := range table {
		table[i] = typedUnicode(string(rune(utf8.RuneSelf + i)))
	}
	return &table
})

const latinEnd = 0x250

func typedUnicode(text string) string {
	var b strings.Builder
	b.Grow(len(text))
	for _, r := range norm.NFKD.String(text) {
		switch {
		case unicode.Is(unicode.Mn, r):
		case r == '_':
			b.WriteByte(' ')
		default:
			b.WriteRune(unicode.ToLower(r))
		}
	}
	return b.String()
}

// TypedNames are the names of all pictures as Typed returns them, one after another, so that one pass over the text finds
// all that contain what was typed.
type TypedNames struct {
	text    string
	starts  []int    // n+1: where each begins in text, and where the last ends
	letters []uint64 // of each, as lettersOf returns them
}

// Len is how many there are.
func (t *TypedNames) Len() int { return len(t.starts) - 1 }

// At returns the name of picture i.
func (t *TypedNames) At(i int) string { return t.text[t.starts[i]:t.starts[i+1]] }

// Containing yields the pictures whose names contain what was typed, as Typed returns it, in order, each with where in its
// name that first stands.
func (t *TypedNames) Containing(typed string) iter.Seq2[int, int] {
	return func(yield func(i, at int) bool) {
		for i, from := 0, 0; typed != ""; {
			next := strings.Index(t.text[from:], typed)
			if next < 0 {
				return
			}
			from += next
			for t.starts[i+1] <= from {
				i++
			}
			if from+len(typed) > t.starts[i+1] { // it goes on in the next name
				from++
				continue
			}
			if !yield(i, from-t.starts[i]) {
				return
			}
			if i++; i == t.Len() {
				return
			}
			from = t.starts[i]
		}
	}
}

// TypedNames returns the names as they are compared with what someone types.
func (s *Snapshot) TypedNames() *TypedNames {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.typed == nil {
		n := s.Pictures.Len()
		t := &TypedNames{starts: make([]int, 0, n+1), letters: make([]uint64, n)}
		var text []byte
		for name := range s.Pictures.names() {
			t.starts = append(t.starts, len(text))
			text = appendTyped(text, name)
		}
		t.starts, t.text = append(t.starts, len(text)), string(text)
		for i := range t.letters {
			t.letters[i] = lettersOf(t.At(i))
		}
		s.typed = t
	}
	return s.typed
}
