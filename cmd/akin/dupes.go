package main

import (
	"context"
	"fmt"
	"io"
	"slices"
	"strconv"

	"github.com/akin-search/akin"
	"github.com/akin-search/akin/api"
	"github.com/akin-search/akin/cmd/akin/internal/term"
	"github.com/spf13/cobra"
)

func (a *app) dupesCommand() *cobra.Command {
	var (
		o      api.DuplicateOptions
		remove api.RemoveOptions
		filter filterFlags
		format string
		zero   bool
		trash  bool
		html   string
	)
	cmd := &cobra.Command{
		Use:   "dupes",
		Short: "Which pictures are copies of one another?",
		Long: `Finds copies: files with the same bytes, and the same picture at another size, saved anew,
a little lighter, sharpened or trimmed; with --mirrored and --rotated also those. What is
seen is compared, pixel by pixel, at the resolution of the smaller picture: a changed word
or digit is no copy.

Each group has its best copy first: in a reference folder; a file, not a link; not in a
folder of backups, copies or downloads; then the sharpest, the largest, the least compressed.

Series are told apart: bursts, edits, pages of one kind. They are as much alike as copies,
and each shows something else. Nothing of a series is ever removed.

How many copies are found, and how many wrong ones are to be expected, is measured on copies
and on changed pictures that are made of the collection's own. Where more than --max-wrong
are to be expected, of pictures that have one alike which is none only those copies go that
are nearer to the best than changed ones come.

Nothing is touched but with --trash or --move. Both read every file again just before it
goes, keep the best of each group, and never delete.

A group that was looked at and is to stay goes with "akin dupes review": it is not shown
again until another copy joins it.`,
		Example: `  akin dupes
  akin dupes --mirrored --rotated --html dupes.html
  akin dupes --reference ~/Pictures/Originals      these are kept, whatever else is better
  akin dupes --trash --dry-run                     what would go, and where to
  akin dupes --move ~/Copies --under ~/Downloads
  akin dupes --exact --format paths -0 | xargs -0 ls -l
  akin dupes review IMG_1021 IMG_1022`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			switch {
			case !(o.MaxWrong > 0):
				return usagef("--max-wrong %g: want a number of pictures above 0, as 0.5", o.MaxWrong)
			case trash && remove.Folder != "":
				return usagef("--trash and --move %s exclude each other", remove.Folder)
			case cmd.Flags().Changed("move") && remove.Folder == "":
				return usagef("--move: name a folder")
			case remove.DryRun && !trash && remove.Folder == "":
				return usagef("--dry-run goes with --trash or --move DIR; without them nothing is touched anyway")
			case a.json && cmd.Flags().Changed("format") && format != "json":
				return usagef("--json and --format %s exclude each other", format)
			}
			if a.json {
				format = "json"
			}
			write, ok := map[string]func(dupesAnswer) error{
				"table": a.dupesTable,
				"json":  func(d dupesAnswer) error { return a.writeJSON(d) },
				"jsonl": a.dupesLines,
				"csv":   a.dupesCSV,
				"paths": func(d dupesAnswer) error { return a.dupesPaths(d, zero) },
			}[format]
			if !ok {
				return usagef("--format %s: want table, json, jsonl, csv or paths", format)
			}
			var err error
			if o.Filter, err = filter.read(a.in); err != nil {
				return err
			}
			c, err := a.openFor(cmd.Context(), &o.Model)
			if err != nil {
				return err
			}
			defer c.Close()
			d, err := a.duplicates(cmd.Context(), c, o)
			if err != nil {
				return err
			}
			answer := dupesAnswer{Duplicates: d}
			if html != "" {
				if err := a.dupesPage(cmd.Context(), html, d); err != nil {
					return err
				}
				a.notef("akin: wrote %s", html)
			}
			if trash || remove.Folder != "" {
				progress := term.NewProgress(a.console, a.quiet)
				remove.Progress = func(done, total int) { progress.Update(term.State{Done: done, Total: total, Note: "moving"}) }
				r, err := c.RemoveDuplicates(cmd.Context(), d.Groups, remove)
				progress.Close()
				if err != nil && len(r.Removed) == 0 {
					return err
				}
				answer.Removal = &r
				if err != nil { // what went is told all the same
					_ = write(answer)
					return err
				}
			}
			if err := write(answer); err != nil {
				return err
			}
			return a.dupesProblems(answer)
		},
	}
	f := cmd.Flags()
	f.SortFlags = false
	f.BoolVar(&o.Exact, "exact", false, "only files with the same bytes: no picture is read")
	f.BoolVar(&o.Mirrored, "mirrored", false, "also copies with left and right exchanged")
	f.BoolVar(&o.Rotated, "rotated", false, "also copies turned by 90, 180 or 270 degrees")
	f.StringArrayVar(&o.Reference, "reference", nil, "keep all pictures under `DIR`, as the best of their groups (repeatable)")
	f.Float64Var(&o.MaxWrong, "max-wrong", 0.5, "pictures of all that may be expected to be wrong, at most: where more are, copies that have one alike stay")
	filter.register(cmd)
	f.BoolVar(&o.Reviewed, "reviewed", false, "also show groups that were reviewed")
	f.StringVar(&format, "format", "table", "table, json, jsonl (a group a line), csv (a picture a line), or paths: what --trash would remove")
	f.BoolVarP(&zero, "null", "0", false, "with --format paths: end each with a zero byte, for xargs -0")
	a.sheetFlag(cmd)
	f.StringVar(&html, "html", "", "also write a page with the pictures to `FILE`")
	f.BoolVar(&trash, "trash", false, "put the copies into the trash")
	f.StringVar(&remove.Folder, "move", "", "put the copies into `DIR`")
	f.BoolVar(&remove.DryRun, "dry-run", false, "with --trash or --move: look at every file, and only tell what would be done")
	cmd.AddCommand(a.dupesReviewCommand())
	return cmd
}

