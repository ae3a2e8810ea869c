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

// Context writes a table a model: the ranks of each pair, as they are and without each cue.
func (o *Output) Context(r api.ContextReport) error {
	fmt.Fprintf(o.Text, "Ranks among %s, all altered in the same way:\n", Count(r.Pictures, "picture"))
	for _, m := range r.Models {
		fmt.Fprintln(o.Text)
		if err := o.heading(m); err != nil {
			return err
		}
		t := term.Table{Columns: []term.Column{{Header: "pair", Whole: true}}}
		for _, cue := range r.Without {
			t.Columns = append(t.Columns, term.Column{Header: withoutText(cue), Right: true, Whole: true})
		}
		for _, p := range r.Pairs {
			cells := []term.Cell{{Text: p.A + " – " + p.B}}
			for _, cue := range r.Without {
				rank := p.Ranks[m][cue]
				cells = append(cells, term.Cell{Text: fmt.Sprintf("%d/%d", rank[0], rank[1]), Style: rankStyle(rank)})
			}
			t.AddCells(cells...)
		}
		if err := t.Write(o.Screen); err != nil {
			return err
		}
	}
	return nil
}

// ContextPage writes the same as a page with the pictures.
func ContextPage(ctx context.Context, w io.Writer, from *Pictures, r api.ContextReport) error {
	d := page.ReportData{
		Title: "What holds the pairs together",
		Lead:  fmt.Sprintf("Ranks of the pairs among %s when a cue is removed from all of them.", Count(r.Pictures, "picture")),
	}
	for _, m := range r.Models {
		s := page.ReportSection{Title: m, Columns: []string{"pair"}}
		for _, cue := range r.Without {
			s.Columns = append(s.Columns, withoutText(cue))
		}
		for _, p := range r.Pairs {
			pictures, err := from.named(ctx, p.A, p.B)
			if err != nil {
				return err
			}
			row := []page.ReportCell{{Text: p.A + " · " + p.B, Pictures: pictures}}
			for _, cue := range r.Without {
				rank := p.Ranks[m][cue]
				cell := page.ReportCell{Text: fmt.Sprintf("%d/%d", rank[0], rank[1]), Tone: page.RankTone(rank)}
				if cue != "" {
					for _, p := range pictures {
						if altered, ok := from.altered(ctx, p.Name+" without "+cue, p.Source, cue); ok {
							cell.Pictures = append(cell.Pictures, altered)
						}
					}
				}
				row = append(row, cell)
			}
			s.Rows = append(s.Rows, row)
		}
		s.Note = "The pictures beside the ranks are the model's input: without " + strings.Join(r.Without[1:], ", ") + "."
		d.Sections = append(d.Sections, s)
	}
	return page.Report(w, d)
}

func withoutText(cue string) string {
	if cue == "" {
		return "unaltered"
	}
	return "without " + cue
}
