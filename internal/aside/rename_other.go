//go:build !linux

package aside

// rename moves a file, and replaces none.
func rename(from, to string) error { return renameFree(from, to) }
