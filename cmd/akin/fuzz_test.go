package main

import (
	"strings"
	"testing"
)

// Whatever a list of names is, its entries are not empty, and no more than it holds.
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
