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

// Comparison writes a column a model, its best hits below one another.
func (o *Output) Comparison(r api.Comparison) error {
	var none []string
	for _, row := range r.Rows {
		if row.NoGoodMatch {
			none = append(none, row.Model)
		}
	}
	switch {
	case len(none) == len(r.Rows):
		fmt.Fprintln(o.Text, "no good match")
	case len(none) > 0:
		if err := o.sentences("no good match according to " + strings.Join(none, ", ")); err != nil {
			return err
		}
	}
	if err := o.heading(Query(r.Query)); err != nil {
		return err
	}
	t := term.Table{Columns: []term.Column{{Header: "#", Right: true}}}
	longest := 0
	for _, row := range r.Rows {
		t.Columns = append(t.Columns, term.Column{Header: row.Model})
		if row.Model != api.Fused {
			t.Columns = append(t.Columns, term.Column{Right: true, Whole: true})
		}
		longest = max(longest, len(row.Hits))
	}
	for i := range longest {
		cells := []term.Cell{{Text: fmt.Sprint(i + 1)}}
		for _, row := range r.Rows {
			var name, score term.Cell
			if i < len(row.Hits) {
				h := row.Hits[i]
				name = term.Cell{Text: h.Name}
				score = term.Cell{Text: fmt.Sprintf("%.3f", h.Score), Style: term.GradeStyle(string(h.Grade))}
			}
			cells = append(cells, name)
			if row.Model != api.Fused {
				cells = append(cells, score)
			}
		}
		t.AddCells(cells...)
	}
	if !t.Fits(o.Screen) {
		return o.comparisonStacked(r)
	}
	return t.Write(o.Screen)
}

// comparisonStacked writes the hits of each model below those of the one before, for screens that are too narrow for columns.
func (o *Output) comparisonStacked(r api.Comparison) error {
	for i, row := range r.Rows {
		if i > 0 {
			fmt.Fprintln(o.Text)
		}
		if err := o.heading(row.Model); err != nil {
			return err
		}
		t := term.Table{Columns: []term.Column{{Right: true}, {}, {Right: true, Whole: true}}}
		for _, h := range row.Hits {
			score := ""
			if row.Model != api.Fused {
				score = fmt.Sprintf("%.3f", h.Score)
			}
			t.AddCells(term.Cell{Text: fmt.Sprint(h.Rank)}, term.Cell{Text: h.Name}, term.Cell{Text: score, Style: term.GradeStyle(string(h.Grade))})
		}
		if err := t.Write(o.Screen); err != nil {
			return err
		}
	}
	return nil
}

// ComparisonPage writes the same as a page with the pictures.
func ComparisonPage(ctx context.Context, w io.Writer, from *Pictures, r api.Comparison) error {
	d := page.CompareData{}
	for _, t := range r.Query {
		d.Query = append(d.Query, page.Part{Picture: from.of(ctx, t.Picture, t.Source), Text: t.Text, Weight: t.Weight})
	}
	for _, row := range r.Rows {
		d.Rows = append(d.Rows, page.Row{Model: row.Model, Fused: row.Model == api.Fused, Hits: from.hits(ctx, row.Hits), NoGoodMatch: row.NoGoodMatch})
	}
	return page.Compare(w, d)
}
