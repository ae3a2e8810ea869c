package main

import (
	"bufio"
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"

	"github.com/akin-search/akin"
	"github.com/akin-search/akin/api"
	"github.com/akin-search/akin/cmd/akin/internal/page"
	"github.com/akin-search/akin/cmd/akin/internal/term"
	"github.com/spf13/cobra"
)

func (a *app) evalCommand() *cobra.Command {
	var html string
	var groups, learn, list bool
	var gallery int
	var fusion fusionFlags
	cmd := &cobra.Command{
		Use:   "eval PAIRS.csv|SET",
		Short: "Which model finds the pictures that people call alike?",
		Long: `Reads pairs of names that belong together, two or more a row, and tells for each
model and for their fusion the rank of b among a's neighbours and of a among b's:
1/1 is each other's nearest. MRR is the mean of 1/rank, recall@k the share of
ranks up to k, over both directions; each with its 95 % interval, and with a test which
models chance cannot make so different. Sets of pairs that come with akin go by
their name: --list shows them. A file of that name is ./NAME.

With --groups the file labels pictures (name,group a row) and the measures are
those of image retrieval: mAP, R-precision, MAP@R and recall@k.

--learn finds the weights of models that make their fusion find the pairs, and tells by
cross-validation what these are worth for pairs that they have not seen.`,
		Example: `  akin eval flags
  akin eval pairs.csv --model clip,vgg16 --html report.html
  akin eval pairs.csv --fusion scores --weights clip=2,vgg16=0.5
  akin eval pairs.csv --learn
  akin eval labels.csv --groups`,
		Args: func(cmd *cobra.Command, args []string) error {
			if list {
				return cobra.NoArgs(cmd, args)
			}
			return cobra.ExactArgs(1)(cmd, args)
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			if list {
				return a.listPairSets()
			}
			o := api.EvaluateOptions{Models: a.models}
			var err error
			if o.Fusion, err = fusion.read(); err != nil {
				return err
			}
			switch {
			case learn && (groups || html != "" || fusion.given()):
				return usagef("--learn goes with neither --groups nor --html, and finds --fusion and --weights itself")
			}
			if groups {
				labels, err := readLabels(args[0])
				if err != nil {
					return err
				}
				return a.evalGroups(cmd.Context(), labels, o, html)
			}
			pairs, err := readPairs(args[0])
			if err != nil {
				return err
			}
			return a.evalPairs(cmd.Context(), pairs, o, learn, html, gallery)
		},
	}
	f := cmd.Flags()
	f.SortFlags = false
	f.BoolVar(&groups, "groups", false, "the file labels pictures: name,group")
	fusion.register(cmd)
	f.BoolVar(&learn, "learn", false, "learn the weights of the fusion from the pairs")
	f.BoolVar(&list, "list", false, "list the sets of pairs that come with akin")
	f.StringVar(&html, "html", "", "also write a page, with the pictures of the pairs and their nearest, to `FILE`")
	f.IntVarP(&gallery, "top", "k", 6, "with --html: neighbours shown of each picture")
	return cmd
}

func (a *app) listPairSets() error {
	t := term.Table{Columns: []term.Column{{Header: "set"}, {Header: "pairs", Right: true}, {Header: "of"}}}
	for _, s := range akin.PairSets() {
		pairs, err := s.Pairs()
		if err != nil {
			return err
		}
		t.Add(s.Name, fmt.Sprint(len(pairs)), s.About)
	}
	return t.Write(a.screen)
}

// readPairs reads a file of pairs, or a set that comes with akin. A file and a set of one
// name are told apart by ./ before the file.
func readPairs(arg string) ([]api.Pair, error) {
	set, notSet := akin.FindPairSet(arg)
	info, err := os.Stat(arg)
	isFile := err == nil && !info.IsDir()
	switch {
	case notSet == nil && isFile:
		return nil, usagef("%s is a file here and a set of pairs: write ./%s for the file, or go elsewhere for the set", arg, arg)
	case notSet == nil:
		return set.Pairs()
	case errors.Is(err, os.ErrNotExist) && !strings.ContainsAny(arg, `/\.`):
		return nil, fmt.Errorf("there is no file %s, and %w", arg, notSet)
	}
	f, err := os.Open(arg)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	pairs, err := akin.ReadPairs(f)
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", arg, err)
	}
	return pairs, nil
}

func readLabels(path string) ([]api.Label, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	labels, err := akin.ReadLabels(f)
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", path, err)
	}
	return labels, nil
}

func (a *app) evalGroups(ctx context.Context, labels []api.Label, o api.EvaluateOptions, html string) error {
	c, err := a.open(ctx, false)
	if err != nil {
		return err
	}
	defer c.Close()
	r, err := c.EvaluateGroups(ctx, labels, o)
	if err != nil {
		return err
	}
	if html != "" {
		if err := a.groupsPage(ctx, c, html, labels, r); err != nil {
			return err
		}
		a.notef("akin: wrote %s", html)
	}
	return a.reportGroups(r)
}

