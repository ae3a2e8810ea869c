//go:build cgo

package picture

import (
	"os"

	"golang.org/x/sys/unix"
)

// widen makes a pipe hold a megabyte, the most that needs no privileges: a picture then passes in few turns.
func widen(pipe *os.File) {
	if c, err := pipe.SyscallConn(); err == nil {
		_ = c.Control(func(fd uintptr) { _, _ = unix.FcntlInt(fd, unix.F_SETPIPE_SZ, 1<<20) })
	}
}