// dupesAnswer is what was found, and what was done about it.
type dupesAnswer struct {
	api.Duplicates
	Removal *api.RemoveReport `json:"removal,omitempty"`
}

func (a *app) duplicates(ctx context.Context, c *akin.Collection, o api.DuplicateOptions) (api.Duplicates, error) {
	progress := term.NewProgress(a.console, a.quiet)
	defer progress.Close()
	o.Progress = func(p api.Progress) {
		progress.Update(term.State{Done: p.Done, Total: p.Total, Note: p.Step})
	}
	d, err := c.Duplicates(ctx, o)
	if d.Calibration != nil && d.Calibration.Unembedded != "" {
		progress.Printf("akin: %s is not asked about copies: %s", d.Model, d.Calibration.Unembedded)
	}
	return d, err
}

// dupesProblems lists what could not be read or moved.
func (a *app) dupesProblems(d dupesAnswer) error {
	problems := d.Failed
	if d.Removal != nil {
		problems = append(problems, d.Removal.Skipped...)
	}
	for _, f := range problems {
		fmt.Fprintf(a.err, "akin: %s\n", failureText(f))
	}
	if len(problems) > 0 {
		return errPartial
	}
	return nil
}

// Of the series, the table shows so many, and of each so many pictures.
const (
	shownSeries   = 20
	shownOfSeries = 8
)

