package duplicates

import (
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/akin-search/akin/api"
)

func TestWhatWasChosenStays(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "pictures")
	c := newCollection(t, dir,
		made{"a/flag.png", scene(1)}, made{"a/backup/flag.png", scene(1)},
		made{"b/large.png", scene(2)}, made{"b/small.png", halved(scene(2))},
	)
	for _, name := range []string{"a/backup/flag.png", "b/small.png"} {
		_, err := c.AddTag(t.Context(), "Keep", filepath.Join(dir, filepath.FromSlash(name)))
		must(t, err)
	}
	want := []string{
		"exact: a/backup/flag.png, a/flag.png goes (tagged keep)",
		"near: b/small.png, b/large.png goes (tagged keep)", // though it shows more
	}
	d, err := Duplicates(t.Context(), c, api.DuplicateOptions{})
	must(t, err)
	if got := inWords(t, dir, d); !slices.Equal(got, want) {
		t.Errorf("%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	// Of two that are tagged none goes, also before a reference folder.
	_, err = c.AddTag(t.Context(), api.KeepTag, filepath.Join(dir, "b", "large.png"))
	must(t, err)
	d, err = Duplicates(t.Context(), c, api.DuplicateOptions{Reference: []string{filepath.Join(dir, "a")}})
	must(t, err)
	if got, want := inWords(t, dir, d), []string{"near: b/large.png, b/small.png (larger)"}; !slices.Equal(got, want) {
		t.Errorf("%v, want %v", got, want)
	}
}

// A picture that was tagged after the duplicates were found stays as well, and goes once it is tagged no more.
func TestWhatWasChosenSinceStays(t *testing.T) {
	t.Parallel()
	dir, to := filepath.Join(t.TempDir(), "pictures"), filepath.Join(t.TempDir(), "to")
	c := newCollection(t, dir, made{"flag.png", scene(1)}, made{"old/flag.png", scene(1)})
	d, err := Duplicates(t.Context(), c, api.DuplicateOptions{Exact: true})
	must(t, err)
	old := filepath.Join(dir, "old", "flag.png")
	_, err = c.AddTag(t.Context(), api.KeepTag, old)
	must(t, err)
	for _, dry := range []bool{true, false} {
		r, err := RemoveDuplicates(t.Context(), c, d.Groups, api.RemoveOptions{Folder: to, DryRun: dry})
		must(t, err)
		if len(r.Removed) != 0 || len(r.Skipped) != 1 || r.Skipped[0] != (api.Failure{Source: old, Error: "it has the tag keep, and stays"}) {
			t.Errorf("%+v", r)
		}
	}
	_, err = c.RemoveTag(t.Context(), api.KeepTag, old)
	must(t, err)
	r, err := RemoveDuplicates(t.Context(), c, d.Groups, api.RemoveOptions{Folder: to})
	must(t, err)
	if len(r.Removed) != 1 || len(r.Skipped) != 0 {
		t.Errorf("%+v", r)
	}
}

func TestOnlyPairsThatWereComparedAreMoved(t *testing.T) {
	t.Parallel()
	dup := func(source, sha string, change func(*api.Duplicate)) api.Duplicate {
		d := api.Duplicate{Picture: api.Picture{Source: source}, SHA256: sha, Remove: true}
		if change != nil {
			change(&d)
		}
		return d
	}
	best := func(d *api.Duplicate) { d.Best, d.Remove = true, false }
	stays := func(d *api.Duplicate) { d.Remove = false }
	d := api.Duplicates{Groups: []api.DuplicateGroup{
		{Copies: []api.Duplicate{
			dup("/best", "1", best), dup("/best2", "1", nil), dup("/near", "2", nil), dup("/near2", "2", nil), dup("/other", "3", nil),
			dup("/reference", "1", func(d *api.Duplicate) { d.Remove, d.Reference = false, true }),
			dup("/reviewed", "2", func(d *api.Duplicate) { d.Remove, d.Reviewed = false, true }),
			dup("/link", "1", func(d *api.Duplicate) { d.Remove, d.Link = false, "/best" }),
			dup("https://example.org/a.png", "2", stays),
		}},
		{Unsure: true, Copies: []api.Duplicate{dup("/u/best", "4", best), dup("/u/far", "5", stays), dup("/u/same", "4", nil)}},
		{Copies: []api.Duplicate{dup("/w/best", "6", best), dup("/w/better", "7", func(d *api.Duplicate) { d.Remove, d.Better = false, true })}},
	}}
	for _, c := range []struct{ source, kept, says string }{
		{"/near", "/best", ""},
		{"/best", "/near", ""}, // the other way round
		{"/best2", "/near", ""},
		{"/near", "/near2", ""},
		{"/best", "/best2", ""},
		{"/w/best", "/w/better", ""},
		{"/u/best", "/u/same", ""},
		{"/other", "/near", "was not compared with /near"},
		{"/u/far", "/u/best", "too unlike"},
		{"/u/best", "/u/far", "too unlike"},
		{"/w/better", "/w/best", "too unlike"},
		{"/near", "/u/best", "in no group of duplicates with"},
		{"/near", "/absent", "in no group of duplicates with"},
		{"/absent", "/near", "in no group of duplicates with"},
		{"/best", "/best", "in no group of duplicates with"},
		{"/reference", "/best", "reference folder"},
		{"/reviewed", "/best", "was reviewed"},
		{"/link", "/best", "only files are moved"},
		{"https://example.org/a.png", "/best", "only files are moved"},
		{"/near", "https://example.org/a.png", "gone tomorrow"},
	} {
		groups, err := Moves(d, []api.DuplicateMove{{Source: c.source, Kept: c.kept}})
		if c.says != "" {
			if err == nil || !strings.Contains(err.Error(), c.says) {
				t.Errorf("%s rather than %s: %v, want %q", c.source, c.kept, err, c.says)
			}
			continue
		}
		if err != nil || len(groups) != 1 {
			t.Errorf("%s rather than %s: %v, %v", c.source, c.kept, groups, err)
			continue
		}
		first, second := groups[0].Copies[0], groups[0].Copies[1]
		if first.Source != c.kept || !first.Best || first.Remove || second.Source != c.source || second.Best || !second.Remove {
			t.Errorf("%+v", groups[0].Copies[:2])
		}
	}
	for why, moves := range map[string][]api.DuplicateMove{
		"named twice":            {{Source: "/near", Kept: "/best"}, {Source: "/near", Kept: "/near2"}},
		"is to be moved as well": {{Source: "/near", Kept: "/best"}, {Source: "/best", Kept: "/near2"}},
	} {
		if _, err := Moves(d, moves); err == nil || !strings.Contains(err.Error(), why) {
			t.Errorf("%v, want %q", err, why)
		}
	}
}
