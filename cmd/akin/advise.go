package main

import (
	"context"
	"io"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/akin-search/akin/api"
	"github.com/akin-search/akin/cmd/akin/internal/render"
)

type adviseOptions struct {
	groups bool
	html   string
}

func (a *app) adviseCommand() *cobra.Command {
	var o adviseOptions
	cmd := &cobra.Command{
		Use:   "advise [PAIRS.csv|SET|LABELS.csv]",
		Short: "Choose the model that suits these pictures",
		Long: `Evaluates all models of the collection and says which one to use, on what evidence and at
what cost. The evidence is best from PAIRS that belong together, or with --groups from
labelled pictures: it shows which model agrees with you on what is alike.

Without a file, the pictures themselves are cropped, scaled, compressed, mirrored,
lightened and darkened. That shows which model is robust, but nothing about meaning.`,
		Example: `  akin advise
  akin advise pairs.csv --html advice.html
  akin advise labels.csv --groups`,
		Args: cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error { return o.run(cmd.Context(), a, args) },
	}
	o.flags(cmd.Flags())
	return cmd
}

func (o *adviseOptions) flags(f *pflag.FlagSet) {
	f.BoolVar(&o.groups, "groups", false, "the file labels pictures: name,group")
	f.StringVar(&o.html, "html", "", "also write a page to `FILE`")
}

// evidence reads the file.
func (o *adviseOptions) evidence(args []string) (e api.AdviceOptions, err error) {
	switch {
	case len(args) == 0 && o.groups:
		err = usagef("--groups needs a file of labels")
	case o.groups:
		e.Labels, err = readLabels(args[0])
	case len(args) > 0:
		e.Pairs, err = readPairs(args[0])
	}
	return e, err
}

func (o *adviseOptions) run(ctx context.Context, a *app, args []string) error {
	evidence, err := o.evidence(args)
	if err != nil {
		return err
	}
	c, err := a.open(ctx)
	if err != nil {
		return err
	}
	defer c.Close()
	evidence.Models = a.models
	p := a.Progress()
	evidence.Progress = progress(p, "")
	r, err := c.Advise(ctx, evidence)
	p.Close()
	if err != nil {
		return err
	}
	a.warnMissing(r.Missing)
	a.noteSkipped(r.Skipped)
	if err := a.writeTo(o.html, func(w io.Writer) error { return render.AdvicePage(w, r) }); err != nil {
		return err
	}
	return a.Result(r, func() error { return a.Advice(r) })
}
