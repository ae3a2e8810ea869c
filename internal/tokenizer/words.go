package tokenizer

import (
	"slices"
	"unicode"
)

// alphabet says what letters and numbers are; which ones there are grows with Unicode.
type alphabet struct{ letters, numbers []*unicode.RangeTable }

var (
	// unicode16 is what Oniguruma knows, which transformers' tokenizers use.
	unicode16 = alphabet{[]*unicode.RangeTable{unicode.Letter, youngLetters}, []*unicode.RangeTable{unicode.Number, youngNumbers}}
	// unicode18 is what Python's package regex knows, which open_clip uses.
	unicode18 = alphabet{append(unicode16.letters, youngestLetters), append(unicode16.numbers, youngestNumbers)}
)

var contractions = []string{"'s", "'t", "'re", "'ve", "'m", "'ll", "'d"}

// words are what the pattern
//
//	's|'t|'re|'ve|'m|'ll|'d|\p{L}+|\p{N}|[^\s\p{L}\p{N}]+
//
// finds, with the names of the special tokens before the other alternatives. A text is in small letters; the one other
// that is equal to one of those is the long s.
func (a alphabet) words(text string, special ...string) []string {
	var out []string
	runes := []rune(text)
	kind := func(r rune) int {
		switch {
		case unicode.IsSpace(r):
			return 0
		case unicode.In(r, a.letters...):
			return 1
		case unicode.In(r, a.numbers...):
			return 2
		}
		return 3
	}
	fixed := slices.Concat(special, contractions)
next:
	for i := 0; i < len(runes); {
		if runes[i] == '\'' || runes[i] == '<' {
			for _, name := range fixed {
				if n := len(name); i+n <= len(runes) && same(runes[i:i+n], name) {
					out = append(out, string(runes[i:i+n]))
					i += n
					continue next
				}
			}
		}
		k, end := kind(runes[i]), i+1
		for k != 2 && end < len(runes) && kind(runes[end]) == k {
			end++
		}
		if k != 0 {
			out = append(out, string(runes[i:end]))
		}
		i = end
	}
	return out
}

// same reports whether a text is the name, which is ASCII, in any spelling.
func same(text []rune, name string) bool {
	for i, r := range text {
		if r != rune(name[i]) && (r != 'ſ' || name[i] != 's') {
			return false
		}
	}
	return true
}
