package disk

import (
	"errors"

	"golang.org/x/sys/unix"
)

// renameNew moves a file, and replaces none.
func renameNew(from, to string) error {
	err := unix.Renameat2(unix.AT_FDCWD, from, unix.AT_FDCWD, to, unix.RENAME_NOREPLACE)
	if errors.Is(err, unix.EINVAL) || errors.Is(err, unix.ENOSYS) { // a file system that does not know it
		return renameFree(from, to)
	}
	return err
}
