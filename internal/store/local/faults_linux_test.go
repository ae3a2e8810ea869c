package local

import (
	"bufio"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/akin-search/akin/internal/record"
	"golang.org/x/sys/unix"
)

// smallDisk mounts a disk in memory, of so many bytes, and skips the test where that is
// not permitted.
func smallDisk(t *testing.T, bytes int) string {
	t.Helper()
	dir := t.TempDir()
	if err := unix.Mount("tmpfs", dir, "tmpfs", 0, fmt.Sprintf("size=%d", bytes)); err != nil {
		t.Skipf("a disk in memory cannot be mounted here (root only): %v", err)
	}
	t.Cleanup(func() { _ = unix.Unmount(dir, unix.MNT_DETACH) })
	return dir
}

// fill leaves so many bytes of a disk free, in whole pages.
func fill(t *testing.T, disk string, free int64) (filler string) {
	t.Helper()
	var s unix.Statfs_t
	if err := unix.Statfs(disk, &s); err != nil {
		t.Fatal(err)
	}
	filler = filepath.Join(disk, "filler")
	left := int64(s.Bavail)*s.Bsize - free
	if left > 0 {
		if err := os.WriteFile(filler, make([]byte, left), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	return filler
}

// commitUntil stores pictures five by five, from the one that is next, until all are
// stored or one commit fails; what it gives is stored.
func commitUntil(t *testing.T, dir string, stored int) (int, error) {
	c, err := Open(dir, Options{})
	if err != nil {
		return stored, err
	}
	defer c.Close()
	w, err := c.Writer()
	if err != nil {
		return stored, err
	}
	defer w.Close()
	space, err := w.Space(t.Context(), "m", "f", dim)
	if err != nil {
		return stored, err
	}
	for ; stored < many; stored += 5 {
		if err := w.Commit(t.Context(), batchOf(space, stored, stored+5)); err != nil {
			return stored, err
		}
	}
	if err := w.Calibrate(t.Context()); err != nil {
		return stored, err
	}
	return stored, w.Prepare(t.Context(), nil)
}

// A disk that is full at any moment is a clear error; what was committed is there, and
// when there is room again the next process goes on.
func TestAFullDiskLosesNothing(t *testing.T) {
	disk := smallDisk(t, 8<<20)
	tried, lost := 0, 0
	for free := int64(0); free < 400<<10; free += 12 << 10 {
		dir := filepath.Join(disk, fmt.Sprintf("%d.akin", free))
		filler := fill(t, disk, free)
		stored, err := commitUntil(t, dir, 0)
		if err != nil {
			tried++
			if !full(err) {
				t.Fatalf("%d bytes free: %v", free, err)
			}
		}
		if stored > 0 { // what is there can be read while the disk is full
			_, n := checkLeft(t, dir, fmt.Sprintf("%d bytes free", free))
			lost += max(0, stored-n)
		}
		if err := os.Remove(filler); err != nil {
			t.Fatal(err)
		}
		if stored, err = commitUntil(t, dir, stored); err != nil || stored != many {
			t.Fatalf("room again after %d bytes: %d, %v", free, stored, err)
		}
		_, n := checkLeft(t, dir, "room again")
		lost += many - n
		if err := os.RemoveAll(dir); err != nil {
			t.Fatal(err)
		}
	}
	if tried < 10 || lost > 0 {
		t.Errorf("%d full disks, %d embeddings lost", tried, lost)
	}
	t.Logf("faults: %d full disks, %d embeddings lost", tried, lost)
}

// full reports whether an error says to a person that the disk is full.
func full(err error) bool {
	return errors.Is(err, unix.ENOSPC) || strings.Contains(err.Error(), "disk is full") || strings.Contains(err.Error(), "no space left")
}

// A disk that becomes read-only is a clear error for who writes, and none for who reads.
func TestAReadOnlyDiskIsReadAndLosesNothing(t *testing.T) {
	disk := smallDisk(t, 8<<20)
	dir := filepath.Join(disk, "c.akin")
	c, err := Open(dir, Options{})
	if err != nil {
		t.Fatal(err)
	}
	var space record.Space
	write(t, c, func(w *Writer) (err error) {
		if space, err = w.Space(t.Context(), "m", "f", dim); err != nil {
			return err
		}
		return w.Commit(t.Context(), batchOf(space, 0, 30))
	})
	if err := c.Close(); err != nil {
		t.Fatal(err)
	}
	remount := func(flags uintptr) {
		t.Helper()
		if err := unix.Mount("tmpfs", disk, "tmpfs", unix.MS_REMOUNT|flags, ""); err != nil {
			t.Fatal(err)
		}
	}
	remount(unix.MS_RDONLY)
	if stored, err := commitUntil(t, dir, 30); err == nil || stored != 30 || !strings.Contains(err.Error(), "read-only") && !strings.Contains(err.Error(), "readonly") {
		t.Errorf("stored up to %d on a read-only disk: %v", stored, err)
	}
	ro, err := Open(dir, Options{ReadOnly: true})
	if err != nil {
		t.Fatal(err)
	}
	s, err := ro.Snapshot(t.Context(), space)
	if err != nil || s.Pictures.Len() != 30 || !slices.Equal(s.Matrix.Row(7), vectorOf(7)) {
		t.Fatalf("%v", err)
	}
	s.Close()
	ro.Close()
	if _, err := Open(filepath.Join(disk, "new.akin"), Options{}); err == nil || !strings.Contains(err.Error(), "read-only") {
		t.Errorf("a new collection on a read-only disk: %v", err)
	}
	remount(0)
	if stored, err := commitUntil(t, dir, 30); err != nil || stored != many {
		t.Fatal(stored, err)
	}
	if _, n := checkLeft(t, dir, "writable again"); n != many {
		t.Errorf("%d embeddings", n)
	}
}

// A process that may open few files more is told so; nothing is lost, however far it came.
func TestNoFileHandlesLeftLosesNothing(t *testing.T) {
	if handles := os.Getenv("AKIN_TEST_HANDLES"); handles != "" {
		n, _ := strconv.Atoi(handles)
		stored, _ := strconv.Atoi(os.Getenv("AKIN_TEST_STORED"))
		if err := unix.Setrlimit(unix.RLIMIT_NOFILE, &unix.Rlimit{Cur: uint64(n), Max: uint64(n)}); err != nil {
			t.Fatal(err)
		}
		stored, err := commitUntil(t, os.Getenv("AKIN_TEST_DIR"), stored)
		fmt.Printf("stored %d: %v\n", stored, err)
		os.Exit(0)
	}
	dir, stored, failed := filepath.Join(t.TempDir(), "c.akin"), 0, 0
	for handles := 4; handles < 40; handles++ {
		cmd := exec.Command(os.Args[0], "-test.run=^"+t.Name()+"$")
		cmd.Env = append(os.Environ(), fmt.Sprint("AKIN_TEST_HANDLES=", handles), "AKIN_TEST_DIR="+dir, fmt.Sprint("AKIN_TEST_STORED=", stored))
		out, err := cmd.CombinedOutput()
		line := string(out)
		if err != nil {
			continue // so few that Go itself does not start
		}
		said, why := 0, ""
		if _, err := fmt.Sscanf(line, "stored %d:", &said); err != nil {
			t.Fatalf("%d handles: %s", handles, line)
		}
		if _, why, _ = strings.Cut(line, ": "); strings.TrimSpace(why) != "<nil>" {
			failed++
			if !strings.Contains(why, "too many open files") && !strings.Contains(why, "unable to open database file") {
				t.Fatalf("%d handles: %s", handles, line)
			}
		}
		if stored = said; stored > 0 {
			if _, n := checkLeft(t, dir, fmt.Sprintf("%d handles", handles)); n < stored {
				t.Fatalf("%d handles: %d embeddings of %d", handles, n, stored)
			}
		}
		if stored == many && strings.TrimSpace(why) == "<nil>" {
			break
		}
	}
	if stored != many || failed == 0 {
		t.Errorf("%d stored, %d processes without handles", stored, failed)
	}
	t.Logf("faults: %d processes without file handles, nothing lost", failed)
}

// Two processes and many goroutines write to one collection: one at a time, the others
// are told to wait, and nothing is lost or doubled.
func TestManyWritersLoseAndDoubleNothing(t *testing.T) {
	if dir := os.Getenv("AKIN_TEST_WRITER"); dir != "" {
		first, _ := strconv.Atoi(os.Getenv("AKIN_TEST_STORED"))
		for i := first; i < many; {
			c, err := Open(dir, Options{})
			if err != nil {
				fmt.Println("failed:", err)
				os.Exit(1)
			}
			w, err := c.Writer()
			if errors.Is(err, record.ErrLocked) {
				fmt.Println("locked")
				c.Close()
				continue
			}
			var space record.Space
			if err == nil {
				space, err = w.Space(t.Context(), "m", "f", dim)
			}
			if err == nil {
				err = w.Commit(t.Context(), batchOf(space, i, i+1))
			}
			if err == nil {
				err = errors.Join(w.Close(), c.Close())
			}
			if err != nil {
				fmt.Println("failed:", err)
				os.Exit(1)
			}
			i += 4
		}
		os.Exit(0)
	}
	dir := filepath.Join(t.TempDir(), "c.akin")
	if c, err := Open(dir, Options{}); err != nil {
		t.Fatal(err)
	} else if err := c.Close(); err != nil {
		t.Fatal(err)
	}
	var mu sync.Mutex
	locked := 0
	var wait sync.WaitGroup
	for i := range 4 {
		cmd := exec.Command(os.Args[0], "-test.run=^"+t.Name()+"$")
		cmd.Env = append(os.Environ(), "AKIN_TEST_WRITER="+dir, fmt.Sprint("AKIN_TEST_STORED=", i))
		out, err := cmd.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		wait.Go(func() {
			for lines := bufio.NewScanner(out); lines.Scan(); {
				mu.Lock()
				if lines.Text() == "locked" {
					locked++
				} else {
					t.Error(lines.Text())
				}
				mu.Unlock()
			}
			_ = cmd.Wait()
		})
	}
	wait.Wait()
	pictures, n := checkLeft(t, dir, "four writers")
	if pictures != many || n != many {
		t.Errorf("%d pictures, %d embeddings", pictures, n)
	}
	if locked == 0 {
		t.Error("no writer ever met another")
	}
	t.Logf("faults: 4 writers at once, told to wait %d times; nothing lost, nothing doubled", locked)
}
