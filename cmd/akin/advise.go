package main

import (
	"bufio"
	"fmt"
	"strings"

	"github.com/akin-search/akin/api"
	"github.com/akin-search/akin/cmd/akin/internal/page"
	"github.com/akin-search/akin/cmd/akin/internal/term"
	"github.com/spf13/cobra"
)

func (a *app) adviseCommand() *cobra.Command {
	var groups bool
	var html string
	cmd := &cobra.Command{
		Use:   "advise [PAIRS.csv|SET|LABELS.csv]",
		Short: "Which model suits these pictures?",
		Long: `Judges all models of the collection and says which one to use, with what evidence and
at what cost. By pairs of names that belong together, or with --groups by labelled
pictures: then it tells which model holds alike what you hold alike. Without a file by the
collection's own pictures, cropped, shrunk, compressed, mirrored, lighter and darker: that
tells which model is steady, and nothing about meaning.`,
		Example: `  akin advise
  akin advise pairs.csv --html advice.html
  akin advise labels.csv --groups`,
		Args: cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			o := api.AdviceOptions{Models: a.models}
			var err error
			switch {
			case len(args) == 0 && groups:
				return usagef("--groups needs a file of labels")
			case groups:
				o.Labels, err = readLabels(args[0])
			case len(args) > 0:
				o.Pairs, err = readPairs(args[0])
			}
			if err != nil {
				return err
			}
			c, err := a.open(cmd.Context(), false)
			if err != nil {
				return err
			}
			defer c.Close()
			progress := term.NewProgress(a.console, a.quiet)
			o.Progress = func(done, total int) { progress.Update(term.State{Done: done, Total: total}) }
			r, err := c.Advise(cmd.Context(), o)
			progress.Close()
			if err != nil {
				return err
			}
			a.missing(r.Missing)
			a.leftOut(r.Skipped)
			if html != "" {
				if err := a.advicePage(html, r); err != nil {
					return err
				}
				a.notef("akin: wrote %s", html)
			}
			if a.json {
				return a.writeJSON(r)
			}
			return a.adviceTable(r)
		},
	}
	f := cmd.Flags()
	f.SortFlags = false
	f.BoolVar(&groups, "groups", false, "the file labels pictures: name,group")
	f.StringVar(&html, "html", "", "also write a page to `FILE`")
	return cmd
}

// adviceRows are the advice as a table.
func adviceRows(r api.Advice) (columns []string, rows [][]string) {
	measure := map[string]string{api.ByPairs: "MRR", api.ByGroups: "mAP", api.BySteadiness: "found"}[r.By]
	columns = []string{"model", measure, "95 % interval", "behind the best", "ms a picture", "weights", "vector"}
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

func (a *app) adviceTable(r api.Advice) error {
	for _, words := range r.Words {
		fmt.Fprintln(a.out, term.Clean(words))
	}
	fmt.Fprintln(a.out)
	columns, rows := adviceRows(r)
	t := term.Table{}
	for i, c := range columns {
		t.Columns = append(t.Columns, term.Column{Header: c, Right: i > 0, Whole: i > 0})
	}
	for _, row := range rows {
		t.Add(row...)
	}
	return t.Write(a.screen)
}

func (a *app) advicePage(path string, r api.Advice) error {
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
	return writeFile(path, func(w *bufio.Writer) error { return page.Report(w, d) })
}
