package render

import (
	"slices"
	"strings"
	"testing"

	"github.com/akin-search/akin/api"
)

// Readers of a page may have no command line: its words name no flags, and say what is kept and why.
func TestDuplicatesOnAPageNameNoFlags(t *testing.T) {
	t.Parallel()
	series := api.DuplicateGroup{Kind: api.Series, Copies: make([]api.Duplicate, 30)}
	unsure := api.DuplicateGroup{Unsure: true, Copies: []api.Duplicate{{Best: true}, {Kind: api.NearCopy}}}
	better := api.DuplicateGroup{Copies: []api.Duplicate{{Best: true}, {Kind: api.NearCopy, Better: true}}}
	d := api.Duplicates{Pictures: 40, Calibration: &api.DuplicateCalibration{}, Groups: []api.DuplicateGroup{unsure, better}, Series: []api.DuplicateGroup{series, series}, Blank: []string{"white.png"}}
	got := foundWords(d, "is allowed")
	want := []string{
		"2 groups of duplicates in 40 pictures; 0 pictures can be removed, 0 B.",
		"2 series: 60 pictures that are similar but not duplicates. All are kept.",
		"1 group is kept: a picture in it has a lookalike that differs, and more false matches are expected than is allowed.",
		"1 duplicate is kept: better than the best of the group, which is in a preferred folder.",
		"1 picture is blank, such as white.png: only equal files count as duplicates of it.",
	}
	if !slices.Equal(got, want) {
		t.Errorf("%s\nwant %s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	exact := api.Duplicates{Pictures: 2}
	if got := foundWords(exact, "is allowed"); got[0] != "2 pictures: no exact duplicates." {
		t.Errorf("no others were looked for: %s", got[0])
	}
	d.Blank = append(d.Blank, "black.png")
	if got := foundWords(d, "is allowed"); got[4] != "2 pictures are blank, such as white.png: only equal files count as duplicates of them." {
		t.Errorf("%s", got[4])
	}
	warning := duplicatesWarning(&api.DuplicateCalibration{HeldOut: 40, Found: 0.5})
	if !strings.Contains(warning, "only 50 % of the duplicates") || strings.Contains(warning, "--") {
		t.Errorf("%q", warning)
	}
	if n := leftOfSeries(d.Series, 1, 24); n != 6+30 { // 6 of the first, and all of the second
		t.Errorf("%d pictures are left of the series", n)
	}
	for i, fate := range []string{"keep", "keep: unsure"} {
		if got := duplicateFate(unsure, unsure.Copies[i]); got != fate {
			t.Errorf("picture %d: %s, want %s", i, got, fate)
		}
	}
	link := api.Duplicate{Picture: api.Picture{Source: "a.png"}, Link: "b.png"}
	if got := duplicateLink(link); !slices.Equal(got, []string{"points to b.png"}) {
		t.Errorf("%q", got)
	}
}
