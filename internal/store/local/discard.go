package local

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
)

// Discard removes the collection in dir if nothing is stored in it, and dir if nothing else is. It is for whoever made a
// collection and then failed to fill it. No one may have it open in this process. Errors: ErrNotFound, ErrLocked.
func Discard(ctx context.Context, dir string) (discarded bool, err error) {
	c, err := Open(dir, Options{ReadOnly: true})
	if err != nil {
		return false, err
	}
	lock, err := takeLock(dir)
	if err != nil {
		return false, errors.Join(err, c.Close())
	}
	empty, err := c.isEmpty(ctx)
	err = errors.Join(err, c.Close())
	if err == nil && empty {
		err = errors.Join(removeDatabase(filepath.Join(dir, "akin.db")), absent(os.Remove(filepath.Join(dir, "lock"))))
	}
	if err = errors.Join(err, lock.Unlock()); err != nil {
		return false, fmt.Errorf("discard collection %s: %w", dir, err)
	}
	if empty {
		_ = os.Remove(filepath.Join(dir, "spaces")) // what is not empty stays
		_ = os.Remove(dir)
	}
	return empty, nil
}

// isEmpty reports whether there are no pictures, no embeddings, and no files that could not be read.
func (c *Collection) isEmpty(ctx context.Context) (bool, error) {
	info, err := c.Info(ctx)
	if err != nil {
		return false, err
	}
	spaces, err := c.Spaces(ctx)
	rows := 0
	for _, s := range spaces {
		rows += s.Rows
	}
	return info.Pictures+len(info.Failures)+rows == 0, err
}
