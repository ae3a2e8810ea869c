package main

import (
	"context"
	"fmt"
	"io"
	"slices"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/akin-search/akin"
	"github.com/akin-search/akin/api"
	"github.com/akin-search/akin/cmd/akin/internal/render"
	"github.com/akin-search/akin/cmd/akin/internal/term"
)

type duplicatesOptions struct {
	api.DuplicateOptions
	remove api.RemoveOptions
	trash  bool
	filter filterFlags
	format formatFlags
	html   string

	parts      bool
	candidates int
}

func (a *app) dupesCommand() *cobra.Command {
	var o duplicatesOptions
	cmd := &cobra.Command{
		Use:     "dupes",
		Aliases: []string{"duplicates"},
		Short:   "Find duplicates and near duplicates, and remove them",
		Long: `Finds duplicates: files with the same bytes, and the same picture scaled, recompressed,
slightly lightened, sharpened or cropped; also mirrored with --mirrored, and turned with
--rotated. Candidates are compared pixel by pixel, at the resolution of the smaller
picture: if one word or digit differs, they are not duplicates.

The best of each group comes first: in a --reference folder; a file, not a link; outside
folders of backups, copies or downloads; then the sharpest, largest, least compressed.

Series are listed apart: bursts, edits, pages of a kind. Their pictures are as similar as
duplicates but each shows something else, so none is ever removed.

Recall and expected false matches are measured on duplicates and altered pictures made
from the collection's own. If more false matches are expected than --max-wrong, pictures
with a lookalike are removed only if they are closer than any altered picture.

Nothing is moved without --trash or --move. Both read every file again first, keep the
best of each group, and never delete.

With --parts it finds instead, with proof, which pictures show a part of others: crops,
collages, framed pictures, prints and pages in photos. None of these is ever removed.

Use "akin dupes review" to keep a group: it is not listed again until it gets another
duplicate. A picture with the tag "keep" is the best of its group, before all other
reasons, and is never removed: "akin tag add keep NAME". "akin dupes restore" puts back
what was moved.`,
		Example: `  akin dupes
  akin dupes --mirrored --rotated --html dupes.html
  akin dupes --reference ~/Pictures/Originals  keep these, even if worse
  akin dupes --trash --dry-run                 what would be moved, and where to
  akin dupes --move ~/Duplicates --under ~/Downloads
  akin dupes --parts --under ~/Scans           what is a part of what
  akin dupes --exact --format paths -0 | xargs -0 ls -l
  akin dupes review IMG_1021 IMG_1022`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if cmd.Flags().Changed("move") && o.remove.Folder == "" {
				return usagef("--move: name a folder")
			}
			return o.run(cmd.Context(), a)
		},
	}
	o.flags(a, cmd.Flags())
	cmd.AddCommand(a.reviewCommand(), a.restoreCommand())
	return cmd
}

func (o *duplicatesOptions) flags(a *app, f *pflag.FlagSet) {
	f.BoolVar(&o.Exact, "exact", false, "only files with the same bytes; reads no picture")
	f.BoolVar(&o.Mirrored, "mirrored", false, "also duplicates mirrored left to right")
	f.BoolVar(&o.Rotated, "rotated", false, "also duplicates turned by 90, 180 or 270 degrees")
	f.BoolVar(&o.parts, "parts", false, "find pictures that show a part of others, instead of duplicates")
	f.IntVar(&o.candidates, "candidates", 20, "with --parts: verify the `N` likeliest of each picture")
	f.StringArrayVar(&o.Reference, "reference", nil, "keep all pictures under `DIR`, as the best of their groups (repeatable)")
	f.Float64Var(&o.MaxWrong, "max-wrong", 0.5, "expected false matches to allow, over all pictures; above it, pictures with a lookalike are kept")
	o.filter.flags(f)
	f.BoolVar(&o.Reviewed, "reviewed", false, "also list reviewed groups")
	o.format.flags(a, f, "table (the default), json, jsonl (a group a line), csv (a picture a line), paths (what --trash would remove), or a template for each group: '{{range .copies}}{{.name}} {{end}}'")
	f.StringVar(&o.html, "html", "", htmlHelp)
	f.BoolVar(&o.trash, "trash", false, "move the duplicates to the trash")
	f.StringVar(&o.remove.Folder, "move", "", "move the duplicates to `DIR`")
	f.BoolVar(&o.remove.DryRun, "dry-run", false, "with --trash or --move: check every file, but move none")
}

// check checks the flags, and completes the options.
func (o *duplicatesOptions) check(a *app) (err error) {
	switch {
	case !(o.MaxWrong > 0):
		return usagef("--max-wrong %g: use a number above 0, e.g. 0.5", o.MaxWrong)
	case o.trash && o.remove.Folder != "":
		return usagef("--trash and --move %s exclude each other", o.remove.Folder)
	case o.parts && (o.removes() || o.Exact || o.Mirrored || o.Rotated || o.Reviewed || len(o.Reference) > 0 || o.html != "" || len(a.models) > 0):
		return usagef("--parts finds no duplicates, and no model answers it: of the other flags it takes filters, --candidates and --format")
	case o.candidates < 1:
		return usagef("--candidates %d: use 1 or more", o.candidates)
	case o.remove.DryRun && !o.removes():
		return usagef("--dry-run needs --trash or --move DIR; without them nothing is moved anyway")
	}
	o.Filter, err = o.filter.read(a.in)
	return err
}

func (o *duplicatesOptions) removes() bool { return o.trash || o.remove.Folder != "" }

