package render

import (
	"context"
	"fmt"
	"io"
	"strings"

	"github.com/akin-search/akin/api"
	"github.com/akin-search/akin/cmd/akin/internal/page"
)

const (
	shownGroups = 500 // on a page
	shownOnPage = 24  // of the pictures of a series
)

// DuplicatesPage writes the groups as a page with the pictures.
func DuplicatesPage(ctx context.Context, w io.Writer, from *Pictures, d api.Duplicates) error {
	out := page.DuplicatesData{Title: "Duplicates", Lead: strings.Join(duplicatesLead(d), " ")}
	picture := func(p api.Duplicate, mark string) page.DuplicatePicture {
		lines := []string{fmt.Sprintf("%d × %d %s, %s", p.Width, p.Height, p.Format, Bytes(p.Bytes))}
		return page.DuplicatePicture{Picture: from.of(ctx, p.Name, p.Source), Mark: mark, Away: p.Remove, Lines: append(append(lines, duplicateLink(p)...), duplicateEvidence(p)...)}
	}
	for _, g := range d.Groups[:min(shownGroups, len(d.Groups))] {
		var group page.DuplicateGroup
		for _, p := range g.Copies {
			if p.Best {
				group.Best = picture(p, "best: "+g.Why)
				continue
			}
			group.Copies = append(group.Copies, picture(p, duplicateKind(p)+", "+duplicateFate(g, p)))
		}
		out.Groups = append(out.Groups, group)
	}
	for _, g := range d.Series[:min(shownGroups, len(d.Series))] {
		var group page.DuplicateGroup
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
	out.Notes = []string{"Every picture is a duplicate of the best of its group, at the left. Distance is the largest difference between their pixels at any place, " +
		"relative to what compression and scaling explain: duplicates are within 1. The pictures of a series are as similar as duplicates, and each shows something else."}
	if c := d.Calibration; c != nil {
		out.Notes = append(out.Notes, calibrationWords(c)...)
	}
	return page.Duplicates(w, out)
}

// duplicatesLead returns what a page begins with.
func duplicatesLead(d api.Duplicates) []string {
	lead := foundWords(d, "is allowed")
	if warning := duplicatesWarning(d.Calibration); warning != "" {
		remedy := "Another model may find more."
		if len(d.Series) > 0 {
			remedy = "Look at the series as well: a duplicate may be among them."
		}
		lead = append([]string{warning, remedy}, lead...)
	}
	if len(d.Groups) > shownGroups {
		lead = append(lead, fmt.Sprintf("The first %d groups are shown.", shownGroups))
	}
	if left := leftOfSeries(d.Series, shownGroups, shownOnPage); left > 0 {
		lead = append(lead, fmt.Sprintf("%s of series not shown.", Count(left, "picture")))
	}
	return lead
}

// duplicateLink says where a link points.
func duplicateLink(p api.Duplicate) []string {
	switch p.Link {
	case "":
		return nil
	case p.Source:
		return []string{"another name of the same file"}
	}
	return []string{"points to " + Place(p.Link)}
}

// duplicateEvidence says how far a duplicate is from the best.
func duplicateEvidence(p api.Duplicate) []string {
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
