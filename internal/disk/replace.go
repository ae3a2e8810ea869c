package disk

import (
	"crypto/rand"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// Replace writes a file whole or not at all. When it returns nil, the file is on disk; after an error, or a power cut
// meanwhile, it is the one before or, with some errors of the disk, the new one. Readers see one of both. Several
// callers may replace one file at a time.
func Replace(path string, data []byte, perm fs.FileMode) error {
	return ReplaceWith(OS, path, perm, func(w io.Writer) error {
		_, err := w.Write(data)
		return err
	})
}

// ReplaceWith is Replace for a file that write writes.
func ReplaceWith(on FS, path string, perm fs.FileMode, write func(io.Writer) error) error {
	return beside(on, path, perm, write, on.Rename)
}

// Create writes a new file whole or not at all: fs.ErrExist where there is one of that name.
func Create(on FS, path string, data []byte, perm fs.FileMode) error {
	return beside(on, path, perm, func(w io.Writer) error {
		_, err := w.Write(data)
		return err
	}, on.RenameNew)
}

// beside writes a file beside its place, and then renames it.
func beside(on FS, path string, perm fs.FileMode, write func(io.Writer) error, rename func(from, to string) error) error {
	made, f, err := createBeside(on, path, perm)
	if err != nil {
		return err
	}
	err = errors.Join(write(f), f.Sync(), f.Close())
	if err == nil {
		err = rename(made, path)
	}
	if err != nil {
		return errors.Join(err, on.Remove(made))
	}
	return on.SyncDir(filepath.Dir(path))
}

// replacing is what the name of a file begins with, in the folder of path, that is to replace it.
func replacing(path string) string {
	base := filepath.Base(path)
	return "." + base[:min(len(base), 100)] + ".new-"
}

func createBeside(on FS, path string, perm fs.FileMode) (string, File, error) {
	for {
		made := filepath.Join(filepath.Dir(path), replacing(path)+rand.Text())
		f, err := on.Open(made, os.O_WRONLY|os.O_CREATE|os.O_EXCL, perm)
		if !errors.Is(err, fs.ErrExist) {
			return made, f, err
		}
	}
}

// RemoveUnfinished removes what calls of Replace for path left that were killed. Nobody else may be replacing it.
func RemoveUnfinished(on FS, path string) error {
	dir := filepath.Dir(path)
	entries, err := os.ReadDir(dir)
	for _, e := range entries {
		if strings.HasPrefix(e.Name(), replacing(path)) {
			err = errors.Join(err, on.Remove(filepath.Join(dir, e.Name())))
		}
	}
	return err
}
