package thumb

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

// thumbsBytes is how much the thumbs folder may hold: some hundred thousand of them.
const thumbsBytes = 1 << 30

// thumbs counts what the thumbs folder holds. Another process counts for itself: between
// them the folder may grow to some times its bound, and no further.
type Thumbs struct {
	mu      sync.Mutex
	counted bool
	bytes   int64
}

// put writes a thumbnail below the folder base, and makes room when there are too many.
func (t *Thumbs) Put(base string, name []string, data []byte) error {
	if err := keep(base, data, name...); err != nil {
		return err
	}
	return t.grow(filepath.Join(base, "thumbs"), int64(len(data)), thumbsBytes)
}

func (t *Thumbs) grow(dir string, by, most int64) (err error) {
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

// keep writes a file of these folders below base that others may be reading or writing as well.
// A link among them is not followed: the collection may be somebody else's. Only its user may
// read it: a thumbnail shows what lies in a private folder.
func keep(base string, data []byte, name ...string) error {
	last := len(name) - 1
	dir, err := disk.Folder(disk.OS, base, 0o700, name[:last]...)
	if err != nil {
		return err
	}
	return disk.Replace(filepath.Join(dir, name[last]), data, 0o600)
}
