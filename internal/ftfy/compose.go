package ftfy

import (
	"slices"
	"strings"

	"golang.org/x/text/unicode/norm"
)

// Composed is a text in Unicode's form NFC, however many marks a letter has. What package norm gives is broken up after
// thirty marks on one letter, with a joiner; the reference's is not.
func Composed(s string) string {
	const joiner = "\u034f"
	whole := norm.NFC.String(s)
	if strings.Count(whole, joiner) == strings.Count(s, joiner) {
		return whole
	}
	var runes []rune
	for _, r := range s {
		runes = append(runes, []rune(norm.NFD.String(string(r)))...)
	}
	for i := 0; i < len(runes); {
		end := i + 1
		if markClass(runes[i]) > 0 {
			for end < len(runes) && markClass(runes[end]) > 0 {
				end++
			}
			slices.SortStableFunc(runes[i:end], func(a, b rune) int { return markClass(a) - markClass(b) })
		}
		i = end
	}
	out, letter, last := runes[:0], -1, 0 // the letter that marks are put on, and the class of the last that was not
	for _, r := range runes {
		c := markClass(r)
		if letter >= 0 && (letter == len(out)-1 || last < c) {
			if pair := []rune(norm.NFC.String(string([]rune{out[letter], r}))); len(pair) == 1 {
				out[letter] = pair[0]
				continue
			}
		}
		if last = c; c == 0 {
			letter = len(out)
		}
		out = append(out, r)
	}
	return string(out)
}

// markClass orders the marks on a letter; it is 0 for what is no mark.
func markClass(r rune) int { return int(norm.NFD.PropertiesString(string(r)).CCC()) }
