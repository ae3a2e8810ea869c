package main

import (
	"context"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/akin-search/akin"
	"github.com/akin-search/akin/cmd/akin/internal/render"
	"github.com/akin-search/akin/cmd/akin/internal/term"
)

func (a *app) fetchCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "fetch [SET]",
		Short: "Download a well-known set of pictures",
		Long: `Downloads a labelled set: pictures of the same things by different artists, for
"akin eval SET". Without SET, lists them, with what must be downloaded and under which
licences. A set is made of packages, which npm downloads as you have configured it; their
hashes are checked. It is kept in akin's data folder, with its licences.`,
		Example: `  akin fetch
  akin fetch logos
  akin fetch flags --out flags`,
		Args: cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) == 0 {
				sets := a.labelledSets()
				return a.Result(sets, func() error { return a.LabelledSets(sets) })
			}
			return a.fetchLabelledSet(cmd.Context(), args[0])
		},
	}
	cmd.AddCommand(a.fetchFlagsCommand())
	return cmd
}

// labelledSets returns the sets that can be downloaded.
func (a *app) labelledSets() (sets []render.LabelledSet) {
	for _, s := range akin.LabelledSets() {
		_, err := akin.FetchedLabelledSet(s, a.env.home)
		sets = append(sets, render.LabelledSet{Name: s.Name, About: s.About, Bytes: s.Bytes(), Licences: s.Licences(), Fetched: err == nil})
	}
	return sets
}

func (a *app) fetchLabelledSet(ctx context.Context, name string) error {
	s, err := akin.FindLabelledSet(name)
	if err != nil {
		return err
	}
	p := a.Progress()
	r, err := akin.FetchLabelledSet(ctx, s, a.env.home, func(done, total int, pkg string) {
		p.Update(term.State{Done: done, Total: total, Unit: "packages", Note: pkg})
	})
	p.Close()
	if err != nil {
		return err
	}
	return a.Result(r, func() error {
		return a.Linef("%s: %s in %s, in %s; licences: %s", s.Name, render.Count(r.Pictures, "picture"), render.Count(r.Groups, "group"), r.Folder, strings.Join(s.Licences(), ", "))
	})
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
