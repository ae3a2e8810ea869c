package render

import (
	"context"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/akin-search/akin/api"
	"github.com/akin-search/akin/cmd/akin/internal/page"
)

// GroupEvaluationPage writes the measures, and under them the groups' pictures.
func GroupEvaluationPage(ctx context.Context, w io.Writer, from *Pictures, labels []api.Label, r api.GroupEvaluation) error {
	measures := page.ReportSection{Title: "Measures", Columns: []string{"model", "mAP", "95 % interval", "R-precision", "MAP@R", "recall@1", "recall@5", "recall@10"}}
	for _, m := range r.Models {
		s := r.Summary[m]
		row := []page.ReportCell{{Text: m}, {Text: fmt.Sprintf("%.3f", s.MAP), Tone: page.ShareTone(s.MAP)}, {Text: span("%.2f–%.2f", s.MAPInterval, 1)}}
		for _, v := range []float64{s.RPrecision, s.MAPAtR, s.Recall1, s.Recall5, s.Recall10} {
			row = append(row, page.ReportCell{Text: fmt.Sprintf("%.3f", v), Tone: page.ShareTone(v)})
		}
		measures.Rows = append(measures.Rows, row)
	}
	groups := page.ReportSection{Title: "Groups", Columns: []string{"group", "pictures"}}
	at := map[string]int{}
	for _, l := range labels {
		if slices.Contains(r.Missing, l.Name) {
			continue
		}
		pictures, err := from.named(ctx, l.Name)
		if err != nil {
			return err
		}
		i, ok := at[l.Group]
		if !ok {
			i = len(groups.Rows)
			at[l.Group] = i
			groups.Rows = append(groups.Rows, []page.ReportCell{{Text: l.Group}, {}})
		}
		cell := &groups.Rows[i][1]
		cell.Pictures = append(cell.Pictures, pictures...)
	}
	d := page.ReportData{
		Title: "How well each model finds the groups", Sections: []page.ReportSection{measures, groups},
		Lead: fmt.Sprintf("Every picture of %s is a query for the others of its group.", Count(r.Groups, "group")),
	}
	if len(r.Missing) > 0 {
		d.Sections = append(d.Sections, page.ReportSection{Title: "Not in the collection", Lead: strings.Join(r.Missing, ", ")})
	}
	return page.Report(w, d)
}

// EvaluationPage writes the evaluation, and under it what each model finds for every picture of
// the pairs.
func EvaluationPage(ctx context.Context, w io.Writer, from *Pictures, r api.Evaluation,
	search func(model, name string) (api.Result, error)) error {
	pictures := map[string]page.Picture{}
	var names []string
	find := func(name string) (page.Picture, error) {
		if p, ok := pictures[name]; ok {
			return p, nil
		}
		p, err := from.Find(ctx, name)
		if err != nil {
			return page.Picture{}, err
		}
		pictures[name] = from.of(ctx, p.Name, p.Source)
		names = append(names, name)
		return pictures[name], nil
	}
	e := page.Evaluation{Models: r.Models}
	for _, p := range r.Pairs {
		from, err := find(p.A)
		if err != nil {
			return err
		}
		to, err := find(p.B)
		if err != nil {
			return err
		}
		row := page.Pair{A: from, B: to}
		for _, m := range r.Models {
			row.Ranks = append(row.Ranks, p.Ranks[m])
		}
		e.Pairs = append(e.Pairs, row)
	}
	for _, m := range r.Models {
		s := r.Summary[m]
		e.Summary = append(e.Summary, page.Summary{
			MRR: s.MRR, Within: s.MRRInterval, Recall1: s.Recall1, Recall5: s.Recall5, Recall10: s.Recall10, MedianRank: s.MedianRank,
		})
	}
	d := page.GalleryData{
		Title: "What looks alike", Evaluation: &e,
		Lead: fmt.Sprintf("%s that people call alike, and the rank of each among the other's neighbours.", Count(len(r.Pairs), "pair")),
	}
	for _, m := range r.Models {
		if m == api.Fused {
			continue
		}
		s := page.Section{Title: m}
		for _, name := range names {
			found, err := search(m, name)
			if err != nil {
				return err
			}
			s.Rows = append(s.Rows, page.GalleryRow{Query: pictures[name], Hits: from.hits(ctx, found.Hits), NoGoodMatch: found.NoGoodMatch})
		}
		d.Sections = append(d.Sections, s)
	}
	return page.Gallery(w, d)
}
