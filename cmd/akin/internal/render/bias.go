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

// Bias writes the pairs that models trained on language rank nearer.
func (o *Output) Bias(r api.Bias) error {
	if err := o.sentences(biasLead(r), ""); err != nil {
		return err
	}
	t := term.Table{Columns: []term.Column{{Header: "pair", Whole: true}, {Header: "nearer", Right: true, Whole: true}, {Header: "chance", Right: true, Whole: true}, {Header: "FDR", Right: true, Whole: true},
		{Header: "language", Right: true, Whole: true}, {Header: "looks", Right: true, Whole: true}}}
	models := append(append([]string{}, r.Language...), r.Visual...)
	for _, m := range models {
		t.Columns = append(t.Columns, term.Column{Header: m, Right: true, Whole: true})
	}
	for _, p := range r.Pairs {
		cells := []term.Cell{{Text: p.A + " – " + p.B}, {Text: ratioText(p.Ratio)}, {Text: shareText(p.Chance)}, {Text: shareText(p.FDR)}, {Text: meanRank(p.Language)}, {Text: meanRank(p.Visual)}}
		for _, m := range models {
			rank := p.Ranks[m]
			cells = append(cells, term.Cell{Text: fmt.Sprintf("%d/%d", rank[0], rank[1]), Style: rankStyle(rank)})
		}
		t.AddCells(cells...)
	}
	return t.Write(o.Screen)
}

// BiasPage writes the same as a page with the pictures.
func BiasPage(ctx context.Context, w io.Writer, from *Pictures, r api.Bias) error {
	models := append(append([]string{}, r.Language...), r.Visual...)
	s := page.ReportSection{
		Columns: append([]string{"pair", "nearer by language", "chance", "FDR"}, models...),
		Note: "Ranks: the second picture among the first one's neighbours, and the first among the second one's. " +
			"Chance: the fraction of all pairs with at least this ratio. FDR: the false discovery rate, estimated by dividing the models at random.",
	}
	for _, p := range r.Pairs {
		pictures, err := from.named(ctx, p.A, p.B)
		if err != nil {
			return err
		}
		row := []page.ReportCell{{Text: p.A + " · " + p.B, Pictures: pictures}, {Text: ratioText(p.Ratio)}, {Text: shareText(p.Chance)}, {Text: shareText(p.FDR)}}
		for _, m := range models {
			rank := p.Ranks[m]
			row = append(row, page.ReportCell{Text: fmt.Sprintf("%d/%d", rank[0], rank[1]), Tone: page.RankTone(rank)})
		}
		s.Rows = append(s.Rows, row)
	}
	d := page.ReportData{Title: "Near by meaning, not by looks", Lead: biasLead(r), Sections: []page.ReportSection{s}}
	return page.Report(w, d)
}

// biasLead says which models are compared, over which pairs.
func biasLead(r api.Bias) string {
	of := "all pairs of " + Count(r.Pictures, "picture")
	if r.Sample {
		of = fmt.Sprintf("all pairs of a sample of %d pictures", r.Pictures)
	}
	return fmt.Sprintf("Trained on language: %s. Trained on pictures alone: %s. Chance: among %s.",
		strings.Join(r.Language, ", "), strings.Join(r.Visual, ", "), of)
}

// ratioText formats the ratio of two geometric mean ranks.
func ratioText(times float64) string {
	if times >= 10 {
		return fmt.Sprintf("%.0f×", times)
	}
	return fmt.Sprintf("%.1f×", times)
}

func meanRank(r float64) string {
	if r >= 10 {
		return fmt.Sprintf("%.0f", r)
	}
	return fmt.Sprintf("%.1f", r)
}

func shareText(share float64) string {
	if share < 0.01 && share > 0 {
		return fmt.Sprintf("%.2g %%", 100*share)
	}
	return fmt.Sprintf("%.0f %%", 100*share)
}
