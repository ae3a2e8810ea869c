package local

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"testing"

	"github.com/akin-search/akin/internal/disk"
	"github.com/akin-search/akin/internal/record"
)

func TestAMovedCollectionIsTheSameElsewhere(t *testing.T) {
	t.Parallel()
	c, dir := create4(t)
	two(t, c)
	if err := c.Close(); err != nil {
		t.Fatal(err)
	}
	to := filepath.Join(t.TempDir(), "new", "d.akin")
	if err := Move(disk.OS, dir, to); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(dir); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("the old folder: %v", err)
	}
	moved, err := Open(to, Options{ReadOnly: true})
	if err != nil {
		t.Fatal(err)
	}
	defer moved.Close()
	if problems := verify(t, moved); len(problems) > 0 {
		t.Error(problems)
	}
	if info, err := moved.Info(t.Context()); err != nil || info.Pictures != 2 {
		t.Errorf("%+v, %v", info, err)
	}
}

func TestACollectionIsNotMovedWhereItMayNotGo(t *testing.T) {
	t.Parallel()
	c, dir := create4(t)
	_, other := create4(t)
	if err := Move(disk.OS, dir, other); !errors.Is(err, fs.ErrExist) {
		t.Errorf("onto another: %v", err)
	}
	if err := Move(disk.OS, filepath.Join(t.TempDir(), "none"), filepath.Join(t.TempDir(), "x")); !errors.Is(err, record.ErrNotFound) {
		t.Errorf("none: %v", err)
	}
	w, err := c.Writer()
	if err != nil {
		t.Fatal(err)
	}
	if err := Move(disk.OS, dir, filepath.Join(t.TempDir(), "x")); !errors.Is(err, record.ErrLocked) {
		t.Errorf("while someone writes: %v", err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	full := failing(0)
	if err := Move(full, dir, filepath.Join(t.TempDir(), "x")); err == nil {
		t.Error("a disk that fails")
	}
	if _, err := os.Stat(filepath.Join(dir, "akin.db")); err != nil {
		t.Error(err)
	}
}
