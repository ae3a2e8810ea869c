package main

import (
	"errors"
	"math"
	"strings"
	"testing"
)

// Any argument is a query or a usage error.
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

// The entries of a list of names are not empty, and are not longer than the list.
func FuzzNameLists(f *testing.F) {
	f.Add("a\nb\n\nc")
	f.Add("a\x00b\x00")
	f.Fuzz(func(t *testing.T, text string) {
		names, err := readList(strings.NewReader(text))
		bytes := 0
		for _, n := range names {
			if bytes += len(n); err == nil && n == "" {
				t.Errorf("an empty entry out of %q", text)
			}
		}
		if bytes > 4*len(text)+4 { // a byte of UTF-16 is two of UTF-8 at most
			t.Errorf("%d bytes out of %q", bytes, text)
		}
	})
}
