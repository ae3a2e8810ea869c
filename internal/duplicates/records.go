package duplicates

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"sync"

	"github.com/akin-search/akin/internal/crc32c"
	"github.com/akin-search/akin/internal/disk"
	"github.com/gofrs/flock"
)

// recordFormat is a file format: a magic number, then records of one length, each a key, a body and the CRC-32C
// of both.
type recordFormat struct {
	magic               [8]byte
	keyBytes, bodyBytes int
}

func (r recordFormat) recordBytes() int64 { return int64(r.keyBytes + r.bodyBytes + 4) }

// recordKey is a key, with zeros behind if it is shorter in the file.
type recordKey [32]byte

// recordFile caches what was computed, by key: in a file if it can be written, and else in memory. The file is
// derived and may be deleted. Records are only appended; a damaged one is computed again. It is safe for
// concurrent use; a nil recordFile is empty.
type recordFile struct {
	recordFormat
	mu        sync.Mutex
	file      *os.File // nil if it cannot be opened
	offsets   map[recordKey]int64
	unwritten map[recordKey][]byte // bodies that are not in the file
	pending   []byte               // their records, to be appended
	writable  bool
	lock      *flock.Flock // held by the process that appends
}

// openRecords opens or creates a file. A folder that cannot be written to is no error.
func openRecords(dir, name string, format recordFormat) (*recordFile, error) {
	r := &recordFile{recordFormat: format, offsets: map[recordKey]int64{}, unwritten: map[recordKey][]byte{}}
	path := filepath.Join(dir, name)
	file, err := disk.OpenFile(path, os.O_RDWR|os.O_CREATE|os.O_APPEND, 0o666)
	if r.writable = err == nil; !r.writable {
		if file, err = disk.OpenFile(path, os.O_RDONLY, 0); err != nil {
			return r, nil
		}
	}
	r.file = file
	if r.writable {
		r.lock = flock.New(path, flock.SetFlag(disk.Lock))
		r.writable, _ = r.lock.TryLock() // if another process appends, this one keeps its records in memory
	}
	if err := r.index(); err != nil {
		return nil, errors.Join(fmt.Errorf("read %s, which can be deleted: %w", path, err), r.close())
	}
	return r, nil
}

// index reads the keys. A file of another format or version is emptied, and an incomplete last record
// cut off.
func (r *recordFile) index() error {
	info, err := r.file.Stat()
	if err != nil {
		return err
	}
	size, first := info.Size(), int64(len(r.magic))
	var magic [8]byte
	if _, err := r.file.ReadAt(magic[:], 0); err != nil && !errors.Is(err, io.EOF) {
		return err
	}
	if magic != r.magic {
		if !r.writable {
			return nil
		}
		if err := r.file.Truncate(0); err != nil {
			return err
		}
		_, err := r.file.Write(r.magic[:])
		return err
	}
	if torn := (size - first) % r.recordBytes(); torn != 0 {
		size -= torn
		if r.writable {
			if err := r.file.Truncate(size); err != nil {
				return err
			}
		}
	}
	for at := first; at < size; at += r.recordBytes() {
		var key recordKey
		if _, err := r.file.ReadAt(key[:r.keyBytes], at); err != nil {
			return err
		}
		r.offsets[key] = at
	}
	return nil
}

// get returns the body under a key; ok is false if there is none, or its record is damaged.
func (r *recordFile) get(key recordKey) (body []byte, ok bool) {
	if r == nil {
		return nil, false
	}
	r.mu.Lock()
	body, ok = r.unwritten[key]
	at, written := r.offsets[key]
	r.mu.Unlock()
	if ok || !written {
		return body, ok
	}
	record := make([]byte, r.recordBytes())
	if _, err := r.file.ReadAt(record, at); err != nil {
		return nil, false
	}
	n := r.keyBytes + r.bodyBytes
	sound := crc32c.Sum(record[:n]) == binary.LittleEndian.Uint32(record[n:])
	if !sound || string(record[:r.keyBytes]) != string(key[:r.keyBytes]) {
		return nil, false
	}
	return record[r.keyBytes:n], true
}

// put stores a body, which the file takes over.
func (r *recordFile) put(key recordKey, body []byte) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if _, ok := r.unwritten[key]; ok {
		return
	}
	r.unwritten[key] = body
	if !r.writable {
		return
	}
	from := len(r.pending)
	r.pending = append(append(r.pending, key[:r.keyBytes]...), body...)
	r.pending = binary.LittleEndian.AppendUint32(r.pending, crc32c.Sum(r.pending[from:]))
	if len(r.pending) >= 256*int(r.recordBytes()) {
		r.append()
	}
}

// flush appends what is pending.
func (r *recordFile) flush() {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.writable && len(r.pending) > 0 {
		r.append()
	}
}

// append writes the pending records. If that fails, as on a full disk, this and all later ones stay in memory.
func (r *recordFile) append() {
	end, err := r.file.Seek(0, io.SeekEnd)
	if err == nil {
		_, err = r.file.Write(r.pending)
	}
	if err != nil {
		r.writable, r.pending = false, nil
		return
	}
	for i := int64(0); i < int64(len(r.pending)); i += r.recordBytes() {
		var key recordKey
		copy(key[:r.keyBytes], r.pending[i:])
		r.offsets[key] = end + i
		delete(r.unwritten, key)
	}
	r.pending = r.pending[:0]
}

// close appends what is pending, closes the file and releases the lock.
func (r *recordFile) close() error {
	if r.file == nil {
		return nil
	}
	r.flush()
	err := r.file.Close()
	if r.lock != nil {
		err = errors.Join(err, r.lock.Unlock())
	}
	return err
}
