package duplicates

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/akin-search/akin/api"
)

// Files are read again right before a move.
func TestACopyStaysWhereItsBestIsNotWhatItWas(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		why, says string
		spoil     func(t *testing.T, best, other string, g *api.DuplicateGroup)
	}{
		{"the best is gone", "no such file", func(t *testing.T, best, _ string, _ *api.DuplicateGroup) { must(t, os.Remove(best)) }},
		{"the best has changed", "has changed", func(t *testing.T, best, _ string, _ *api.DuplicateGroup) {
			must(t, os.WriteFile(best, []byte("other"), 0o666))
		}},
		{"the best is a link to the copy", "same file", func(t *testing.T, best, other string, _ *api.DuplicateGroup) {
			must(t, os.Remove(best))
			must(t, os.Symlink(other, best))
		}},
		{"the copy is a link to the best", "not a regular file", func(t *testing.T, best, other string, _ *api.DuplicateGroup) {
			must(t, os.Remove(other))
			must(t, os.Symlink(best, other))
		}},
		{"the copy's folder is a link to the best's", "same file", func(t *testing.T, best, other string, _ *api.DuplicateGroup) {
			must(t, os.RemoveAll(filepath.Dir(other)))
			must(t, os.Symlink(filepath.Dir(best), filepath.Dir(other)))
		}},
		{"the copy is gone", "no such file", func(t *testing.T, _, other string, _ *api.DuplicateGroup) { must(t, os.Remove(other)) }},
		{"no best", "no best", func(_ *testing.T, _, _ string, g *api.DuplicateGroup) { g.Copies[0].Best = false }},
		{"a reference", "reference folder", func(_ *testing.T, _, _ string, g *api.DuplicateGroup) { g.Copies[1].Reference = true }},
	} {
		t.Run(c.why, func(t *testing.T) {
			t.Parallel()
			dir := filepath.Join(t.TempDir(), "pictures")
			collection := newCollection(t, dir, made{"a/flag.png", scene(1)}, made{"b/flag.png", scene(1)})
			d, err := Duplicates(t.Context(), collection, api.DuplicateOptions{Exact: true})
			must(t, err)
			if len(d.Groups) != 1 || d.Remove != 1 {
				t.Fatalf("%+v", d)
			}
			g := d.Groups[0]
			c.spoil(t, g.Copies[0].Source, g.Copies[1].Source, &g)
			names := files(t, dir)
			for _, dry := range []bool{true, false} {
				r, err := RemoveDuplicates(t.Context(), collection, []api.DuplicateGroup{g}, api.RemoveOptions{Folder: filepath.Join(t.TempDir(), "to"), DryRun: dry})
				must(t, err)
				if len(r.Removed) != 0 || len(r.Skipped) != 1 || !strings.Contains(r.Skipped[0].Error, c.says) {
					t.Errorf("%+v", r)
				}
			}
			if after := files(t, dir); !slices.Equal(names, after) {
				t.Errorf("before %v, after %v", names, after)
			}
		})
	}
}

func TestRemovedCopiesLeaveTheCollection(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "pictures")
	c := newCollection(t, dir, made{"flag.png", scene(1)}, made{"old/flag.png", scene(1)}, made{"other.png", scene(2)})
	d, err := Duplicates(t.Context(), c, api.DuplicateOptions{Exact: true})
	must(t, err)
	to := filepath.Join(t.TempDir(), "to")
	dry, err := RemoveDuplicates(t.Context(), c, d.Groups, api.RemoveOptions{Folder: to, DryRun: true})
	must(t, err)
	if len(dry.Removed) != 1 || dry.Removed[0].To != filepath.Join(to, "flag.png") || len(files(t, dir)) != 3 {
		t.Errorf("%+v, %v", dry, files(t, dir))
	}
	r, err := RemoveDuplicates(t.Context(), c, d.Groups, api.RemoveOptions{Folder: to})
	must(t, err)
	if len(r.Removed) != 1 || r.Removed[0].Source != filepath.Join(dir, "old", "flag.png") || r.Removed[0].Kept != filepath.Join(dir, "flag.png") || r.Bytes == 0 {
		t.Errorf("%+v", r)
	}
	if left := files(t, dir); !slices.Equal(left, []string{"flag.png", "other.png"}) || !slices.Equal(files(t, to), []string{"flag.png"}) {
		t.Errorf("%v left, %v moved", left, files(t, to))
	}
	d, err = Duplicates(t.Context(), c, api.DuplicateOptions{Exact: true})
	if err != nil || d.Pictures != 2 || len(d.Groups) != 0 || len(d.Failed) != 0 {
		t.Errorf("%+v, %v", d, err)
	}
}

func TestNothingIsMovedIntoAnIndexedFolder(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "pictures")
	c := newCollection(t, dir, made{"flag.png", scene(1)})
	if _, err := RemoveDuplicates(t.Context(), c, nil, api.RemoveOptions{Folder: filepath.Join(dir, "aside")}); err == nil || !strings.Contains(err.Error(), "is indexed") {
		t.Error(err)
	}
}
