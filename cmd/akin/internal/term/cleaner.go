package term

import (
	"fmt"
	"io"
	"strings"
	"sync"
	"unicode/utf8"
)

// Cleaner writes text that contains names and messages of others: it escapes control sequences, and
// lets through line ends and tabs. Tables, pictures and progress write to their Terminal instead.
type Cleaner struct {
	w    io.Writer
	json bool

	mu   sync.Mutex
	rest []byte // the first bytes of an incomplete character
}

// NewCleaner returns a writer of text to w.
func NewCleaner(w io.Writer) *Cleaner { return &Cleaner{w: w} }

// NewJSONCleaner returns a writer of JSON to w, whose escapes are JSON's.
func NewJSONCleaner(w io.Writer) *Cleaner { return &Cleaner{w: w, json: true} }

// Write writes p, escaped.
func (c *Cleaner) Write(p []byte) (int, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	text := append(c.rest, p...)
	end := len(text)
	for back := 1; back < utf8.UTFMax && back <= len(text); back++ {
		if b := text[len(text)-back]; utf8.RuneStart(b) {
			if !utf8.FullRune(text[len(text)-back:]) {
				end = len(text) - back
			}
			break
		}
	}
	c.rest = append([]byte(nil), text[end:]...)
	if end == 0 {
		return len(p), nil
	}
	if _, err := io.WriteString(c.w, c.clean(string(text[:end]))); err != nil {
		return 0, err
	}
	return len(p), nil
}

func (c *Cleaner) clean(s string) string {
	if !strings.ContainsFunc(s, func(r rune) bool { return r != '\n' && r != '\t' && hostile(r) }) {
		return s
	}
	var b strings.Builder
	for len(s) > 0 {
		i := strings.IndexFunc(s, func(r rune) bool { return r == '\n' || r == '\t' || c.json && r < utf8.RuneSelf && hostile(r) })
		if i < 0 {
			i = len(s)
		}
		b.WriteString(Clean(s[:i]))
		if i == len(s) {
			break
		}
		if s[i] == '\n' || s[i] == '\t' {
			b.WriteByte(s[i])
		} else {
			fmt.Fprintf(&b, `\u%04x`, s[i]) // \x7f is not JSON
		}
		s = s[i+1:]
	}
	return b.String()
}