func (a *app) dupesTable(d dupesAnswer) error {
	if warning := dupesWarning(d.Calibration); warning != "" {
		if _, err := fmt.Fprintln(a.out, warning, "Look at the series with --html; another model (--model) may propose more."); err != nil {
			return err
		}
	}
	if len(d.Groups) > 0 || len(d.Series) > 0 {
		t := term.Table{Columns: []term.Column{
			{Header: "#", Right: true}, {Header: "name"}, {Header: "size", Right: true, Whole: true}, {Header: "bytes", Right: true, Whole: true},
			{Header: "copy", Whole: true}, {Header: "distance", Right: true, Whole: true}, {Header: "", Whole: true}, {Header: "source"},
		}}
		add := func(number, kind string, style term.Style, g api.DuplicateGroup, p api.Duplicate) {
			distance := ""
			if p.Evidence != nil {
				distance = fmt.Sprintf("%.2f", p.Evidence.Distance)
				if e := p.Evidence.Pixels; e != nil && e.Differs < 0 {
					distance = ""
				}
			}
			t.AddCells(term.Cell{Text: number}, term.Cell{Text: p.Name}, term.Cell{Text: fmt.Sprintf("%d×%d", p.Width, p.Height)}, term.Cell{Text: bytesText(p.Bytes)},
				term.Cell{Text: kind, Style: style}, term.Cell{Text: distance}, term.Cell{Text: dupeFate(g, p)}, term.Cell{Text: dupePlace(p), Style: term.Faint})
		}
		for i, g := range d.Groups {
			for _, p := range g.Copies {
				if p.Best {
					add(fmt.Sprint(i+1), "best: "+g.Why, term.GradeNear, g, p)
				} else {
					add("", dupeKind(p), term.GradeRelated, g, p)
				}
			}
		}
		for i, g := range d.Series[:min(shownSeries, len(d.Series))] {
			for k, p := range g.Copies[:min(shownOfSeries, len(g.Copies))] {
				number := ""
				if k == 0 {
					number = fmt.Sprint(len(d.Groups) + i + 1)
				}
				add(number, string(p.Kind), term.GradeRelated, g, p)
			}
		}
		if err := t.Write(a.screen); err != nil {
			return err
		}
		fmt.Fprintln(a.out)
	}
	for _, line := range dupesWords(d) {
		if _, err := fmt.Fprintln(a.out, term.Clean(line)); err != nil {
			return err
		}
	}
	return nil
}

// dupeKind says how a picture is a copy.
func dupeKind(p api.Duplicate) string {
	if p.Evidence != nil && p.Evidence.Turn != "" {
		return p.Evidence.Turn
	}
	return string(p.Kind)
}

// dupeFate says what becomes of a picture of a group.
func dupeFate(g api.DuplicateGroup, p api.Duplicate) string {
	switch {
	case p.Remove:
		return "remove"
	case p.Link != "":
		return "link"
	case p.Reviewed:
		return "reviewed"
	case p.Reference:
		return "reference"
	case p.Better:
		return "keep: better"
	case g.Unsure && !p.Best:
		return "keep: unsure"
	}
	return "keep"
}

// dupePlace says where a picture lies, and where a link leads.
func dupePlace(p api.Duplicate) string {
	if p.Link == "" || p.Link == p.Source {
		return place(p.Source)
	}
	return place(p.Source) + " → " + place(p.Link)
}

// dupesWords say what was found, how sure that is, and what was done.
func dupesWords(d dupesAnswer) []string {
	words := foundWords(d.Duplicates, "--max-wrong allows")
	if left := leftOfSeries(d.Series, shownSeries, shownOfSeries); left > 0 {
		words = append(words, fmt.Sprintf("%s of series are not shown: --json has all.", count(left, "picture")))
	}
	if c := d.Calibration; c != nil {
		words = append(words, dupesTrust(c))
	}
	if r := d.Removal; r != nil {
		done := "Moved"
		if r.DryRun {
			done = "Would move"
		}
		words = append(words, fmt.Sprintf("%s %s, %s.", done, count(len(r.Removed), "file"), bytesText(r.Bytes)))
		for _, p := range r.Removed {
			words = append(words, fmt.Sprintf("  %s → %s", place(p.Source), place(p.To)))
			for _, link := range p.Links {
				leads := "leads"
				if r.DryRun {
					leads = "would lead"
				}
				words = append(words, fmt.Sprintf("    %s is a link to it and %s nowhere now.", place(link), leads))
			}
		}
	}
	return words
}

