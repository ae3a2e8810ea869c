//go:build !linux

package disk

// renameNew moves a file, and replaces none.
func renameNew(from, to string) error { return renameFree(from, to) }
