package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"sync/atomic"
	"time"

	"github.com/akin-search/akin"
	"github.com/akin-search/akin/api"
	"github.com/akin-search/akin/cmd/akin/internal/term"
	"github.com/spf13/cobra"
)

func (a *app) indexCommand() *cobra.Command {
	var o api.IndexOptions
	var watch bool
	var shard, columns string
	cmd := &cobra.Command{
		Use:   "index PATH…",
		Short: "Learn folders, files and lists of pictures; only what changed is embedded",
		Long: `Learns the pictures of folders, single files, lists in CSV (also with tabs, semicolons
or bars) and text lists (a path or address a line). Run again, it embeds only what is
new or changed; a moved or renamed file costs nothing. A file that cannot be read is
remembered with its reason and tried again when it changes. Links to files are
followed, and a PATH that is a link; links to folders below it are not, and told.

The titles of a list's columns tell which has the paths or addresses (file_name, path,
url, …), and which the names (name, title, text, …); without titles, what lies on disk
does. How a list was understood is told. Where akin cannot be sure it asks for --column.
A column "tags" gives pictures tags, with semicolons between them ("akin tag" shows and
changes them). Indexing takes no tag away.`,
		Example: `  akin index ~/Pictures
  akin index logos/ --include '*.png' --exclude 'old/**' --prune
  akin index logos/ --background auto                 logos and icons with transparency
  akin index shop.csv --collection shop --model efficientnet-lite0
  akin index list.csv --column path=photo,name=3   paths in the column "photo", names in the third
  akin index ~/Pictures --watch`,
		Args: cobra.MinimumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if shard != "" {
				var err error
				if o.Shard, err = akin.ParseShard(shard); err != nil {
					return usagef("--shard: %w", err)
				}
			}
			if columns != "" {
				var err error
				if o.Columns, err = akin.ParseColumns(columns, api.PathColumn, api.NameColumn, api.TagsColumn); err != nil {
					return usagef("--column: %w", err)
				}
			}
			return a.index(cmd.Context(), args, o, watch)
		},
	}
	f := cmd.Flags()
	f.SortFlags = false
	f.BoolVar(&watch, "watch", false, "stay, and index what changes")
	f.DurationVar(&o.Poll, "poll", 0, "with --watch: look at the folders this often, where the file system tells nothing (found out by itself on network shares)")
	f.BoolVar(&o.Prune, "prune", false, "forget pictures whose files are gone")
	f.BoolVar(&o.PruneEmpty, "prune-empty", false, "with --prune: those of folders that have no picture any more as well, as where a disk is not mounted")
	f.StringArrayVar(&o.Include, "include", nil, "only files that match `GLOB` (repeatable; ** crosses folders)")
	f.StringArrayVar(&o.Exclude, "exclude", nil, "leave out files and folders that match `GLOB`")
	f.StringVar(&columns, "column", "", "which columns of a list have the paths, names and tags: `path=COL,name=COL`, by title or number from 1")
	f.StringVar(&shard, "shard", "", "only this share of the pictures: `2/8` is the second of eight, for eight machines that index into one cluster")
	f.BoolVar(&o.Hidden, "hidden", false, "hidden and junk files too")
	return cmd
}

