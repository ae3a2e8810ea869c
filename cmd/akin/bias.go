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

func (a *app) biasCommand() *cobra.Command {
	var o api.BiasOptions
	var html string
	cmd := &cobra.Command{
		Use:   "bias [PAIRS.csv|SET]",
		Short: "Which pictures are near by meaning instead of looks?",
		Long: `Compares models that are trained on language (CLIP, BLIP-2, SigLIP) with models of
looks alone, and ranks pairs of pictures by how many times nearer the former hold them: the
ranks of each among the other's neighbours, as geometric means. Without PAIRS these are all
pairs of the collection (of a sample of 1500 pictures in larger ones).

chance is the share of all pairs that are as much nearer; false the share of pairs that would
be found as well if it did not matter which models know language, from dividing the models otherwise.`,
		Example: `  akin bias
  akin bias flags-context --html bias.html
  akin bias pairs.csv --language clip,my-clip --model clip,my-clip,dinov2-base`,
		Args: cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			var pairs []api.Pair
			if len(args) > 0 {
				var err error
				if pairs, err = readPairs(args[0]); err != nil {
					return err
				}
			}
			if o.Top < 1 {
				return usagef("--top %d: want at least 1", o.Top)
			}
			c, err := a.open(cmd.Context(), false)
			if err != nil {
				return err
			}
			defer c.Close()
			o.Models = a.models
			progress := term.NewProgress(a.console, a.quiet)
			o.Progress = func(done, total int) {
				progress.Update(term.State{Done: done, Total: total, Unit: "rankings"})
			}
			r, err := c.Bias(cmd.Context(), pairs, o)
			progress.Close()
			if err != nil {
				return err
			}
			if html != "" {
				if err := a.biasPage(cmd.Context(), c, html, r); err != nil {
					return err
				}
				a.notef("akin: wrote %s", html)
			}
			a.missing(r.Missing)
			if a.json {
				return a.writeJSON(r)
			}
			return a.biasTable(r)
		},
	}
	f := cmd.Flags()
	f.SortFlags = false
	f.StringSliceVar(&o.Language, "language", nil, "the models trained on language (else known by their names)")
	f.IntVarP(&o.Top, "top", "k", 20, "pairs to show, without PAIRS")
	f.StringVar(&html, "html", "", "also write a page with the pictures to `FILE`")
	return cmd
}

// timesText is how many times nearer language holds a pair.
func timesText(times float64) string {
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

// biasLead says who was compared.
func biasLead(r api.Bias) string {
	of := "all pairs of " + count(r.Pictures, "picture")
	if r.Sample {
		of = fmt.Sprintf("all pairs of a sample of %d pictures", r.Pictures)
	}
	return fmt.Sprintf("Trained on language: %s. On looks alone: %s. Chance is among %s.",
		strings.Join(r.Language, ", "), strings.Join(r.Visual, ", "), of)
}

func (a *app) biasTable(r api.Bias) error {
	fmt.Fprintln(a.out, term.Clean(biasLead(r)))
	fmt.Fprintln(a.out)
	t := term.Table{Columns: []term.Column{{Header: "pair"}, {Header: "nearer", Right: true, Whole: true}, {Header: "chance", Right: true, Whole: true}, {Header: "false", Right: true, Whole: true},
		{Header: "language", Right: true, Whole: true}, {Header: "looks", Right: true, Whole: true}}}
	models := append(append([]string{}, r.Language...), r.Visual...)
	for _, m := range models {
		t.Columns = append(t.Columns, term.Column{Header: m, Right: true, Whole: true})
	}
	for _, p := range r.Pairs {
		cells := []term.Cell{{Text: p.A + " – " + p.B}, {Text: timesText(p.Ratio)}, {Text: shareText(p.Chance)}, {Text: shareText(p.FDR)}, {Text: meanRank(p.Language)}, {Text: meanRank(p.Visual)}}
		for _, m := range models {
			rank := p.Ranks[m]
			cells = append(cells, term.Cell{Text: fmt.Sprintf("%d/%d", rank[0], rank[1]), Style: rankStyle(rank)})
		}
		t.AddCells(cells...)
	}
	return t.Write(a.screen)
}

func (a *app) biasPage(ctx context.Context, c *akin.Collection, path string, r api.Bias) error {
	thumbs := a.thumbs()
	models := append(append([]string{}, r.Language...), r.Visual...)
	s := page.ReportSection{
		Columns: append([]string{"pair", "nearer by language", "chance", "false"}, models...),
		Note: "A rank is where the second picture stands among the neighbours of the first, and the first among those of the second. " +
			"Chance is the share of all pairs that language makes as much nearer; false the share that would come out as well if the models were divided otherwise.",
	}
	for _, p := range r.Pairs {
		pictures, err := thumbs.pair(ctx, c, p.A, p.B)
		if err != nil {
			return err
		}
		row := []page.ReportCell{{Text: p.A + " · " + p.B, Pictures: pictures}, {Text: timesText(p.Ratio)}, {Text: shareText(p.Chance)}, {Text: shareText(p.FDR)}}
		for _, m := range models {
			rank := p.Ranks[m]
			row = append(row, page.ReportCell{Text: fmt.Sprintf("%d/%d", rank[0], rank[1]), Tone: page.RankTone(rank)})
		}
		s.Rows = append(s.Rows, row)
	}
	d := page.ReportData{Title: "Near by meaning instead of looks", Lead: biasLead(r), Sections: []page.ReportSection{s}}
	return writeFile(path, func(w *bufio.Writer) error { return page.Report(w, d) })
}

// pair is two indexed pictures.
func (t *thumbs) pair(ctx context.Context, c *akin.Collection, names ...string) ([]page.Picture, error) {
	var out []page.Picture
	for _, name := range names {
		p, err := c.Picture(ctx, name)
		if err != nil {
			return nil, err
		}
		out = append(out, t.of(ctx, p.Name, p.Source))
	}
	return out, nil
}