// foundWords say what was found, and what of it stays; allowed is what says how many wrong ones may be expected. The
// page of akin serve says the same (web/src/state/copies.ts).
func foundWords(d api.Duplicates, allowed string) []string {
	found := count(d.Pictures, "picture") + ": no copies."
	if len(d.Groups) > 0 {
		found = fmt.Sprintf("%s of %s; %s, %s, can go.", count(len(d.Groups), "group"), count(d.Pictures, "picture"), count(d.Remove, "picture"), bytesText(d.Bytes))
	}
	if d.Reviewed > 0 {
		found += fmt.Sprintf(" %s reviewed.", count(d.Reviewed, "group was", "groups were"))
	}
	words := []string{found}
	if len(d.Series) > 0 {
		words = append(words, fmt.Sprintf("%s of %s that are alike and no copies: all stay.", count(len(d.Series), "series", "series"), count(leftOfSeries(d.Series, 0, 0), "picture")))
	}
	if n := countUnsure(d.Groups); n > 0 {
		words = append(words, fmt.Sprintf("%s: a picture there has one alike that differs, and more wrong ones would be expected than %s.", count(n, "group stays", "groups stay"), allowed))
	}
	if n := countBetter(d.Groups); n > 0 {
		words = append(words, fmt.Sprintf("%s better than the best of the group, which lies in a better folder: no such copy goes.", count(n, "copy is", "copies are")))
	}
	if n := len(d.Blank); n > 0 {
		words = append(words, fmt.Sprintf("%s nothing, as %s: copies of equal files only.", count(n, "picture shows", "pictures show"), place(d.Blank[0])))
	}
	if d.RemoteOnly > 0 {
		words = append(words, fmt.Sprintf("%s left out: not on this machine.", count(d.RemoteOnly, "picture is", "pictures are")))
	}
	return words
}

// leftOfSeries is how many pictures of series are not among the first so many series and, of each, pictures.
func leftOfSeries(series []api.DuplicateGroup, groups, pictures int) (left int) {
	for i, g := range series {
		if left += len(g.Copies); i < groups {
			left -= min(pictures, len(g.Copies))
		}
	}
	return left
}

func countUnsure(groups []api.DuplicateGroup) (n int) {
	for _, g := range groups {
		if g.Unsure {
			n++
		}
	}
	return n
}

func countBetter(groups []api.DuplicateGroup) (n int) {
	for _, g := range groups {
		for _, p := range g.Copies {
			if p.Better && !p.Remove && !p.Best && p.Link == "" {
				n++
			}
		}
	}
	return n
}

// enoughFound is the share of made copies below which a warning comes first.
const enoughFound = 0.9

// dupesWarning is the first line where too few copies are found.
func dupesWarning(c *api.DuplicateCalibration) string {
	if c == nil || c.HeldOut == 0 || c.Found >= enoughFound {
		return ""
	}
	return fmt.Sprintf("Only %.0f %% of the copies that were made of these pictures are found: others are missed too.", 100*c.Found)
}

// dupesTrust says how sure the answer is.
func dupesTrust(c *api.DuplicateCalibration) string {
	if c.HeldOut == 0 {
		return "How many copies are found, and how many wrong ones are to be expected, cannot be told: too few pictures show enough to try it on."
	}
	alike := ""
	if c.Families > 0 {
		alike = fmt.Sprintf(" %s one alike that differs.", count(c.Families, "picture has", "pictures have"))
	}
	if c.Changed == 0 {
		return fmt.Sprintf("Of %s made of pictures held back %.0f %% are found.%s How many wrong ones are to be expected cannot be told: no picture shows enough to change it in one place.",
			count(c.HeldOut, "copy", "copies"), 100*c.Found, alike)
	}
	if c.Families > 0 && c.Within < 1 {
		alike += fmt.Sprintf(" Of these only copies within %.2f go.", c.Within)
	}
	return fmt.Sprintf("Of %s made of pictures held back %.0f %% are found; of %s made with one small change %d are taken for copies.%s Wrong ones to be expected: %.2g, at most %.2g (95 %%).",
		count(c.HeldOut, "copy", "copies"), 100*c.Found, count(c.Changed, "picture"), c.Mistaken, alike, c.Wrong, c.WrongMost)
}

