package local

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
)

func TestTypedTextHasNoCaseDiacriticsOrUnderscores(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"":               "",
		"chad":           "chad",
		"IMG_0001":       "img 0001",
		"Côte d'Ivoire":  "cote d'ivoire",
		"Österreich_Alt": "osterreich alt",
		"ﬁn":             "fin", // a ligature
		"ΑΘΉΝΑ":          "αθηνα",
		"a\xffB":         "a�b",
	} {
		if got := Typed(text); got != want {
			t.Errorf("%q → %q, want %q", text, got, want)
		}
	}
}

// What is read off a table, and what is dropped, is what Unicode's decomposition gives.
func FuzzTyped(f *testing.F) {
	for _, text := range []string{
		"", "IMG_0001.JPG", "Crème brûlée", "Cre\u0300me", "\u0300a", "a\u0315\u0300b", "İstanbul ıŞ", "ǅ ǆ ĳ ŉ ſ ª º ½", "\u0344", "ﬁn", "旗", "한국", "\U0001d165\U0001d158\u0300", "a\xff_\xc3", "\u0250Éa",
	} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if got, want := Typed(text), typedUnicode(text); got != want {
			t.Errorf("%q → %q, want %q", text, got, want)
		}
		if got := string(appendTyped([]byte("before_"), text)); got != "before_"+typedUnicode(text) {
			t.Errorf("%q appended: %q", text, got)
		}
	})
}

func TestOnePassFindsAllNamesThatContainWhatWasTyped(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(1, 2))
	words := func(most int) string {
		b := make([]byte, r.IntN(most+1))
		for i := range b {
			b[i] = "ab"[r.IntN(2)] // so few letters that most matches begin in one name and end in another
		}
		return string(b)
	}
	for range 2000 {
		names := make([]string, r.IntN(8))
		typed := &TypedNames{starts: []int{0}}
		for i := range names {
			names[i] = words(4)
			typed.text += names[i]
			typed.starts = append(typed.starts, len(typed.text))
		}
		what := words(3)
		var want, got []string
		for i, name := range names {
			if at := strings.Index(name, what); at >= 0 && what != "" {
				want = append(want, fmt.Sprint(i, at))
			}
		}
		for i, at := range typed.Containing(what) {
			got = append(got, fmt.Sprint(i, at))
		}
		if !slices.Equal(got, want) {
			t.Fatalf("%q in %q: %v, want %v", what, names, got, want)
		}
	}
}
