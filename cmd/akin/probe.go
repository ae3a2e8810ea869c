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

func (a *app) probeCommand() *cobra.Command {
	var o api.ProbeOptions
	var html string
	cmd := &cobra.Command{
		Use:   "probe [NAME…]",
		Short: "What does each model look at, and what does it not see?",
		Long: `Changes pictures of the collection (those named, or a sample) in controlled ways: colours,
light, place, detail, lettering. Tells for each model how much of the likeness to the
unchanged picture is kept: 100 % is the same picture, 0 % is any other; and how many of the
changed pictures are still nearer to their own than to any other of the collection.

The models must be here, and the pictures' files.`,
		Example: `  akin probe
  akin probe --sample 200 --html probe.html
  akin probe Chad Brazil -m efficientnet-lite0,clip-vit-base-patch32`,
		RunE: func(cmd *cobra.Command, args []string) error {
			if o.Pictures < 1 {
				return usagef("--sample %d: want at least 1", o.Pictures)
			}
			if len(args) > 0 {
				o.Names = args
			}
			c, err := a.open(cmd.Context(), false)
			if err != nil {
				return err
			}
			defer c.Close()
			o.Models = a.models
			progress := term.NewProgress(a.console, a.quiet)
			o.Progress = func(done, total int) { progress.Update(term.State{Done: done, Total: total}) }
			r, err := c.Probe(cmd.Context(), o)
			progress.Close()
			if err != nil {
				return err
			}
			a.leftOut(r.Skipped)
			if html != "" {
				if err := a.probePage(cmd.Context(), html, r); err != nil {
					return err
				}
				a.notef("akin: wrote %s", html)
			}
			if a.json {
				err = a.writeJSON(r)
			} else {
				err = a.probeTable(r)
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
	f.IntVar(&o.Pictures, "sample", 60, "pictures to change, where none are named")
	f.StringVar(&html, "html", "", "also write a page, with a picture under each change, to `FILE`")
	return cmd
}

// keptText is what is kept, and its interval.
func keptText(r api.Reaction) string {
	return fmt.Sprintf("%.0f %% (%.0f–%.0f)", 100*r.Kept, 100*r.KeptWithin[0], 100*r.KeptWithin[1])
}

func (a *app) probeTable(r api.ProbeReport) error {
	fmt.Fprintf(a.out, "Likeness that is kept under a change, with its 95 %% interval, over %s; then how many find their own:\n\n", count(r.Pictures, "picture"))
	t := term.Table{Columns: []term.Column{{Header: "change"}}}
	for _, m := range r.Models {
		t.Columns = append(t.Columns, term.Column{Header: m.Model, Right: true, Whole: true}, term.Column{Header: "found", Right: true, Whole: true})
	}
	t.Columns = append(t.Columns, term.Column{Header: ""})
	for i, change := range r.Changes {
		cells := []term.Cell{{Text: change.Name}}
		for _, m := range r.Models {
			reaction := m.Reactions[i]
			cells = append(cells, term.Cell{Text: keptText(reaction), Style: keptStyle(reaction.Kept)}, term.Cell{Text: fmt.Sprintf("%.0f %%", 100*reaction.Found)})
		}
		t.AddCells(append(cells, term.Cell{Text: change.About, Style: term.Faint})...)
	}
	if err := t.Write(a.screen); err != nil {
		return err
	}
	fmt.Fprintln(a.out)
	for _, m := range r.Models {
		if _, err := fmt.Fprintln(a.out, term.Clean(probeWords(m))); err != nil {
			return err
		}
	}
	return nil
}

func keptStyle(kept float64) term.Style {
	switch {
	case kept >= 0.9:
		return term.GradeSame
	case kept >= 0.7:
		return term.GradeNear
	case kept >= 0.5:
		return term.GradeRelated
	}
	return term.GradeWeak
}

// probeWords say what a model sees.
func probeWords(m api.Probed) string {
	say := func(changes []string, none string) string {
		if len(changes) == 0 {
			return none
		}
		return strings.Join(changes, ", ")
	}
	return fmt.Sprintf("%s hardly sees: %s. Another picture to it: %s.", m.Model, say(m.Blind, "nothing of these"), say(m.Moved, "nothing of these"))
}

func (a *app) probePage(ctx context.Context, path string, r api.ProbeReport) error {
	s := page.ReportSection{Columns: []string{"change"}, Note: "Likeness that is kept: 100 % is the same picture, 0 % is as near as any two. In brackets the 95 % interval; then how many changed pictures are nearer to their own than to any other."}
	for _, m := range r.Models {
		s.Columns = append(s.Columns, m.Model, "found")
	}
	for i, change := range r.Changes {
		cell := page.ReportCell{Text: change.Name + ": " + change.About}
		if width, height, pixels, err := akin.Alter(ctx, r.Example.Source, change.Name, a.options()); err == nil {
			if thumb, err := page.Thumbnail(width, height, pixels, 0); err == nil {
				cell.Pictures = []page.Picture{{Name: change.Name, Thumb: thumb}}
			}
		}
		row := []page.ReportCell{cell}
		for _, m := range r.Models {
			reaction := m.Reactions[i]
			row = append(row, page.ReportCell{Text: keptText(reaction), Tone: page.ShareTone(reaction.Kept)}, page.ReportCell{Text: fmt.Sprintf("%.0f %%", 100*reaction.Found), Tone: page.ShareTone(reaction.Found)})
		}
		s.Rows = append(s.Rows, row)
	}
	var words []string
	for _, m := range r.Models {
		words = append(words, probeWords(m))
	}
	d := page.ReportData{Title: "What each model looks at", Lead: fmt.Sprintf("%s, changed in %d ways; the example is %s. %s", count(r.Pictures, "picture"), len(r.Changes), r.Example.Name, strings.Join(words, " ")), Sections: []page.ReportSection{s}}
	return writeFile(path, func(w *bufio.Writer) error { return page.Report(w, d) })
}
