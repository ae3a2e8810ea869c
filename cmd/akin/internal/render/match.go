package render

import (
	"fmt"
	"io"

	"github.com/akin-search/akin/api"
	"github.com/akin-search/akin/cmd/akin/internal/page"
	"github.com/akin-search/akin/cmd/akin/internal/term"
)

// Matching writes the parts that two pictures share.
func (o *Output) Matching(names [2]string, r api.Matching) error {
	if len(r.Matches) == 0 {
		return o.sentences(fmt.Sprintf("Nothing proves that %s and %s show the same thing.", names[0], names[1]))
	}
	t := term.Table{Columns: []term.Column{{Header: "in " + names[0], Whole: true}, {Header: "in " + names[1], Whole: true}, {Header: "places", Right: true}, {Header: "expected by chance", Right: true}}}
	for _, m := range r.Matches {
		t.Add(boxWords(m.BoxA), boxWords(m.BoxB), fmt.Sprint(m.Inliers), chanceWords(m.ExpectedFalse))
	}
	return t.Write(o.Screen)
}

// boxWords says where a box lies, in whole pixels.
func boxWords(b api.Box) string {
	return fmt.Sprintf("%.0f × %.0f at %.0f, %.0f", b[2], b[3], b[0], b[1])
}

// chanceWords says how many are expected by chance. Below a millionth, the model is less sure than its numbers.
func chanceWords(n float64) string {
	if n < 1e-6 {
		return "< 0.000001"
	}
	return fmt.Sprintf("%.2g", n)
}

// MatchingPage writes a page with both pictures and what matches.
func MatchingPage(w io.Writer, names [2]string, r api.Matching) error {
	d := page.MatchData{Names: names}
	const side = 560
	for i, p := range r.Pictures {
		thumb, err := page.Thumbnail(p.Width, p.Height, p.RGB, side)
		if err != nil {
			return err
		}
		d.Pictures[i] = page.MatchPicture{Thumb: thumb, Scale: float64(thumb.Width) / float64(p.Width)}
	}
	for _, m := range r.Matches {
		d.Matches = append(d.Matches, page.MatchPart{
			Note:      fmt.Sprintf("%s of %s is %s of %s; %s agree; %s expected by chance.", boxWords(m.BoxA), names[0], boxWords(m.BoxB), names[1], Count(m.Inliers, "place"), chanceWords(m.ExpectedFalse)),
			Transform: m.Transform, Outlines: m.Outlines, Places: m.Places,
		})
	}
	return page.Match(w, d)
}
