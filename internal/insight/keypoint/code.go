package keypoint

import (
	"math/bits"
	"slices"
)

// Code is 128 bits of a descriptor: whether each value is above the median of all (Zhou, Lu, Li and Tian, "Scalar Quantization for Large Scale
// Image Search", ACM Multimedia 2012). Two descriptors of the same place differ in few bits.
type Code [2]uint64

// CodeOf returns the code of a descriptor.
func CodeOf(descriptor []float32) (c Code) {
	var sorted [Width]float32
	copy(sorted[:], descriptor)
	slices.Sort(sorted[:])
	median := sorted[Width/2]
	for i, v := range descriptor {
		if v > median {
			c[i/64] |= 1 << (i % 64)
		}
	}
	return c
}

// Distance is the number of bits in which two codes differ, 0 to 128.
func (c Code) Distance(o Code) int { return bits.OnesCount64(c[0]^o[0]) + bits.OnesCount64(c[1]^o[1]) }
