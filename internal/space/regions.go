package space

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/akin-search/akin/internal/record"
	"github.com/akin-search/akin/internal/store"
	"github.com/akin-search/akin/internal/store/local"
)

// OpenRegions opens the collection of the regions of the pictures, which package regions makes; nil where there is none. The caller closes it.
func (c *Collection) OpenRegions(readOnly bool) (*local.Collection, error) {
	dir := filepath.Join(c.DerivedDir, store.RegionsFolder)
	info, err := os.Lstat(dir)
	switch {
	case errors.Is(err, fs.ErrNotExist) && readOnly:
		return nil, nil
	case err == nil && !info.IsDir(): // a collection may come from somebody else
		return nil, fmt.Errorf("%w: %s is no folder", record.ErrDamaged, dir)
	}
	return local.Open(dir, local.Options{ReadOnly: readOnly})
}

// inRegions calls f with the collection of regions, if there is one.
func (c *Collection) inRegions(readOnly bool, f func(*local.Collection) error) error {
	found, err := c.OpenRegions(true)
	if err == nil && found != nil && !readOnly {
		if err = found.Close(); err == nil {
			found, err = c.OpenRegions(false)
		}
	}
	if err != nil || found == nil {
		return err
	}
	return errors.Join(f(found), found.Close())
}

// regionModels returns the models that have embedded regions.
func (c *Collection) regionModels(ctx context.Context) (names []string, err error) {
	err = c.inRegions(true, func(r *local.Collection) error {
		spaces, err := r.Spaces(ctx)
		for _, s := range record.Active(spaces) {
			if s.Covered > 0 {
				names = append(names, s.Model)
			}
		}
		return err
	})
	return names, err
}

// dropRegions removes the regions of a space.
func (c *Collection) dropRegions(ctx context.Context, of record.Space) error {
	return c.inRegions(false, func(r *local.Collection) error {
		spaces, err := r.Spaces(ctx)
		if err != nil {
			return err
		}
		for _, s := range spaces {
			if s.Model != of.Model || s.Fingerprint != of.Fingerprint {
				continue
			}
			w, err := r.Writer()
			if err != nil {
				return err
			}
			return errors.Join(w.Drop(ctx, s), w.Close())
		}
		return nil
	})
}
