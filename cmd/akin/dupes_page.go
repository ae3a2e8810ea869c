package main

import (
	"bufio"
	"context"
	"fmt"
	"strings"

	"github.com/akin-search/akin"
	"github.com/akin-search/akin/cmd/akin/internal/page"
)

// shownGroups is how many groups a page has.
const shownGroups = 500

// shownOnPage is how many pictures of a series a page has.
const shownOnPage = 24

func (a *app) dupesPage(ctx context.Context, path string, d akin.Duplicates) error {
	thumbs := a.thumbs()
	out := page.DupesData{Title: "Copies", Lead: strings.Join(dupesWords(dupesAnswer{Duplicates: akin.Duplicates{
		Pictures: d.Pictures, Groups: d.Groups, Series: d.Series, Remove: d.Remove, Bytes: d.Bytes, Reviewed: d.Reviewed, Blank: d.Blank,
	}}), " ")}
	if warning := dupesWarning(d.Calibration); warning != "" {
		out.Lead = warning + " " + out.Lead
	}
	if more := len(d.Groups) - shownGroups; more > 0 {
		out.Lead += fmt.Sprintf(" The first %d groups are shown.", shownGroups)
	}
	for _, g := range d.Groups[:min(shownGroups, len(d.Groups))] {
		var group page.DupesGroup
		for _, p := range g.Copies {
			one := page.DupesPicture{
				Picture: thumbs.of(ctx, p.Name, p.Source), Mark: dupeKind(p) + ", " + dupeFate(p), Away: p.Remove,
				Lines: append([]string{fmt.Sprintf("%d × %d %s, %s", p.Width, p.Height, p.Format, bytesText(p.Bytes))}, dupeEvidence(p)...),
			}
			if p.Best {
				one.Mark = "best: " + g.Why
				group.Best = one
				continue
			}
			group.Copies = append(group.Copies, one)
		}
		out.Groups = append(out.Groups, group)
	}
	for _, g := range d.Series[:min(shownGroups, len(d.Series))] {
		var group page.DupesGroup
		for k, p := range g.Copies[:min(shownOnPage, len(g.Copies))] {
			one := page.DupesPicture{
				Picture: thumbs.of(ctx, p.Name, p.Source), Mark: "series, keep",
				Lines: append([]string{fmt.Sprintf("%d × %d %s, %s", p.Width, p.Height, p.Format, bytesText(p.Bytes))}, dupeEvidence(p)...),
			}
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

// dupeEvidence says how far a copy is from the best.
func dupeEvidence(p akin.Duplicate) []string {
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
