//go:build !purego

package simd

// each calls do with each set of kernels that the processor has, from the best on. The choice
// is the package's: no other test may run beside it.
func each(do func()) {
	vnni, avx2, bitCount := hasVNNI, hasAVX2, hasBitCount
	defer func() { hasVNNI, hasAVX2, hasBitCount = vnni, avx2, bitCount }()
	do()
	if hasVNNI {
		hasVNNI, hasBitCount = false, false
		do()
	}
}
