package local

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"unsafe"

	"github.com/akin-search/akin/internal/crc32c"
	"github.com/akin-search/akin/internal/disk"
	"github.com/akin-search/akin/internal/record"
)

// A segment is two append-only files of one space.
//
// N.vec: a header of 4096 bytes, then the rows, dim little-endian float32 each.
//
//	0     magic "AKINVEC1"
//	8     uint32 dim
//	12    uint32 length of the fingerprint, then its bytes
//	4088  uint32 rows of a full segment; 0 means as many as fit into 1 GiB
//	4092  uint32 CRC-32C of the bytes before
//
// N.rows: one record a committed block.
//
//	0     uint32 magic "ROWS"
//	4     uint32 number of rows n
//	8     uint32 CRC-32C of the block's n vectors in N.vec
//	12    n times 32 bytes: the content hash of each row
//	…     uint32 CRC-32C of the record's bytes before
const (
	vecMagic       = "AKINVEC1"
	headerBytes    = 4096
	recordMagic    = 0x53574f52 // "ROWS"
	recordHeader   = 12
	fingerprintAt  = 16
	perSegmentAt   = headerBytes - 8
	maxFingerprint = perSegmentAt - fingerprintAt

	// Segments are searched one after another, so a few large ones are faster than many small ones; and making the
	// compact copy of one takes 512 bytes of memory a row and more.
	segmentBytes    = 4 << 30 // of vectors in a full segment of a new space,
	segmentRows     = 2 << 20 // and at most so many
	oldSegmentBytes = 1 << 30 // in one of a space whose format was 5 or less
)

// perSegment returns how many rows a full segment of a new space has. A space keeps its number: its row r lies in
// segment r / PerSegment + 1.
func (c *Collection) perSegment(dim int) int {
	return max(1, min(segmentRows, c.segmentBytes/(4*dim)))
}

func oldPerSegment(dim int) int { return max(1, oldSegmentBytes/(4*max(1, dim))) }

func segmentName(number int) string { return fmt.Sprintf("%06d", number) }

func vecHeader(s record.Space) []byte {
	h := make([]byte, headerBytes)
	copy(h, vecMagic)
	binary.LittleEndian.PutUint32(h[8:], uint32(s.Dim))
	binary.LittleEndian.PutUint32(h[12:], uint32(len(s.Fingerprint)))
	copy(h[fingerprintAt:perSegmentAt], s.Fingerprint)
	if s.PerSegment != oldPerSegment(s.Dim) {
		binary.LittleEndian.PutUint32(h[perSegmentAt:], uint32(s.PerSegment))
	}
	binary.LittleEndian.PutUint32(h[headerBytes-4:], crc32c.Sum(h[:headerBytes-4]))
	return h
}

// parseHeader returns what a header says of its space: dimensions, fingerprint and rows of a segment. ok is false where
// it is damaged.
func parseHeader(h []byte) (s record.Space, ok bool) {
	if len(h) < headerBytes {
		return s, false
	}
	s.Dim = int(binary.LittleEndian.Uint32(h[8:]))
	n := binary.LittleEndian.Uint32(h[12:])
	if s.Dim < 1 || s.Dim > maxDim || n > maxFingerprint {
		return s, false
	}
	s.Fingerprint = string(h[fingerprintAt : fingerprintAt+n])
	s.PerSegment = int(binary.LittleEndian.Uint32(h[perSegmentAt:]))
	if s.PerSegment == 0 {
		s.PerSegment = oldPerSegment(s.Dim)
	}
	return s, checkHeader(h, s) == nil
}

func checkHeader(h []byte, s record.Space) error {
	if len(h) < headerBytes || !bytes.Equal(h[:headerBytes], vecHeader(s)) {
		return fmt.Errorf("its header is not that of a segment of %d dimensions with fingerprint %.12s", s.Dim, s.Fingerprint)
	}
	return nil
}

func blockRecord(hashes []record.Hash, vectors []byte) []byte {
	r := make([]byte, 0, recordHeader+len(hashes)*len(record.Hash{})+4)
	r = binary.LittleEndian.AppendUint32(r, recordMagic)
	r = binary.LittleEndian.AppendUint32(r, uint32(len(hashes)))
	r = binary.LittleEndian.AppendUint32(r, crc32c.Sum(vectors))
	for _, h := range hashes {
		r = append(r, h[:]...)
	}
	return binary.LittleEndian.AppendUint32(r, crc32c.Sum(r))
}

// readRecord reads one record, of at most limit rows.
func readRecord(r io.Reader, limit int) (hashes []record.Hash, crc uint32, err error) {
	head := make([]byte, recordHeader)
	if _, err := io.ReadFull(r, head); err != nil {
		return nil, 0, fmt.Errorf("a record is cut off: %w", err)
	}
	n := int(binary.LittleEndian.Uint32(head[4:]))
	if binary.LittleEndian.Uint32(head) != recordMagic || n < 1 || n > limit {
		return nil, 0, errors.New("a record's head is damaged")
	}
	body := make([]byte, n*len(record.Hash{})+4)
	if _, err := io.ReadFull(r, body); err != nil {
		return nil, 0, fmt.Errorf("a record is cut off: %w", err)
	}
	sum := crc32c.Update(crc32c.Sum(head), body[:len(body)-4])
	if sum != binary.LittleEndian.Uint32(body[len(body)-4:]) {
		return nil, 0, errors.New("a record's checksum is wrong")
	}
	hashes = make([]record.Hash, n)
	for i := range hashes {
		copy(hashes[i][:], body[i*len(record.Hash{}):])
	}
	return hashes, binary.LittleEndian.Uint32(head[8:]), nil
}

