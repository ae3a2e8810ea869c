//go:build unix

package main

import (
	"io/fs"
	"os"
	"syscall"
)

// isPrivate reports whether a file is this user's, and nobody else may read or write it.
func isPrivate(info fs.FileInfo) bool {
	s, ok := info.Sys().(*syscall.Stat_t)
	return ok && int(s.Uid) == os.Geteuid() && info.Mode().Perm()&0o077 == 0
}
