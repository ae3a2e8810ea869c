package aside

import (
	"path/filepath"

	"github.com/akin-search/akin/internal/disk"
)

func rename(from, to string) error { return disk.OS.RenameNew(from, to) }

// syncDirs makes what was done in the folders of these files stay.
func syncDirs(paths ...string) error {
	for _, path := range paths {
		if err := disk.OS.SyncDir(filepath.Dir(path)); err != nil {
			return err
		}
	}
	return nil
}
