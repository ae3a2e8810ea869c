package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"sync/atomic"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/akin-search/akin"
	"github.com/akin-search/akin/api"
	"github.com/akin-search/akin/cmd/akin/internal/render"
	"github.com/akin-search/akin/cmd/akin/internal/term"
	"github.com/akin-search/akin/internal/container"
	"github.com/akin-search/akin/internal/source"
)

// mostSampled is how many frames of a film, or pages of a document, are indexed at most.
const mostSampled = 100_000

type indexOptions struct {
	api.IndexOptions
	watch          bool
	shard, columns string
}

func (a *app) indexCommand() *cobra.Command {
	var o indexOptions
	cmd := &cobra.Command{
		Use:   "index PATH…",
		Short: "Index folders, files and lists of pictures",
		Long: `Embeds the pictures of folders, single files, lists in CSV (also with tabs, semicolons or
bars), Parquet and JSON lines, and text lists (one path or address per line), and stores
the embeddings in the collection. It creates the collection if it does not exist.

Run it again after pictures changed: it embeds only what is new or changed. A moved or
renamed file costs nothing. A file that cannot be read is recorded with the reason, and
tried again when it changes; while there are such files, the exit status is 3. Links to
files are followed, and so is a PATH that is a link; symlinked subfolders are skipped and
reported.

The titles of a list's columns say which hold the paths or addresses (file_name, path,
url, …) and the names (name, title, text, …); without titles, the column whose files
exist holds the paths. How a list was read is reported; if that is ambiguous, akin asks for
--column. A column "tags" tags pictures, separated by semicolons (see "akin tag").
Indexing never removes a tag.

An archive of pictures (zip, tar, a Parquet file with a column of them) is a PATH as a folder
is, and nothing of it is unpacked to disk; those in folders are read with --archives.`,
		Example: `  akin index ~/Pictures
  akin index photos.zip 'more.zip/day 1'
  akin index logos/ --include '*.png' --exclude 'old/**' --prune
  akin index logos/ --background auto             transparent logos
  akin index shop.csv --collection shop --model efficientnet-lite0
  akin index list.csv --column path=photo,name=3  names in the third
  akin index ~/Videos --frames 20
  akin index train/metadata.jsonl                 Hugging Face's imagefolder
  akin index ~/Pictures --watch`,
		Args: cobra.MinimumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error { return o.run(cmd.Context(), a, args) },
	}
	o.flags(cmd.Flags())
	return cmd
}

func (o *indexOptions) flags(f *pflag.FlagSet) {
	f.BoolVar(&o.watch, "watch", false, "keep running, and index what changes")
	f.DurationVar(&o.Poll, "poll", 0, "with --watch: scan the folders this often, where the file system reports no changes (default: on network shares)")
	f.BoolVar(&o.Prune, "prune", false, "remove pictures whose files are gone")
	f.BoolVar(&o.PruneEmpty, "prune-empty", false, "with --prune: also those of folders that have no pictures any more, e.g. because a disk is not mounted")
	f.StringArrayVar(&o.Include, "include", nil, "only files that match `GLOB` (repeatable; ** crosses folders)")
	f.StringArrayVar(&o.Exclude, "exclude", nil, "skip files and folders that match `GLOB` (repeatable)")
	f.StringVar(&o.columns, "column", "", "the columns of a list with the paths, names and tags: `path=COL,name=COL`, by title or number from 1")
	f.StringVar(&o.shard, "shard", "", "only one part of the pictures: `2/8` is the second of eight, for eight machines that index into one cluster")
	f.IntVar(&o.Frames, "frames", 0, "index `N` frames of each film (with FFmpeg) and animated picture, evenly spaced")
	f.IntVar(&o.Pages, "pages", 0, "index the first `N` pages of each PDF file (needs Poppler)")
	f.BoolVar(&o.Archives, "archives", false, "also look into the archives in folders (zip, tar, Parquet with pictures); one that is a PATH is always read")
	f.BoolVar(&o.Parts, "parts", false, "also make the index of parts, for \"akin search --parts\"; from then on each run keeps it up to date")
	f.BoolVar(&o.Regions, "regions", false, "also embed up to 25 overlapping regions of each picture, for \"akin search --in regions\"; from then on each run keeps them up to date")
	f.BoolVar(&o.Hidden, "hidden", false, "also hidden and junk files")
}

// check checks the flags and paths, and completes the options.
func (o *indexOptions) check(paths []string) (err error) {
	if o.shard != "" {
		if o.Shard, err = akin.ParseShard(o.shard); err != nil {
			return usagef("--shard: %w", err)
		}
	}
	if o.columns != "" {
		if o.Columns, err = akin.ParseColumns(o.columns, api.PathColumn, api.NameColumn, api.TagsColumn); err != nil {
			return usagef("--column: %w", err)
		}
	}
	if o.Frames < 0 || o.Pages < 0 || max(o.Frames, o.Pages) > mostSampled {
		return usagef("--frames and --pages are from 0 to %d", mostSampled)
	}
	if o.Poll < 0 || o.Poll > 0 && !o.watch {
		return usagef("--poll needs --watch, and must not be negative")
	}
	for _, p := range paths {
		if strings.Contains(p, "://") {
			continue
		}
		if _, err := os.Stat(p); err != nil && !source.IsMember(p) {
			return fmt.Errorf("read %s: %w", p, withoutPath(err))
		}
	}
	return nil
}

