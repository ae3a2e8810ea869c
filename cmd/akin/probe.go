package main

import (
	"context"
	"io"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/akin-search/akin/api"
	"github.com/akin-search/akin/cmd/akin/internal/render"
)

type probeOptions struct {
	api.ProbeOptions
	html string
}

func (a *app) probeCommand() *cobra.Command {
	var o probeOptions
	cmd := &cobra.Command{
		Use:   "probe [NAME…]",
		Short: "Find out what each model is invariant and sensitive to",
		Long: `Alters pictures in controlled ways (colour, light, position, detail, lettering), and shows
how much of its similarity to the original each retains: 100 % is the same picture, 0 % is
as near as any two. Then it shows how many altered pictures are still nearer to their
original than to any other picture.

It alters the pictures NAME…, or a sample of the collection. The models must be
installed, and the files of the pictures must exist.`,
		Example: `  akin probe
  akin probe --sample 200 --html probe.html
  akin probe Chad Brazil -m efficientnet-lite0,clip-vit-base-patch32`,
		RunE: func(cmd *cobra.Command, args []string) error { return o.run(cmd.Context(), a, args) },
	}
	o.flags(cmd.Flags())
	return cmd
}

func (o *probeOptions) flags(f *pflag.FlagSet) {
	f.IntVar(&o.Pictures, "sample", 60, "pictures to alter, without NAME")
	f.StringVar(&o.html, "html", "", "also write a page with an altered picture a row to `FILE`")
}

func (o *probeOptions) run(ctx context.Context, a *app, args []string) error {
	if o.Pictures < 1 {
		return usagef("--sample %d: use 1 or more", o.Pictures)
	}
	c, err := a.open(ctx)
	if err != nil {
		return err
	}
	defer c.Close()
	o.Models = a.models
	if len(args) > 0 {
		o.Names = args
	}
	p := a.Progress()
	o.Progress = progress(p, "")
	r, err := c.Probe(ctx, o.ProbeOptions)
	p.Close()
	if err != nil {
		return err
	}
	a.noteSkipped(r.Skipped)
	if err := a.writeTo(o.html, func(w io.Writer) error { return render.ProbePage(ctx, w, a.pictures(c), r) }); err != nil {
		return err
	}
	if err := a.Result(r, func() error { return a.Probe(r) }); err != nil {
		return err
	}
	return a.warnFailed(r.Failed)
}
