package main

import (
	"context"
	"io"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/akin-search/akin/api"
	"github.com/akin-search/akin/cmd/akin/internal/render"
)

type compareOptions struct {
	api.CompareOptions
	query  queryFlags
	filter filterFlags
	fusion fusionFlags
	html   string
}

func (a *app) compareCommand() *cobra.Command {
	var o compareOptions
	cmd := &cobra.Command{
		Use:   "compare QUERY…",
		Short: "Show the hits of every model side by side, and fused",
		Long: `Searches with every model of the collection, or those of --model, and shows the hits of
each in a column, then all of them fused. Use it to see what each model means by "alike".
docs/how-to/fuse.md says which --fusion is best. QUERY is as for "akin search".

` + filterHelp,
		Example: `  akin compare Chad
  akin compare Chad --top 5 --html chad.html
  akin compare cat.jpg -m clip,dinov2-base --fusion scores --weights clip=2
  akin compare photo.jpg --after 2024-07 --tag holiday`,
		Args: cobra.MinimumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error { return o.run(cmd.Context(), a, args) },
	}
	o.flags(cmd.Flags())
	return cmd
}

func (o *compareOptions) flags(f *pflag.FlagSet) {
	o.query.flags(f)
	f.IntVarP(&o.Top, "top", "k", 10, "number of hits of each model; 0 for all")
	o.filter.flags(f)
	o.fusion.flags(f)
	f.BoolVar(&o.IncludeSelf, "include-self", false, "keep the query picture itself among the hits")
	f.StringVar(&o.html, "html", "", htmlHelp)
}

// check checks the flags, and completes the options of the comparison.
func (o *compareOptions) check(a *app) (err error) {
	if o.Top < 0 {
		return usagef("--top %d: use 1 or more, or 0 for all", o.Top)
	}
	o.All = o.Top == 0
	if o.Filter, err = o.filter.read(a.in); err != nil {
		return err
	}
	o.Fusion, err = o.fusion.read()
	return err
}

func (o *compareOptions) run(ctx context.Context, a *app, args []string) error {
	if err := o.check(a); err != nil {
		return err
	}
	q, err := o.query.query(args)
	if err != nil {
		return err
	}
	c, err := a.open(ctx)
	if err != nil {
		return err
	}
	defer c.Close()
	r, err := orWords(a, &o.query, args, q, func(q api.Query) (api.Comparison, error) { return c.Compare(ctx, q, o.CompareOptions) })
	if err != nil {
		return err
	}
	a.noteMissing(r.Missing)
	a.noteSkipped(r.Skipped)
	a.Blank(r.Query)
	if err := a.writeTo(o.html, func(w io.Writer) error { return render.ComparisonPage(ctx, w, a.pictures(c), r) }); err != nil {
		return err
	}
	return a.Result(r, func() error { return a.Comparison(r) })
}
