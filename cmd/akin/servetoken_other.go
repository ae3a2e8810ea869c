//go:build !unix

package main

import "io/fs"

// isPrivate leaves it to the folder, which is the user's own.
func isPrivate(fs.FileInfo) bool { return true }
