package main

import (
	"bufio"
	"context"
	"fmt"
	"strings"

	"github.com/akin-search/akin"
	"github.com/akin-search/akin/api"
	"github.com/akin-search/akin/cmd/akin/internal/page"
	"github.com/akin-search/akin/cmd/akin/internal/term"
	"github.com/spf13/cobra"
)

func (a *app) disagreeCommand() *cobra.Command {
	var query queryFlags
	var filter filterFlags
	var top, pictures int
	var html string
	cmd := &cobra.Command{
		Use:   "disagree [QUERY…]",
		Short: "Where do the models disagree?",
		Long: `With a query: every picture that some model has among its first hits, its rank in each
model, and which model alone found it. Without: how much the models agree over the whole
collection, and the pictures on whose neighbours they agree the least.

` + filterHelp,
		Example: `  akin disagree Chad
  akin disagree photo.jpg --model clip,dinov2-base --html chad.html
  akin disagree --pictures 50`,
		RunE: func(cmd *cobra.Command, args []string) error {
			if top < 1 || pictures < 1 {
				return usagef("--top and --pictures: want at least 1")
			}
			c, err := a.open(cmd.Context(), false)
			if err != nil {
				return err
			}
			defer c.Close()
			if len(args)+len(query.add)+len(query.subtract) == 0 {
				return a.disagreeAll(cmd.Context(), c, api.DisagreeOptions{Models: a.models, Top: top, Pictures: pictures}, html)
			}
			o := api.CompareOptions{Models: a.models, Top: top}
			if o.Filter, err = filter.read(a.in); err != nil {
				return err
			}
			q, err := query.query(args)
			if err != nil {
				return err
			}
			r, err := c.Disagree(cmd.Context(), q, o)
			if err != nil {
				return err
			}
			a.noteMissing(r.Missing)
			a.leftOut(r.Skipped)
			if html != "" {
				if err := a.disagreePage(cmd.Context(), html, r); err != nil {
					return err
				}
				a.notef("akin: wrote %s", html)
			}
			if a.json {
				return a.writeJSON(r)
			}
			return a.disagreeTable(r)
		},
	}
	f := cmd.Flags()
	f.SortFlags = false
	query.register(cmd)
	f.IntVarP(&top, "top", "k", 10, "first hits of each model that are compared")
	f.IntVar(&pictures, "pictures", 20, "without a query: pictures to show")
	filter.register(cmd)
	f.StringVar(&html, "html", "", "also write a page with the pictures to `FILE`")
	return cmd
}

func rankText(rank int) string {
	if rank == 0 {
		return "–"
	}
	return fmt.Sprint(rank)
}

func (a *app) disagreeTable(r api.Disagreement) error {
	fmt.Fprintln(a.screen.W, a.screen.Paint(term.Clean(describe(r.Query)), term.Bold))
	t := term.Table{Columns: []term.Column{{Header: "picture"}}}
	for _, m := range r.Models {
		t.Columns = append(t.Columns, term.Column{Header: m, Right: true, Whole: true})
	}
	t.Columns = append(t.Columns, term.Column{Header: "found by"})
	for _, h := range r.Hits {
		cells := []term.Cell{{Text: h.Name}}
		found := 0
		for _, m := range r.Models {
			rank := h.Ranks[m]
			if rank > 0 && rank <= r.Top {
				found++
			}
			cells = append(cells, term.Cell{Text: rankText(rank), Style: rankStyle([2]int{max(rank, 1), max(rank, 1)})})
		}
		by := fmt.Sprintf("%d of %d", found, len(r.Models))
		if h.Alone != "" {
			by = "only " + h.Alone
		}
		t.AddCells(append(cells, term.Cell{Text: by, Style: term.Faint})...)
	}
	if err := t.Write(a.screen); err != nil {
		return err
	}
	return a.agreement(r.Models, r.Overlap, fmt.Sprintf("\nShare of the first %s that two models have in common:", count(r.Top, "hit")))
}