func (o *duplicatesOptions) run(ctx context.Context, a *app) error {
	format, err := o.format.check(a)
	if err != nil {
		return err
	}
	if err := o.check(a); err != nil {
		return err
	}
	if o.parts {
		return o.findParts(ctx, a, format)
	}
	c, err := a.openFor(ctx, &o.Model)
	if err != nil {
		return err
	}
	defer c.Close()
	found, err := a.findDuplicates(ctx, c, o.DuplicateOptions)
	if err != nil {
		return err
	}
	d := render.Duplicates{Duplicates: found}
	if err := a.writeTo(o.html, func(w io.Writer) error { return render.DuplicatesPage(ctx, w, a.pictures(c), found) }); err != nil {
		return err
	}
	if o.removes() {
		err := o.removeFrom(ctx, a, c, &d)
		if err != nil && d.Removal == nil {
			return err
		}
		if err != nil { // report what was moved all the same
			_ = o.write(a, d, format)
			return err
		}
	}
	if err := o.write(a, d, format); err != nil {
		return err
	}
	if slices.ContainsFunc(d.Failed, func(f api.Failure) bool { return f.Error == akin.ErrNoFile.Error() }) {
		a.Notef("remove pictures whose files are gone with `akin index PATH --prune`")
	}
	if d.Removal != nil {
		return a.warnFailed(append(d.Failed, d.Removal.Skipped...))
	}
	return a.warnFailed(d.Failed)
}

// removeFrom moves the duplicates; d.Removal stays nil if none was moved before an error.
func (o *duplicatesOptions) removeFrom(ctx context.Context, a *app, c *akin.Collection, d *render.Duplicates) error {
	p := a.Progress()
	defer p.Close()
	o.remove.Progress = func(done, total int) { p.Update(term.State{Done: done, Total: total, Note: "moving"}) }
	r, err := c.RemoveDuplicates(ctx, d.Groups, o.remove)
	if err == nil || len(r.Removed) > 0 {
		d.Removal = &r
	}
	return err
}

func (o *duplicatesOptions) write(a *app, d render.Duplicates, format string) error {
	switch format {
	case "json":
		return a.Document(d)
	case "jsonl":
		return a.DuplicatesLines(d, o.format.lines(a))
	case "csv":
		return a.DuplicatesCSV(d)
	case "paths":
		return a.DuplicatesPaths(d, o.format.zero)
	}
	return a.DuplicatesTable(d)
}

func (a *app) findDuplicates(ctx context.Context, c *akin.Collection, o api.DuplicateOptions) (api.Duplicates, error) {
	p := a.Progress()
	defer p.Close()
	o.Progress = func(s api.Progress) { p.Update(term.State{Done: s.Done, Total: s.Total, Note: s.Step}) }
	d, err := c.Duplicates(ctx, o)
	if d.Calibration != nil && d.Calibration.Unembedded != "" {
		p.Printf("akin: candidates are not taken from %s: %s", d.Model, d.Calibration.Unembedded)
	}
	return d, err
}

type reviewOptions struct {
	api.DuplicateOptions
	forget, all bool
}

func (a *app) reviewCommand() *cobra.Command {
	var o reviewOptions
	cmd := &cobra.Command{
		Use:   "review NAME…",
		Short: "Keep a group of duplicates, and do not list it again",
		Long: `Records that these pictures were reviewed together and are all kept. Their group is not
listed again until it gets another duplicate, and then only that one can be removed. The
review is of what the files hold: they may be renamed or moved. NAME is as for "akin tag".`,
		Example: `  akin dupes review IMG_1021 IMG_1022
  akin dupes review --all                    every group that "akin dupes" lists
  akin dupes review --forget IMG_1021`,
		Args: func(_ *cobra.Command, args []string) error { return o.check(args) },
		RunE: func(cmd *cobra.Command, args []string) error { return o.run(cmd.Context(), a, args) },
	}
	o.flags(cmd.Flags())
	return cmd
}

func (o *reviewOptions) flags(f *pflag.FlagSet) {
	f.BoolVar(&o.all, "all", false, "every group that is found now")
	f.BoolVar(&o.Mirrored, "mirrored", false, "with --all: also mirrored duplicates")
	f.BoolVar(&o.Rotated, "rotated", false, "with --all: also turned duplicates")
	f.BoolVar(&o.forget, "forget", false, "forget the reviews these pictures are part of")
}

func (o *reviewOptions) check(args []string) error {
	switch {
	case o.all && o.forget:
		return fmt.Errorf("--all and --forget exclude each other")
	case o.all && len(args) > 0:
		return fmt.Errorf("--all and NAME exclude each other")
	case !o.all && len(args) == 0:
		return fmt.Errorf("no pictures: name those that were reviewed together, or --all")
	}
	return nil
}

func (o *reviewOptions) run(ctx context.Context, a *app, names []string) error {
	c, err := a.openFor(ctx, &o.Model)
	if err != nil {
		return err
	}
	defer c.Close()
	if o.forget {
		n, err := c.UnreviewDuplicates(ctx, names...)
		if err != nil {
			return err
		}
		return a.Reviewed("forgotten", n)
	}
	sets := [][]string{names}
	if o.all {
		d, err := a.findDuplicates(ctx, c, o.DuplicateOptions)
		if err != nil {
			return err
		}
		sets = groupNames(d)
	}
	n, err := c.ReviewDuplicates(ctx, sets...)
	if err != nil {
		return err
	}
	return a.Reviewed("reviewed", n)
}

// groupNames returns the names of each group's pictures.
func groupNames(d api.Duplicates) [][]string {
	var sets [][]string
	for _, g := range d.Groups {
		var set []string
		for _, p := range g.Copies {
			set = append(set, p.Name)
		}
		sets = append(sets, set)
	}
	return sets
}
