package disk_test

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/akin-search/akin/internal/disk"
	"github.com/akin-search/akin/internal/disk/disktest"
)

func writes(data string) func(io.Writer) error {
	return func(w io.Writer) error {
		_, err := io.WriteString(w, data)
		return err
	}
}

// At whatever operation the disk fails, the process dies or the power is cut, the file is the old one or the new one,
// and the new one where Replace has returned nil.
func TestAReplacedFileIsTheOldOneOrTheNewOne(t *testing.T) {
	t.Parallel()
	for _, how := range []struct {
		name   string
		err    error
		sticky bool
		cut    bool
	}{
		{"one operation fails", errors.New("bad block"), false, false},
		{"all after it fail, too", errors.New("disk full"), true, false},
		{"the process dies", nil, false, false},
		{"the power is cut", nil, false, true},
	} {
		for at := 0; ; at++ {
			dir := t.TempDir()
			path := filepath.Join(dir, "file")
			if err := os.WriteFile(path, []byte("old"), 0o666); err != nil {
				t.Fatal(err)
			}
			power := disktest.NewPowerCut(t, dir)
			faults := &disktest.Faults{FS: power, At: at, Err: how.err, Sticky: how.sticky}
			var err error
			died := disktest.Run(func() { err = disk.ReplaceWith(faults, path, 0o666, writes("new")) })
			if how.cut {
				power.Cut(t)
			}
			data, readErr := os.ReadFile(path)
			got := string(data)
			if readErr != nil || got != "new" && (got != "old" || !died && err == nil) {
				t.Errorf("%s, at operation %d: %q, %v, after %v", how.name, at, got, readErr, err)
			}
			if err := disk.RemoveUnfinished(disk.OS, path); err != nil {
				t.Error(err)
			}
			if left, _ := os.ReadDir(dir); len(left) != 1 {
				t.Errorf("%s, at operation %d: left %v", how.name, at, left)
			}
			if at >= faults.Done() {
				break
			}
		}
	}
}

// A file that is created is whole or absent, and it is there where Create has returned nil; one that was there stays.
func TestACreatedFileIsWholeOrAbsent(t *testing.T) {
	t.Parallel()
	for _, cut := range []bool{false, true} {
		for at := 0; ; at++ {
			dir := t.TempDir()
			path := filepath.Join(dir, "file")
			power := disktest.NewPowerCut(t, dir)
			faults := &disktest.Faults{FS: power, At: at, Err: errors.New("bad block")}
			if cut {
				faults.Err = nil
			}
			var err error
			died := disktest.Run(func() { err = disk.Create(faults, path, []byte("new"), 0o666) })
			if cut {
				power.Cut(t)
			}
			data, readErr := os.ReadFile(path)
			if whole := readErr == nil && string(data) == "new"; !whole && (!errors.Is(readErr, os.ErrNotExist) || !died && err == nil) {
				t.Errorf("at operation %d: %q, %v, after %v", at, data, readErr, err)
			}
			if at >= faults.Done() {
				break
			}
		}
	}
	path := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(path, []byte("old"), 0o666); err != nil {
		t.Fatal(err)
	}
	err := disk.Create(disk.OS, path, []byte("new"), 0o666)
	data, _ := os.ReadFile(path)
	if left, _ := os.ReadDir(filepath.Dir(path)); !errors.Is(err, os.ErrExist) || string(data) != "old" || len(left) != 1 {
		t.Errorf("%v, %q, %v", err, data, left)
	}
}

func TestConcurrentReplacementsAreWhole(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	path := filepath.Join(dir, strings.Repeat("long", 60)) // a name to which nothing can be added
	var all sync.WaitGroup
	for i := range 8 {
		all.Go(func() {
			if err := disk.Replace(path, []byte(strings.Repeat(fmt.Sprint(i), 1<<16)), 0o600); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	data, err := os.ReadFile(path)
	if err != nil || len(data) != 1<<16 || strings.Count(string(data), string(data[:1])) != len(data) {
		t.Errorf("%d bytes of several, %v", len(data), err)
	}
	if left, _ := os.ReadDir(dir); len(left) != 1 {
		t.Errorf("left %v", left)
	}
}
