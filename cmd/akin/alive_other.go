//go:build !unix

package main

import "os"

// isAlive reports whether a process runs.
func isAlive(process int) bool {
	p, err := os.FindProcess(process)
	return err == nil && p.Release() == nil
}
