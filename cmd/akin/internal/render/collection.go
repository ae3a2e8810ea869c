package render

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/akin-search/akin/api"
	"github.com/akin-search/akin/cmd/akin/internal/term"
)

// Info writes what a collection holds.
func (o *Output) Info(info api.Info) error {
	if err := o.Linef("%s", info.Collection); err != nil {
		return err
	}
	fmt.Fprintf(o.Text, "%s\n\n", Count(info.Pictures, "picture"))
	if len(info.Spaces) > 0 {
		t := term.Table{Columns: []term.Column{
			{Header: "model", Whole: true}, {Header: "dim", Right: true}, {Header: "embeddings", Right: true},
			{Header: "coverage", Right: true}, {Header: "size", Right: true}, {Header: "fingerprint"}, {Header: "", Wrap: true},
		}}
		for _, s := range info.Spaces {
			coverage := 0.0
			if info.Pictures > 0 {
				coverage = 100 * float64(s.Covered) / float64(info.Pictures)
			}
			t.Add(s.Model, fmt.Sprint(s.Dim), fmt.Sprint(s.Rows), fmt.Sprintf("%.4g %%", coverage), Bytes(s.Bytes), Short(s.Fingerprint), spaceNote(info, s))
		}
		if err := t.Write(o.Screen); err != nil {
			return err
		}
	}
	if info.Parts > 0 {
		fmt.Fprintf(o.Text, "%s in the index of parts\n", Count(info.Parts, "picture"))
	}
	if len(info.Regions) > 0 {
		fmt.Fprintf(o.Text, "regions embedded by %s\n", strings.Join(info.Regions, ", "))
	}
	if info.Failed > 0 {
		fmt.Fprintf(o.Text, "\n%s could not be read; each is tried again when it changes:\n", Count(info.Failed, "file"))
		for _, f := range info.Failures {
			fmt.Fprintf(o.Text, "  %s\n", FailureText(f))
		}
	}
	return nil
}

// spaceNote says what a space is used for.
func spaceNote(info api.Info, s api.SpaceInfo) string {
	if !s.Active {
		better := func(o api.SpaceInfo) bool { return o.Active && o.Model == s.Model && o.Covered > s.Covered }
		if slices.ContainsFunc(info.Spaces, better) {
			return "not used: another of " + s.Model + " covers more"
		}
		return "not used: a newer one of " + s.Model + " covers as much"
	}
	var notes []string
	if s.Background != "drop" {
		notes = append(notes, "transparent pictures on "+Ground(s.Background))
	}
	if s.Colour == "drop" {
		notes = append(notes, "without colours")
	}
	if s.Default {
		notes = append(notes, "default model")
	}
	return strings.Join(notes, "; ")
}

// Verified writes what was repaired and what is damaged.
func (o *Output) Verified(path string, r api.Repaired) error {
	for _, line := range slices.Concat(r.Done, r.Problems) {
		if err := o.Linef("%s", line); err != nil {
			return err
		}
	}
	if len(r.Problems) > 0 {
		return nil
	}
	return o.Linef("%s: no damage found", path)
}

// Copy writes what was copied.
func (o *Output) Copy(r api.CopyReport) error {
	took := time.Duration(r.Seconds * float64(time.Second)).Round(10 * time.Millisecond)
	return o.Linef("%d of %d pictures copied, with %d embeddings; both have the checksum %s; %s",
		r.Copied, r.Pictures, r.Embeddings, r.Checksum, took)
}

// Dropped writes which embeddings were removed.
func (o *Output) Dropped(s api.SpaceInfo) error {
	return o.Linef("removed %s (%s): %s, %s", s.Model, Short(s.Fingerprint), Count(s.Rows, "embedding"), Bytes(s.Bytes))
}

// Tags lists tags, and how many pictures have each.
func (o *Output) Tags(tags []api.TagInfo) error {
	if len(tags) == 0 {
		o.Notef("no picture has a tag")
		return nil
	}
	t := term.Table{Columns: []term.Column{{Header: "tag"}, {Header: "pictures", Right: true}}}
	for _, tag := range tags {
		t.Add(tag.Tag, fmt.Sprint(tag.Pictures))
	}
	return t.Write(o.Screen)
}

// TagsOf lists pictures with their tags.
func (o *Output) TagsOf(pictures []api.TaggedPicture) error {
	t := term.Table{Columns: []term.Column{{Header: "name"}, {Header: "tags"}, {Header: "source", Spare: true}}}
	for _, p := range pictures {
		t.AddCells(term.Cell{Text: p.Name}, term.Cell{Text: strings.Join(p.Tags, "; ")}, term.Cell{Text: Place(p.Source), Style: term.Faint})
	}
	return t.Write(o.Screen)
}

// TagChange writes how many pictures a tag was changed of.
func (o *Output) TagChange(r api.TagReport, done, unchanged string) error {
	line := fmt.Sprintf("%s: %d %s", r.Tag, r.Changed, done)
	if others := r.Pictures - r.Changed; others > 0 {
		line += fmt.Sprintf(", %d %s", others, unchanged)
	}
	return o.Linef("%s", line)
}

// Sidecars writes which sidecars were written, or with dry would be.
func (o *Output) Sidecars(r api.SidecarReport, dry bool) error {
	done := "written"
	if dry {
		done = "to write"
		for _, name := range r.Written {
			if err := o.Linef("  %s", Place(name)); err != nil {
				return err
			}
		}
	}
	return o.Linef("%s %s, %d had all keywords", Count(len(r.Written), "sidecar"), done, r.Unchanged)
}

// Restored writes which files were put back.
func (o *Output) Restored(r api.RestoreReport) error {
	return o.Result(r, func() error {
		for _, c := range r.Restored {
			if err := o.Linef("  %s → %s", Place(c.From), Place(c.Source)); err != nil {
				return err
			}
		}
		return o.Linef("Put back %s.", Count(len(r.Restored), "file"))
	})
}

// Reviewed writes how many groups of duplicates were reviewed or forgotten.
func (o *Output) Reviewed(done string, groups int) error {
	return o.Result(map[string]int{done: groups}, func() error { return o.Linef("%s %s", Count(groups, "group"), done) })
}
