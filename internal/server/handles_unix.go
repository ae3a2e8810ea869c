//go:build unix

package server

import "syscall"

// handleLimit returns how many files this process may have open.
func handleLimit() (uint64, bool) {
	var limit syscall.Rlimit
	err := syscall.Getrlimit(syscall.RLIMIT_NOFILE, &limit)
	return uint64(limit.Cur), err == nil
}
