//go:build purego || !amd64

package simd

// Kernels names the kernels in use.
func Kernels() string { return "plain Go" }

func dot(a, b []float32) float32               { return dotGo(a, b) }
func dots(q, rows, out []float32)              { dotsGo(q, rows, out) }
func vertical(dst, src []byte, t *Taps, y int) { verticalGo(dst, src, t, y) }

func horizontal(dst, src []byte, width int, t *Taps) { horizontalGo(dst, src, width, t) }

type packed struct{}

func (*packed) pack() {}
