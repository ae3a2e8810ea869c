package ftfy

import (
	"html"
	"slices"
	"strings"
	"unicode"

	"golang.org/x/text/cases"
	"golang.org/x/text/language"
	"golang.org/x/text/unicode/norm"
)

// missing are the two names of HTML 5 that Go's package html lacks.
var missing = map[string]string{"nGt": "≫\u20d2", "nLt": "≪\u20d2"}

// entity returns what &name; stands for in HTML 5.
func entity(name string) (string, bool) {
	if text, ok := missing[name]; ok {
		return text, true
	}
	text := html.UnescapeString("&" + name + ";")
	// Where only the beginning of a name is known, or nothing, the rest stays; of the known ones, only semi has a
	// semicolon.
	return text, name == "semi" || !strings.HasSuffix(text, ";")
}

// legacyEntity returns what &name stands for without a semicolon.
func legacyEntity(name string) (string, bool) {
	text, ok := entity(name)
	return text, ok && html.UnescapeString("&"+name) == text
}

const longestLegacyName = 6 // Aacute and others

// UnescapeHTML is Python's html.unescape, which follows HTML 5's rules for text: a name may lack its semicolon, and what
// is no character disappears.
func UnescapeHTML(text string) string {
	if !strings.Contains(text, "&") {
		return text
	}
	var out strings.Builder
	for {
		before, after, found := strings.Cut(text, "&")
		out.WriteString(before)
		if !found {
			return out.String()
		}
		value, n := reference(after)
		if n == 0 {
			value = "&"
		}
		out.WriteString(value)
		text = after[n:]
	}
}

// reference returns what the reference at the beginning of a text, after its "&", stands for, and its length: 0 where
// there is none.
func reference(text string) (value string, n int) {
	if strings.HasPrefix(text, "#") {
		return number(text)
	}
	end, chars := len(text), 0
	for i, r := range text {
		if chars == 32 || strings.ContainsRune("\t\n\f <&#;", r) {
			end = i
			break
		}
		chars++
	}
	name := text[:end]
	if strings.HasPrefix(text[end:], ";") {
		if value, ok := entity(name); ok {
			return value, end + 1
		}
	}
	for n := min(len(name), longestLegacyName); n > 1; n-- {
		if value, ok := legacyEntity(name[:n]); ok {
			return value, n
		}
	}
	return "", 0
}

// number reads #123; or #x7b;, with or without the semicolon.
func number(text string) (value string, n int) {
	base, start := rune(10), 1
	if len(text) > 1 && text[1]|0x20 == 'x' {
		base, start = 16, 2
	}
	r := rune(0)
	for n = start; n < len(text); n++ {
		digit := strings.IndexByte("0123456789abcdef0123456789ABCDEF", text[n]) % 16
		if digit < 0 || digit >= int(base) {
			break
		}
		r = min(r*base+rune(digit), unicode.MaxRune+1)
	}
	if n == start {
		return "", 0
	}
	if n < len(text) && text[n] == ';' {
		n++
	}
	return character(r), n
}

// character is what a number stands for: those of controls mean Windows-1252.
func character(r rune) string {
	switch {
	case r == 0, r > unicode.MaxRune, r >= 0xd800 && r <= 0xdfff:
		return "\ufffd"
	case r == '\r':
		return "\r"
	case r >= 0x80 && r <= 0x9f:
		return string(windows1252.decode[r])
	case r <= 0x08, r == 0x0b, r >= 0x0e && r <= 0x1f, r == 0x7f, r >= 0xfdd0 && r <= 0xfdef, r&0xfffe == 0xfffe:
		return ""
	}
	return string(r)
}

// unescapeEntities replaces &#?[0-9A-Za-z]{1,24}; where that is one of HTML 5, or one in capitals.
func unescapeEntities(text []rune) []rune {
	if !slices.Contains(text, '&') {
		return text
	}
	var out []rune
	for i := 0; i < len(text); {
		if text[i] == '&' {
			if name, n := entityName(text[i+1:]); n > 0 {
				if value, ok := unescapeEntity(name); ok {
					out = append(out, []rune(value)...)
					i += 1 + n
					continue
				}
			}
		}
		out = append(out, text[i])
		i++
	}
	return out
}

// entityName is the name of an entity at the beginning of a text, after its "&", and its length with the semicolon.
func entityName(text []rune) (name string, n int) {
	start := 0
	if len(text) > 0 && text[0] == '#' {
		start = 1
	}
	for n = start; n < len(text) && n-start <= longestName; n++ {
		switch r := text[n]; {
		case r >= '0' && r <= '9', r >= 'A' && r <= 'Z', r >= 'a' && r <= 'z':
		case r == ';' && n > start:
			return string(text[:n]), n + 1
		default:
			return "", 0
		}
	}
	return "", 0
}

const longestName = 24

func unescapeEntity(name string) (string, bool) {
	if name[0] == '#' {
		value, n := number(name + ";")
		return value, n == len(name)+1 && value != ";"
	}
	if value, ok := entity(name); ok {
		return value, true
	}
	// &NTILDE; is what is left of &ntilde; where a text was made capitals.
	small := strings.ToLower(name)
	if name != strings.ToUpper(name) || UnescapeHTML("&"+name+";") != "&"+name+";" {
		return "", false
	}
	value, ok := entity(small)
	return cases.Upper(language.Und).String(value), ok
}

// standardWidth is a character of full or half width in its ordinary one.
func standardWidth(r rune) []rune { return []rune(norm.NFKC.String(string(r))) }
