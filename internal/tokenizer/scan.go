package tokenizer

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
)

// scanner reads JSON once, from its beginning to its end, and copies no text that it
// need not: a tokenizer's file has thirty megabytes and two million strings, and
// encoding/json takes three times as long. The first mistake is kept in err; what is
// read after it is void.
type scanner struct {
	data string
	at   int
	err  error
}

func (s *scanner) fail(format string, args ...any) {
	if s.err == nil {
		s.err = fmt.Errorf("byte %d: %w", s.at, fmt.Errorf(format, args...))
		s.at = len(s.data)
	}
}

// next returns the next byte that is no white space, without taking it; 0 at the end.
func (s *scanner) next() byte {
	for ; s.at < len(s.data); s.at++ {
		switch c := s.data[s.at]; c {
		case ' ', '\n', '\r', '\t':
		default:
			return c
		}
	}
	return 0
}

func (s *scanner) take(c byte) {
	if got := s.next(); got != c {
		if got == 0 {
			s.fail("the file ends where %q should be", c)
		}
		s.fail("%q instead of %q", got, c)
		return
	}
	s.at++
}

// text reads a string.
func (s *scanner) text() string {
	s.take('"')
	start, escaped := s.at, false
	for {
		n := strings.IndexByte(s.data[s.at:], '"')
		if n < 0 {
			s.fail("a text has no end")
			return ""
		}
		slash := strings.IndexByte(s.data[s.at:s.at+n], '\\')
		if slash < 0 {
			s.at += n + 1
			break
		}
		escaped = true
		s.at += slash + 2 // what follows it may be a quotation mark
	}
	text := s.data[start : s.at-1]
	if escaped {
		if err := json.Unmarshal([]byte(s.data[start-1:s.at]), &text); err != nil {
			s.fail("%w", err)
		}
	}
	return text
}

// integer reads a number without a fraction.
func (s *scanner) integer() int64 {
	s.next()
	start := s.at
	for s.at < len(s.data) && strings.IndexByte("+-.0123456789Ee", s.data[s.at]) >= 0 {
		s.at++
	}
	n, err := strconv.ParseInt(s.data[start:s.at], 10, 64)
	if err != nil {
		s.fail("%.40q is no whole number", s.data[start:s.at])
	}
	return n
}

// object reads an object; f reads each value.
func (s *scanner) object(f func(key string)) {
	s.take('{')
	for s.err == nil && s.next() != '}' {
		key := s.text()
		s.take(':')
		f(key)
		if s.next() != '}' {
			s.take(',')
		}
	}
	s.take('}')
}

// array reads an array; f reads each value.
func (s *scanner) array(f func()) {
	s.take('[')
	for s.err == nil && s.next() != ']' {
		f()
		if s.next() != ']' {
			s.take(',')
		}
	}
	s.take(']')
}

// into reads any value as encoding/json does.
func (s *scanner) into(v any) {
	s.next()
	start := s.at
	for depth := 0; s.err == nil; {
		switch s.next() {
		case '"':
			s.text()
		case '{', '[':
			depth++
			s.at++
		case '}', ']':
			if depth--; depth >= 0 {
				s.at++
			}
		case ',':
			if depth > 0 {
				s.at++
			}
		case 0:
			s.fail("the file ends within a value")
		default:
			s.at++
		}
		if c := s.next(); depth < 0 || depth == 0 && (c == ',' || c == '}' || c == ']' || c == 0) {
			break
		}
	}
	if s.err != nil || v == nil {
		return
	}
	if err := json.Unmarshal([]byte(s.data[start:s.at]), v); err != nil {
		s.fail("%w", err)
	}
}
