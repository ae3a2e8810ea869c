package glob

import (
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/bmatcuk/doublestar/v4"
)

func TestPatternsMatchAsPeopleExpect(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		why, pattern, name string
		want               bool
	}{
		{"the very name", "cat", "cat", true},
		{"not a part of it", "cat", "cats", false},
		{"another case", "IMG_*", "img_0001", true},
		{"another case of umlauts", "*ÄRGER", "großer ärger", true},
		{"Greek's final sigma", "ΟΔΟΣ", "οδος", true},
		{"composed and decomposed", "sa\u0303o*", "S\u00e3o Paulo", true},
		{"decomposed and composed", "s\u00e3o*", "Sa\u0303o Paulo", true},
		{"one character of several bytes", "?", "\u754c", true},
		{"none is not one", "?", "", false},
		{"a star may be nothing", "a*b*", "ab", true},
		{"going back", "*ab*abc", "xababdabc", true},
		{"a star stays in its folder", "a*b", "a/b", false},
		{"a double star does not", "a**b", "ax/y/zb", true},
		{"folders in between", "a/**/b", "a/x/y/b", true},
		{"no folders in between", "a/**/b", "a/b", true},
		{"whole folders only", "a/**/b", "a/xb", false},
		{"any folder in front", "**/b*.png", "x/y/b1.png", true},
		{"or none", "**/b*.png", "b1.png", true},
		{"two of them, and back", "**/a/**/c", "a/b/a/b/c", true},
		{"all below", "a/**", "a/b/c", true},
		{"everything", "**", "a/b", true},
		{"a range", "[a-c]1", "b1", true},
		{"a range in another case", "[A-C]1", "b1", true},
		{"not in it", "[!a-c]1", "B1", false},
		{"not in it, the other way", "[^a-c]1", "d1", true},
		{"no class holds a slash", "a[!b]c", "a/c", false},
		{"a bracket in a class", "[]x]", "]", true},
		{"a minus at the end", "[a-]", "-", true},
		{"alternatives", "{cat,dog}*", "Dogs", true},
		{"alternatives in alternatives", "{a{1,2},b}.x", "a2.x", true},
		{"an empty one", "cat{,s}", "cat", true},
		{"a comma alone", "a,b", "a,b", true},
		{"what is special, escaped", `\*\[\{\\`, `*[{\`, true},
		{"nothing", "", "", true},
		{"nothing is not something", "", "a", false},
	} {
		p, err := Compile(c.pattern)
		if err != nil {
			t.Errorf("%s: %v", c.why, err)
		} else if got := p.Match(c.name); got != c.want {
			t.Errorf("%s: %q matches %q: %v", c.why, c.pattern, c.name, got)
		}
	}
}

func TestMalformedPatternsAreTold(t *testing.T) {
	t.Parallel()
	for _, pattern := range []string{"[", "[a", "[]", "[!", "{a", "{a{b}", `a\`, "[z-a]", strings.Repeat("{a,b}", 11), "[a-"} {
		if _, err := Compile(pattern); err == nil || !strings.Contains(err.Error(), "malformed") {
			t.Errorf("%.20s: %v", pattern, err)
		}
	}
}

// A pattern that goes back and back ends soon: the work is a pattern times a name.
func TestNoPatternTakesForEver(t *testing.T) {
	t.Parallel()
	p, err := Compile(strings.Repeat("a*", 500) + "**/" + strings.Repeat("a**", 500) + "b")
	if err != nil {
		t.Fatal(err)
	}
	if p.Match(strings.Repeat("a", 5000) + "/" + strings.Repeat("a", 5000)) {
		t.Error("it matches")
	}
}

func FuzzGlob(f *testing.F) {
	for _, s := range [][2]string{
		{"a*b?[a-c]", "axxbyb"}, {"**/x/**/y*", "a/x/b/y1"}, {"{a,b*}c/**", "bbc/d"}, {"[!x]*", "abc"}, {`\*a`, "*a"}, {"a/*/c", "a/b/c"},
	} {
		f.Add(s[0], s[1])
	}
	f.Fuzz(func(t *testing.T, pattern, name string) {
		p, err := Compile(pattern)
		if err != nil {
			return
		}
		got := p.Match(name)
		// doublestar agrees wherever the two mean the same: small ASCII letters, double
		// stars for whole folders with something below, no odd classes.
		lower := func(s string) bool {
			return strings.IndexFunc(s, func(r rune) bool { return r >= utf8.RuneSelf || r >= 'A' && r <= 'Z' }) < 0
		}
		if !lower(pattern) || !lower(name) || !doublestar.ValidatePattern(pattern) || strings.ContainsAny(pattern, `[\{`) ||
			strings.Contains(pattern, "***") || strings.HasPrefix(name, "/") || strings.Contains(name, "//") || strings.HasSuffix(name, "/") ||
			strings.Contains(pattern, "//") || strings.HasSuffix(pattern, "/") {
			return
		}
		for _, element := range strings.Split(pattern, "/") {
			if strings.Contains(element, "**") && element != "**" {
				return
			}
		}
		if strings.HasSuffix(pattern, "/**") { // there it also means the folder itself
			return
		}
		if want := doublestar.MatchUnvalidated(pattern, name); got != want {
			t.Errorf("%q matches %q: %v, doublestar says %v", pattern, name, got, want)
		}
	})
}

func BenchmarkMatch(b *testing.B) {
	p, err := Compile("img_*7?")
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		p.Match("IMG_20240731_123456")
	}
}
