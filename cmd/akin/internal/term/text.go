package term

import (
	"fmt"
	"math"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/clipperhouse/uax29/v2/graphemes"
	"github.com/mattn/go-runewidth"
	"golang.org/x/text/unicode/bidi"
)

// Clean makes text safe to show on one line: control characters, invalid UTF-8, and marks that
// reorder what follows become visible escapes. A file can have any name, also a sequence that
// repaints the screen.
func Clean(s string) string {
	if !strings.ContainsFunc(s, hostile) { // RuneError also stands for invalid UTF-8
		return s
	}
	var b strings.Builder
	for i := 0; i < len(s); {
		r, n := utf8.DecodeRuneInString(s[i:])
		switch {
		case r == utf8.RuneError && n == 1:
			fmt.Fprintf(&b, `\x%02x`, s[i])
		case r == '\n':
			b.WriteString(`\n`)
		case r == '\t':
			b.WriteString(`\t`)
		case r == '\r':
			b.WriteString(`\r`)
		case r < 0x80 && hostile(r):
			fmt.Fprintf(&b, `\x%02x`, r)
		case r != utf8.RuneError && hostile(r):
			fmt.Fprintf(&b, `\u%04x`, r)
		default:
			b.WriteString(s[i : i+n])
		}
		i += n
	}
	return b.String()
}

func hostile(r rune) bool {
	switch {
	case r == utf8.RuneError, unicode.IsControl(r):
		return true
	case r == '\u2028', r == '\u2029': // line and paragraph separator
		return true
	case r >= '\u202a' && r <= '\u202e', r >= '\u2066' && r <= '\u2069': // embeddings, overrides, isolates
		return true
	}
	return false
}

// shorten shortens s in its middle to at most width cells: the end of a name says as much as its
// beginning.
func shorten(w *runewidth.Condition, s string, width int, ellipsis string) string {
	return shortenAt(w, s, width, 0.5, ellipsis)
}

// shortenAt is shorten with the share of what stays that is the beginning of s.
func shortenAt(w *runewidth.Condition, s string, width int, share float64, ellipsis string) string {
	if w.StringWidth(s) <= width {
		return s
	}
	room := width - w.StringWidth(ellipsis)
	if room < 2 {
		return fit(w, s, max(width, 0))
	}
	left := fit(w, s, int(math.Ceil(share*float64(room))))
	var right string
	var tails []string
	for g := graphemes.FromString(s[len(left):]); g.Next(); {
		tails = append(tails, g.Value())
	}
	for i := len(tails) - 1; i >= 0; i-- {
		if w.StringWidth(tails[i]+right) > room-w.StringWidth(left) {
			break
		}
		right = tails[i] + right
	}
	return left + ellipsis + right
}

// fit returns the longest prefix of s of at most width cells, in whole grapheme clusters.
func fit(w *runewidth.Condition, s string, width int) string {
	end := 0
	for g := graphemes.FromString(s); g.Next(); {
		if w.StringWidth(s[:end]+g.Value()) > width {
			break
		}
		end += len(g.Value())
	}
	return s[:end]
}

// Wrap breaks a sentence into lines of at most the terminal's width, at spaces; a longer word is a line of its own.
// Elsewhere than on a terminal it returns the sentence as it is.
func (t *Terminal) Wrap(s string) string {
	if !t.TTY {
		return s
	}
	return WrapText(s, t.Width())
}

// WrapText breaks a text at spaces into lines of at most width cells.
func WrapText(s string, width int) string {
	w := (&Terminal{}).widths()
	var lines []string
	line := ""
	for _, word := range strings.Fields(s) {
		switch {
		case line == "":
			line = word
		case w.StringWidth(line)+1+w.StringWidth(word) <= width:
			line += " " + word
		default:
			lines = append(lines, line)
			line = word
		}
	}
	return strings.Join(append(lines, line), "\n")
}

// isolate keeps a right-to-left name from reordering the numbers beside it, in
// terminals that reorder.
func isolate(s string) string {
	for _, r := range s {
		if r < 0x590 {
			continue
		}
		p, _ := bidi.LookupRune(r)
		if c := p.Class(); c == bidi.R || c == bidi.AL {
			return "\u2068" + s + "\u2069" // first strong isolate … pop
		}
	}
	return s
}

func (t *Terminal) ellipsis() string {
	if t.Unicode {
		return "…"
	}
	return "..."
}
