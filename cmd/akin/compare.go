package main

import (
	"bufio"
	"fmt"
	"slices"
	"strings"

	"github.com/akin-search/akin/api"
	"github.com/akin-search/akin/cmd/akin/internal/page"
	"github.com/akin-search/akin/cmd/akin/internal/term"
	"github.com/spf13/cobra"
)

func (a *app) compareCommand() *cobra.Command {
	var query queryFlags
	var filter filterFlags
	var o api.CompareOptions
	var fusion fusionFlags
	var html string
	cmd := &cobra.Command{
		Use:   "compare QUERY…",
		Short: "Show every model's answer to one query side by side, and all of them fused",
		Long: `Answers a query with every model of the collection (or those of --model), a
column each, and with all of them fused (--fusion says how, docs/fusion.md which is
best). --html writes a page with the pictures in it.

` + filterHelp,
		Example: `  akin compare Chad
  akin compare Chad --top 5 --html chad.html
  akin compare photo.jpg --model clip,dinov2-base --fusion scores --weights clip=2
  akin compare photo.jpg --after 2024-07 --tag holiday`,
		Args: cobra.MinimumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if o.Top < 0 {
				return usagef("--top %d: want at least 1, or 0 for all", o.Top)
			}
			o.All = o.Top == 0
			var err error
			if o.Filter, err = filter.read(a.in); err != nil {
				return err
			}
			if o.Fusion, err = fusion.read(); err != nil {
				return err
			}
			q, err := query.query(args)
			if err != nil {
				return err
			}
			c, err := a.open(cmd.Context(), false)
			if err != nil {
				return err
			}
			defer c.Close()
			r, err := c.Compare(cmd.Context(), q, o)
			if err != nil {
				return err
			}
			a.noteMissing(r.Missing)
			a.leftOut(r.Skipped)
			a.noteBlank(r.Query)
			shown := r
			if len(r.Rows) == 2 { // one model, and the fused row that repeats it
				shown.Rows = r.Rows[:1]
			}
			if html != "" {
				if err := a.comparePage(cmd, html, shown); err != nil {
					return err
				}
				a.notef("akin: wrote %s", html)
			}
			if a.json {
				return a.writeJSON(r)
			}
			return a.compareTable(shown)
		},
	}
	f := cmd.Flags()
	f.SortFlags = false
	query.register(cmd)
	f.IntVarP(&o.Top, "top", "k", 10, "hits of each model (0: all)")
	filter.register(cmd)
	fusion.register(cmd)
	f.BoolVar(&o.IncludeSelf, "include-self", false, "keep the queried picture itself among the hits")
	f.StringVar(&html, "html", "", "also write a page with the pictures to `FILE`")
	return cmd
}

func (a *app) compareTable(r api.Comparison) error {
	none := slices.Collect(func(yield func(string) bool) {
		for _, row := range r.Rows {
			if row.NoGoodMatch && !yield(row.Model) {
				return
			}
		}
	})
	switch {
	case len(none) == len(r.Rows):
		fmt.Fprintln(a.out, "no good match")
	case len(none) > 0:
		fmt.Fprintln(a.out, "no good match by "+strings.Join(none, ", "))
	}
	fmt.Fprintln(a.screen.W, a.screen.Paint(term.Clean(describe(r.Query)), term.Bold))
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
	return t.Write(a.screen)
}

func (a *app) comparePage(cmd *cobra.Command, path string, r api.Comparison) error {
	ctx, thumbs := cmd.Context(), a.thumbs()
	d := page.CompareData{}
	for _, t := range r.Query {
		d.Query = append(d.Query, page.Part{Picture: thumbs.of(ctx, t.Picture, t.Source), Text: t.Text, Weight: t.Weight})
	}
	for _, row := range r.Rows {
		d.Rows = append(d.Rows, page.Row{Model: row.Model, Fused: row.Model == api.Fused, Hits: thumbs.hits(ctx, row.Hits), NoGoodMatch: row.NoGoodMatch})
	}
	return writeFile(path, func(w *bufio.Writer) error { return page.Compare(w, d) })
}
