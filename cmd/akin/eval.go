package main

import (
	"bufio"
	"context"
	"fmt"
	"os"

	"github.com/spf13/cobra"

	"github.com/akin-search/akin"
	"github.com/akin-search/akin/cmd/akin/internal/page"
	"github.com/akin-search/akin/cmd/akin/internal/term"
)

func (a *app) evalCommand() *cobra.Command {
	var html string
	var groups bool
	var gallery int
	cmd := &cobra.Command{
		Use:   "eval PAIRS.csv",
		Short: "Which model finds the pictures that people call alike?",
		Long: `Reads pairs of names that belong together, two or more a row, and tells for each
model and for their fusion the rank of b among a's neighbours and of a among b's:
1/1 is each other's nearest. MRR is the mean of 1/rank, recall@k the share of
ranks up to k, over both directions.

With --groups the file labels pictures (name,group a row) and the measures are
those of image retrieval: mAP, R-precision and recall@k.`,
		Example: `  akin eval pairs.csv
  akin eval pairs.csv --model clip,vgg16 --html report.html
  akin eval labels.csv --groups`,
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			f, err := os.Open(args[0])
			if err != nil {
				return err
			}
			defer f.Close()
			c, err := a.open(false)
			if err != nil {
				return err
			}
			defer c.Close()
			if groups && html != "" {
				return usagef("--html is of pairs, not of --groups")
			}
			if groups {
				labels, err := akin.ReadLabels(f)
				if err != nil {
					return fmt.Errorf("read %s: %w", args[0], err)
				}
				r, err := c.EvaluateGroups(cmd.Context(), labels, a.models)
				if err != nil {
					return err
				}
				return a.reportGroups(r)
			}
			pairs, err := akin.ReadPairs(f)
			if err != nil {
				return fmt.Errorf("read %s: %w", args[0], err)
			}
			r, err := c.Evaluate(cmd.Context(), pairs, a.models)
			if err != nil {
				return err
			}
			if html != "" {
				if err := a.evalPage(cmd.Context(), c, html, r, gallery); err != nil {
					return err
				}
				a.notef("akin: wrote %s", html)
			}
			return a.reportEval(r)
		},
	}
	f := cmd.Flags()
	f.SortFlags = false
	f.BoolVar(&groups, "groups", false, "the file labels pictures: name,group")
	f.StringVar(&html, "html", "", "also write a page, with the pictures of the pairs and their nearest, to `FILE`")
	f.IntVarP(&gallery, "top", "k", 6, "with --html: neighbours shown of each picture")
	return cmd
}

func (a *app) missing(names []string) {
	for _, name := range names {
		fmt.Fprintf(a.err, "akin: %q is not in the collection; what names it was left out\n", term.Clean(name))
	}
}

func (a *app) reportEval(r akin.Evaluation) error {
	a.missing(r.Missing)
	if a.json {
		return a.writeJSON(r)
	}
	t := term.Table{Columns: []term.Column{{Header: "pair"}}}
	for _, m := range r.Models {
		t.Columns = append(t.Columns, term.Column{Header: m, Right: true, Whole: true})
	}
	for _, p := range r.Pairs {
		cells := []term.Cell{{Text: p.A + " – " + p.B}}
		for _, m := range r.Models {
			cell := term.Cell{Text: "–"}
			if rank, ok := p.Ranks[m]; ok {
				cell = term.Cell{Text: fmt.Sprintf("%d/%d", rank[0], rank[1]), Style: rankStyle(rank)}
			}
			cells = append(cells, cell)
		}
		t.AddCells(cells...)
	}
	if err := t.Write(a.screen); err != nil {
		return err
	}
	s := term.Table{Columns: t.Columns}
	s.Columns[0].Header = ""
	for _, line := range []struct {
		name string
		of   func(akin.Summary) string
	}{
		{"MRR", func(s akin.Summary) string { return fmt.Sprintf("%.3f", s.MRR) }},
		{"recall@1", func(s akin.Summary) string { return fmt.Sprintf("%.0f %%", 100*s.Recall1) }},
		{"recall@5", func(s akin.Summary) string { return fmt.Sprintf("%.0f %%", 100*s.Recall5) }},
		{"recall@10", func(s akin.Summary) string { return fmt.Sprintf("%.0f %%", 100*s.Recall10) }},
		{"median rank", func(s akin.Summary) string { return fmt.Sprintf("%g", s.MedianRank) }},
	} {
		cells := []string{line.name}
		for _, m := range r.Models {
			cells = append(cells, line.of(r.Summary[m]))
		}
		s.Add(cells...)
	}
	fmt.Fprintln(a.out)
	return s.Write(a.screen)
}

// rankStyle colours ranks as hits are coloured: each other's nearest, near, and far.
func rankStyle(rank [2]int) term.Style {
	switch worst := max(rank[0], rank[1]); {
	case worst == 1:
		return term.GradeSame
	case worst <= 5:
		return term.GradeNear
	case worst <= 10:
		return term.GradeRelated
	}
	return term.GradeWeak
}

func (a *app) reportGroups(r akin.GroupEvaluation) error {
	a.missing(r.Missing)
	if a.json {
		return a.writeJSON(r)
	}
	t := term.Table{Columns: []term.Column{
		{Header: "model"}, {Header: "mAP", Right: true}, {Header: "R-precision", Right: true},
		{Header: "recall@1", Right: true}, {Header: "recall@5", Right: true}, {Header: "recall@10", Right: true}, {Header: "queries", Right: true},
	}}
	for _, m := range r.Models {
		s := r.Summary[m]
		t.Add(m, fmt.Sprintf("%.3f", s.MAP), fmt.Sprintf("%.3f", s.RPrecision), fmt.Sprintf("%.3f", s.Recall1),
			fmt.Sprintf("%.3f", s.Recall5), fmt.Sprintf("%.3f", s.Recall10), fmt.Sprint(s.Queries))
	}
	return t.Write(a.screen)
}

// evalPage writes the evaluation, and under it what each model finds nearest to
// every picture of the pairs.
func (a *app) evalPage(ctx context.Context, c *akin.Collection, path string, r akin.Evaluation, top int) error {
	thumbs := a.thumbs()
	pictures := map[string]page.Picture{}
	var names []string
	find := func(name string) (page.Picture, error) {
		if p, ok := pictures[name]; ok {
			return p, nil
		}
		p, err := c.Picture(ctx, name)
		if err != nil {
			return page.Picture{}, err
		}
		pictures[name] = thumbs.of(ctx, p.Name, p.Source)
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
		e.Summary = append(e.Summary, page.Summary(r.Summary[m]))
	}
	d := page.GalleryData{
		Title: "What looks alike", Evaluation: &e,
		Lead: fmt.Sprintf("%d pairs that people call alike, and where each stands among the other's neighbours.", len(r.Pairs)),
	}
	for _, m := range r.Models {
		if m == akin.Fused {
			continue
		}
		s := page.Section{Title: m}
		for _, name := range names {
			found, err := c.Search(ctx, akin.Like(name), akin.SearchOptions{Model: m, Top: top})
			if err != nil {
				return err
			}
			s.Rows = append(s.Rows, page.GalleryRow{Query: pictures[name], Hits: thumbs.hits(ctx, found.Hits)})
		}
		d.Sections = append(d.Sections, s)
	}
	return writeFile(path, func(w *bufio.Writer) error { return page.Gallery(w, d) })
}
