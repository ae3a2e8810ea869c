package local

import (
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// Typed is text as it is compared with what someone types: without case, diacritics
// and underscores.
func Typed(text string) string {
	plain := true
	for i := range len(text) {
		if c := text[i]; c >= 0x80 || c == '_' || 'A' <= c && c <= 'Z' {
			plain = false
			break
		}
	}
	if plain {
		return text
	}
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

// TypedNames are the names of all pictures as Typed returns them.
type TypedNames struct {
	text    string
	starts  []int    // n+1: where each begins in text, and where the last ends
	letters []uint64 // of each, as lettersOf returns them
}

// At returns the name of picture i.
func (t *TypedNames) At(i int) string { return t.text[t.starts[i]:t.starts[i+1]] }

// TypedNames returns the names as they are compared with what someone types.
func (s *Snapshot) TypedNames() *TypedNames {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.typed == nil {
		n := s.Pictures.Len()
		t := &TypedNames{starts: make([]int, 0, n+1), letters: make([]uint64, 0, n)}
		var b strings.Builder
		for name := range s.Pictures.names() {
			t.starts = append(t.starts, b.Len())
			typed := Typed(name)
			b.WriteString(typed)
			t.letters = append(t.letters, lettersOf(typed))
		}
		t.starts, t.text = append(t.starts, b.Len()), b.String()
		s.typed = t
	}
	return s.typed
}
