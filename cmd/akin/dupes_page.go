package main

import (
	"bufio"
	"context"
	"fmt"
	"strings"

	"github.com/akin-search/akin/api"
	"github.com/akin-search/akin/cmd/akin/internal/page"
)

// shownGroups is how many groups a page has.
const shownGroups = 500

// shownOnPage is how many pictures of a series a page has.
const shownOnPage = 24

func (a *app) dupesPage(ctx context.Context, path string, d api.Duplicates) error {
	thumbs := a.thumbs()
	lead := foundWords(d, "is allowed")
	if warning := dupesWarning(d.Calibration); warning != "" {
		remedy := "Another model may propose more."
		if len(d.Series) > 0 {
			remedy = "Look at the series as well: a copy may be among them."
		}
		lead = append([]string{warning, remedy}, lead...)
	}
	if len(d.Groups) > shownGroups {
		lead = append(lead, fmt.Sprintf("The first %d groups are shown.", shownGroups))
	}
	if left := leftOfSeries(d.Series, shownGroups, shownOnPage); left > 0 {
		lead = append(lead, fmt.Sprintf("%s of series are not shown.", count(left, "picture")))
	}
	out := page.DupesData{Title: "Copies", Lead: strings.Join(lead, " ")}
	picture := func(p api.Duplicate, mark string) page.DupesPicture {
		lines := []string{fmt.Sprintf("%d × %d %s, %s", p.Width, p.Height, p.Format, bytesText(p.Bytes))}
		return page.DupesPicture{Picture: thumbs.of(ctx, p.Name, p.Source), Mark: mark, Away: p.Remove, Lines: append(append(lines, dupeLink(p)...), dupeEvidence(p)...)}
	}
	for _, g := range d.Groups[:min(shownGroups, len(d.Groups))] {
		var group page.DupesGroup
		for _, p := range g.Copies {
			if p.Best {
				group.Best = picture(p, "best: "+g.Why)
				continue
			}
			group.Copies = append(group.Copies, picture(p, dupeKind(p)+", "+dupeFate(g, p)))
		}
		out.Groups = append(out.Groups, group)
	}
	for _, g := range d.Series[:min(shownGroups, len(d.Series))] {
		var group page.DupesGroup
		for k, p := range g.Copies[:min(shownOnPage, len(g.Copies))] {
			one := picture(p, "series, keep")
			if k == 0 {
				group.Best = one
				continue
			}
			group.Copies = append(group.Copies, one)
		}
		out.Groups = append(out.Groups, group)
	}
	out.Notes = []string{"A picture is a copy of the best of its group, at the left. The pixels of both were laid on one another: distance is the largest difference " +
		"in any place, by what saving and scaling explain, and 1 is as far as copies go. Pictures of a series are as much alike as copies, and each shows something else."}
	if c := d.Calibration; c != nil {
		out.Notes = append(out.Notes, dupesTrust(c))
	}
	return writeFile(path, func(w *bufio.Writer) error { return page.Dupes(w, out) })
}

// dupeLink says where a link leads.
func dupeLink(p api.Duplicate) []string {
	switch p.Link {
	case "":
		return nil
	case p.Source:
		return []string{"another name of the same file"}
	}
	return []string{"leads to " + place(p.Link)}
}

// dupeEvidence says how far a copy is from the best.
func dupeEvidence(p api.Duplicate) []string {
	e := p.Evidence
	if e == nil {
		return nil
	}
	var lines []string
	if x := e.Pixels; x != nil && x.Verdict != "same" {
		lines = append(lines, x.Why)
	}
	if e.Pixels == nil || e.Pixels.Differs >= 0 {
		lines = append(lines, fmt.Sprintf("distance %.2f", e.Distance))
	}
	if e.Score != nil {
		lines = append(lines, fmt.Sprintf("score %.4f", *e.Score))
	}
	return lines
}
