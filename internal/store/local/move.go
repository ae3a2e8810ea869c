package local

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/akin-search/akin/internal/disk"
	"github.com/akin-search/akin/internal/record"
)

// Move gives a collection's folder another path on the same disk: after a crash it has the old one or the new one. No one
// may have it open in this process, because SQLite removes its log by the path that it was opened by. Errors:
// ErrNotFound, ErrLocked, fs.ErrExist.
func Move(on disk.FS, from, to string) (err error) {
	if info, err := os.Lstat(filepath.Join(from, "akin.db")); errors.Is(err, os.ErrNotExist) {
		return fmt.Errorf("%w: %s", record.ErrNotFound, from)
	} else if err != nil {
		return fmt.Errorf("move collection %s: %w", from, err)
	} else if !info.Mode().IsRegular() {
		return fmt.Errorf("move collection %s: akin.db: %w", from, disk.ErrLink)
	}
	if _, err := os.Lstat(to); err == nil {
		return fmt.Errorf("move collection %s to %s: %w", from, to, os.ErrExist)
	}
	lock, err := takeLock(from)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, lock.Unlock()) }()
	if err := disk.MkdirAll(on, filepath.Dir(to), 0o777); err != nil {
		return fmt.Errorf("move collection %s: %w", from, err)
	}
	if err := on.Rename(from, to); err != nil {
		return fmt.Errorf("move collection %s: %w", from, err)
	}
	return errors.Join(on.SyncDir(filepath.Dir(to)), on.SyncDir(filepath.Dir(from)))
}
