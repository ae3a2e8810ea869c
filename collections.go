package akin

import (
	"context"
	"errors"
	"fmt"
	"io/fs"

	"github.com/akin-search/akin/api"
	"github.com/akin-search/akin/internal/disk"
	"github.com/akin-search/akin/internal/home"
	"github.com/akin-search/akin/internal/store/local"
)

// ErrCollectionExists says that another collection has the name.
var ErrCollectionExists = errors.New("a collection of that name exists")

// Describe describes the collection, under the name that it has in the user's data folder or on a server.
func (c *Collection) Describe(ctx context.Context, name string) (out api.CollectionInfo, err error) {
	out.Name = name
	if out.Info, err = c.Info(ctx); err != nil {
		return out, err
	}
	if out.Answers, err = c.Answers(ctx); err != nil {
		return out, err
	}
	out.Folders, err = c.Folders(ctx)
	return out, err
}

// DescribeCollections describes the collections of the user's data folder, "default" first. One that cannot be read has
// only its Name and the Error.
func DescribeCollections(ctx context.Context, o Options) ([]api.CollectionInfo, error) {
	names, err := o.Home.Collections()
	if err != nil {
		return nil, err
	}
	o.ReadOnly = true
	all := []api.CollectionInfo{}
	for _, name := range names {
		info, err := describe(ctx, name, o)
		switch {
		case ctx.Err() != nil:
			return nil, ctx.Err()
		case errors.Is(err, ErrNoCollection):
			continue // removed meanwhile
		case err != nil:
			info = api.UnreadableCollection(name, err)
		}
		all = append(all, info)
	}
	return all, nil
}

func describe(ctx context.Context, name string, o Options) (api.CollectionInfo, error) {
	folder, err := o.Home.CollectionFolder(name)
	if err != nil {
		return api.CollectionInfo{}, err
	}
	c, err := Open(ctx, folder, o)
	if err != nil {
		return api.CollectionInfo{}, err
	}
	info, err := c.Describe(ctx, name)
	return info, errors.Join(err, c.Close())
}

// RenameCollection gives a collection of the user's data folder another name. It must not be open in this process.
// Errors: ErrNoCollection, ErrCollectionExists, ErrLocked.
func RenameCollection(from, to string, o Options) error {
	old, err := o.Home.CollectionFolder(from)
	if err != nil {
		return err
	}
	place, err := o.Home.CollectionFolder(to)
	if err != nil {
		return err
	}
	return moveCollection(from, old, to, place)
}

// RemoveCollection moves a collection of the user's data folder aside, from where RestoreCollection brings it back. It
// returns the name that it has there, and its folder, which may be deleted. The collection must not be open in this
// process. Errors: ErrNoCollection, ErrLocked.
func RemoveCollection(name string, o Options) (removed, folder string, err error) {
	from, err := o.Home.CollectionFolder(name)
	if err != nil {
		return "", "", err
	}
	for n := 1; ; n++ {
		if removed = name; n > 1 {
			removed = fmt.Sprintf("%s-%d", name, n)
		}
		if folder, err = o.Home.RemovedFolder(removed); err != nil {
			return "", "", err
		}
		if err = moveCollection(name, from, removed, folder); !errors.Is(err, ErrCollectionExists) {
			return removed, folder, err
		}
	}
}

// RestoreCollection brings a removed collection back under a name. Errors: ErrNoCollection, ErrCollectionExists.
func RestoreCollection(removed, name string, o Options) error {
	from, err := o.Home.RemovedFolder(removed)
	if err != nil {
		return err
	}
	to, err := o.Home.CollectionFolder(name)
	if err != nil {
		return err
	}
	return moveCollection(removed, from, name, to)
}

// DiscardCollection removes the collection in a folder if nothing is stored in it, for programs that made one and failed
// to fill it. It must not be open in this process. Errors: ErrNoCollection, ErrLocked.
func DiscardCollection(ctx context.Context, folder string) (discarded bool, err error) {
	return local.Discard(ctx, folder)
}

func moveCollection(name, from, newName, to string) error {
	if !home.ProperName(name) {
		return fmt.Errorf("%w: %q", ErrNoCollection, name)
	}
	if !home.ProperName(newName) {
		return fmt.Errorf("%w: %q is no name of a collection: letters, digits, dots, dashes and underscores are allowed", ErrInvalid, newName)
	}
	err := local.Move(disk.OS, from, to)
	if errors.Is(err, fs.ErrExist) {
		return fmt.Errorf("%w: %s", ErrCollectionExists, newName)
	}
	return err
}
