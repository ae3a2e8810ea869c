package simd

// Symmetric convolves with a symmetric kernel, whose weights are given from its middle on: dst[i] is the sum of the pixels of src that are j
// strides before and after middle+i, times weights[j], in this order. src has (len(weights)-1)*stride values before and after those in the
// middle.
func Symmetric(dst, src []float32, middle, stride int, weights []float32) {
	if len(dst) == 0 || len(weights) == 0 {
		clear(dst)
		return
	}
	reach := (len(weights) - 1) * stride
	_, _ = src[middle-reach], src[middle+reach+len(dst)-1]
	symmetric(dst, src, middle, stride, weights)
}

func symmetricGo(dst, src []float32, middle, stride int, weights []float32) {
	for i := range dst {
		// A conversion keeps compilers from fusing product and sum.
		sum := float32(src[middle+i] * weights[0])
		for j := 1; j < len(weights); j++ {
			sum += float32((src[middle+i-j*stride] + src[middle+i+j*stride]) * weights[j])
		}
		dst[i] = sum
	}
}
