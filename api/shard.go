package api

import (
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"math/bits"
	"strconv"
	"strings"
)

// Shard is a part of the pictures: the Number-th of Of, from 1. Every picture is in exactly one,
// by a hash of its source that is the same on every machine. The zero value is all
// pictures.
type Shard struct{ Number, Of int }

// ParseShard reads "2/8".
func ParseShard(s string) (Shard, error) {
	number, of, ok := strings.Cut(s, "/")
	n, err := strconv.Atoi(number)
	total, err2 := strconv.Atoi(of)
	if !ok || err != nil || err2 != nil {
		return Shard{}, Invalidf("%q is not a shard: want 2/8, the second of eight", s)
	}
	shard := Shard{n, total}
	return shard, shard.Check()
}

func (s Shard) String() string { return fmt.Sprintf("%d/%d", s.Number, s.Of) }

// Check reports a shard that does not exist.
func (s Shard) Check() error {
	if s != (Shard{}) && (s.Of < 1 || s.Of > 1<<20 || s.Number < 1 || s.Number > s.Of) {
		return Invalidf("there is no shard %s: want 2/8, the second of eight", s)
	}
	return nil
}

// Has reports whether a picture belongs to the shard.
func (s Shard) Has(source string) bool {
	if s == (Shard{}) {
		return true
	}
	sum := sha256.Sum256([]byte(source))
	at, _ := bits.Mul64(binary.BigEndian.Uint64(sum[:]), uint64(s.Of))
	return int(at) == s.Number-1
}
