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

// Disagreement writes the rank of every hit in each model, and how far the models agree.
func (o *Output) Disagreement(r api.Disagreement) error {
	if err := o.heading(Query(r.Query)); err != nil {
		return err
	}
	t := term.Table{Columns: []term.Column{{Header: "picture"}}}
	for _, m := range r.Models {
		t.Columns = append(t.Columns, term.Column{Header: m, Right: true, Whole: true})
	}
	t.Columns = append(t.Columns, term.Column{Header: "found by", Wrap: true})
	for _, h := range r.Hits {
		cells := []term.Cell{{Text: h.Name}}
		for _, m := range r.Models {
			rank := h.Ranks[m]
			cells = append(cells, term.Cell{Text: rankText(rank), Style: rankStyle([2]int{max(rank, 1), max(rank, 1)})})
		}
		t.AddCells(append(cells, term.Cell{Text: foundBy(r, h), Style: term.Faint})...)
	}
	if err := t.Write(o.Screen); err != nil {
		return err
	}
	return o.agreement(r.Models, r.Overlap, fmt.Sprintf("\nShare of the first %s that two models have in common:", Count(r.Top, "hit")))
}

// CollectionDisagreement writes how far the models agree over the collection, and the pictures
// they agree on the least.
func (o *Output) CollectionDisagreement(r api.CollectionDisagreement) error {
	if err := o.agreement(r.Models, r.Overlap, fmt.Sprintf("Share of a picture's %d nearest that two models have in common, over %s:", r.Top, Count(r.Pictures, "picture"))); err != nil {
		return err
	}
	fmt.Fprintln(o.Text, "\nThe pictures they agree on the least, and the nearest of each:")
	t := term.Table{Columns: []term.Column{{Header: "picture"}, {Header: "agree", Right: true, Whole: true}}}
	for _, m := range r.Models {
		t.Columns = append(t.Columns, term.Column{Header: m})
	}
	for _, d := range r.Disputed {
		cells := []string{d.Name, fmt.Sprintf("%.0f %%", 100*d.Agreement)}
		for _, m := range r.Models {
			name := ""
			if len(d.Nearest[m]) > 0 {
				name = d.Nearest[m][0]
			}
			cells = append(cells, name)
		}
		t.Add(cells...)
	}
	return t.Write(o.Screen)
}

// DisagreementPage writes the same as a page with the pictures.
func DisagreementPage(ctx context.Context, w io.Writer, from *Pictures, r api.Disagreement) error {
	s := page.ReportSection{Title: "Rank of each hit in each model", Columns: append(append([]string{"picture"}, r.Models...), "found by")}
	for _, h := range r.Hits {
		row := []page.ReportCell{{Text: h.Name, Pictures: []page.Picture{from.of(ctx, h.Name, h.Source)}}}
		for _, m := range r.Models {
			rank := h.Ranks[m]
			row = append(row, page.ReportCell{Text: rankText(rank), Tone: page.RankTone([2]int{rank, rank})})
		}
		s.Rows = append(s.Rows, append(row, page.ReportCell{Text: foundBy(r, h)}))
	}
	d := page.ReportData{Title: Query(r.Query), Lead: "The best hits of each model, and their ranks in the others.", Sections: []page.ReportSection{
		s, agreementSection(r.Models, r.Overlap, fmt.Sprintf("Share of the first %s in common", Count(r.Top, "hit"))),
		agreementSection(r.Models, r.RankBiased, "Rank-biased overlap: 100 % is the same order, and the first ranks count most"),
	}}
	return page.Report(w, d)
}

// CollectionDisagreementPage writes the same as a page with the pictures.
func CollectionDisagreementPage(ctx context.Context, w io.Writer, from *Pictures, r api.CollectionDisagreement) error {
	s := page.ReportSection{Title: "Least agreement", Columns: append([]string{"picture", "agreement"}, r.Models...)}
	for _, p := range r.Disputed {
		row := []page.ReportCell{{Text: p.Name, Pictures: []page.Picture{from.of(ctx, p.Name, p.Source)}}, {Text: fmt.Sprintf("%.0f\u202f%%", 100*p.Agreement), Tone: page.ShareTone(p.Agreement)}}
		for _, m := range r.Models {
			nearest := p.Nearest[m][:min(2, len(p.Nearest[m]))]
			pictures, err := from.named(ctx, nearest...)
			if err != nil {
				return err
			}
			row = append(row, page.ReportCell{Text: strings.Join(nearest, " · "), Pictures: pictures})
		}
		s.Rows = append(s.Rows, row)
	}
	d := page.ReportData{
		Title: "Where the models disagree", Lead: fmt.Sprintf("The %d nearest of each of %s, in %d models.", r.Top, Count(r.Pictures, "picture"), len(r.Models)),
		Sections: []page.ReportSection{agreementSection(r.Models, r.Overlap, "Shared nearest neighbours of two models"), s},
	}
	return page.Report(w, d)
}

// agreement writes a table of models by models.
func (o *Output) agreement(models []string, shares [][]float64, lead string) error {
	fmt.Fprintln(o.Text, lead)
	t := term.Table{Columns: []term.Column{{Header: ""}}}
	for _, m := range models {
		t.Columns = append(t.Columns, term.Column{Header: m, Right: true, Whole: true})
	}
	for i, m := range models {
		cells := []string{m}
		for j := range models {
			text := ""
			if i != j {
				text = fmt.Sprintf("%.0f %%", 100*shares[i][j])
			}
			cells = append(cells, text)
		}
		t.Add(cells...)
	}
	return t.Write(o.Screen)
}

func agreementSection(models []string, shares [][]float64, title string) page.ReportSection {
	s := page.ReportSection{Title: title, Columns: append([]string{""}, models...)}
	for i, m := range models {
		row := []page.ReportCell{{Text: m}}
		for j := range models {
			if i == j {
				row = append(row, page.ReportCell{})
				continue
			}
			row = append(row, page.ReportCell{Text: fmt.Sprintf("%.0f\u202f%%", 100*shares[i][j]), Tone: page.ShareTone(shares[i][j])})
		}
		s.Rows = append(s.Rows, row)
	}
	return s
}

func rankText(rank int) string {
	if rank == 0 {
		return "–"
	}
	return fmt.Sprint(rank)
}

// foundBy says how many models have a hit among their first.
func foundBy(r api.Disagreement, h api.DisputedHit) string {
	if h.Alone != "" {
		return "only " + h.Alone
	}
	found := 0
	for _, m := range r.Models {
		if rank := h.Ranks[m]; rank > 0 && rank <= r.Top {
			found++
		}
	}
	return fmt.Sprintf("%d of %d", found, len(r.Models))
}
