package features

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/akin-search/akin/internal/disk"
	"github.com/akin-search/akin/internal/record"
	"github.com/gofrs/flock"
)

const (
	flushBytes = 1 << 20
	fewDead    = 64 // records of contents that are gone, which are left where they are
)

// Writer adds to an index. One process does at a time.
type Writer struct {
	file    *os.File
	lock    *flock.Flock
	end     int64 // of the file
	has     map[record.Hash]bool
	pending []byte
}

// OpenWriter opens the index of a folder for adding, and makes one where there is none. Damaged records are left out, and so are those of
// contents that are not to be kept, where they are many. Errors: record.ErrLocked.
func OpenWriter(dir string, keep func(record.Hash) bool) (w *Writer, err error) {
	path := filepath.Join(dir, FileName)
	defer func() {
		if err != nil {
			err = fmt.Errorf("write %s: %w", path, err)
		}
	}()
	for {
		w := &Writer{lock: flock.New(path, flock.SetFlag(disk.Lock)), has: map[record.Hash]bool{}}
		if w.file, err = disk.OpenFile(path, os.O_RDWR|os.O_CREATE|os.O_APPEND, 0o666); err != nil {
			return nil, err
		}
		held, err := w.lock.TryLock()
		if err == nil && !held {
			err = record.ErrLocked
		}
		again := false
		if err == nil {
			again, err = w.begin(path, keep)
		}
		if err == nil && !again {
			return w, nil
		}
		if err = errors.Join(err, w.release()); err != nil {
			return nil, err
		}
	}
}

func (w *Writer) release() error { return errors.Join(w.file.Close(), w.lock.Unlock()) }

// begin reads what there is. again says that the file was replaced, and is to be opened once more.
func (w *Writer) begin(path string, keep func(record.Hash) bool) (again bool, err error) {
	defer disk.Catch(&err)()
	info, err := w.file.Stat()
	if err != nil {
		return false, err
	}
	if now, err := os.Stat(path); err != nil || !os.SameFile(info, now) {
		return true, nil // by another process, before the lock was taken
	}
	var data []byte
	if info.Size() > 0 {
		var unmap func() error
		if data, unmap, err = disk.Map(w.file, info.Size()); err != nil {
			return false, err
		}
		defer func() { err = errors.Join(err, unmap()) }()
	}
	all, _ := entries(data)
	if len(all) == 0 { // it is new, or of another format
		w.end = headBytes
		if err := w.file.Truncate(0); err != nil {
			return false, err
		}
		_, err = w.file.Write(fileHead())
		return false, err
	}
	var kept []entry
	dead, whole := 0, true
	w.end = headBytes
	for _, e := range all {
		whole = whole && int64(e.at) == w.end+headBytes
		w.end = int64(e.end())
		switch {
		case w.has[e.hash] || !e.sound(data):
			whole = false
		case !keep(e.hash):
			dead++
		default:
			w.has[e.hash] = true
			kept = append(kept, e)
		}
	}
	if whole && dead <= max(fewDead, len(kept)) {
		return false, w.file.Truncate(w.end) // what a process that was killed had begun
	}
	return true, disk.ReplaceWith(disk.OS, path, 0o666, func(to io.Writer) error {
		_, err := to.Write(fileHead())
		for _, e := range kept {
			if err == nil {
				_, err = to.Write(data[e.at-headBytes : e.end()])
			}
		}
		return err
	})
}

// Has reports whether the index has a content.
func (w *Writer) Has(h record.Hash) bool { return w.has[h] }

// Put adds a content's features.
func (w *Writer) Put(h record.Hash, f *Features) error {
	w.has[h] = true
	w.pending = appendRecord(w.pending, h, f)
	if len(w.pending) < flushBytes {
		return nil
	}
	return w.flush()
}

// flush writes what is pending, wholly or not at all.
func (w *Writer) flush() error {
	if len(w.pending) == 0 {
		return nil
	}
	_, err := w.file.Write(w.pending)
	if err != nil {
		return errors.Join(err, w.file.Truncate(w.end))
	}
	w.end += int64(len(w.pending))
	w.pending = w.pending[:0]
	return nil
}

// Close writes what is pending to the disk.
func (w *Writer) Close() error {
	return errors.Join(w.flush(), w.file.Sync(), w.release())
}