func (a *app) evalPairs(ctx context.Context, pairs []api.Pair, o api.EvaluateOptions, learn bool, html string, gallery int) error {
	c, err := a.open(ctx, false)
	if err != nil {
		return err
	}
	defer c.Close()
	if learn {
		r, err := c.LearnFusion(ctx, pairs, o.Models)
		if err != nil {
			return err
		}
		return a.reportLearned(r)
	}
	r, err := c.Evaluate(ctx, pairs, o)
	there := func(p api.Pair) bool { return !slices.Contains(r.Missing, p.A) }
	if errors.Is(err, akin.ErrNotIndexed) && slices.ContainsFunc(pairs, there) {
		return fmt.Errorf("%w; a file of names and their groups is read with --groups", err)
	}
	if err != nil {
		return err
	}
	if html != "" {
		if err := a.evalPage(ctx, c, html, r, gallery); err != nil {
			return err
		}
		a.notef("akin: wrote %s", html)
	}
	return a.reportEval(r)
}

func (a *app) missing(names []string) {
	for _, name := range names {
		fmt.Fprintf(a.err, "akin: %q is not in the collection; what names it was left out\n", term.Clean(name))
	}
}

func (a *app) reportEval(r api.Evaluation) error {
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
	line := func(name string, of func(api.Summary) string) {
		cells := []string{name}
		for _, m := range r.Models {
			cells = append(cells, of(r.Summary[m]))
		}
		s.Add(cells...)
	}
	const within = "  95 % interval"
	line("MRR", func(s api.Summary) string { return fmt.Sprintf("%.3f", s.MRR) })
	line(within, func(s api.Summary) string { return span("%.2f–%.2f", s.MRRInterval, 1) })
	line("recall@1", func(s api.Summary) string { return fmt.Sprintf("%.0f %%", 100*s.Recall1) })
	line(within, func(s api.Summary) string { return span("%.0f–%.0f", s.Recall1Within, 100) })
	line("recall@5", func(s api.Summary) string { return fmt.Sprintf("%.0f %%", 100*s.Recall5) })
	line("recall@10", func(s api.Summary) string { return fmt.Sprintf("%.0f %%", 100*s.Recall10) })
	line("median rank", func(s api.Summary) string { return fmt.Sprintf("%g", s.MedianRank) })
	fmt.Fprintln(a.out)
	if err := s.Write(a.screen); err != nil {
		return err
	}
	return a.reportTests(r.Tests, count(r.Rows, "row of pairs", "rows of pairs"), "MRR")
}

func span(format string, within api.Interval, times float64) string {
	return fmt.Sprintf(format, times*within[0], times*within[1])
}

// likely is what the tests call more than chance.
const likely = 0.05

// reportTests tells which models differ by more than chance makes equals differ.
func (a *app) reportTests(tests []api.PairedTest, of, measure string) error {
	if len(tests) == 0 {
		return nil
	}
	var sure []api.PairedTest
	for _, t := range tests {
		if t.Corrected < likely {
			sure = append(sure, t)
		}
	}
	fmt.Fprintln(a.out)
	if len(sure) == 0 {
		_, err := fmt.Fprintf(a.out, "With %s, chance can explain every difference in %s between two models.\n", of, measure)
		return err
	}
	slices.SortStableFunc(sure, func(x, y api.PairedTest) int { return cmp.Compare(x.Corrected, y.Corrected) })
	fmt.Fprintf(a.out, "Differences in %s that chance does not explain (paired permutation test, %s, %s):\n", measure, of, count(len(tests), "comparison"))
	for _, t := range sure {
		if t.Difference < 0 {
			t.A, t.B, t.Difference = t.B, t.A, -t.Difference
		}
		if _, err := fmt.Fprintf(a.out, "  %s above %s by %.3f, p = %.2g\n", term.Clean(t.A), term.Clean(t.B), t.Difference, t.Corrected); err != nil {
			return err
		}
	}
	return nil
}