func (a *app) index(ctx context.Context, paths []string, o api.IndexOptions, watch bool) error {
	for _, p := range paths {
		if strings.Contains(p, "://") {
			continue
		}
		if _, err := os.Stat(p); err != nil {
			return fmt.Errorf("read %s: %w", p, bare(err))
		}
	}
	if o.Poll < 0 || o.Poll > 0 && !watch {
		return usagef("--poll goes with --watch, and is no less than nothing")
	}
	if there, err := a.open(ctx, false); err == nil {
		_ = there.Close()
	} else if errors.Is(err, akin.ErrNoCollection) {
		if err := a.checkModels(); err != nil { // before a collection is made for nothing
			return err
		}
	}
	c, err := a.open(ctx, true)
	if err != nil {
		return err
	}
	defer c.Close()
	progress := term.NewProgress(a.console, a.quiet)
	o.Progress = func(p api.Progress) {
		if p.Step == api.StepOrdering {
			progress.Update(term.State{Done: p.Done, Total: p.Total, Unit: "vectors put in order"})
			return
		}
		progress.Update(term.State{Done: p.Done, Total: p.Total, Growing: p.Step == api.StepFinding, Rate: p.Rate, Left: p.Left})
	}
	var problems atomic.Int64
	o.Problem = func(path string, err error) {
		problems.Add(1)
		progress.Printf("akin: %s: %v", path, err)
	}
	o.Understood = func(u api.Understood) {
		if words := u.String(); words != "" && !a.quiet {
			progress.Printf("akin: %s: %s", place(u.File), words)
		}
	}
	report, err := c.Index(ctx, paths, o)
	progress.Close()
	if err != nil {
		if errors.Is(err, context.Canceled) && report.Added+report.Changed > 0 {
			a.notef("akin: %s stored", count(report.Added+report.Changed, "picture was", "pictures were"))
		}
		return err
	}
	if n := len(report.Linked); n > 0 {
		a.notef("akin: %s not followed, the first: %s; name it as a path to index it too", count(n, "linked folder is", "linked folders are"), place(report.Linked[0]))
	}
	if err := a.reportIndex(report); err != nil {
		return err
	}
	a.noteTransparency(report)
	if watch {
		return a.watch(ctx, c, paths, o)
	}
	if len(report.Failed) > 0 || problems.Load() > 0 {
		return errPartial
	}
	return nil
}

// checkModels tells which of --model is not here.
func (a *app) checkModels() error {
	names := a.models
	if len(names) == 0 {
		names = []string{akin.DefaultModel}
	}
	for _, name := range names {
		m, err := akin.OpenModel(name, a.options())
		if err == nil {
			err = m.Close()
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func (a *app) watch(ctx context.Context, c *akin.Collection, paths []string, o api.IndexOptions) error {
	o.Progress, o.Understood = nil, nil // it was told
	a.notef("akin: watching %s; Ctrl-C ends it", count(len(paths), "path"))
	err := c.Watch(ctx, paths, o, func(r api.IndexReport, err error) {
		if err != nil {
			a.notef("akin: %v", err)
			return
		}
		if r.Added+r.Changed+r.Renamed+r.Removed+r.Tagged+r.Embedded+len(r.Failed) > 0 {
			_ = a.reportIndex(r)
		}
	})
	if errors.Is(err, context.Canceled) {
		return nil // the asked-for end
	}
	return err
}

func (a *app) reportIndex(r api.IndexReport) error {
	for _, f := range r.Failed {
		fmt.Fprintf(a.err, "akin: %s\n", failureText(f))
	}
	if a.json {
		return a.writeJSON(r)
	}
	more := r.Embedded // of pictures that were here, for a model or a precision that is new to them
	if r.Embedded <= (r.Added+r.Changed)*len(r.Models) {
		more = 0
	}
	line := ""
	for _, part := range []struct {
		n    int
		word string
	}{
		{r.Added, "added"}, {r.Changed, "changed"}, {r.Renamed, "renamed"}, {r.Removed, "removed"},
		{r.Unchanged, "unchanged"}, {more, plural(more, "embedding") + " made"}, {r.Tagged, plural(r.Tagged, "tag") + " added"}, {r.Missing, "missing (--prune forgets them)"}, {len(r.Failed), "could not be read"},
	} {
		if part.n > 0 {
			if line != "" {
				line += ", "
			}
			line += fmt.Sprintf("%d %s", part.n, part.word)
			if part.word == "unchanged" && r.Unreadable > 0 {
				line += fmt.Sprintf(" (%d of them unreadable)", r.Unreadable)
			}
		}
	}
	if line == "" {
		line = "no pictures found"
	}
	took := time.Duration(r.Seconds * float64(time.Second)).Round(10 * time.Millisecond)
	rate := ""
	if n := r.Added + r.Changed; n > 0 && r.Seconds > 0 {
		rate = fmt.Sprintf(", %.0f a second", float64(n)/r.Seconds)
	}
	_, err := fmt.Fprintf(a.out, "%s in %s%s\n", line, took, rate)
	return err
}
