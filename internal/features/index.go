package features

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"sync"

	"github.com/akin-search/akin/internal/disk"
	"github.com/akin-search/akin/internal/record"
)

// FileName is the name of an index in its folder.
const FileName = "features"

// Index is an index that is read: a mapped file. Its methods may be called at the same time. The zero value has no folder, and is empty.
type Index struct {
	dir string

	mu     sync.RWMutex // held for reading while the mapped file is read
	info   os.FileInfo  // of what is mapped; nil: nothing is
	data   []byte
	unmap  func() error
	all    []entry
	byHash map[record.Hash]int
}

// Open returns the index of a folder. There need not be one yet.
func Open(dir string) *Index { return &Index{dir: dir} }

// Close ends reading. What is asked afterwards opens the file again.
func (x *Index) Close() error {
	x.mu.Lock()
	defer x.mu.Unlock()
	return x.close()
}

func (x *Index) close() error {
	if x.info == nil {
		return nil
	}
	err := x.unmap()
	x.info, x.data, x.unmap, x.all, x.byHash = nil, nil, nil, nil, nil
	return err
}

// current maps the file as it is now, and returns with it held for reading.
func (x *Index) current() (done func(), err error) {
	info, err := os.Stat(filepath.Join(x.dir, FileName))
	if x.dir == "" || errors.Is(err, fs.ErrNotExist) {
		info, err = nil, nil
	}
	if err != nil {
		return nil, err
	}
	x.mu.RLock()
	if sameFile(x.info, info) {
		return x.mu.RUnlock, nil
	}
	x.mu.RUnlock()
	x.mu.Lock()
	if !sameFile(x.info, info) {
		err = errors.Join(x.close(), x.open())
	}
	x.mu.Unlock()
	if err != nil {
		return nil, err
	}
	x.mu.RLock() // what another caller may have mapped since is as new, or newer
	return x.mu.RUnlock, nil
}

func sameFile(a, b os.FileInfo) bool {
	if a == nil || b == nil {
		return a == nil && b == nil
	}
	return os.SameFile(a, b) && a.Size() == b.Size() && a.ModTime().Equal(b.ModTime())
}

func (x *Index) open() (err error) {
	defer disk.Catch(&err)()
	f, err := disk.Open(filepath.Join(x.dir, FileName))
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return err
	}
	data, unmap := []byte(nil), func() error { return nil }
	if info.Size() > 0 {
		if data, unmap, err = disk.Map(f, info.Size()); err != nil {
			return err
		}
	}
	all, _ := entries(data)
	byHash := make(map[record.Hash]int, len(all))
	for i, e := range all {
		byHash[e.hash] = i
	}
	x.info, x.data, x.unmap, x.all, x.byHash = info, data, unmap, all, byHash
	return nil
}

// Len is the number of pictures that the index has, some of which may be of no picture any more.
func (x *Index) Len() (n int, err error) {
	done, err := x.current()
	if err != nil {
		return 0, err
	}
	defer done()
	return len(x.all), nil
}

// Missing returns which contents the index does not have.
func (x *Index) Missing(contents []record.Hash) (out []int, err error) {
	done, err := x.current()
	if err != nil {
		return nil, err
	}
	defer done()
	for i, h := range contents {
		if _, ok := x.byHash[h]; !ok {
			out = append(out, i)
		}
	}
	return out, nil
}

// Mend leaves out what is damaged of the index of a folder, and reports whether there was something.
func Mend(dir string) (mended bool, err error) {
	x := Open(dir)
	problems, err := x.Verify()
	if err = errors.Join(err, x.Close()); err != nil || len(problems) == 0 {
		return false, err
	}
	w, err := OpenWriter(dir, func(record.Hash) bool { return true })
	if err != nil {
		return false, err
	}
	return true, w.Close()
}

// Verify returns what is wrong with the file, a line each.
func (x *Index) Verify() (problems []string, err error) {
	defer disk.Catch(&err)()
	done, err := x.current()
	if err != nil {
		return nil, err
	}
	defer done()
	_, whole := entries(x.data)
	damaged := 0
	for _, e := range x.all {
		if !e.sound(x.data) {
			damaged++
		}
	}
	if damaged > 0 || !whole && len(x.data) >= headBytes {
		problems = append(problems, "features: damaged; the next akin index makes it again")
	}
	return problems, nil
}
