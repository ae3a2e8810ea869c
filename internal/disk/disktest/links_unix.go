//go:build unix

package disktest

import (
	"errors"
	"os"
	"path/filepath"
	"testing"

	"github.com/akin-search/akin/internal/disk"
)

// FollowsNoLink checks that what is written to a file of a collection that somebody else may have made follows no link:
// path, below the folder that write is called with, is a link to a file outside of it.
func FollowsNoLink(t *testing.T, path string, write func(dir string) error) {
	t.Helper()
	const precious = "what the victim wrote"
	above := t.TempDir()
	dir, victim := filepath.Join(above, "c.akin"), filepath.Join(above, "victim")
	if err := errors.Join(os.WriteFile(victim, []byte(precious), 0o666), link(victim, dir, path), write(dir)); err != nil {
		t.Errorf("%s: %v", path, err)
	}
	if data, err := os.ReadFile(victim); err != nil || string(data) != precious {
		t.Errorf("%s: %q, %v is where the link leads", path, data, err)
	}
}

// FollowsNoLinkedFolder is FollowsNoLink for a link to a folder: write must fail with [disk.ErrLink].
func FollowsNoLinkedFolder(t *testing.T, path string, write func(dir string) error) {
	t.Helper()
	above := t.TempDir()
	dir, victim := filepath.Join(above, "c.akin"), filepath.Join(above, "victim")
	if err := errors.Join(os.Mkdir(victim, 0o777), link(victim, dir, path)); err != nil {
		t.Fatal(err)
	}
	if err := write(dir); !errors.Is(err, disk.ErrLink) {
		t.Errorf("%s: the link was followed: %v", path, err)
	}
	if entries, err := os.ReadDir(victim); err != nil || len(entries) > 0 {
		t.Errorf("%s: %v, %v lie where the link leads", path, entries, err)
	}
}

func link(to, dir, path string) error {
	at := filepath.Join(dir, path)
	return errors.Join(os.MkdirAll(filepath.Dir(at), 0o777), os.Symlink(to, at))
}
