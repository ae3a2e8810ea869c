package weaviate

import (
	"maps"
	"slices"
	"strings"
	"testing"
)

// FuzzReviews holds that what a review's object says is a review that says the same, or an error.
func FuzzReviews(f *testing.F) {
	f.Add(strings.Repeat("0f", 32) + " 2\n" + strings.Repeat("a7", 32) + " 1")
	f.Add("0f 2")
	f.Add(strings.Repeat("zz", 32) + " -1")
	f.Fuzz(func(t *testing.T, text string) {
		r, err := parseReview(strings.Split(text, "\n"))
		if err != nil {
			return
		}
		again, err := parseReview(lines(r))
		if err != nil || !maps.Equal(r, again) || !slices.Equal(r.Hashes(), again.Hashes()) {
			t.Errorf("%q is %v, and written and read %v, %v", text, r, again, err)
		}
	})
}
