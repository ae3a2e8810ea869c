package main

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/akin-search/akin"
	"github.com/akin-search/akin/api"
	"github.com/akin-search/akin/cmd/akin/internal/term"
	"github.com/spf13/cobra"
)

func (a *app) infoCommand() *cobra.Command {
	return &cobra.Command{
		Use:     "info",
		Short:   "Tell what a collection holds",
		Example: "  akin info\n  akin info -c shop --json",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			c, err := a.open(cmd.Context(), false)
			if err != nil {
				return err
			}
			defer c.Close()
			info, err := c.Info(cmd.Context())
			if err != nil {
				return err
			}
			if a.json {
				return a.writeJSON(info)
			}
			fmt.Fprintf(a.out, "%s\n%s\n\n", term.Clean(info.Collection), count(info.Pictures, "picture"))
			t := term.Table{Columns: []term.Column{
				{Header: "model"}, {Header: "dim", Right: true}, {Header: "embeddings", Right: true},
				{Header: "covers", Right: true}, {Header: "size", Right: true}, {Header: "fingerprint"}, {Header: ""},
			}}
			for _, s := range info.Spaces {
				note := ""
				if s.Default {
					note = "answers where no --model is named"
				}
				if s.Background != "drop" && s.Active {
					note = strings.TrimSuffix("transparent pictures on "+shownOn(s.Background)+"; "+note, "; ")
				}
				if !s.Active {
					note = "does not answer: a newer one of " + s.Model + " covers as much"
					if slices.ContainsFunc(info.Spaces, func(o api.SpaceInfo) bool { return o.Active && o.Model == s.Model && o.Covered > s.Covered }) {
						note = "does not answer: another of " + s.Model + " covers more"
					}
				}
				covers := 0.0
				if info.Pictures > 0 {
					covers = 100 * float64(s.Covered) / float64(info.Pictures)
				}
				t.Add(s.Model, fmt.Sprint(s.Dim), fmt.Sprint(s.Rows), fmt.Sprintf("%.4g %%", covers), bytesText(s.Bytes), short(s.Fingerprint), note)
			}
			if len(info.Spaces) > 0 {
				if err := t.Write(a.screen); err != nil {
					return err
				}
			}
			if info.Failed > 0 {
				fmt.Fprintf(a.out, "\n%s could not be read; each is tried again when it changes:\n", count(info.Failed, "file"))
				for _, f := range info.Failures {
					fmt.Fprintf(a.out, "  %s\n", failureText(f))
				}
			}
			return nil
		},
	}
}

func (a *app) verifyCommand() *cobra.Command {
	var repair bool
	cmd := &cobra.Command{
		Use:   "verify",
		Short: "Check every checksum of a collection",
		Long: `Reads the whole collection and checks it against its checksums and its own
records. Nothing is changed, unless --repair is given. Then what is derived from the
rest is made again, a damaged database is written anew from what can be read of it and
from the embeddings' files, and embeddings that are damaged are forgotten, so that the
next index makes them again; each is told. Exit status 1 when anything is wrong still.`,
		Example: "  akin verify\n  akin verify --repair -c shop",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			path, r, err := a.verify(cmd.Context(), repair)
			if err != nil {
				return err
			}
			if a.json {
				if err := a.writeJSON(map[string]any{"collection": path, "repaired": r.Done, "problems": r.Problems}); err != nil {
					return err
				}
			} else {
				for _, line := range slices.Concat(r.Done, r.Problems) {
					fmt.Fprintln(a.out, term.Clean(line))
				}
			}
			if len(r.Problems) > 0 {
				return fmt.Errorf("%s: %s", path, count(len(r.Problems), "problem"))
			}
			if !a.json {
				fmt.Fprintf(a.out, "%s: everything is whole\n", term.Clean(path))
			}
			return nil
		},
	}
	cmd.Flags().BoolVar(&repair, "repair", false, "make again what is damaged and can be made from the rest")
	return cmd
}

// verify checks a collection, or repairs it: also one that cannot be opened.
func (a *app) verify(ctx context.Context, repair bool) (path string, r api.Repaired, err error) {
	if repair {
		if path, err = userHome().CollectionPath(a.collection); err != nil {
			return "", r, err
		}
		r, err = akin.Repair(ctx, path)
		return path, r, err
	}
	c, err := a.open(ctx, false)
	if err != nil {
		return "", r, err
	}
	defer c.Close()
	r.Done = []string{}
	r.Problems, err = c.Verify(ctx)
	return c.Path(), r, err
}

func short(fingerprint string) string {
	if head, hash, on := strings.Cut(fingerprint, "+"); on && len(hash) == 64 { // on a background
		return head + "+" + hash[:12]
	}
	if len(fingerprint) == 64 { // a hash
		return fingerprint[:12]
	}
	return fingerprint
}

// bytesText is a size for people.
func bytesText(n int64) string {
	switch {
	case n >= 1<<30:
		return fmt.Sprintf("%.1f GB", float64(n)/(1<<30))
	case n >= 1<<20:
		return fmt.Sprintf("%.1f MB", float64(n)/(1<<20))
	case n >= 1<<10:
		return fmt.Sprintf("%.1f kB", float64(n)/(1<<10))
	}
	return fmt.Sprintf("%d B", n)
}
