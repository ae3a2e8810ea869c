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

func (a *app) dupesPage(ctx context.Context, path string, d akin.Duplicates) error {
	thumbs := a.thumbs()
	out := page.DupesData{Title: "Copies", Lead: strings.Join(dupesWords(dupesAnswer{Duplicates: akin.Duplicates{
		Pictures: d.Pictures, Groups: d.Groups, Remove: d.Remove, Bytes: d.Bytes, Reviewed: d.Reviewed,
	}}), " ")}
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
	out.Notes = []string{"A picture is a copy of the best of its group, at the left. Distance 1 is as far as copies are from what they were made of, " +
		"by the perceptual hash, the colours at 32 × 32 places, the shape and the embedding, whichever is furthest."}
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
	lines := []string{fmt.Sprintf("distance %.2f: %d bits of the hash, colours by up to %.0f", e.Distance, e.HashBits, e.Difference)}
	if e.Score != nil {
		lines = append(lines, fmt.Sprintf("score %.4f", *e.Score))
	}
	return lines
}
