package disk

import (
	"os"
	"path/filepath"
	"testing"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"
)

// What was read ahead is in memory, and the rest of the file is not.
func TestWhatIsReadAheadIsInMemory(t *testing.T) {
	t.Parallel()
	const size, from, length = 32 << 20, 8<<20 + 123, 5 << 20
	path := filepath.Join(t.TempDir(), "weights")
	if err := os.WriteFile(path, make([]byte, size), 0o666); err != nil {
		t.Fatal(err)
	}
	f, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if err := f.Sync(); err != nil { // what is not on disk cannot be dropped
		t.Fatal(err)
	}
	if err := unix.Fadvise(int(f.Fd()), 0, 0, unix.FADV_DONTNEED); err != nil {
		t.Fatal(err)
	}
	mapped, err := unix.Mmap(int(f.Fd()), 0, size, unix.PROT_READ, unix.MAP_SHARED)
	if err != nil {
		t.Fatal(err)
	}
	defer unix.Munmap(mapped)
	page := os.Getpagesize()
	resident := func(from, to int) (pages int) {
		state := make([]byte, size/page)
		if _, _, errno := unix.Syscall(unix.SYS_MINCORE, uintptr(unsafe.Pointer(&mapped[0])), size, uintptr(unsafe.Pointer(&state[0]))); errno != 0 {
			t.Fatal(errno)
		}
		for _, s := range state[from/page : to/page] {
			pages += int(s & 1)
		}
		return pages
	}
	if resident(0, size) > 0 {
		t.Skip("this file system keeps files in memory")
	}
	ReadAhead(f, from, length)
	want := length / page
	for started := time.Now(); resident(from, from+length) < want; time.Sleep(time.Millisecond) {
		if time.Since(started) > time.Minute {
			t.Fatalf("%d pages of %d are in memory", resident(from, from+length), want)
		}
	}
	if rest := resident(0, from-1<<20) + resident(from+length+1<<20, size); rest > 0 {
		t.Errorf("%d pages of the rest are in memory", rest)
	}
	ReadAhead(f, size, 1<<20) // nothing is there
	ReadAhead(f, 0, 0)
}
