package duplicates

import (
	"crypto/sha256"
	"encoding/binary"
	"image"

	"github.com/akin-search/akin/internal/insight/copies"
	"github.com/akin-search/akin/internal/insight/evidence"
	"github.com/akin-search/akin/internal/record"
)

// The evidence of pairs is cached beside the signatures, in signatures.pairs, by a hash of both contents and the
// turn.
var pairFormat = recordFormat{
	magic:    [8]byte{'a', 'k', 'i', 'n', 'p', 'a', 'i', evidence.Version},
	keyBytes: len(evidenceKey{}), bodyBytes: binary.Size(evidenceRecord{}),
}

// evidenceRecord is evidence as it is stored, little-endian.
type evidenceRecord struct {
	Verdict, Reason, Level, _           uint8
	Worst, Grain, Detail, Tone, Overlap float32
	At                                  [4]int32
	Transform                           [4]float32
}

// evidenceKey identifies a pair.
type evidenceKey [16]byte

// keyOf returns the key of two contents, the second one turned.
func keyOf(a, b record.Hash, t copies.Turn) (key evidenceKey) {
	sum := sha256.Sum256(append(append(append(make([]byte, 0, 65), a[:]...), b[:]...), byte(t)))
	copy(key[:], sum[:])
	return key
}

func (k evidenceKey) record() (key recordKey) {
	copy(key[:], k[:])
	return key
}

type evidenceFile struct{ *recordFile }

func openEvidence(dir string) (evidenceFile, error) {
	r, err := openRecords(dir, "signatures.pairs", pairFormat)
	return evidenceFile{r}, err
}

func (p evidenceFile) get(key evidenceKey) (evidence.Evidence, bool) {
	body, ok := p.recordFile.get(key.record())
	var r evidenceRecord
	if !ok {
		return evidence.Evidence{}, false
	}
	if _, err := binary.Decode(body, binary.LittleEndian, &r); err != nil {
		return evidence.Evidence{}, false
	}
	return r.evidence(), true
}

// put stores evidence and returns it rounded, as get will return it.
func (p evidenceFile) put(key evidenceKey, e evidence.Evidence) evidence.Evidence {
	r := evidenceRecord{
		Verdict: uint8(e.Verdict), Reason: uint8(e.Reason), Level: uint8(e.Level),
		Worst: float32(e.Worst), Grain: float32(e.Grain), Detail: float32(e.Detail), Tone: float32(e.Tone), Overlap: float32(e.Overlap),
		At:        [4]int32{int32(e.At.Min.X), int32(e.At.Min.Y), int32(e.At.Max.X), int32(e.At.Max.Y)},
		Transform: [4]float32{float32(e.Transform.ScaleX), float32(e.Transform.ScaleY), float32(e.Transform.ShiftX), float32(e.Transform.ShiftY)},
	}
	if body, err := binary.Append(nil, binary.LittleEndian, r); err == nil { // it has a fixed size
		p.recordFile.put(key.record(), body)
	}
	return r.evidence()
}

func (r evidenceRecord) evidence() evidence.Evidence {
	return evidence.Evidence{
		Verdict: evidence.Verdict(r.Verdict), Same: evidence.Verdict(r.Verdict) == evidence.Same, Reason: evidence.Reason(r.Reason), Level: int(r.Level),
		Worst: float64(r.Worst), Grain: float64(r.Grain), Detail: float64(r.Detail), Tone: float64(r.Tone), Overlap: float64(r.Overlap),
		At:        image.Rect(int(r.At[0]), int(r.At[1]), int(r.At[2]), int(r.At[3])),
		Transform: evidence.Transform{ScaleX: float64(r.Transform[0]), ScaleY: float64(r.Transform[1]), ShiftX: float64(r.Transform[2]), ShiftY: float64(r.Transform[3])},
	}
}
