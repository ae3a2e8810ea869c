// Package disk is the file system as akin writes to it. A file is opened without following a
// link and only where it is a regular file, so that a folder that somebody else made leads
// nowhere else; a new folder is on disk before anything in it is relied upon. Tests put
// another FS in the place of OS, which fails, dies or forgets at any operation (disktest).
package disk

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"unicode/utf8"
)

// ErrLink says that a link, or something else that is not a regular file, lies where akin would read or write.
var ErrLink = errors.New("it is a link or not a regular file")

// FS is what is asked of a file system.
type FS interface {
	Open(path string, flag int, perm fs.FileMode) (File, error) // as os.OpenFile; ErrLink for all but regular files
	Rename(from, to string) error                               // replaces what is called to
	RenameNew(from, to string) error                            // fs.ErrExist where there is a file called to
	Remove(path string) error
	Mkdir(path string, perm fs.FileMode) error
	SyncDir(path string) error // makes the names in a folder durable
}

// File is an open file.
type File interface {
	io.Reader
	io.Writer
	io.ReaderAt
	io.WriterAt
	io.Closer
	Stat() (fs.FileInfo, error)
	Sync() error
	Truncate(size int64) error
}

// OS is the file system of this machine.
var OS FS = system{}

type system struct{}

func (system) Open(path string, flag int, perm fs.FileMode) (File, error) {
	f, err := OpenFile(path, flag, perm)
	if err != nil {
		return nil, err
	}
	return f, nil
}

func (system) Rename(from, to string) error              { return os.Rename(from, to) }
func (system) RenameNew(from, to string) error           { return renameNew(from, to) }
func (system) Remove(path string) error                  { return os.Remove(path) }
func (system) Mkdir(path string, perm fs.FileMode) error { return os.Mkdir(path, perm) }

func (system) SyncDir(path string) error {
	if runtime.GOOS == "windows" { // folders cannot be synced there; NTFS logs the names of files itself
		return nil
	}
	d, err := os.Open(path)
	if err != nil {
		return err
	}
	err = d.Sync()
	if errors.Is(err, syscall.EINVAL) || errors.Is(err, errors.ErrUnsupported) { // a network's or a user's file system without such a call
		err = nil
	}
	return errors.Join(err, d.Close())
}

// OpenFile is os.OpenFile for a path whose last element is a regular file, or is made one:
// ErrLink for anything else. It does not wait for a pipe's other end.
func OpenFile(path string, flag int, perm fs.FileMode) (*os.File, error) {
	refused := &fs.PathError{Op: "open", Path: path, Err: ErrLink}
	// Truncation waits until the file is known to be one.
	f, err := os.OpenFile(path, flag&^os.O_TRUNC|noFollow, perm)
	if err != nil {
		if info, statErr := os.Lstat(path); statErr == nil && !info.Mode().IsRegular() {
			return nil, refused
		}
		return nil, err
	}
	info, err := f.Stat()
	if err == nil && (!info.Mode().IsRegular() || isLink(path)) {
		err = refused
	}
	if err == nil && flag&os.O_TRUNC != 0 {
		err = f.Truncate(0)
	}
	if err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return f, nil
}

// Open is os.Open for a regular file that no link leads to.
func Open(path string) (*os.File, error) { return OpenFile(path, os.O_RDONLY, 0) }

// Write writes a file in place, as os.WriteFile does. Replace is for files that others read.
func Write(path string, data []byte, perm fs.FileMode) error {
	f, err := OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, perm)
	if err != nil {
		return err
	}
	_, err = f.Write(data)
	return errors.Join(err, f.Close())
}

// Lock are the flags that a lock file is opened with, which follow no link.
const Lock = os.O_CREATE | os.O_RDONLY | noFollow

// MkdirAll makes a folder and those above it that are absent. When it returns nil, the names
// of all that it made are on disk.
func MkdirAll(on FS, dir string, perm fs.FileMode) error {
	info, err := os.Stat(dir)
	switch {
	case err == nil && info.IsDir():
		return nil
	case err == nil:
		return fmt.Errorf("make folder %s: a file has its name", dir)
	case !errors.Is(err, fs.ErrNotExist):
		return err
	}
	above := filepath.Dir(dir)
	if above == dir {
		return err
	}
	if err := MkdirAll(on, above, perm); err != nil {
		return err
	}
	return mkdir(on, dir, perm)
}

// Folder makes the folder of these names below base, as MkdirAll does. What is there already
// must be folders, and no links: ErrLink.
func Folder(on FS, base string, perm fs.FileMode, names ...string) (string, error) {
	if err := MkdirAll(on, base, perm); err != nil {
		return "", err
	}
	dir := base
	for _, name := range names {
		dir = filepath.Join(dir, name)
		info, err := os.Lstat(dir)
		switch {
		case err == nil && info.IsDir():
		case err == nil:
			return "", &fs.PathError{Op: "open folder", Path: dir, Err: ErrLink}
		case errors.Is(err, fs.ErrNotExist):
			if err := mkdir(on, dir, perm); err != nil {
				return "", err
			}
		default:
			return "", err
		}
	}
	return dir, nil
}

// longestName is how many bytes a name may have; some systems count letters.
const longestName = 255

// Numbered is the nth name for files that would have one name: "cat.jpg", "cat (2).jpg", "cat (3).jpg". What does not fit
// into a name is cut off before the number.
func Numbered(name string, n int) string {
	if n == 1 {
		return name
	}
	ext := filepath.Ext(name)
	stem := strings.TrimSuffix(name, ext)
	end := fmt.Sprintf(" (%d)%s", n, ext)
	for len(stem)+len(end) > longestName && stem != "" {
		_, last := utf8.DecodeLastRuneInString(stem)
		stem = stem[:len(stem)-last]
	}
	return stem + end
}

func mkdir(on FS, dir string, perm fs.FileMode) error {
	err := on.Mkdir(dir, perm)
	if err != nil && !errors.Is(err, fs.ErrExist) {
		return err
	}
	made := err == nil
	if err = on.SyncDir(filepath.Dir(dir)); err != nil && made {
		err = errors.Join(err, on.Remove(dir)) // whoever finds it takes it for durable
	}
	return err
}

// renameFree renames a file where none has the new name.
func renameFree(from, to string) error {
	if _, err := os.Lstat(to); err == nil {
		return fs.ErrExist
	} else if !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return os.Rename(from, to)
}

// Read is os.ReadFile for a regular file that no link leads to.
func Read(path string) ([]byte, error) {
	f, err := Open(path)
	if err != nil {
		return nil, err
	}
	data, err := io.ReadAll(f)
	return data, errors.Join(err, f.Close())
}
