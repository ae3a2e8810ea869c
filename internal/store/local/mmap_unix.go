//go:build unix

package local

// inUse reports whether a file could not be replaced because it is mapped: never here.
func inUse(error) bool { return false }
