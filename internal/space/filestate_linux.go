package space

import (
	"os"
	"syscall"
)

func stateOf(f *os.File) (fileState, bool) {
	info, err := f.Stat()
	if err != nil {
		return fileState{}, false
	}
	s, ok := info.Sys().(*syscall.Stat_t)
	if !ok {
		return fileState{}, false
	}
	return fileState{uint64(s.Dev), s.Ino, s.Size, s.Mtim.Nano(), s.Ctim.Nano()}, true
}
