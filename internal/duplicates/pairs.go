package duplicates

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"image"
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

// What the pixels of two contents say is kept beside the signatures, in signatures.pairs: a magic
// number, then a record of fixed length for each pair and turn. The file is derived and may be deleted.
// Records are only appended; one that is not whole, or of other comparisons than this akin's, is made anew.
var pairMagic = [8]byte{'a', 'k', 'i', 'n', 'p', 'a', 'i', evidence.Version}

// pairRecord is a record as it lies in the file, little-endian.
type pairRecord struct {
	Key                                 [16]byte // of both contents and the turn
	Verdict, Why, Level, _              uint8
	Worst, Grain, Detail, Tone, Overlap float32
	At                                  [4]int32
	Transform                           [4]float32
	CRC                                 uint32 // Castagnoli's, of what is before
}

var pairRecordBytes = binary.Size(pairRecord{})

// pairFile keeps what pairs say: in the file where it can be written to, else in memory. It is safe for
// concurrent use.
type pairFile struct {
	mu      sync.Mutex
	known   map[[16]byte]evidence.Evidence
	pending []byte
	path    string
}

// openPairs reads what is known. A file that cannot be read is none.
func openPairs(dir string) *pairFile {
	p := &pairFile{known: map[[16]byte]evidence.Evidence{}, path: filepath.Join(dir, "signatures.pairs")}
	data, err := disk.Read(p.path)
	if err != nil || !bytes.HasPrefix(data, pairMagic[:]) {
		return p
	}
	for data = data[len(pairMagic):]; len(data) >= pairRecordBytes; data = data[pairRecordBytes:] {
		var r pairRecord
		if _, err := binary.Decode(data, binary.LittleEndian, &r); err != nil || crc32c.Sum(data[:pairRecordBytes-4]) != r.CRC {
			continue
		}
		p.known[r.Key] = r.evidence()
	}
	return p
}

// pairOf is the key of two contents, the second as it lies after a turn.
func pairOf(a, b record.Hash, t copies.Turn) (key [16]byte) {
	sum := sha256.Sum256(append(append(append(make([]byte, 0, 65), a[:]...), b[:]...), byte(t)))
	copy(key[:], sum[:])
	return key
}

func (p *pairFile) get(key [16]byte) (evidence.Evidence, bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	e, ok := p.known[key]
	return e, ok
}

func (p *pairFile) put(key [16]byte, e evidence.Evidence) {
	r := pairRecord{
		Key: key, Verdict: uint8(e.Verdict), Why: uint8(e.Reason), Level: uint8(e.Level),
		Worst: float32(e.Worst), Grain: float32(e.Grain), Detail: float32(e.Detail), Tone: float32(e.Tone), Overlap: float32(e.Overlap),
		At:        [4]int32{int32(e.At.Min.X), int32(e.At.Min.Y), int32(e.At.Max.X), int32(e.At.Max.Y)},
		Transform: [4]float32{float32(e.Transform.ScaleX), float32(e.Transform.ScaleY), float32(e.Transform.ShiftX), float32(e.Transform.ShiftY)},
	}
	line, err := binary.Append(nil, binary.LittleEndian, r)
	if err != nil { // a record has a fixed size
		return
	}
	line = line[:pairRecordBytes-4]
	line = binary.LittleEndian.AppendUint32(line, crc32c.Sum(line))
	p.mu.Lock()
	defer p.mu.Unlock()
	p.known[key] = r.evidence() // rounded, so that it is the same when it is read again
	p.pending = append(p.pending, line...)
}

func (r pairRecord) evidence() evidence.Evidence {
	return evidence.Evidence{
		Verdict: evidence.Verdict(r.Verdict), Same: evidence.Verdict(r.Verdict) == evidence.Same, Reason: evidence.Reason(r.Why), Level: int(r.Level),
		Worst: float64(r.Worst), Grain: float64(r.Grain), Detail: float64(r.Detail), Tone: float64(r.Tone), Overlap: float64(r.Overlap),
		At:        image.Rect(int(r.At[0]), int(r.At[1]), int(r.At[2]), int(r.At[3])),
		Transform: evidence.Transform{ScaleX: float64(r.Transform[0]), ScaleY: float64(r.Transform[1]), ShiftX: float64(r.Transform[2]), ShiftY: float64(r.Transform[3])},
	}
}

// flush appends what is new, where no other akin is at it; else that is made anew the next time.
func (p *pairFile) flush() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(p.pending) == 0 {
		return
	}
	lock := flock.New(p.path, flock.SetFlag(disk.Lock))
	if ok, err := lock.TryLock(); err != nil || !ok {
		return
	}
	defer lock.Unlock()
	f, err := disk.OpenFile(p.path, os.O_RDWR|os.O_CREATE, 0o666)
	if err != nil {
		return
	}
	defer f.Close()
	var magic [8]byte
	if _, err := io.ReadFull(f, magic[:]); err != nil || magic != pairMagic {
		if f.Truncate(0) != nil {
			return
		}
		if _, err := f.WriteAt(pairMagic[:], 0); err != nil {
			return
		}
	}
	end, err := f.Seek(0, io.SeekEnd)
	if err == nil {
		end -= (end - int64(len(pairMagic))) % int64(pairRecordBytes) // a record that was cut off
		_, err = f.WriteAt(p.pending, end)
	}
	if err == nil || errors.Is(err, io.ErrShortWrite) {
		p.pending = nil
	}
}
