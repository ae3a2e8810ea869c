package tool

import (
	"os"

	"golang.org/x/sys/unix"
)

// inherit gives a program an open file: its third one, which it opens anew by the kernel's name for it, with a place of its
// own to read from.
func inherit(f *os.File) (name string, files []*os.File) { return "/dev/fd/3", []*os.File{f} }

// confine bounds a process that has just begun. It has read nothing of the file yet, or little.
func confine(pid int, l Limits) {
	set := func(resource int, most uint64) {
		_ = unix.Prlimit(pid, resource, &unix.Rlimit{Cur: most, Max: most}, nil) // it may have ended
	}
	set(unix.RLIMIT_AS, uint64(l.Memory))
	set(unix.RLIMIT_CORE, 0)
	// If akin is killed, nobody stops the program: it then ends by itself. It may run on several cores.
	set(unix.RLIMIT_CPU, uint64(8*l.Time.Seconds())+1)
}
