package main

import (
	"context"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/akin-search/akin/api"
)

type benchOptions struct{ api.BenchOptions }

func (a *app) benchCommand() *cobra.Command {
	var o benchOptions
	cmd := &cobra.Command{
		Use:   "bench",
		Short: "Measure how fast this collection is searched",
		Long: `Searches for pictures of the collection, drawn at random, and measures the time: with a
plain scan of every embedding, exactly through the compressed copy, and approximately
(docs/explanation/exact-search.md). Recall is the fraction of the hits of the plain scan
that are found.`,
		Example: "  akin bench\n  akin bench -m clip-vit-base-patch32 --recall 0.95 --queries 1000",
		Args:    cobra.NoArgs,
		RunE:    func(cmd *cobra.Command, _ []string) error { return o.run(cmd.Context(), a) },
	}
	o.flags(cmd.Flags())
	return cmd
}

func (o *benchOptions) flags(f *pflag.FlagSet) {
	f.IntVarP(&o.Top, "top", "k", 10, "number of hits of a search")
	f.IntVar(&o.Queries, "queries", 200, "number of searches")
	f.Float64Var(&o.Recall, "recall", 0.99, "target recall of the approximate search")
}

func (o *benchOptions) check() error {
	switch {
	case !(o.Recall > 0 && o.Recall <= 1):
		return usagef("--recall %g: use a fraction above 0 and up to 1", o.Recall)
	case o.Top < 1:
		return usagef("--top %d: use 1 or more", o.Top)
	case o.Queries < 1:
		return usagef("--queries %d: use 1 or more", o.Queries)
	}
	return nil
}

func (o *benchOptions) run(ctx context.Context, a *app) error {
	if err := o.check(); err != nil {
		return err
	}
	c, err := a.openFor(ctx, &o.Model)
	if err != nil {
		return err
	}
	defer c.Close()
	r, err := c.Bench(ctx, o.BenchOptions)
	if err != nil {
		return err
	}
	return a.Result(r, func() error { return a.Bench(r) })
}
