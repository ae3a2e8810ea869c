//go:build unix

package disk

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"golang.org/x/sys/unix"
)

// cutOff maps a file of a megabyte and cuts it off after its first page, as the memory of a disk
// that fails: to read further is SIGBUS.
func cutOff(t *testing.T) []byte {
	t.Helper()
	path := filepath.Join(t.TempDir(), "mapped")
	if err := os.WriteFile(path, make([]byte, 1<<20), 0o666); err != nil {
		t.Fatal(err)
	}
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	data, err := unix.Mmap(int(f.Fd()), 0, 1<<20, unix.PROT_READ, unix.MAP_SHARED)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = unix.Munmap(data) })
	if err := os.Truncate(path, 100); err != nil {
		t.Fatal(err)
	}
	return data
}

func TestAFaultIsAnError(t *testing.T) {
	t.Parallel()
	data := cutOff(t)
	read := func() (sum byte, err error) {
		defer Catch(&err)()
		for _, b := range data {
			sum += b
		}
		return sum, nil
	}
	if _, err := read(); !errors.Is(err, ErrDamaged) || !strings.Contains(err.Error(), "a mapped file cannot be read") {
		t.Errorf("%v", err)
	}
	shared := func() (err error) {
		defer Catch(&err)()
		var g Group
		var read atomic.Int64
		for i := range 4 {
			g.Go(func() { read.Add(int64(data[i<<18])) })
		}
		g.Do(func() { read.Add(int64(data[1<<19])) })
		g.Wait()
		return nil
	}
	if err := shared(); !errors.Is(err, ErrDamaged) {
		t.Errorf("in goroutines: %v", err)
	}
}

// A mistake of the program's is none of the disk's.
func TestOtherPanicsAreNoFaults(t *testing.T) {
	t.Parallel()
	for why, do := range map[string]func(){
		"a nil pointer": func() { var m *sync.Mutex; m.Lock() },
		"an index":      func() { var b []byte; _ = b[len(os.Args)] },
		"another value": func() { panic("no") },
	} {
		caught := func() (caught any) {
			defer func() { caught = recover() }()
			var err error
			defer Catch(&err)()
			do()
			return nil
		}()
		if caught == nil {
			t.Errorf("%s is taken for a fault of the disk", why)
		}
	}
}
