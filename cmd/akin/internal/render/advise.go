package render

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/akin-search/akin/api"
	"github.com/akin-search/akin/cmd/akin/internal/page"
	"github.com/akin-search/akin/cmd/akin/internal/term"
)

// Advice writes the advice in sentences, and the measures of each model as a table.
func (o *Output) Advice(r api.Advice) error {
	words := slices.Clone(r.Words)
	if r.Fused != nil && len(r.Models) > 0 && r.Fused.Value > r.Models[0].Value {
		words = append(words, "Search fused with --fuse --fusion scores.")
	}
	if err := o.sentences(append(words, "")...); err != nil {
		return err
	}
	columns, rows := adviceRows(r)
	t := term.Table{}
	for i, c := range columns {
		t.Columns = append(t.Columns, term.Column{Header: c, Right: i > 0, Whole: i > 0})
	}
	for _, row := range rows {
		t.Add(row...)
	}
	return t.Write(o.Screen)
}

// adviceRows returns one row a model, the best first.
func adviceRows(r api.Advice) (columns []string, rows [][]string) {
	measure := map[string]string{api.ByPairs: "MRR", api.ByGroups: "mAP", api.BySteadiness: "found"}[r.By]
	columns = []string{"model", measure, "95 % interval", "behind the best", "ms/picture", "weights", "embedding"}
	models := r.Models
	if r.Fused != nil {
		models = append(models[:len(models):len(models)], *r.Fused)
	}
	for i, m := range models {
		row := []string{m.Model, fmt.Sprintf("%.3f", m.Value), span("%.2f–%.2f", m.Within, 1), "", "", "", ""}
		if m.P >= 0 && i > 0 {
			row[3] = fmt.Sprintf("p = %.2g", m.P)
		}
		if m.Milliseconds > 0 {
			row[4] = fmt.Sprintf("%.1f", m.Milliseconds)
			row[5] = fmt.Sprintf("%.0f MB", float64(m.ModelBytes)/1e6)
		}
		if m.VectorBytes > 0 {
			row[6] = fmt.Sprintf("%.1f kB", float64(m.VectorBytes)/1e3)
		}
		rows = append(rows, row)
	}
	return columns, rows
}

// AdvicePage writes the advice as a page.
func AdvicePage(w io.Writer, r api.Advice) error {
	columns, rows := adviceRows(r)
	s := page.ReportSection{Columns: columns}
	for i, row := range rows {
		var cells []page.ReportCell
		for j, text := range row {
			cells = append(cells, page.ReportCell{Text: text, Best: i == 0 && j == 1})
		}
		s.Rows = append(s.Rows, cells)
	}
	d := page.ReportData{Title: "Which model suits these pictures", Lead: strings.Join(r.Words, " "), Sections: []page.ReportSection{s}}
	return page.Report(w, d)
}
