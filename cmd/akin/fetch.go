package main

import (
	"fmt"
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/akin-search/akin"
	"github.com/akin-search/akin/cmd/akin/internal/term"
)

func (a *app) fetchCommand() *cobra.Command {
	fetch := &cobra.Command{
		Use:   "fetch",
		Short: "Collect a well-known set of pictures",
		Args:  cobra.NoArgs,
		RunE:  func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	var o akin.FlagsOptions
	flags := &cobra.Command{
		Use:   "flags --out DIR",
		Short: "The flags of sovereign states, from Wikipedia",
		Long: `Collects the flags that Wikipedia's gallery of sovereign state flags shows, as
pictures and as national_flags.csv. It asks at most twice a second; run again, it
fetches only what is missing.`,
		Example: `  akin fetch flags --out flags
  akin index flags/images`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if o.Out == "" {
				return usagef("--out DIR is missing")
			}
			if o.Width < 1 || o.Width > 4000 {
				return usagef("--width %d: want 1 to 4000 pixels", o.Width)
			}
			progress := term.NewProgress(a.console, a.quiet)
			o.Progress = func(done, total int, name string) {
				progress.Update(term.State{Done: done, Total: total, Note: name})
			}
			r, err := akin.FetchFlags(cmd.Context(), o)
			progress.Close()
			if err != nil {
				return err
			}
			for _, f := range r.Failed {
				fmt.Fprintf(a.err, "akin: %s: %s\n", term.Clean(f.Country), term.Clean(f.Error))
			}
			if a.json {
				err = a.writeJSON(r)
			} else {
				_, err = fmt.Fprintf(a.out, "%d flags fetched, %d were there, in %s\n", r.Fetched, r.Kept, filepath.Join(o.Out, "images"))
			}
			if err == nil && len(r.Failed) > 0 {
				return errPartial
			}
			return err
		},
	}
	f := flags.Flags()
	f.SortFlags = false
	f.StringVarP(&o.Out, "out", "o", "", "folder to fill (required)")
	f.IntVar(&o.Width, "width", 220, "pixels")
	f.StringVar(&o.Page, "page", "", "another list page of the same structure")
	fetch.AddCommand(flags)
	return fetch
}