func (o *indexOptions) run(ctx context.Context, a *app, paths []string) error {
	if err := o.check(paths); err != nil {
		return err
	}
	if c, err := a.open(ctx); err == nil {
		_ = c.Close()
	} else if errors.Is(err, akin.ErrNoCollection) {
		if err := a.checkModels(); err != nil { // before a collection is created in vain
			return err
		}
	}
	c, err := a.openToWrite(ctx)
	if err != nil {
		return err
	}
	defer c.Close()
	report, problems, err := o.index(ctx, a, c, paths)
	if err != nil {
		return err
	}
	if n := len(report.Linked); n > 0 {
		a.Notef("skipped %s, the first: %s; to index it too, name it as a PATH", render.Count(n, "symlinked subfolder"), render.Place(report.Linked[0]))
	}
	if words := render.OtherFiles(report.Other); words != "" {
		if ext := render.MostOf(report.Other); ext != "" {
			remedy := fmt.Sprintf("--include '*%s' opens such files", ext)
			switch kind := container.KindOf("archive" + ext); {
			case kind != nil && kind.Sampled != "":
				remedy = fmt.Sprintf("--%s N takes %s of them", kind.Sampled, kind.Sampled)
			case kind != nil:
				remedy = "--archives looks into archives"
			}
			words += "; " + remedy
		}
		a.Notef("%s", words)
	}
	partial := a.warnFailed(report.Failed)
	if report.Parts != nil && a.warnFailed(report.Parts.Failed) != nil {
		partial = errPartial
	}
	for _, r := range report.Regions {
		if a.warnFailed(r.Failed) != nil {
			partial = errPartial
		}
	}
	if err := a.Result(report, func() error { return a.Index(report) }); err != nil {
		return err
	}
	a.Begun(report.Begun)
	a.Transparency(report, a.background == "")
	if o.watch {
		return o.keepWatching(ctx, a, c, paths)
	}
	if n := report.Unreadable; n > 0 {
		a.Notef("%s in earlier runs and did not change since; `akin info` lists %s", render.Count(n, "file could not be read", "files could not be read"), render.Plural(n, "it", "them"))
	}
	if problems > 0 || report.Unreadable > 0 {
		return errPartial
	}
	return partial
}

// index indexes once, and counts what went wrong with folders and lists.
func (o *indexOptions) index(ctx context.Context, a *app, c *akin.Collection, paths []string) (api.IndexReport, int64, error) {
	p := a.Progress()
	defer p.Close()
	i := o.IndexOptions
	i.Progress = func(s api.Progress) {
		if s.Step == api.StepOrdering {
			p.Update(term.State{Done: s.Done, Total: s.Total, Unit: "vectors sorted"})
			return
		}
		if s.Step == api.StepParts || s.Step == api.StepRegions {
			p.Update(term.State{Done: s.Done, Total: s.Total, Unit: "pictures", Note: s.Step})
			return
		}
		p.Update(term.State{Done: s.Done, Total: s.Total, Growing: s.Step == api.StepFinding, Rate: s.Rate, Left: s.Left})
	}
	var problems atomic.Int64
	o.Problem = func(path string, err error) {
		problems.Add(1)
		p.Printf("akin: %s: %s", path, withRemedy(err))
	}
	i.Problem = o.Problem
	i.Understood = func(u api.Understood) {
		if words := u.String(); words != "" && !a.Quiet {
			p.Printf("akin: %s: %s", render.Place(u.File), words)
		}
	}
	report, err := c.Index(ctx, paths, i)
	p.Close()
	if n := report.Added + report.Changed; errors.Is(err, context.Canceled) && n > 0 {
		a.Notef("%s stored", render.Count(n, "picture was", "pictures were"))
	}
	return report, problems.Load(), err
}

// keepWatching indexes what changes until it is interrupted.
func (o *indexOptions) keepWatching(ctx context.Context, a *app, c *akin.Collection, paths []string) error {
	a.Notef("watching %s; Ctrl-C stops it", render.Count(len(paths), "path"))
	err := c.Watch(ctx, paths, o.IndexOptions, func(r api.IndexReport, err error) {
		if err != nil {
			a.Notef("%s", withRemedy(err))
			return
		}
		if r.Added+r.Changed+r.Renamed+r.Removed+r.Tagged+r.Embedded+len(r.Failed) > 0 {
			_ = a.warnFailed(r.Failed)
			_ = a.Result(r, func() error { return a.Index(r) })
		}
	})
	if errors.Is(err, context.Canceled) {
		return nil // as asked
	}
	return err
}

// checkModels returns an error if a model of --model cannot run.
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
