//go:build cgo

package picture

import (
	"bytes"
	"encoding/binary"
	"os"
	"path/filepath"
	"testing"

	"golang.org/x/sys/unix"
)

// watchOpened reports which files of a folder any process has opened since it was last asked.
func watchOpened(t *testing.T, dir string) func() []string {
	t.Helper()
	fd, err := unix.InotifyInit1(unix.IN_NONBLOCK | unix.IN_CLOEXEC)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = unix.Close(fd) })
	if _, err := unix.InotifyAddWatch(fd, dir, unix.IN_OPEN); err != nil {
		t.Fatal(err)
	}
	opened := func() (names []string) {
		b := make([]byte, 1<<16)
		for {
			n, err := unix.Read(fd, b)
			if err != nil {
				return names
			}
			for at := 0; at < n; {
				length := int(binary.NativeEndian.Uint32(b[at+12:]))
				names = append(names, string(bytes.TrimRight(b[at+16:at+16+length], "\x00")))
				at += 16 + length
			}
		}
	}
	if _, err := os.ReadFile(filepath.Join(dir, "red.png")); err != nil || len(opened()) != 1 {
		t.Fatal("an opened file is not noticed", err)
	}
	return opened
}
