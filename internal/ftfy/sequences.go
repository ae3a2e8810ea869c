package ftfy

import (
	"strings"
	"sync"
	"unicode"
)

// sequences finds short sequences of characters, each given by a class for every place, as regular expressions have
// them: at most 64 of them, at most maxLength characters long. Bit i stands for sequence i.
type sequences struct {
	low    [256]places
	high   map[rune]places // of the other characters that a class names
	word   places          // of letters and digits that none names
	space  places
	other  places
	ends   places // ends[n]: those that are n+1 characters long
	starts uint64 // those that only match at the start of a text
}

const maxLength = 7

// places are the sequences that have a character at their first place, at their second, …
type places [maxLength]uint64

// newSequences returns what readSequences makes of expressions, once it is asked for: reading them takes milliseconds,
// and most runs of a program have no text to fix.
func newSequences(expressions ...string) func() *sequences {
	return sync.OnceValue(func() *sequences { return readSequences(expressions) })
}

// readSequences reads expressions such as `[a-z]\s{kaomoji}`: characters, classes, \s, \w, . and ^. In a class, {name} is
// that of categories.
func readSequences(expressions []string) *sequences {
	s := &sequences{high: map[rune]places{}}
	classes := make([][]class, len(expressions))
	named := map[rune]bool{}
	for i, e := range expressions {
		if e[0] == '^' {
			s.starts |= 1 << i
			e = e[1:]
		}
		classes[i] = parseClasses(e)
		s.ends[len(classes[i])-1] |= 1 << i
		for _, c := range classes[i] {
			for k := 0; k < len(c.ranges); k += 2 {
				for r := c.ranges[k]; r <= c.ranges[k+1]; r++ {
					named[r] = true
				}
			}
		}
	}
	of := func(r rune) (p places) {
		for i, sequence := range classes {
			for k, c := range sequence {
				if c.has(r) {
					p[k] |= 1 << i
				}
			}
		}
		return p
	}
	for r := range s.low {
		s.low[r] = of(rune(r))
	}
	for r := range named {
		s.high[r] = of(r)
	}
	s.word, s.space, s.other = of('か'), of('\u2003'), of('☃') // none of which any class names
	return s
}

func (s *sequences) of(r rune) places {
	if r >= 0 && int(r) < len(s.low) {
		return s.low[r]
	}
	if p, ok := s.high[r]; ok {
		return p
	}
	switch {
	case isSpace(r):
		return s.space
	case isWord(r):
		return s.word
	}
	return s.other
}

// found reports whether a text has any of the sequences.
func (s *sequences) found(text []rune) bool {
	var d places // d[n]: those whose first n+1 places are what was just read
	for i, r := range text {
		p := s.of(r)
		for n := len(d) - 1; n > 0; n-- {
			d[n] = d[n-1] & p[n]
		}
		if d[0] = p[0]; i > 0 {
			d[0] &^= s.starts
		}
		for n := range d {
			if d[n]&s.ends[n] != 0 {
				return true
			}
		}
	}
	return false
}

// match returns the length of the sequence that a text begins with, of several that of the one named first; 0 for none.
func (s *sequences) match(text []rune) int {
	var ended places
	alive := ^uint64(0)
	for n := 0; n < len(ended) && n < len(text) && alive != 0; n++ {
		alive &= s.of(text[n])[n]
		ended[n] = alive & s.ends[n]
	}
	all := uint64(0)
	for _, e := range ended {
		all |= e
	}
	first := all & -all
	for n, e := range ended {
		if e&first != 0 {
			return n + 1
		}
	}
	return 0
}

// byteSequences are sequences of bytes.
type byteSequences func() *sequences

func (s byteSequences) match(text []byte) int {
	var runes [maxLength]rune
	n := min(len(text), len(runes))
	for i := range n {
		runes[i] = rune(text[i])
	}
	return s().match(runes[:n])
}

func (s byteSequences) search(text []byte) bool {
	for i := range text {
		if s.match(text[i:]) > 0 {
			return true
		}
	}
	return false
}

// replace puts f of every sequence in its place.
func (s byteSequences) replace(text []byte, f func([]byte) []byte) []byte {
	var out []byte
	for i := 0; i < len(text); {
		n := s.match(text[i:])
		if n == 0 {
			out = append(out, text[i])
			i++
			continue
		}
		out = append(out, f(text[i:i+n])...)
		i += n
	}
	return out
}

// class is a set of characters.
type class struct {
	ranges      []rune // first, last, first, last, …
	word, space bool
	not         bool
}

func (c class) has(r rune) bool {
	in := c.word && isWord(r) || c.space && isSpace(r)
	for k := 0; k < len(c.ranges); k += 2 {
		in = in || c.ranges[k] <= r && r <= c.ranges[k+1]
	}
	return in != c.not
}

func parseClasses(e string) (out []class) {
	for e != "" {
		var c class
		switch {
		case e[0] == '[':
			end := strings.IndexByte(e, ']')
			c = parseClass(e[1:end])
			e = e[end+1:]
		case e[0] == '.':
			c = class{ranges: []rune{'\n', '\n'}, not: true}
			e = e[1:]
		default:
			n := len(string([]rune(e)[0]))
			if e[0] == '\\' {
				n = 2
			}
			c = parseClass(e[:n])
			e = e[n:]
		}
		out = append(out, c)
	}
	return out
}

func parseClass(e string) (c class) {
	for name, members := range categories {
		e = strings.ReplaceAll(e, "{"+name+"}", members)
	}
	e, c.not = strings.CutPrefix(e, "^")
	runes := []rune(e)
	for i := 0; i < len(runes); i++ {
		first := runes[i]
		switch {
		case first == '\\' && runes[i+1] == 's':
			c.space = true
			i++
			continue
		case first == '\\' && runes[i+1] == 'w':
			c.word = true
			i++
			continue
		}
		last := first
		if i+2 < len(runes) && runes[i+1] == '-' {
			last = runes[i+2]
			i += 2
		}
		c.ranges = append(c.ranges, first, last)
	}
	return c
}

// isSpace, isWord and isDigit are what Python means by \s, \w and \d.
func isSpace(r rune) bool { return unicode.IsSpace(r) || r >= 0x1c && r <= 0x1f }

func isWord(r rune) bool { return r == '_' || unicode.IsLetter(r) || unicode.IsNumber(r) }

func isDigit(r rune) bool { return unicode.Is(unicode.Nd, r) }
