//go:build purego || !amd64

package simd

// Kernels names the kernels in use.
func Kernels() string { return "plain Go" }

func dot(a, b []float32) float32                              { return dotGo(a, b) }
func dots(q, rows, out []float32)                             { dotsGo(q, rows, out) }
func dotsOf(q []float32, rows *[4][]float32, out *[4]float32) { dotsOfGo(q, rows, out) }
func vertical(dst, src []byte, t *Taps, y int)                { verticalGo(dst, src, t, y) }

func horizontalFloats(dst []float32, src []byte, width int, t *Taps) {
	horizontalFloatsGo(dst, src, width, t)
}

func verticalFloats(dst, src, weights []float32) { verticalFloatsGo(dst, src, weights) }

func horizontal(dst, src []byte, width int, t *Taps) { horizontalGo(dst, src, width, t) }

type packed struct{}

func (*packed) pack() {}

func panelSums(q []int8, panels []uint8, out []int32) { panelSumsGo(q, panels, out) }

func reach(sums []int32, slack []float32, scale, weight, limit float32, out []uint16) {
	reachGo(sums, slack, scale, weight, limit, out)
}

func wideDots(q []int16, rows []uint8, out []int32) { wideDotsGo(q, rows, out) }

func wideDotsAt(q []int16, rows []uint8, at []uint32, out []int32) { wideDotsAtGo(q, rows, at, out) }

func tileMost() int { return 127 }

func tileDots(qs []int8, rows []uint8, out []int32) { tileDotsGo(qs, rows, out) }

func product(a, b, out []float32, n, width int) { productGo(a, b, out, n, width) }

func ask(p []uint32) {}

func nearCodes(queries, blocks []uint64, limit int, out []uint8) {
	nearCodesGo(queries, blocks, limit, out)
}

func symmetric(dst, src []float32, middle, stride int, weights []float32) {
	symmetricGo(dst, src, middle, stride, weights)
}
