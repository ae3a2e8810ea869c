package render

import (
	"context"
	"fmt"
	"io"
	"strings"

	"github.com/akin-search/akin/api"
	"github.com/akin-search/akin/cmd/akin/internal/page"
	"github.com/akin-search/akin/cmd/akin/internal/term"
)

// Probe writes how much of its similarity a picture retains under each alteration.
func (o *Output) Probe(r api.ProbeReport) error {
	if err := o.sentences(fmt.Sprintf("Similarity retained under each alteration, with its 95 %% interval, over %s; then how many find their original:", Count(r.Pictures, "picture")), ""); err != nil {
		return err
	}
	t := term.Table{Columns: []term.Column{{Header: "alteration"}}}
	for _, m := range r.Models {
		t.Columns = append(t.Columns, term.Column{Header: m.Model, Right: true, Whole: true}, term.Column{Header: "found", Right: true, Whole: true})
	}
	t.Columns = append(t.Columns, term.Column{Header: ""})
	for i, change := range r.Changes {
		cells := []term.Cell{{Text: change.Name}}
		for _, m := range r.Models {
			reaction := m.Reactions[i]
			cells = append(cells, term.Cell{Text: retentionText(reaction), Style: retentionStyle(reaction.Retained)}, term.Cell{Text: fmt.Sprintf("%.0f %%", 100*reaction.Found)})
		}
		t.AddCells(append(cells, term.Cell{Text: change.About, Style: term.Faint})...)
	}
	if err := t.Write(o.Screen); err != nil {
		return err
	}
	fmt.Fprintln(o.Text)
	for _, m := range r.Models {
		if err := o.sentences(probeWords(m)); err != nil {
			return err
		}
	}
	return nil
}

// ProbePage writes the same as a page, with an altered picture a row.
func ProbePage(ctx context.Context, w io.Writer, from *Pictures, r api.ProbeReport) error {
	s := page.ReportSection{Columns: []string{"alteration"}, Note: "Similarity retained: 100 % is the same picture, 0 % is as near as any two. In brackets the 95 % interval; then how many altered pictures are nearer to their original than to any other picture."}
	for _, m := range r.Models {
		s.Columns = append(s.Columns, m.Model, "found")
	}
	for i, change := range r.Changes {
		cell := page.ReportCell{Text: change.Name + ": " + change.About}
		if altered, ok := from.altered(ctx, change.Name, r.Example.Source, change.Name); ok {
			cell.Pictures = []page.Picture{altered}
		}
		row := []page.ReportCell{cell}
		for _, m := range r.Models {
			reaction := m.Reactions[i]
			row = append(row, page.ReportCell{Text: retentionText(reaction), Tone: page.ShareTone(reaction.Retained)}, page.ReportCell{Text: fmt.Sprintf("%.0f %%", 100*reaction.Found), Tone: page.ShareTone(reaction.Found)})
		}
		s.Rows = append(s.Rows, row)
	}
	var words []string
	for _, m := range r.Models {
		words = append(words, probeWords(m))
	}
	d := page.ReportData{Title: "What each model looks at", Lead: fmt.Sprintf("%s, altered in %d ways; the example is %s. %s", Count(r.Pictures, "picture"), len(r.Changes), r.Example.Name, strings.Join(words, " ")), Sections: []page.ReportSection{s}}
	return page.Report(w, d)
}

// probeWords says what a model is invariant and sensitive to.
func probeWords(m api.Probed) string {
	list := func(alterations []string) string {
		if len(alterations) == 0 {
			return "none of these"
		}
		return strings.Join(alterations, ", ")
	}
	return fmt.Sprintf("%s is invariant to: %s. It is sensitive to: %s.", m.Model, list(m.Invariant), list(m.Sensitive))
}

// retentionText returns how much is retained, and its interval.
func retentionText(r api.Reaction) string {
	return fmt.Sprintf("%.0f %% (%.0f–%.0f)", 100*r.Retained, 100*r.RetainedWithin[0], 100*r.RetainedWithin[1])
}

func retentionStyle(kept float64) term.Style {
	switch {
	case kept >= 0.9:
		return term.GradeSame
	case kept >= 0.7:
		return term.GradeNear
	case kept >= 0.5:
		return term.GradeRelated
	}
	return term.GradeWeak
}
