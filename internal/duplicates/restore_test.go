package duplicates

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/akin-search/akin/api"
	"github.com/akin-search/akin/internal/space"
)

// moved is a collection two of whose duplicates were moved to a folder, at once and after each other.
func moved(t *testing.T) (c *space.Collection, dir, to string) {
	t.Helper()
	dir, to = filepath.Join(t.TempDir(), "pictures"), filepath.Join(t.TempDir(), "to")
	c = newCollection(t, dir, made{"flag.png", scene(1)}, made{"old/flag.png", scene(1)}, made{"hills.png", scene(2)}, made{"old/hills.png", scene(2)})
	d, err := Duplicates(t.Context(), c, api.DuplicateOptions{Exact: true})
	must(t, err)
	r, err := RemoveDuplicates(t.Context(), c, d.Groups, api.RemoveOptions{Folder: to})
	must(t, err)
	if len(r.Removed) != 2 || !slices.Equal(files(t, dir), []string{"flag.png", "hills.png"}) {
		t.Fatalf("%+v, %v", r, files(t, dir))
	}
	return c, dir, to
}

func TestMovedFilesAreRestored(t *testing.T) {
	t.Parallel()
	c, dir, to := moved(t)
	must(t, os.Remove(filepath.Join(dir, "old"))) // the folder that they were in is made again
	flag := filepath.Join(dir, "old", "flag.png")
	r, err := RestoreDuplicates(t.Context(), c, flag, filepath.Join(dir, "hills.png"))
	must(t, err)
	if len(r.Restored) != 1 || r.Restored[0] != (api.RestoredCopy{Source: flag, From: filepath.Join(to, "flag.png")}) {
		t.Errorf("%+v", r)
	}
	if len(r.Failed) != 1 || !strings.Contains(r.Failed[0].Error, "was not moved from this collection") {
		t.Errorf("%+v", r.Failed)
	}
	if got := files(t, dir); !slices.Equal(got, []string{"flag.png", "hills.png", "old/flag.png"}) || !slices.Equal(files(t, to), []string{"hills.png"}) {
		t.Errorf("%v, %v", got, files(t, to))
	}
	r, err = RestoreDuplicates(t.Context(), c)
	must(t, err)
	if len(r.Restored) != 1 || len(r.Failed) != 0 || len(files(t, dir)) != 4 || len(files(t, to)) != 0 {
		t.Errorf("%+v, %v", r, files(t, dir))
	}
	if r, err = RestoreDuplicates(t.Context(), c); err != nil || len(r.Restored) != 0 || len(r.Failed) != 0 {
		t.Errorf("once more: %+v, %v", r, err)
	}
}

func TestNoOtherFileIsHarmedByARestore(t *testing.T) {
	t.Parallel()
	for _, of := range []struct {
		why, says string
		spoil     func(old, now string) error
		after     string // what lies at the old place
	}{
		{"another file has its name", "has that name", func(old, _ string) error { return os.WriteFile(old, []byte("mine"), 0o666) }, "mine"},
		{"it has changed", "has changed", func(_, now string) error { return os.WriteFile(now, []byte("drawn over"), 0o666) }, ""},
		{"it was taken away", "no longer at", func(_, now string) error { return os.Remove(now) }, ""},
		{"it was taken away and another file has its name", "another file has its name", func(old, now string) error {
			if err := os.WriteFile(old, []byte("mine"), 0o666); err != nil {
				return err
			}
			return os.Remove(now)
		}, "mine"},
	} {
		t.Run(of.why, func(t *testing.T) {
			t.Parallel()
			c, dir, to := moved(t)
			old, now := filepath.Join(dir, "old", "flag.png"), filepath.Join(to, "flag.png")
			must(t, of.spoil(old, now))
			r, err := RestoreDuplicates(t.Context(), c, old)
			must(t, err)
			if len(r.Restored) != 0 || len(r.Failed) != 1 || !strings.Contains(r.Failed[0].Error, of.says) {
				t.Errorf("%+v", r)
			}
			if data, err := os.ReadFile(old); string(data) != of.after || (err == nil) != (of.after != "") {
				t.Errorf("%s holds %q, %v", old, data, err)
			}
		})
	}
}

// A file that someone has put back already is where it belongs.
func TestAFileThatIsBackIsRestored(t *testing.T) {
	t.Parallel()
	c, dir, to := moved(t)
	old := filepath.Join(dir, "old", "flag.png")
	must(t, os.Rename(filepath.Join(to, "flag.png"), old))
	if r, err := RestoreDuplicates(t.Context(), c, old); err != nil || len(r.Restored) != 1 {
		t.Errorf("%+v, %v", r, err)
	}
	if r, err := RestoreDuplicates(t.Context(), c, old); err != nil || len(r.Failed) != 1 {
		t.Errorf("again: %+v, %v", r, err)
	}
}
