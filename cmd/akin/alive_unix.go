//go:build unix

package main

import "syscall"

// isAlive reports whether a process of this user's runs.
func isAlive(process int) bool { return process > 0 && syscall.Kill(process, 0) == nil }
