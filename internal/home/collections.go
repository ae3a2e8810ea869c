package home

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"syscall"

	"github.com/akin-search/akin/internal/record"
)

// DefaultPath is where the command line keeps the collection of that name: the
// folder itself when name looks like a path, the address of a cluster as it is, else in
// the user's data folder.
func CollectionPath(name string) (string, error) {
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
	return CollectionFolder(name)
}

// CollectionPath is the folder of a collection in the user's data folder.
func CollectionFolder(name string) (string, error) {
	folder, err := collectionsDir()
	return filepath.Join(folder, name), err
}

func collectionsDir() (string, error) {
	data, err := Data()
	return filepath.Join(data, "collections"), err
}

// Collections lists the names of the collections in the user's data folder, "default"
// first, also of those that cannot be read. It is an error when the folder itself cannot be.
func Collections() ([]string, error) {
	folder, err := collectionsDir()
	if err != nil {
		return nil, err
	}
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
	if at := slices.Index(names, "default"); at > 0 {
		names = slices.Insert(slices.Delete(names, at, at+1), 0, "default")
	}
	return names, nil
}
