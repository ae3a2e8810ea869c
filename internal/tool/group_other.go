//go:build !unix

package tool

import "os/exec"

// together would stop the processes that a program starts with it. FFmpeg and Poppler start none.
func together(*exec.Cmd) (end func()) { return func() {} }
