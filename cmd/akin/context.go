package main

import (
	"context"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/akin-search/akin/api"
	"github.com/akin-search/akin/cmd/akin/internal/render"
	"github.com/akin-search/akin/internal/insight/alter"
)

type contextOptions struct {
	api.ContextOptions
	html string
}

func (a *app) contextCommand() *cobra.Command {
	var o contextOptions
	cmd := &cobra.Command{
		Use:   "context PAIRS.csv|SET",
		Short: "See whether a cue, such as colour, makes pairs alike",
		Long: `Removes a cue from all pictures, embeds them again, and shows how the ranks of the pairs
change. A pair that stays near without colour is not near because of its colour.

What is left without each cue:
` + cues() + `
The models must be installed, and the files of the pictures must exist.`,
		Example: `  akin context flags
  akin context pairs.csv --without lettering,background --html context.html`,
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error { return o.run(cmd.Context(), a, args) },
	}
	o.flags(cmd.Flags())
	return cmd
}

// cues describes what can be removed, a line each.
func cues() string {
	var b strings.Builder
	for _, c := range alter.Contexts() {
		fmt.Fprintf(&b, "  %-11s %s\n", c.Name, c.About)
	}
	return b.String()
}

func (o *contextOptions) flags(f *pflag.FlagSet) {
	f.StringSliceVar(&o.Without, "without", nil, "cues to remove, each by itself: "+strings.Join(alter.ContextNames(), ", ")+" (default: all)")
	f.IntVar(&o.Pictures, "sample", 500, "pictures to rank the pairs among")
	f.StringVar(&o.html, "html", "", htmlHelp)
}

func (o *contextOptions) run(ctx context.Context, a *app, args []string) error {
	if o.Pictures < 2 {
		return usagef("--sample %d: use 2 or more", o.Pictures)
	}
	pairs, err := readPairs(args[0])
	if err != nil {
		return err
	}
	c, err := a.open(ctx)
	if err != nil {
		return err
	}
	defer c.Close()
	o.Models = a.models
	p := a.Progress()
	o.Progress = progress(p, "")
	r, err := c.Context(ctx, pairs, o.ContextOptions)
	p.Close()
	if err != nil {
		return err
	}
	a.warnMissing(r.Missing)
	a.noteSkipped(r.Skipped)
	if err := a.writeTo(o.html, func(w io.Writer) error { return render.ContextPage(ctx, w, a.pictures(c), r) }); err != nil {
		return err
	}
	if err := a.Result(r, func() error { return a.Context(r) }); err != nil {
		return err
	}
	return a.warnFailed(r.Failed)
}
