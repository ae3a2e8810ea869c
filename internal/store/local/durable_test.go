package local

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"syscall"
	"testing"

	"github.com/akin-search/akin/internal/disk"
	"github.com/akin-search/akin/internal/disk/disktest"
)

// store makes the collection in dir, or opens it, and stores the pictures that are missing in two
// commits; stored counts those that are said to be. Lists are made from least pictures on.
func store(t *testing.T, on disk.FS, dir string, least int, stored *int) error {
	if _, err := os.Stat(filepath.Join(dir, "akin.db")); err != nil {
		if err := create(on, dir); err != nil {
			return err
		}
	}
	c, err := Open(dir, Options{})
	if err != nil {
		return err
	}
	defer c.Close()
	c.compactLeast = least
	w, err := c.Writer()
	if err != nil {
		return err
	}
	defer func() { _ = w.Close() }() // also of a process that is killed: its lock ends with it
	w.disk = on
	space, err := w.Space(t.Context(), "m", "f", dim)
	if err != nil {
		return err
	}
	for *stored < many {
		if err := w.Commit(t.Context(), batchOf(space, *stored, *stored+many/2)); err != nil {
			return err
		}
		*stored += many / 2
	}
	return w.Prepare(t.Context(), nil)
}

// When the power is cut after a commit, all that it stored is there: the folders that it made too.
func TestACommitIsDurable(t *testing.T) {
	t.Parallel()
	for _, least := range []int{1, compactLeast} { // with lists, and without
		base := t.TempDir()
		dir := filepath.Join(base, "new", "folder", "c.akin")
		power := disktest.NewPowerCut(t, base)
		stored := 0
		if err := store(t, power, dir, least, &stored); err != nil || stored != many {
			t.Fatal(stored, err)
		}
		power.Cut(t)
		if pictures, n := checkLeft(t, dir, "a power cut"); pictures != many || n != many {
			t.Errorf("%d pictures and %d embeddings are left", pictures, n)
		}
	}
}

// Nor does the next writer rely on what one that was killed had made and not synced.
func TestAKilledCommitIsMadeDurableByTheNext(t *testing.T) {
	t.Parallel()
	for at := 0; ; at++ {
		base := t.TempDir()
		dir := filepath.Join(base, "c.akin")
		if err := create(disk.OS, dir); err != nil {
			t.Fatal(err)
		}
		power := disktest.NewPowerCut(t, base)
		faults := &disktest.Faults{FS: power, At: at}
		stored := 0
		if !disktest.Run(func() { _ = store(t, faults, dir, 1, &stored) }) {
			break
		}
		if stored > 0 { // what comes later is as before
			break
		}
		if err := store(t, power, dir, compactLeast, &stored); err != nil {
			t.Fatal(err)
		}
		power.Cut(t)
		if pictures, n := checkLeft(t, dir, "a power cut"); pictures != many || n != many {
			t.Errorf("killed at operation %d (%s): %d pictures and %d embeddings are left", at, faults.Log[at], pictures, n)
		}
	}
}

// At each operation in turn the disk fails once, or is full from then on, or the process is killed:
// what was said to be stored is there, and the next writer goes on.
func TestCommitsFailAtEveryOperation(t *testing.T) {
	t.Parallel()
	for _, fault := range []struct {
		why    string
		err    error
		sticky bool
	}{
		{"EIO", syscall.EIO, false},
		{"ENOSPC from then on", syscall.ENOSPC, true},
		{"a kill", nil, false},
	} {
		tried := 0
		for at := 0; ; at++ {
			dir := filepath.Join(t.TempDir(), "new", "c.akin")
			faults := &disktest.Faults{FS: disk.OS, At: at, Err: fault.err, Sticky: fault.sticky}
			stored, told := 0, error(nil)
			killed := disktest.Run(func() { told = store(t, faults, dir, 1, &stored) })
			if faults.Done() <= at {
				if told != nil {
					t.Fatal(told)
				}
				break
			}
			tried++
			what := fmt.Sprintf("%s at operation %d (%s)", fault.why, at, faults.Log[at])
			if !killed && (told == nil || !errors.Is(told, fault.err)) {
				t.Errorf("%s is told as %v", what, told)
			}
			if stored > 0 {
				if _, n := checkLeft(t, dir, what); n < stored {
					t.Errorf("%s: %d of %d are left", what, n, stored)
				}
			}
			c, err := Open(dir, Options{})
			if err != nil {
				t.Fatalf("%s: %v", what, err)
			}
			c.Close()
			indexAgain(t, dir, what)
			if t.Failed() {
				t.FailNow()
			}
		}
		t.Logf("faults: a commit with %s at each of %d operations, nothing lost", fault.why, tried)
	}
}
