package checkpoint

import (
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"hash"
	"math"
)

// digestValues is how many values are read at a time.
const digestValues = 1 << 20

// Digest returns the SHA-256 of a tensor's values as little-endian float32 in row-major order, whatever
// their type and order are in the file. Other programs can compute it.
func (t Tensor) Digest() (sum [sha256.Size]byte, err error) {
	h := sha256.New()
	if t.Perm != nil || len(t.Shape) == 0 {
		values, err := t.Float32()
		if err != nil {
			return sum, err
		}
		writeFloats(h, values)
		return [sha256.Size]byte(h.Sum(nil)), nil
	}
	row := product(t.Shape[1:])
	step := max(1, digestValues/max(1, row))
	for first := int64(0); first < t.Shape[0]; first += step {
		values, err := t.Rows(first, min(step, t.Shape[0]-first))
		if err != nil {
			return sum, fmt.Errorf("digest: %w", err)
		}
		writeFloats(h, values)
	}
	return [sha256.Size]byte(h.Sum(nil)), nil
}

func writeFloats(h hash.Hash, values []float32) {
	data := make([]byte, 0, 4*len(values))
	for _, v := range values {
		data = binary.LittleEndian.AppendUint32(data, math.Float32bits(v))
	}
	h.Write(data)
}
