//go:build !purego

package simd

// each calls do with each set of kernels that the processor has, from the best on. The choice
// is the package's: no other test may run beside it.
func each(do func()) {
	vnni, avx2 := hasVNNI, hasAVX2
	defer func() { hasVNNI, hasAVX2 = vnni, avx2 }()
	do()
	if hasVNNI {
		hasVNNI = false
		do()
	}
}
