package main

import (
	"errors"
	"math"
	"strings"
	"testing"
)

// Whatever a person types as a query, it is one, or a usage error.
func FuzzQueries(f *testing.F) {
	for _, s := range []string{"Chad", "2:text:a boat", "0.5:./cat.jpg", "text:", "nan:x", "1e400:x", ":", "http://x.org/a:b"} {
		f.Add(s, "0%,50%,100%,50%")
	}
	f.Add("cat", "10,20,30,40")
	f.Add("cat", "0.1,0.2,0.3,1e9")
	f.Fuzz(func(t *testing.T, arg, crop string) {
		var usage usageError
		q, err := (&queryFlags{}).term(arg)
		if err != nil && !errors.As(err, &usage) {
			t.Errorf("%q: %v", arg, err)
		}
		for _, term := range q {
			if term.Weight == 0 || math.IsNaN(term.Weight) || math.IsInf(term.Weight, 0) || (term.Text == "") == (term.Picture == "") {
				t.Errorf("%q: %+v", arg, term)
			}
		}
		c, err := parseCrop(crop)
		if err != nil && !errors.As(err, &usage) {
			t.Errorf("%q: %v", crop, err)
		}
		if err == nil && (c.Check() != nil || c.Width <= 0 || c.Height <= 0) {
			t.Errorf("%q: %+v", crop, c)
		}
	})
}

// Whatever a list of names is, its entries are lines of it, none of them empty.
func FuzzNameLists(f *testing.F) {
	f.Add("a\nb\n\nc")
	f.Add("a\x00b\x00")
	f.Fuzz(func(t *testing.T, text string) {
		names, err := readList(strings.NewReader(text))
		for _, n := range names {
			if err == nil && (n == "" || !strings.Contains(text, n)) {
				t.Errorf("%q out of %q", n, text)
			}
		}
	})
}
