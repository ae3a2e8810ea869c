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

type matchOptions struct {
	api.MatchOptions
	html string
}

func (a *app) matchCommand() *cobra.Command {
	var o matchOptions
	cmd := &cobra.Command{
		Use:   "match A B",
		Short: "Prove that one picture shows a part of another, and where",
		Long: `Finds the parts of picture A that picture B shows: a crop in its original, a logo in a
photo, a figure on a scanned page; turned, at another size, seen from the side, or in
other colours. A and B are files, addresses or names of indexed pictures.

A match is proven by keypoints that agree with one transform, and by the pixels, which must
agree wherever the two lie on one another; a photograph may also be a part of both. It
states how many matches as good are expected by chance between pictures that have nothing
in common. Two calendars or invoices of one form are no match.

Where nothing is proven, the list is empty and the status 0.`,
		Example: `  akin match logo.png photo.jpg
  akin match crop.jpg page.png --html proof.html
  akin match a.jpg b.jpg --json`,
		Args: cobra.ExactArgs(2),
		RunE: func(cmd *cobra.Command, args []string) error { return o.run(cmd.Context(), a, [2]string(args)) },
	}
	o.flags(cmd.Flags())
	return cmd
}

func (o *matchOptions) flags(f *pflag.FlagSet) {
	f.StringVar(&o.html, "html", "", "also write a page with both pictures and what matches to `FILE`")
	f.Float64Var(&o.MaxFalse, "max-false", 0.01, "the most matches that may be expected by chance")
	f.Float64Var(&o.Pairs, "pairs", 1, "how many pairs of pictures you compare: chance grows with them")
}

func (o *matchOptions) run(ctx context.Context, a *app, pair [2]string) error {
	if !(o.MaxFalse > 0) {
		return usagef("--max-false: %g: want a number above 0", o.MaxFalse)
	}
	if !(o.Pairs >= 1) {
		return usagef("--pairs: %g: want 1 or more", o.Pairs)
	}
	names, sources, err := a.locate(ctx, pair)
	if err != nil {
		return err
	}
	o.Pictures = o.html != ""
	r, err := akin.Match(ctx, sources[0], sources[1], o.MatchOptions, a.options())
	if err != nil {
		return err
	}
	r.A, r.B = pair[0], pair[1]
	if err := a.writeTo(o.html, func(w io.Writer) error { return render.MatchingPage(w, names, r) }); err != nil {
		return err
	}
	return a.Result(r, func() error {
		err := a.Matching(names, r)
		if err == nil && len(r.Matches) > 0 && o.html == "" {
			a.Notef("--html FILE shows what matches")
		}
		return err
	})
}
