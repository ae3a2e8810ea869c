//go:build unix

package local

import (
	"errors"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/akin-search/akin/internal/disk"
	"github.com/akin-search/akin/internal/record"
	"golang.org/x/sys/unix"
)

// A collection that somebody else made may have links where akin writes. None is followed:
// nothing outside the collection is written, cut off or made, and the error says what is there.
func TestLinksInACollectionLeadNowhere(t *testing.T) {
	t.Parallel()
	const precious = "what the victim wrote"
	for _, c := range []struct {
		why, path string // within the collection; "@" is the space's folder
		folder    bool   // the link leads to a folder
		harmless  bool   // akin makes its own in the place of the link
	}{
		{"the lock", "lock", false, false},
		{"the database", "akin.db", false, false},
		{"SQLite's log", "akin.db-wal", false, false},
		{"an unfinished list", ".pictures.list.new-X", false, true},
		{"a list", "pictures.list", false, true},
		{"an unfinished list of rows", "spaces/@/.rows.list.new-X", false, true},
		{"an unfinished compact copy", "spaces/@/.000001.compact.new-X", false, true},
		{"vectors", "spaces/@/000001.vec", false, false},
		{"records", "spaces/@/000001.rows", false, false},
		{"the folder of spaces", "spaces", true, false},
		{"the folder of a space", "spaces/@", true, false},
	} {
		above := t.TempDir()
		dir, victim := filepath.Join(above, "c.akin"), filepath.Join(above, "victim")
		folder := damageable(t, dir)
		path := filepath.Join(dir, c.path)
		if filepath.Base(filepath.Dir(path)) == "@" {
			path = filepath.Join(folder, filepath.Base(path))
		} else if filepath.Base(path) == "@" {
			path = folder
		}
		if err := os.RemoveAll(path); err != nil {
			t.Fatal(err)
		}
		if c.folder {
			if err := os.Mkdir(victim, 0o777); err != nil {
				t.Fatal(err)
			}
		} else if err := os.WriteFile(victim, []byte(precious), 0o666); err != nil {
			t.Fatal(err)
		}
		if err := os.Symlink(victim, path); err != nil {
			t.Fatal(err)
		}
		err := func() error {
			c, err := Open(dir, Options{})
			if err != nil {
				return err
			}
			defer c.Close()
			c.compactLeast = 1
			w, err := c.Writer()
			if err != nil {
				return err
			}
			defer w.Close()
			space, err := w.Space(t.Context(), "m", "f", dim)
			if err != nil {
				return err
			}
			if err := w.Commit(t.Context(), batchOf(space, many, many+3)); err != nil {
				return err
			}
			return w.Prepare(t.Context(), nil)
		}()
		if (err == nil) != c.harmless {
			t.Errorf("%s is a link: %v", c.why, err)
		}
		if err != nil && c.path != "akin.db-wal" && !errors.Is(err, disk.ErrLink) {
			t.Errorf("%s is a link, and the error does not say so: %v", c.why, err)
		}
		_, _ = Repair(t.Context(), dir)
		if c.folder {
			if entries, err := os.ReadDir(victim); err != nil || len(entries) > 0 {
				t.Errorf("%s is a link: %v, %v lie where it leads", c.why, entries, err)
			}
		} else if data, err := os.ReadFile(victim); err != nil || string(data) != precious {
			t.Errorf("%s is a link: %q, %v is where it leads", c.why, data, err)
		}
	}
}

// A pipe in the place of a file keeps nobody waiting.
func TestAPipeInACollectionIsAnError(t *testing.T) {
	t.Parallel()
	for _, path := range []string{"lock", "akin.db", "pictures.list", "spaces/@/rows.list", "spaces/@/000001.vec", "spaces/@/000001.rows", "spaces/@/000001.compact"} {
		dir := filepath.Join(t.TempDir(), "c.akin")
		folder := damageable(t, dir)
		pipe := filepath.Join(dir, path)
		if filepath.Base(filepath.Dir(pipe)) == "@" {
			pipe = filepath.Join(folder, filepath.Base(pipe))
		}
		if err := errors.Join(os.RemoveAll(pipe), unix.Mkfifo(pipe, 0o666)); err != nil {
			t.Fatal(err)
		}
		err := in(30*time.Second, func() error { return asked(t.Context(), dir) })
		derived := filepath.Ext(path) == ".list" || filepath.Ext(path) == compactSuffix
		if err == nil || !derived && !errors.Is(err, disk.ErrLink) && !errors.Is(err, record.ErrDamaged) {
			t.Errorf("%s: %v", path, err)
		}
		if err := in(30*time.Second, func() error { _, err := Repair(t.Context(), dir); return err }); err != nil && err.Error() == "it never ends" {
			t.Errorf("%s: a repair waits", path)
		}
	}
}
