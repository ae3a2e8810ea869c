package main

import (
	"context"
	"path/filepath"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/akin-search/akin"
	"github.com/akin-search/akin/cmd/akin/internal/term"
)

func (a *app) fetchCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:     "fetch",
		Short:   "Download a well-known set of pictures",
		Long:    "Downloads a well-known set of pictures, to try akin with.",
		Example: "  akin fetch flags --out flags",
		Args:    cobra.NoArgs,
		RunE:    showHelp,
	}
	cmd.AddCommand(a.fetchFlagsCommand())
	return cmd
}

type fetchFlagsOptions struct{ akin.FlagsOptions }

func (a *app) fetchFlagsCommand() *cobra.Command {
	var o fetchFlagsOptions
	cmd := &cobra.Command{
		Use:   "flags --out DIR",
		Short: "Download the flags of sovereign states from Wikipedia",
		Long: `Downloads the flags of Wikipedia's gallery of sovereign state flags, as pictures and as
national_flags.csv, with at most two requests a second. Run again, it downloads only what
is missing.`,
		Example: `  akin fetch flags --out flags
  akin index flags/images`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return o.run(cmd.Context(), a) },
	}
	o.flags(cmd.Flags())
	return cmd
}

func (o *fetchFlagsOptions) flags(f *pflag.FlagSet) {
	f.StringVarP(&o.Out, "out", "o", "", "folder to fill (required)")
	f.IntVar(&o.Width, "width", 220, "width of the pictures, in pixels")
	f.StringVar(&o.Page, "page", "", "another list page of the same structure")
}

func (o *fetchFlagsOptions) run(ctx context.Context, a *app) error {
	if o.Out == "" {
		return usagef("--out DIR is missing")
	}
	if o.Width < 1 || o.Width > 4000 {
		return usagef("--width %d: use 1 to 4000 pixels", o.Width)
	}
	p := a.Progress()
	o.Progress = func(done, total int, name string) { p.Update(term.State{Done: done, Total: total, Note: name}) }
	r, err := akin.FetchFlags(ctx, o.FlagsOptions)
	p.Close()
	if err != nil {
		return err
	}
	for _, f := range r.Failed {
		a.Warnf("%s: %s", f.Country, f.Error)
	}
	if err := a.Result(r, func() error {
		return a.Linef("%d flags downloaded, %d already there, in %s", r.Fetched, r.Kept, filepath.Join(o.Out, "images"))
	}); err != nil {
		return err
	}
	if len(r.Failed) > 0 {
		return errPartial
	}
	return nil
}
