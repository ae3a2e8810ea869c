package aside

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
)

// renameFree renames a file where none has the new name.
func renameFree(from, to string) error {
	if _, err := os.Lstat(to); err == nil {
		return fs.ErrExist
	} else if !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return os.Rename(from, to)
}

// syncDirs makes what was done in the folders of these files stay.
func syncDirs(paths ...string) error {
	if runtime.GOOS == "windows" { // folders cannot be synced there
		return nil
	}
	for _, path := range paths {
		d, err := os.Open(filepath.Dir(path))
		if err != nil {
			return err
		}
		if err := errors.Join(d.Sync(), d.Close()); err != nil {
			return err
		}
	}
	return nil
}