func (a *app) reportLearned(r api.LearnedFusion) error {
	a.missing(r.Missing)
	if a.json {
		return a.writeJSON(r)
	}
	t := term.Table{Columns: []term.Column{{Header: ""}, {Header: "weight", Right: true}, {Header: "MRR", Right: true}, {Header: "95 % interval", Right: true}, {Header: "recall@5", Right: true}}}
	add := func(name, weight string, s api.Summary) {
		t.Add(name, weight, fmt.Sprintf("%.3f", s.MRR), span("%.2f–%.2f", s.MRRInterval, 1), fmt.Sprintf("%.0f %%", 100*s.Recall5))
	}
	var best, weights []string // best: the models that find the most alone
	most := api.Summary{}
	for _, m := range r.Models {
		add(m, fmt.Sprintf("%.2f", r.Fusion.Weights[m]), r.Single[m])
		weights = append(weights, fmt.Sprintf("%s=%.2f", m, r.Fusion.Weights[m]))
		if s := r.Single[m]; len(best) == 0 || s.MRR > most.MRR {
			best, most = []string{m}, s
		} else if s.MRR == most.MRR {
			best = append(best, m)
		}
	}
	add("fused, equal weights", "", r.Equal)
	add("fused, learned, on pairs it has not seen", "", r.CrossValidated)
	add("fused, learned, on the pairs it learned from", "", r.Trained)
	if err := t.Write(a.screen); err != nil {
		return err
	}
	fmt.Fprintln(a.out)
	verdict := fmt.Sprintf("On pairs that it has not seen, the learned fusion finds no more than %s alone: use that.", strings.Join(best, " or "))
	if r.CrossValidated.MRR > most.MRR {
		verdict = fmt.Sprintf("On pairs that it has not seen, the learned fusion finds more than %s alone.", strings.Join(best, " or "))
		if r.CrossValidated.MRRInterval[0] <= most.MRR {
			verdict += " With so few pairs, chance may explain it."
		}
	}
	_, err := fmt.Fprintf(a.out, "%s\n--fusion scores --weights %s\n", term.Clean(verdict), term.Clean(strings.Join(weights, ",")))
	return err
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

func (a *app) reportGroups(r api.GroupEvaluation) error {
	a.missing(r.Missing)
	if a.json {
		return a.writeJSON(r)
	}
	t := term.Table{Columns: []term.Column{
		{Header: "model"}, {Header: "mAP", Right: true}, {Header: "95 % interval", Right: true}, {Header: "R-precision", Right: true}, {Header: "MAP@R", Right: true},
		{Header: "recall@1", Right: true}, {Header: "recall@5", Right: true}, {Header: "recall@10", Right: true}, {Header: "queries", Right: true},
	}}
	for _, m := range r.Models {
		s := r.Summary[m]
		t.Add(m, fmt.Sprintf("%.3f", s.MAP), span("%.2f–%.2f", s.MAPInterval, 1), fmt.Sprintf("%.3f", s.RPrecision), fmt.Sprintf("%.3f", s.MAPAtR), fmt.Sprintf("%.3f", s.Recall1),
			fmt.Sprintf("%.3f", s.Recall5), fmt.Sprintf("%.3f", s.Recall10), fmt.Sprint(s.Queries))
	}
	if err := t.Write(a.screen); err != nil {
		return err
	}
	return a.reportTests(r.Tests, count(r.Groups, "group"), "mAP")
}

// groupsPage writes the measures, and under them the groups' pictures.
func (a *app) groupsPage(ctx context.Context, c *akin.Collection, path string, labels []api.Label, r api.GroupEvaluation) error {
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
	thumbs := a.thumbs()
	at := map[string]int{}
	for _, l := range labels {
		if slices.Contains(r.Missing, l.Name) {
			continue
		}
		pictures, err := thumbs.pair(ctx, c, l.Name)
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
		Title: "How well groups find their own", Sections: []page.ReportSection{measures, groups},
		Lead: fmt.Sprintf("Every picture of %s asks for the others of its group.", count(r.Groups, "group")),
	}
	if len(r.Missing) > 0 {
		d.Sections = append(d.Sections, page.ReportSection{Title: "Not in the collection", Lead: strings.Join(r.Missing, ", ")})
	}
	return writeFile(path, func(w *bufio.Writer) error { return page.Report(w, d) })
}

// evalPage writes the evaluation, and under it what each model finds nearest to
// every picture of the pairs.
func (a *app) evalPage(ctx context.Context, c *akin.Collection, path string, r api.Evaluation, top int) error {
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
		s := r.Summary[m]
		e.Summary = append(e.Summary, page.Summary{
			MRR: s.MRR, Within: s.MRRInterval, Recall1: s.Recall1, Recall5: s.Recall5, Recall10: s.Recall10, MedianRank: s.MedianRank,
		})
	}
	d := page.GalleryData{
		Title: "What looks alike", Evaluation: &e,
		Lead: fmt.Sprintf("%s that people call alike, and where each stands among the other's neighbours.", count(len(r.Pairs), "pair")),
	}
	for _, m := range r.Models {
		if m == api.Fused {
			continue
		}
		s := page.Section{Title: m}
		for _, name := range names {
			found, err := c.Search(ctx, akin.Like(name), api.SearchOptions{Model: m, Top: top})
			if err != nil {
				return err
			}
			s.Rows = append(s.Rows, page.GalleryRow{Query: pictures[name], Hits: thumbs.hits(ctx, found.Hits), NoGoodMatch: found.NoGoodMatch})
		}
		d.Sections = append(d.Sections, s)
	}
	return writeFile(path, func(w *bufio.Writer) error { return page.Gallery(w, d) })
}
