package duplicates

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"sync"

	"github.com/akin-search/akin/internal/crc32c"
	"github.com/akin-search/akin/internal/disk"
	"github.com/akin-search/akin/internal/insight/copies"
	"github.com/akin-search/akin/internal/insight/evidence"
	"github.com/akin-search/akin/internal/record"
	"github.com/gofrs/flock"
)

// Signatures of contents are kept in DIR/signatures, of a cluster in the cache folder: a magic number, then a record each: the
// content's hash, the signature, and CRC-32C of both. The file is derived and may be deleted.
// Records are only appended; one that is not whole is passed over, and made anew.
var signatureMagic = [8]byte{'a', 'k', 'i', 'n', 's', 'i', 'g', 2}

const signatureRecord = int64(32 + copies.Bytes + 4)

// signatureFile keeps signatures: in the file where it can be written to, else in memory. It
// is safe for concurrent use; a nil one has none.
type signatureFile struct {
	mu      sync.Mutex
	file    *os.File // nil where there is none
	at      map[record.Hash]int64
	fresh   map[record.Hash]*copies.Signature // not in the file
	pending []byte                            // of fresh, to be written
	write   bool
	lock    *flock.Flock // held by the one process that appends
}

func openSignatures(dir string) (*signatureFile, error) {
	s := &signatureFile{at: map[record.Hash]int64{}, fresh: map[record.Hash]*copies.Signature{}}
	path := filepath.Join(dir, "signatures")
	file, err := disk.OpenFile(path, os.O_RDWR|os.O_CREATE|os.O_APPEND, 0o666)
	if s.write = err == nil; !s.write {
		if file, err = disk.OpenFile(path, os.O_RDONLY, 0); err != nil {
			return s, nil // another person's folder: all is made anew, in memory
		}
	}
	s.file = file
	if s.write {
		s.lock = flock.New(path, flock.SetFlag(disk.Lock))
		s.write, _ = s.lock.TryLock() // another akin appends to it: all that it lacks is kept in memory
	}
	if err := s.index(); err != nil {
		return nil, errors.Join(fmt.Errorf("read %s: %w; it can be deleted", path, err), s.Close())
	}
	return s, nil
}

// index learns which contents the file has. One that is no file of signatures, or of another
// akin's, begins anew; what is left of a last record that was cut off goes.
func (s *signatureFile) index() error {
	info, err := s.file.Stat()
	if err != nil {
		return err
	}
	size := info.Size()
	var magic [8]byte
	if _, err := s.file.ReadAt(magic[:], 0); err != nil && !errors.Is(err, io.EOF) {
		return err
	}
	if magic != signatureMagic {
		if !s.write {
			return nil
		}
		if err := s.file.Truncate(0); err != nil {
			return err
		}
		_, err := s.file.Write(signatureMagic[:])
		return err
	}
	if torn := (size - 8) % signatureRecord; torn != 0 {
		size -= torn
		if s.write {
			if err := s.file.Truncate(size); err != nil {
				return err
			}
		}
	}
	for at := int64(len(signatureMagic)); at < size; at += signatureRecord {
		var h record.Hash
		if _, err := s.file.ReadAt(h[:], at); err != nil {
			return err
		}
		s.at[h] = at
	}
	return nil
}

// get gives a content's signature, where it is known.
func (s *signatureFile) get(h record.Hash) (*copies.Signature, bool) {
	if s == nil {
		return nil, false
	}
	s.mu.Lock()
	fresh, isFresh := s.fresh[h]
	at, known := s.at[h]
	s.mu.Unlock()
	if isFresh || !known {
		return fresh, isFresh
	}
	entry := make([]byte, signatureRecord)
	if _, err := s.file.ReadAt(entry, at); err != nil {
		return nil, false
	}
	body := entry[:signatureRecord-4]
	if crc32c.Sum(body) != binary.LittleEndian.Uint32(entry[len(body):]) || record.Hash(body[:32]) != h {
		return nil, false
	}
	signature, err := copies.Parse(body[32:])
	return signature, err == nil
}

// put keeps a content's signature.
func (s *signatureFile) put(h record.Hash, signature *copies.Signature) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if _, known := s.fresh[h]; known {
		return
	}
	s.fresh[h] = signature
	if !s.write {
		return
	}
	from := len(s.pending)
	s.pending = signature.AppendTo(append(s.pending, h[:]...))
	s.pending = binary.LittleEndian.AppendUint32(s.pending, crc32c.Sum(s.pending[from:]))
	if len(s.pending) >= 256*int(signatureRecord) {
		s.writePending()
	}
}

// writePending appends what is pending; where that fails, it stays in memory.
func (s *signatureFile) writePending() {
	end, err := s.file.Seek(0, io.SeekEnd)
	if err == nil {
		_, err = s.file.Write(s.pending)
	}
	if err != nil {
		s.write, s.pending = false, nil
		return
	}
	for i := 0; i < len(s.pending); i += int(signatureRecord) {
		h := record.Hash(s.pending[i : i+32])
		s.at[h] = end + int64(i)
		delete(s.fresh, h)
	}
	s.pending = s.pending[:0]
}

// flush writes what is pending.
func (s *signatureFile) flush() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.write && len(s.pending) > 0 {
		s.writePending()
	}
	return nil
}

func (s *signatureFile) Close() error {
	if s.file == nil {
		return nil
	}
	err := errors.Join(s.flush(), s.file.Close())
	if s.lock != nil {
		err = errors.Join(err, s.lock.Unlock())
	}
	return err
}

// keptCalibration is what was measured on made copies, in DIR/signatures.calibration: for
// certain pictures and one model. The file is derived and may be deleted.
type calibrationCache struct {
	path, key string
}

type calibrationFile struct {
	Key    string
	Trials []madeCopies
}

func (f *finder) calibrationCache(sample []int) calibrationCache {
	h := sha256.New()
	fmt.Fprintf(h, "%x %d %s %v\n", signatureMagic, evidence.Version, f.v.Space.Fingerprint, f.network != nil)
	for _, a := range copies.Alterations() { // a change of how they are measured changes a name here, the magic number, or the version
		fmt.Fprintln(h, a.Name)
	}
	for _, u := range sample {
		h.Write(f.contents[u].hash[:])
	}
	return calibrationCache{filepath.Join(f.c.DerivedDir, "signatures.calibration"), hex.EncodeToString(h.Sum(nil))}
}

func (k calibrationCache) read() ([]madeCopies, bool) {
	var c calibrationFile
	data, err := disk.Read(k.path)
	if err != nil || json.Unmarshal(data, &c) != nil || c.Key != k.key || len(c.Trials) == 0 {
		return nil, false
	}
	return c.Trials, true
}

// write keeps it where it can: else it is measured again.
func (k calibrationCache) write(trials []madeCopies) {
	data, err := json.Marshal(calibrationFile{k.key, trials})
	if err != nil {
		return
	}
	_ = disk.Replace(k.path, data, 0o666)
}
