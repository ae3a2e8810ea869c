package main

import (
	"context"
	"io"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/akin-search/akin"
	"github.com/akin-search/akin/api"
	"github.com/akin-search/akin/cmd/akin/internal/render"
)

type disagreeOptions struct {
	query         queryFlags
	filter        filterFlags
	top, pictures int
	html          string
}

func (a *app) disagreeCommand() *cobra.Command {
	var o disagreeOptions
	cmd := &cobra.Command{
		Use:   "disagree [QUERY…]",
		Short: "Find out where the models disagree",
		Long: `With a query: lists every picture that some model has among its first hits, its rank in
each model, and which model alone found it. QUERY is as for "akin search".

Without a query: shows how far the models agree over the whole collection, and the
pictures on whose neighbours they agree the least.

` + filterHelp,
		Example: `  akin disagree Chad
  akin disagree photo.jpg --model clip,dinov2-base --html chad.html
  akin disagree --pictures 50`,
		RunE: func(cmd *cobra.Command, args []string) error { return o.run(cmd.Context(), a, args) },
	}
	o.flags(cmd.Flags())
	return cmd
}

func (o *disagreeOptions) flags(f *pflag.FlagSet) {
	o.query.flags(f)
	f.IntVarP(&o.top, "top", "k", 10, "number of first hits of each model to compare")
	f.IntVar(&o.pictures, "pictures", 20, "number of pictures to list, without a query")
	o.filter.flags(f)
	f.StringVar(&o.html, "html", "", htmlHelp)
}

func (o *disagreeOptions) run(ctx context.Context, a *app, args []string) error {
	if o.top < 1 || o.pictures < 1 {
		return usagef("--top and --pictures: use 1 or more")
	}
	c, err := a.open(ctx)
	if err != nil {
		return err
	}
	defer c.Close()
	if o.query.given(args) {
		return o.onQuery(ctx, a, c, args)
	}
	return o.onCollection(ctx, a, c)
}

func (o *disagreeOptions) onQuery(ctx context.Context, a *app, c *akin.Collection, args []string) error {
	q, err := o.query.query(args)
	if err != nil {
		return err
	}
	filter, err := o.filter.read(a.in)
	if err != nil {
		return err
	}
	r, err := orWords(a, &o.query, args, q, func(q api.Query) (api.Disagreement, error) {
		return c.Disagree(ctx, q, api.CompareOptions{Models: a.models, Top: o.top, Filter: filter})
	})
	if err != nil {
		return err
	}
	a.noteMissing(r.Missing)
	a.noteSkipped(r.Skipped)
	if err := a.writeTo(o.html, func(w io.Writer) error { return render.DisagreementPage(ctx, w, a.pictures(c), r) }); err != nil {
		return err
	}
	return a.Result(r, func() error { return a.Disagreement(r) })
}

func (o *disagreeOptions) onCollection(ctx context.Context, a *app, c *akin.Collection) error {
	p := a.Progress()
	r, err := c.DisagreeAll(ctx, api.DisagreeOptions{Models: a.models, Top: o.top, Pictures: o.pictures, Progress: progress(p, "neighbourhoods")})
	p.Close()
	if err != nil {
		return err
	}
	if err := a.writeTo(o.html, func(w io.Writer) error { return render.CollectionDisagreementPage(ctx, w, a.pictures(c), r) }); err != nil {
		return err
	}
	return a.Result(r, func() error { return a.CollectionDisagreement(r) })
}