// agreement is a table of models by models.
func (a *app) agreement(models []string, shares [][]float64, lead string) error {
	fmt.Fprintln(a.out, lead)
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
	return t.Write(a.screen)
}

func (a *app) disagreeAll(ctx context.Context, c *akin.Collection, o api.DisagreeOptions, html string) error {
	progress := term.NewProgress(a.console, a.quiet)
	o.Progress = func(done, total int) {
		progress.Update(term.State{Done: done, Total: total, Unit: "neighbourhoods"})
	}
	r, err := c.DisagreeAll(ctx, o)
	progress.Close()
	if err != nil {
		return err
	}
	if html != "" {
		if err := a.disagreeAllPage(ctx, c, html, r); err != nil {
			return err
		}
		a.notef("akin: wrote %s", html)
	}
	if a.json {
		return a.writeJSON(r)
	}
	if err := a.agreement(r.Models, r.Overlap, fmt.Sprintf("Share of the %d nearest of a picture that two models have in common, over %s:", r.Top, count(r.Pictures, "picture"))); err != nil {
		return err
	}
	fmt.Fprintln(a.out, "\nThe pictures on which they agree the least, with the nearest of each:")
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
	return t.Write(a.screen)
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

func (a *app) disagreePage(ctx context.Context, path string, r api.Disagreement) error {
	thumbs := a.thumbs()
	s := page.ReportSection{Title: "Where each hit stands", Columns: append(append([]string{"picture"}, r.Models...), "found by")}
	for _, h := range r.Hits {
		row := []page.ReportCell{{Text: h.Name, Pictures: []page.Picture{thumbs.of(ctx, h.Name, h.Source)}}}
		found := 0
		for _, m := range r.Models {
			rank := h.Ranks[m]
			if rank > 0 && rank <= r.Top {
				found++
			}
			row = append(row, page.ReportCell{Text: rankText(rank), Tone: page.RankTone([2]int{rank, rank})})
		}
		by := fmt.Sprintf("%d of %d", found, len(r.Models))
		if h.Alone != "" {
			by = "only " + h.Alone
		}
		s.Rows = append(s.Rows, append(row, page.ReportCell{Text: by}))
	}
	d := page.ReportData{Title: describe(r.Query), Lead: "What each model holds to be most alike, and where it stands in the others.", Sections: []page.ReportSection{
		s, agreementSection(r.Models, r.Overlap, fmt.Sprintf("Share of the first %s in common", count(r.Top, "hit"))),
		agreementSection(r.Models, r.RankBiased, "Rank-biased overlap: the same order is 100 %, and the first ranks count most"),
	}}
	return writeFile(path, func(w *bufio.Writer) error { return page.Report(w, d) })
}

func (a *app) disagreeAllPage(ctx context.Context, c *akin.Collection, path string, r api.CollectionDisagreement) error {
	thumbs := a.thumbs()
	s := page.ReportSection{Title: "Least agreed on", Columns: append([]string{"picture", "agreement"}, r.Models...)}
	for _, p := range r.Disputed {
		row := []page.ReportCell{{Text: p.Name, Pictures: []page.Picture{thumbs.of(ctx, p.Name, p.Source)}}, {Text: fmt.Sprintf("%.0f\u202f%%", 100*p.Agreement), Tone: page.ShareTone(p.Agreement)}}
		for _, m := range r.Models {
			nearest := p.Nearest[m][:min(2, len(p.Nearest[m]))]
			pictures, err := thumbs.pair(ctx, c, nearest...)
			if err != nil {
				return err
			}
			row = append(row, page.ReportCell{Text: strings.Join(nearest, " · "), Pictures: pictures})
		}
		s.Rows = append(s.Rows, row)
	}
	d := page.ReportData{
		Title: "Where the models disagree", Lead: fmt.Sprintf("The %d nearest of each of %s, in %d models.", r.Top, count(r.Pictures, "picture"), len(r.Models)),
		Sections: []page.ReportSection{agreementSection(r.Models, r.Overlap, "Share of nearest that two models have in common"), s},
	}
	return writeFile(path, func(w *bufio.Writer) error { return page.Report(w, d) })
}
