package thumbnail

import (
	"cmp"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"sync"

	"github.com/akin-search/akin/internal/disk"
)

// maxBytes bounds the thumbs folder: some hundred thousand thumbnails.
const maxBytes = 1 << 30

// Cache writes thumbnails to a folder, and bounds its size. Each process counts for itself, so that
// several of them may exceed the bound by a small factor.
type Cache struct {
	mu      sync.Mutex
	counted bool
	bytes   int64
}

// Put writes a thumbnail below the folder base, and removes old ones when there are too many.
func (t *Cache) Put(base string, name []string, data []byte) error {
	if err := write(base, data, name...); err != nil {
		return err
	}
	return t.grow(filepath.Join(base, "thumbs"), int64(len(data)), maxBytes)
}

func (t *Cache) grow(dir string, by, most int64) (err error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.bytes += by
	if t.counted && t.bytes <= most {
		return nil
	}
	t.bytes, err = evict(dir, most)
	t.counted = err == nil
	return err
}

// evict removes the oldest files of a folder with more than most bytes, until three quarters of
// that are left. It returns the bytes that are left.
func evict(dir string, most int64) (left int64, err error) {
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

// ignoreAbsent ignores that another process removed a file meanwhile.
func ignoreAbsent(err error) error {
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}

// write writes a file of these folders below base, which other processes may read or write at the same
// time. It follows no link, because the collection may be someone else's. Only its user may read the
// file: a thumbnail shows what is in a private folder.
func write(base string, data []byte, name ...string) error {
	last := len(name) - 1
	dir, err := disk.Folder(disk.OS, base, 0o700, name[:last]...)
	if err != nil {
		return err
	}
	return disk.Replace(filepath.Join(dir, name[last]), data, 0o600)
}