func (a *app) dupesLines(d dupesAnswer) error {
	enc := a.jsonEncoder()
	for _, g := range slices.Concat(d.Groups, d.Series) {
		if err := enc.Encode(g); err != nil {
			return err
		}
	}
	return nil
}

func (a *app) dupesCSV(d dupesAnswer) error {
	w := a.sheet(a.data)
	_ = w.Write([]string{"group", "name", "source", "kind", "fate", "width", "height", "bytes", "format", "distance", "sha256"})
	for _, g := range slices.Concat(d.Groups, d.Series) {
		for _, p := range g.Copies {
			kind, distance := string(p.Kind), ""
			if p.Best {
				kind = "best"
			}
			if p.Evidence != nil {
				distance = strconv.FormatFloat(p.Evidence.Distance, 'f', -1, 64)
			}
			_ = w.Write([]string{g.ID, p.Name, p.Source, kind, dupeFate(g, p), strconv.Itoa(p.Width), strconv.Itoa(p.Height), strconv.FormatInt(p.Bytes, 10), p.Format, distance, p.SHA256})
		}
	}
	w.Flush()
	return w.Error()
}

func (a *app) dupesPaths(d dupesAnswer, zero bool) error {
	end := "\n"
	if zero {
		end = "\x00"
	}
	for _, g := range d.Groups {
		for _, p := range g.Copies {
			if p.Remove {
				if _, err := io.WriteString(a.data, p.Source+end); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

// groupNames gives the names of each group's pictures.
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

func (a *app) dupesReviewCommand() *cobra.Command {
	var forget, all bool
	var o api.DuplicateOptions
	cmd := &cobra.Command{
		Use:   "review NAME…",
		Short: "Remember that pictures were looked at together, and are to stay",
		Long: `Remembers that these pictures were looked at together and all stay: their group is not shown
again until another copy joins it, and then only that one can go. What is remembered
is what the files hold: they may be renamed or moved. NAME is as for "akin tag".`,
		Example: `  akin dupes review IMG_1021 IMG_1022
  akin dupes review --all                    all groups that "akin dupes" shows
  akin dupes review --forget IMG_1021`,
		Args: func(_ *cobra.Command, args []string) error {
			switch {
			case all && forget:
				return fmt.Errorf("--all and --forget exclude each other")
			case all && len(args) > 0:
				return fmt.Errorf("--all takes no names besides")
			case !all && len(args) == 0:
				return fmt.Errorf("no pictures: name those that were looked at together, or --all")
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			c, err := a.openFor(cmd.Context(), &o.Model)
			if err != nil {
				return err
			}
			defer c.Close()
			said := "reviewed"
			n, sets := 0, [][]string{args}
			if all {
				d, err := a.duplicates(cmd.Context(), c, o)
				if err != nil {
					return err
				}
				sets = groupNames(d)
			}
			if forget {
				said = "forgotten"
				n, err = c.UnreviewDuplicates(cmd.Context(), args...)
			} else {
				n, err = c.ReviewDuplicates(cmd.Context(), sets...)
			}
			if err != nil {
				return err
			}
			if a.json {
				return a.writeJSON(map[string]int{said: n})
			}
			_, err = fmt.Fprintf(a.out, "%s %s\n", count(n, "group"), said)
			return err
		},
	}
	f := cmd.Flags()
	f.SortFlags = false
	f.BoolVar(&all, "all", false, "all groups that are found now")
	f.BoolVar(&o.Mirrored, "mirrored", false, "with --all: also mirrored copies")
	f.BoolVar(&o.Rotated, "rotated", false, "with --all: also turned copies")
	f.BoolVar(&forget, "forget", false, "forget the reviews that these pictures are part of")
	return cmd
}
