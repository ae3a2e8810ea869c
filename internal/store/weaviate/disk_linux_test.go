package weaviate_test

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/akin-search/akin/internal/store"
	"github.com/akin-search/akin/internal/store/weaviate"
	"github.com/akin-search/akin/internal/store/weaviate/weaviatetest"
	"golang.org/x/sys/unix"
)

// A node whose disk is full takes nothing more; the others do, searches are right, and when
// it has room again nothing is lost or doubled.
func TestAFullDiskOfOneOfThreeNodes(t *testing.T) {
	longOnly(t)
	nodes := weaviatetest.Start(t, 3, false)
	const before, loaded, after = 300, 400, 2400
	c, w, s := openWith(t, nodes.Address("Full"), before)
	full := nodes.Node(2)
	full.Kill()
	onSmallDisk(t, full.Dir(), 64<<20)
	full.Start(t)
	full.Wait(t, 2*time.Minute)
	if err := w.Commit(t.Context(), batchOf(s, before, loaded)); err != nil { // it has opened its files
		t.Fatal(err)
	}
	filler := filepath.Join(full.Dir(), "filler")
	left := fill(t, full.Dir(), filler)
	began := time.Now()
	if err := w.Commit(t.Context(), batchOf(s, loaded, after)); err != nil {
		t.Errorf("a write: %v", err)
	}
	took := time.Since(began)
	wrong, slowest := 0, time.Duration(0)
	for i := 10; i < after-10; i += 200 {
		began := time.Now()
		near, _, err := c.Near(t.Context(), s, around(i), 9, store.Filter{})
		if err != nil {
			t.Fatalf("a search: %v", err)
		}
		if !rightOf(near, i) {
			wrong++
		}
		slowest = max(slowest, time.Since(began))
	}
	lost, doubled := wantAll(t, c, s, after, "its index lacks") // on the full disk
	t.Logf("faults: the disk of one of three nodes full, %d bytes left: %d pictures written in %.1f s, %d searches wrong, the slowest %.1f s; %d lost, %d doubled",
		left, after-loaded, took.Seconds(), wrong, slowest.Seconds(), lost, doubled)
	full.Kill()
	if err := os.Remove(filler); err != nil {
		t.Fatal(err)
	}
	full.Start(t)
	full.Wait(t, 2*time.Minute)
	if err := w.Commit(t.Context(), batchOf(s, after, after+200)); err != nil {
		t.Fatal(err)
	}
	lost, doubled = wantAll(t, c, s, after+200, "its index lacks")
	r, err := c.Repair(t.Context())
	if err != nil || len(r.Problems) > 0 {
		t.Errorf("repair: %+v, %v", r, err)
	}
	t.Logf("faults: with room again: %d lost, %d doubled; repaired: %q", lost, doubled, r.Done)
	alone, err := weaviate.Open(t.Context(), full.Address("Full"), "", true)
	if err != nil {
		t.Fatal(err)
	}
	defer alone.Close()
	found := 0
	for began = time.Now(); found < after+200 && time.Since(began) < time.Minute; time.Sleep(time.Second) {
		near, _, err := alone.Near(t.Context(), s, around(0), after+300, store.Filter{})
		if err != nil {
			t.Fatal(err)
		}
		found = near.Pictures.Len()
	}
	if found < after+200 {
		t.Errorf("the node that had the full disk finds %d of %d", found, after+200)
	}
	t.Logf("faults: it alone finds %d of %d, %.1f s later", found, after+200, time.Since(began).Seconds())
}

// onSmallDisk moves a folder onto a disk in memory of so many bytes, and skips the test where
// that is not permitted.
func onSmallDisk(t *testing.T, dir string, bytes int) {
	t.Helper()
	aside := dir + ".aside"
	if err := os.Rename(dir, aside); err != nil {
		t.Fatal(err)
	}
	if err := os.Mkdir(dir, 0o777); err != nil {
		t.Fatal(err)
	}
	if err := unix.Mount("tmpfs", dir, "tmpfs", 0, fmt.Sprintf("size=%d", bytes)); err != nil {
		t.Skipf("a disk in memory cannot be mounted here (root only): %v", err)
	}
	t.Cleanup(func() { _ = unix.Unmount(dir, unix.MNT_DETACH) })
	if err := os.CopyFS(dir, os.DirFS(aside)); err != nil {
		t.Fatal(err)
	}
}

// fill fills the disk that has dir, and tells how many bytes are left.
func fill(t *testing.T, dir, filler string) int64 {
	t.Helper()
	var s unix.Statfs_t
	if err := unix.Statfs(dir, &s); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filler, make([]byte, int64(s.Bavail)*s.Bsize), 0o666); err != nil && !errors.Is(err, unix.ENOSPC) { // the node writes as well
		t.Fatal(err)
	}
	if err := unix.Statfs(dir, &s); err != nil {
		t.Fatal(err)
	}
	return int64(s.Bavail) * s.Bsize
}
