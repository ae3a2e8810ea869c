package home

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"syscall"

	"github.com/akin-search/akin/internal/record"
)

// CollectionPath returns where the collection that a user names lies. The address of a cluster, and anything that
// looks like a path or is the folder of a collection, is returned as it is; any other name is a folder in the user's
// data, and "" is "default".
func (d Dir) CollectionPath(name string) (string, error) {
	if name == "" {
		name = "default"
	}
	if record.IsAddress(name) {
		return name, nil
	}
	if filepath.IsAbs(name) || filepath.Base(name) != name || name == "." || name == ".." {
		return filepath.Abs(name)
	}
	if info, err := os.Stat(filepath.Join(name, "akin.db")); err == nil && info.Mode().IsRegular() {
		return filepath.Abs(name)
	}
	return d.CollectionFolder(name)
}

// CollectionFolder returns the folder of a collection in the user's data.
func (d Dir) CollectionFolder(name string) (string, error) {
	folder, err := d.collections()
	return filepath.Join(folder, name), err
}

func (d Dir) collections() (string, error) {
	data, err := d.Data()
	return filepath.Join(data, "collections"), err
}

// properName matches the names of collections in the user's data: no paths.
var properName = regexp.MustCompile(`^[A-Za-z0-9_-][A-Za-z0-9._-]{0,99}$`)

// ProperName reports whether a collection in the user's data may have that name.
func ProperName(name string) bool { return properName.MatchString(name) }

// RemovedFolder returns where a removed collection of that name lies.
func (d Dir) RemovedFolder(name string) (string, error) {
	data, err := d.Data()
	return filepath.Join(data, "removed", name), err
}

// AddedFolder returns where the pictures lie that were sent to a collection of that name. It is no part of the
// collection's own folder, because a picture keeps its path where the collection is renamed.
func (d Dir) AddedFolder(name string) (string, error) {
	data, err := d.Data()
	return filepath.Join(data, "pictures", name), err
}

// Removed returns the names of the removed collections.
func (d Dir) Removed() ([]string, error) {
	data, err := d.Data()
	if err != nil {
		return nil, err
	}
	return collectionsIn(filepath.Join(data, "removed"))
}

// Collections returns the names of the collections in the user's data, "default" first, including those that cannot be
// opened. It fails when the folder itself cannot be read.
func (d Dir) Collections() ([]string, error) {
	folder, err := d.collections()
	if err != nil {
		return nil, err
	}
	names, err := collectionsIn(folder)
	if at := slices.Index(names, "default"); at > 0 {
		names = slices.Insert(slices.Delete(names, at, at+1), 0, "default")
	}
	return names, err
}

// collectionsIn returns the names of the collections in a folder, in order.
func collectionsIn(folder string) ([]string, error) {
	entries, err := os.ReadDir(folder) // in order
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("list the collections: %w", err)
	}
	names := []string{}
	for _, e := range entries {
		_, err := os.Stat(filepath.Join(folder, e.Name(), "akin.db"))
		if err == nil || !errors.Is(err, fs.ErrNotExist) && !errors.Is(err, syscall.ENOTDIR) {
			names = append(names, e.Name())
		}
	}
	return names, nil
}
