//go:build linux || darwin

package space

import (
	"os"

	"golang.org/x/sys/unix"
)

func stateOf(f *os.File) (fileState, bool) {
	var s unix.Stat_t
	if err := unix.Fstat(int(f.Fd()), &s); err != nil {
		return fileState{}, false
	}
	return fileState{uint64(s.Dev), s.Ino, s.Size, s.Mtim.Nano(), s.Ctim.Nano()}, true
}
