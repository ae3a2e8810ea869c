package main

import (
	"slices"
	"strings"
	"testing"

	"github.com/akin-search/akin/api"
)

// A page is read by who has no command line before them: its words name no flag, and say what stays and why.
func TestWordsOfCopiesOnAPageNameNoFlags(t *testing.T) {
	t.Parallel()
	series := api.DuplicateGroup{Kind: api.Series, Copies: make([]api.Duplicate, 30)}
	unsure := api.DuplicateGroup{Unsure: true, Copies: []api.Duplicate{{Best: true}, {Kind: api.NearCopy}}}
	better := api.DuplicateGroup{Copies: []api.Duplicate{{Best: true}, {Kind: api.NearCopy, Better: true}}}
	d := api.Duplicates{Pictures: 40, Groups: []api.DuplicateGroup{unsure, better}, Series: []api.DuplicateGroup{series, series}, Blank: []string{"white.png"}}
	got := foundWords(d, "is allowed")
	want := []string{
		"2 groups of 40 pictures; 0 pictures, 0 B, can go.",
		"2 series of 60 pictures that are alike and no copies: all stay.",
		"1 group stays: a picture there has one alike that differs, and more wrong ones would be expected than is allowed.",
		"1 copy is better than the best of the group, which lies in a better folder: no such copy goes.",
		"1 picture shows nothing, as white.png: copies of equal files only.",
	}
	if !slices.Equal(got, want) {
		t.Errorf("%s\nwant %s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	warning := dupesWarning(&api.DuplicateCalibration{HeldOut: 40, Found: 0.5})
	if !strings.HasPrefix(warning, "Only 50 % of the copies") || strings.Contains(warning, "--") {
		t.Errorf("%q", warning)
	}
	if n := leftOfSeries(d.Series, 1, 24); n != 6+30 { // 6 of the first, and all of the second
		t.Errorf("%d pictures are left of the series", n)
	}
	for i, fate := range []string{"keep", "keep: unsure"} {
		if got := dupeFate(unsure, unsure.Copies[i]); got != fate {
			t.Errorf("picture %d: %s, want %s", i, got, fate)
		}
	}
	link := api.Duplicate{Picture: api.Picture{Source: "a.png"}, Link: "b.png"}
	if got := dupeLink(link); !slices.Equal(got, []string{"leads to b.png"}) {
		t.Errorf("%q", got)
	}
}
