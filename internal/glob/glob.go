// Package glob turns a pattern with wildcards into an answer for many names,
// without regard to case and composition, and without making garbage.
//
//   - any characters but /
//     **     any characters; **/ also nothing
//     ?      one character but /
//     [a-z]  one of these characters, [!a-z] or [^a-z] none of them
//     {a,b}  either
//     \*     the character itself
package glob

import (
	"errors"
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// maxAlternatives bounds what braces may multiply to.
const maxAlternatives = 1000

// Pattern is a compiled pattern. It is safe for concurrent use.
type Pattern struct{ alternatives [][]token }

type kind uint8

const (
	literal kind = iota // one character
	one                 // ?
	class               // […]
	star                // *
	double              // **
	folders             // **/
)

// token is what one character, or with a star any number of them, must be.
type token struct {
	kind   kind
	char   rune // folded
	negate bool
	ranges [][2]rune // folded and as written
}

// Compile reads a pattern.
func Compile(pattern string) (*Pattern, error) {
	plain, err := braces(norm.NFC.String(pattern))
	if err != nil {
		return nil, fmt.Errorf("the glob %q is malformed: %w", pattern, err)
	}
	p := &Pattern{}
	for _, s := range plain {
		tokens, err := parse(s)
		if err != nil {
			return nil, fmt.Errorf("the glob %q is malformed: %w", pattern, err)
		}
		p.alternatives = append(p.alternatives, tokens)
	}
	return p, nil
}

// Has reports whether a text has a character that is special in patterns.
func Has(text string) bool { return strings.ContainsAny(text, `*?[{\`) }

// braces writes {a,b} out: every alternative as a pattern of its own.
func braces(s string) ([]string, error) {
	depth, open, inClass := 0, -1, false
	var cuts []int // of the outermost braces: the opening one, its commas, the closing one
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case c == '\\':
			i++
		case inClass:
			inClass = c != ']' || i == open+1 || i == open+2 && (s[open+1] == '!' || s[open+1] == '^')
		case c == '[':
			inClass, open = true, i
		case c == '{':
			if depth++; depth == 1 {
				cuts = []int{i}
			}
		case c == ',' && depth == 1:
			cuts = append(cuts, i)
		case c == '}' && depth > 0:
			if depth--; depth > 0 {
				continue
			}
			cuts = append(cuts, i)
			rest, err := braces(s[i+1:])
			if err != nil {
				return nil, err
			}
			var out []string
			for k := range cuts[1:] {
				inner, err := braces(s[cuts[k]+1 : cuts[k+1]])
				if err != nil {
					return nil, err
				}
				for _, a := range inner {
					for _, b := range rest {
						if out = append(out, s[:cuts[0]]+a+b); len(out) > maxAlternatives {
							return nil, fmt.Errorf("its braces have more than %d alternatives", maxAlternatives)
						}
					}
				}
			}
			return out, nil
		}
	}
	if depth > 0 {
		return nil, errors.New("a brace is not closed")
	}
	return []string{s}, nil
}

func parse(s string) ([]token, error) {
	var out []token
	for s != "" {
		switch {
		case strings.HasPrefix(s, "**"):
			s = strings.TrimLeft(s, "*")
			atStart := len(out) == 0 || out[len(out)-1].kind == literal && out[len(out)-1].char == '/' || out[len(out)-1].kind == folders
			if atStart && strings.HasPrefix(s, "/") {
				s = s[1:]
				out = append(out, token{kind: folders})
			} else {
				out = append(out, token{kind: double})
			}
		case s[0] == '*':
			s = s[1:]
			out = append(out, token{kind: star})
		case s[0] == '?':
			s = s[1:]
			out = append(out, token{kind: one})
		case s[0] == '[':
			t, rest, err := parseClass(s[1:])
			if err != nil {
				return nil, err
			}
			out, s = append(out, t), rest
		default:
			if s[0] == '\\' {
				if s = s[1:]; s == "" {
					return nil, errors.New(`it ends in \`)
				}
			}
			r, n := utf8.DecodeRuneInString(s)
			s = s[n:]
			out = append(out, token{kind: literal, char: fold(r)})
		}
	}
	return out, nil
}

// parseClass reads a class from after its bracket.
func parseClass(s string) (t token, rest string, err error) {
	t.kind = class
	if s != "" && (s[0] == '!' || s[0] == '^') {
		t.negate, s = true, s[1:]
	}
	unclosed := errors.New("a bracket is not closed")
	char := func() (rune, bool) {
		s = strings.TrimPrefix(s, `\`)
		r, n := utf8.DecodeRuneInString(s)
		s = s[n:]
		return r, n > 0
	}
	for first := true; first || !strings.HasPrefix(s, "]"); first = false {
		from, ok := char()
		if !ok {
			return t, "", unclosed
		}
		to := from
		if len(s) > 1 && s[0] == '-' && s[1] != ']' {
			s = s[1:]
			if to, ok = char(); !ok {
				return t, "", unclosed
			}
		}
		if to < from {
			return t, "", fmt.Errorf("the range %c-%c is empty", from, to)
		}
		t.ranges = append(t.ranges, [2]rune{from, to})
	}
	return t, s[1:], nil
}

// fold makes one character of those that differ in case alone.
func fold(r rune) rune {
	if r < utf8.RuneSelf {
		if 'A' <= r && r <= 'Z' {
			r += 'a' - 'A'
		}
		return r
	}
	return unicode.ToLower(unicode.ToUpper(r)) // of the two small sigmas one
}

func (t *token) holds(r rune) bool {
	if r == '/' {
		return false
	}
	for _, c := range t.ranges {
		for _, r := range [...]rune{r, fold(r), unicode.ToUpper(r)} {
			if c[0] <= r && r <= c[1] {
				return !t.negate
			}
		}
	}
	return t.negate
}

// Match reports whether the whole name is as the pattern says.
func (p *Pattern) Match(name string) bool {
	if !isASCII(name) && !norm.NFC.IsNormalString(name) {
		name = norm.NFC.String(name)
	}
	for _, tokens := range p.alternatives {
		if match(tokens, name) {
			return true
		}
	}
	return false
}

// match goes back to the last star, and when that one has met a /, to the last
// double star: a later one never does better by an earlier star's taking more.
func match(tokens []token, name string) bool {
	type place struct{ token, at int }
	if n := len(tokens); n > 0 && name != "" && tokens[n-1].kind == literal {
		// Most names that "*.jpg" does not match need not be gone through.
		if last := name[len(name)-1]; last < utf8.RuneSelf && fold(rune(last)) != tokens[n-1].char {
			return false
		}
	}
	single, any := place{-1, 0}, place{-1, 0}
	t, at := 0, 0
	for {
		if t == len(tokens) {
			if at == len(name) {
				return true
			}
		} else if token := &tokens[t]; token.kind == star {
			single = place{t, at}
			t++
			continue
		} else if token.kind >= double {
			any, single = place{t, at}, place{-1, 0}
			t++
			continue
		} else if at < len(name) {
			r, n := rune(name[at]), 1
			switch {
			case r >= utf8.RuneSelf:
				r, n = utf8.DecodeRuneInString(name[at:])
			case 'A' <= r && r <= 'Z' && token.kind == literal:
				r += 'a' - 'A'
			}
			if token.kind == literal && r == token.char || token.takes(r, n) {
				t, at = t+1, at+n
				continue
			}
		}
		switch {
		case single.token >= 0 && single.at < len(name) && name[single.at] != '/':
			single.at += width(name[single.at:])
			t, at = single.token+1, single.at
		case any.token >= 0 && any.at < len(name):
			any.at += width(name[any.at:])
			if tokens[any.token].kind == folders { // it ends after a /
				for any.at < len(name) && name[any.at-1] != '/' {
					any.at++
				}
				if name[any.at-1] != '/' {
					return false
				}
			}
			single = place{-1, 0}
			t, at = any.token+1, any.at
		default:
			return false
		}
	}
}

// takes reports whether a token that is one character is r, of n bytes.
func (t *token) takes(r rune, n int) bool {
	switch t.kind {
	case literal:
		return n > 1 && fold(r) == t.char
	case one:
		return r != '/'
	}
	return t.holds(r)
}

func isASCII(s string) bool {
	for i := range len(s) {
		if s[i] >= utf8.RuneSelf {
			return false
		}
	}
	return true
}

func width(s string) int {
	if s[0] < utf8.RuneSelf {
		return 1
	}
	_, n := utf8.DecodeRuneInString(s)
	return n
}