// segment is an open segment that rows are appended to.
type segment struct {
	vec, rows disk.File
	number    int
	dim       int
	count     int   // rows
	rowsSize  int64 // bytes of N.rows
}

// openSegment opens a segment of a space for appending, creates it if it
// has no rows yet, and cuts off what was never committed.
func openSegment(on disk.FS, collection string, space record.Space, number, count int) (*segment, error) {
	base := filepath.Join(collection, "spaces", space.Folder, segmentName(number))
	fail := func(err error) (*segment, error) {
		return nil, fmt.Errorf("open segment %s.vec: %w", base, err)
	}
	dir, err := disk.Folder(on, collection, 0o777, "spaces", space.Folder)
	if err != nil {
		return fail(err)
	}
	vec, err := on.Open(base+".vec", os.O_RDWR|os.O_CREATE, 0o666)
	if err != nil {
		return fail(err)
	}
	rows, err := on.Open(base+".rows", os.O_RDWR|os.O_CREATE, 0o666)
	if err != nil {
		vec.Close()
		return fail(err)
	}
	s := &segment{vec: vec, rows: rows, number: number, dim: space.Dim, count: count}
	if count == 0 {
		err = errors.Join(vec.Truncate(0), rows.Truncate(0))
		if err == nil {
			_, err = vec.WriteAt(vecHeader(space), 0)
		}
		if err == nil {
			err = errors.Join(vec.Sync(), rows.Sync(), on.SyncDir(dir))
		}
		// The process that created the folders may have been killed before their names were on disk.
		for above := dir; err == nil && number == 1 && above != collection; {
			above = filepath.Dir(above)
			err = on.SyncDir(above)
		}
	} else {
		err = s.cut(space)
	}
	if err != nil {
		s.close()
		return fail(err)
	}
	return s, nil
}

// cut truncates both files to the committed rows.
func (s *segment) cut(space record.Space) error {
	head := make([]byte, headerBytes)
	if _, err := s.vec.ReadAt(head, 0); err != nil {
		return fmt.Errorf("%w: its header: %w", record.ErrDamaged, err)
	}
	if err := checkHeader(head, space); err != nil {
		return fmt.Errorf("%w: %w", record.ErrDamaged, err)
	}
	info, err := s.vec.Stat()
	if err != nil {
		return err
	}
	if want := s.vecSize(s.count); info.Size() < want {
		return fmt.Errorf("%w: %d bytes of %d are left", record.ErrDamaged, info.Size(), want)
	}
	for left := s.count; left > 0; {
		head := make([]byte, recordHeader)
		if _, err := s.rows.ReadAt(head, s.rowsSize); err != nil {
			return fmt.Errorf("%w: its .rows file is cut off: %w", record.ErrDamaged, err)
		}
		n := int(binary.LittleEndian.Uint32(head[4:]))
		if binary.LittleEndian.Uint32(head) != recordMagic || n < 1 || n > left {
			return fmt.Errorf("%w: a record of its .rows file at byte %d", record.ErrDamaged, s.rowsSize)
		}
		left -= n
		s.rowsSize += int64(recordHeader + n*len(record.Hash{}) + 4)
	}
	return errors.Join(s.vec.Truncate(s.vecSize(s.count)), s.rows.Truncate(s.rowsSize))
}

func (s *segment) vecSize(count int) int64 {
	return headerBytes + int64(count)*int64(s.dim)*4
}

// append writes and syncs a block; it exists once the database says so. After an
// error the segment must be closed: opening it again cuts off what was written.
func (s *segment) append(hashes []record.Hash, vectors []float32) error {
	data := bytesOf(vectors)
	rec := blockRecord(hashes, data)
	if _, err := s.vec.WriteAt(data, s.vecSize(s.count)); err != nil {
		return err
	}
	if _, err := s.rows.WriteAt(rec, s.rowsSize); err != nil {
		return err
	}
	if err := errors.Join(s.vec.Sync(), s.rows.Sync()); err != nil {
		return err
	}
	s.count += len(hashes)
	s.rowsSize += int64(len(rec))
	return nil
}

func (s *segment) close() error { return errors.Join(s.vec.Close(), s.rows.Close()) }

// bytesOf and valuesOf reinterpret memory as bytes and as numbers: the format is
// little-endian, and so is every machine that akin is built for.
func bytesOf[T number](v []T) []byte {
	if len(v) == 0 {
		return nil
	}
	return unsafe.Slice((*byte)(unsafe.Pointer(&v[0])), len(v)*int(unsafe.Sizeof(v[0])))
}

func valuesOf[T number](b []byte) []T {
	size := int(unsafe.Sizeof(*new(T)))
	if len(b) < size {
		return nil
	}
	return unsafe.Slice((*T)(unsafe.Pointer(&b[0])), len(b)/size)
}

type number interface {
	float32 | int32 | int64 | uint64
}
