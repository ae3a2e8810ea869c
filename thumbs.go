package akin

import (
	"cmp"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"sync"
)

// thumbsBytes is how much the thumbs folder may hold: some hundred thousand of them.
const thumbsBytes = 1 << 30

// thumbs counts what the thumbs folder holds. Another process counts for itself: between
// them the folder may grow to some times its bound, and no further.
type thumbs struct {
	mu      sync.Mutex
	counted bool
	bytes   int64
}

func (c *Collection) thumbsDir() string { return filepath.Join(c.files, "thumbs") }

// keepThumb writes a thumbnail, and makes room when there are too many.
func (c *Collection) keepThumb(path string, data []byte) error {
	if err := keep(path, data); err != nil {
		return err
	}
	return c.thumbs.grow(c.thumbsDir(), int64(len(data)), thumbsBytes)
}

func (t *thumbs) grow(dir string, by, most int64) (err error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.bytes += by
	if t.counted && t.bytes <= most {
		return nil
	}
	t.bytes, err = sweep(dir, most)
	t.counted = err == nil
	return err
}

// sweep removes the oldest files of a folder that holds too much, until three quarters of
// what it may hold are left. It gives the bytes that are there then.
func sweep(dir string, most int64) (left int64, err error) {
	var files []fs.FileInfo
	paths := map[fs.FileInfo]string{}
	err = filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return ignoreAbsent(err)
		}
		info, err := d.Info()
		if err != nil {
			return ignoreAbsent(err)
		}
		left += info.Size()
		files = append(files, info)
		paths[info] = path
		return nil
	})
	if err != nil || left <= most {
		return left, err
	}
	slices.SortFunc(files, func(a, b fs.FileInfo) int {
		return cmp.Or(a.ModTime().Compare(b.ModTime()), cmp.Compare(paths[a], paths[b]))
	})
	for _, f := range files {
		if left <= most/4*3 {
			break
		}
		if err := ignoreAbsent(os.Remove(paths[f])); err != nil {
			return left, err
		}
		left -= f.Size()
	}
	return left, nil
}

// ignoreAbsent is for files that someone else removed meanwhile.
func ignoreAbsent(err error) error {
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}

// keep writes a file that others may be reading or writing as well.
func keep(path string, data []byte) error {
	dir := filepath.Dir(path)
	if err := os.MkdirAll(dir, 0o777); err != nil {
		return err
	}
	f, err := os.CreateTemp(dir, "partial-")
	if err != nil {
		return err
	}
	_, err = f.Write(data)
	if err = errors.Join(err, f.Chmod(0o644), f.Close()); err == nil {
		err = os.Rename(f.Name(), path)
	}
	if err != nil {
		_ = os.Remove(f.Name())
	}
	return err
}
