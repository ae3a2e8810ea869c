package record

import (
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// WordsKey is what the words of texts are looked for in: each with a blank before it, in small letters, without the signs between
// them. Chinese, Japanese and Thai have no blanks between their words: there each sign is one.
func WordsKey(texts ...string) string {
	var b strings.Builder
	inside := false // of a word
	for _, text := range texts {
		inside = false
		for _, r := range strings.ToLower(norm.NFC.String(text)) {
			switch alone := unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Thai); {
			case alone:
				b.WriteByte(' ')
				b.WriteRune(r)
				inside = false
			case unicode.In(r, unicode.L, unicode.M, unicode.N):
				if !inside {
					b.WriteByte(' ')
				}
				b.WriteRune(r)
				inside = true
			default: // a quotation mark, too: "l'été" is found by "été"
				inside = false
			}
		}
	}
	return b.String()
}

// Words are the words that someone looks for, each as it stands in a WordsKey: a text has one where its key contains that.
// None where the text has no letter and no digit.
func Words(asked string) []string {
	var out []string
	for _, w := range strings.Fields(asked) {
		if key := WordsKey(w); key != "" {
			out = append(out, key)
		}
	}
	return out
}
