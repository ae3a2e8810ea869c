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

func (a *app) contextCommand() *cobra.Command {
	var o api.ContextOptions
	var html string
	cmd := &cobra.Command{
		Use:   "context PAIRS.csv|SET",
		Short: "What holds pairs together: colour, background, lettering?",
		Long: `Takes something away from all pictures (of larger collections, from a sample and the pairs), embeds
them again, and tells where the pairs stand then: the ranks of each among the other's
neighbours. A pair that stays near without colours is not near because of them.

colour: no colours. background: what has the colours of the border and hangs together with
it is blurred. lettering: what looks like a line of text is covered. The models must be
here, and the pictures' files.`,
		Example: `  akin context flags
  akin context pairs.csv --without lettering,background --html context.html`,
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			pairs, err := readPairs(args[0])
			if err != nil {
				return err
			}
			if o.Pictures < 2 {
				return usagef("--sample %d: want at least 2", o.Pictures)
			}
			c, err := a.open(cmd.Context(), false)
			if err != nil {
				return err
			}
			defer c.Close()
			o.Models = a.models
			progress := term.NewProgress(a.console, a.quiet)
			o.Progress = func(done, total int) { progress.Update(term.State{Done: done, Total: total}) }
			r, err := c.Context(cmd.Context(), pairs, o)
			progress.Close()
			if err != nil {
				return err
			}
			a.missing(r.Missing)
			a.leftOut(r.Skipped)
			if html != "" {
				if err := a.contextPage(cmd.Context(), c, html, r); err != nil {
					return err
				}
				a.notef("akin: wrote %s", html)
			}
			if a.json {
				err = a.writeJSON(r)
			} else {
				err = a.contextTable(r)
			}
			if err == nil && len(r.Failed) > 0 {
				for _, f := range r.Failed {
					fmt.Fprintf(a.err, "akin: %s\n", failureText(f))
				}
				return errPartial
			}
			return err
		},
	}
	f := cmd.Flags()
	f.SortFlags = false
	f.StringSliceVar(&o.Without, "without", nil, "what to take away: colour, background, lettering (each by itself; all three)")
	f.IntVar(&o.Pictures, "sample", 500, "pictures that pairs are ranked among")
	f.StringVar(&html, "html", "", "also write a page with the pictures to `FILE`")
	return cmd
}

func withoutText(without string) string {
	if without == "" {
		return "as they are"
	}
	return "without " + without
}

func (a *app) contextTable(r api.ContextReport) error {
	fmt.Fprintf(a.out, "Ranks among %s, all changed alike:\n", count(r.Pictures, "picture"))
	for _, m := range r.Models {
		fmt.Fprintf(a.screen.W, "\n%s\n", a.screen.Paint(term.Clean(m), term.Bold))
		t := term.Table{Columns: []term.Column{{Header: "pair"}}}
		for _, w := range r.Without {
			t.Columns = append(t.Columns, term.Column{Header: withoutText(w), Right: true, Whole: true})
		}
		for _, p := range r.Pairs {
			cells := []term.Cell{{Text: p.A + " – " + p.B}}
			for _, w := range r.Without {
				rank := p.Ranks[m][w]
				cells = append(cells, term.Cell{Text: fmt.Sprintf("%d/%d", rank[0], rank[1]), Style: rankStyle(rank)})
			}
			t.AddCells(cells...)
		}
		if err := t.Write(a.screen); err != nil {
			return err
		}
	}
	return nil
}

func (a *app) contextPage(ctx context.Context, c *akin.Collection, path string, r api.ContextReport) error {
	thumbs := a.thumbs()
	d := page.ReportData{
		Title: "What holds the pairs together",
		Lead:  fmt.Sprintf("Where pairs stand among %s when something is taken away from all of them.", count(r.Pictures, "picture")),
	}
	for _, m := range r.Models {
		s := page.ReportSection{Title: m, Columns: []string{"pair"}}
		for _, w := range r.Without {
			s.Columns = append(s.Columns, withoutText(w))
		}
		for _, p := range r.Pairs {
			pictures, err := thumbs.pair(ctx, c, p.A, p.B)
			if err != nil {
				return err
			}
			row := []page.ReportCell{{Text: p.A + " · " + p.B, Pictures: pictures}}
			for _, w := range r.Without {
				rank := p.Ranks[m][w]
				cell := page.ReportCell{Text: fmt.Sprintf("%d/%d", rank[0], rank[1]), Tone: page.RankTone(rank)}
				if w != "" {
					cell.Pictures = a.changed(ctx, w, pictures)
				}
				row = append(row, cell)
			}
			s.Rows = append(s.Rows, row)
		}
		s.Note = "The pictures beside the ranks are what the model was shown: " + strings.Join(r.Without[1:], ", ") + " taken away."
		d.Sections = append(d.Sections, s)
	}
	return writeFile(path, func(w *bufio.Writer) error { return page.Report(w, d) })
}

// changed are pictures as a model was shown them.
func (a *app) changed(ctx context.Context, without string, pictures []page.Picture) []page.Picture {
	var out []page.Picture
	for _, p := range pictures {
		width, height, pixels, err := akin.Alter(ctx, p.Source, without, a.options())
		if err != nil {
			continue
		}
		if thumb, err := page.Thumbnail(width, height, pixels, 0); err == nil {
			out = append(out, page.Picture{Name: p.Name + " without " + without, Thumb: thumb})
		}
	}
	return out
}
