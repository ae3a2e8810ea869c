//go:build unix

package akin_test

import (
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/akin-search/akin"
	"github.com/akin-search/akin/api"
	"github.com/akin-search/akin/internal/golden"
)

// Whatever the umask, what akin derives from pictures is its user's alone: not parallel, for
// the umask is the process's.
func TestWhatIsDerivedIsPrivate(t *testing.T) {
	deps := golden.Deps(t)
	home := filepath.Join(t.TempDir(), "share", "akin")
	old := syscall.Umask(0o022)
	defer syscall.Umask(old)
	path, err := akin.Home(home).CollectionFolder("default")
	if err != nil {
		t.Fatal(err)
	}
	c, err := akin.Open(t.Context(), path, at(home))
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if _, err := c.Index(t.Context(), []string{filepath.Join(deps, "flags", "Chad.png")}, api.IndexOptions{}); err != nil {
		t.Fatal(err)
	}
	if _, err := c.Thumbnail(t.Context(), "Chad", 64); err != nil {
		t.Fatal(err)
	}
	if info, err := os.Stat(home); err != nil || info.Mode().Perm() != 0o700 {
		t.Errorf("the data folder: %v, %v", info.Mode(), err)
	}
	thumbs := 0
	err = filepath.WalkDir(path, func(p string, d fs.DirEntry, err error) error {
		if err != nil || !strings.HasPrefix(p, filepath.Join(path, "thumbs")) {
			return err
		}
		info, err := d.Info()
		if err != nil {
			return err
		}
		want := fs.FileMode(0o600)
		if thumbs++; d.IsDir() {
			want = 0o700
		}
		if info.Mode().Perm() != want {
			t.Errorf("%s: %v", p, info.Mode())
		}
		return nil
	})
	if err != nil || thumbs < 3 {
		t.Errorf("%d files and folders of thumbnails, %v", thumbs, err)
	}
	// A folder that its user shares is left to them.
	if err := os.Chmod(home, 0o755); err != nil {
		t.Fatal(err)
	}
	again, err := akin.Open(t.Context(), path, at(home))
	if err != nil {
		t.Fatal(err)
	}
	defer again.Close()
	if info, err := os.Stat(home); err != nil || info.Mode().Perm() != 0o755 {
		t.Errorf("the data folder, shared: %v, %v", info.Mode(), err)
	}
}
