package main

import (
	"context"
	"io"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/akin-search/akin/api"
	"github.com/akin-search/akin/cmd/akin/internal/render"
)

type biasOptions struct {
	api.BiasOptions
	html string
}

func (a *app) biasCommand() *cobra.Command {
	var o biasOptions
	cmd := &cobra.Command{
		Use:   "bias [PAIRS.csv|SET]",
		Short: "Find pairs that are near by meaning, not by looks",
		Long: `Compares models trained on language (CLIP, BLIP-2, SigLIP) with models trained on pictures
alone, and lists the pairs of pictures that the former rank much nearer. Use it to find
likeness that comes from what pictures mean, not from how they look.

A pair's ratio is that of the geometric mean ranks of each picture among the other's
neighbours. chance is the fraction of all pairs with at least this ratio. FDR is the
false discovery rate, estimated by dividing the models at random.

Without PAIRS, all pairs of the collection are ranked, or of a sample of 1500 pictures.`,
		Example: `  akin bias
  akin bias flags-context --html bias.html
  akin bias pairs.csv --language clip,my-clip --model clip,my-clip,dinov2-base`,
		Args: cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error { return o.run(cmd.Context(), a, args) },
	}
	o.flags(cmd.Flags())
	return cmd
}

func (o *biasOptions) flags(f *pflag.FlagSet) {
	f.StringSliceVar(&o.Language, "language", nil, "the models trained on language (default: recognised by their names)")
	f.IntVarP(&o.Top, "top", "k", 20, "number of pairs, without PAIRS")
	f.StringVar(&o.html, "html", "", htmlHelp)
}

func (o *biasOptions) run(ctx context.Context, a *app, args []string) error {
	if o.Top < 1 {
		return usagef("--top %d: use 1 or more", o.Top)
	}
	var pairs []api.Pair
	if len(args) > 0 {
		var err error
		if pairs, err = readPairs(args[0]); err != nil {
			return err
		}
	}
	c, err := a.open(ctx)
	if err != nil {
		return err
	}
	defer c.Close()
	o.Models = a.models
	p := a.Progress()
	o.Progress = progress(p, "rankings")
	r, err := c.Bias(ctx, pairs, o.BiasOptions)
	p.Close()
	if err != nil {
		return err
	}
	a.warnMissing(r.Missing)
	if err := a.writeTo(o.html, func(w io.Writer) error { return render.BiasPage(ctx, w, a.pictures(c), r) }); err != nil {
		return err
	}
	return a.Result(r, func() error { return a.Bias(r) })
}
