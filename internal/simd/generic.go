//go:build purego || !amd64

package simd

// Kernels names the kernels in use.
func Kernels() string { return "plain Go" }

func dot(a, b []float32) float32 { return dotGo(a, b) }

func horizontal(dst, src []byte, first, count []int, weight []int32, size int) {
	horizontalGo(dst, src, first, count, weight, size)
}

func vertical(dst, rows []byte, weight []int32) { verticalGo(dst, rows, weight) }
