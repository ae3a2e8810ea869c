// Package simd holds the loops that the rest waits for: dot products of float32
// vectors, and the two passes of resampling 8-bit pictures. Every kernel has a
// plain Go twin that returns the same bits; other processors use it, and
// `-tags purego` chooses it.
//
// The assembly is written by the program in _generate.
package simd

//go:generate go -C _generate run . -pkg simd -out ../kernels_amd64.s -stubs ../kernels_amd64.go

// Dot is the score of two vectors of equal length: products and sums in float64,
// rounded once to float32. Of two float32 the product is exact, and the order of
// the sums is fixed, so that every processor returns the same score.
func Dot(a, b []float32) float32 { return dot(a, b[:len(a)]) }

// Dots fills out[i] with Dot(q, rows[i*len(q):]).
func Dots(q, rows, out []float32) { dots(q, rows[:len(q)*len(out)], out) }

// DotsOf returns Dot(q, row) of four rows anywhere in memory.
func DotsOf(q []float32, rows *[4][]float32) (scores [4]float32) {
	for _, row := range rows {
		_ = row[:len(q)]
	}
	dotsOf(q, rows, &scores)
	return scores
}

// dotGo adds product i to sum i%8, and then halves to halves, as the kernel does.
func dotGo(a, b []float32) float32 {
	var s0, s1, s2, s3, s4, s5, s6, s7 float64
	for len(a) >= 8 && len(b) >= 8 {
		s0 += float64(a[0]) * float64(b[0])
		s1 += float64(a[1]) * float64(b[1])
		s2 += float64(a[2]) * float64(b[2])
		s3 += float64(a[3]) * float64(b[3])
		s4 += float64(a[4]) * float64(b[4])
		s5 += float64(a[5]) * float64(b[5])
		s6 += float64(a[6]) * float64(b[6])
		s7 += float64(a[7]) * float64(b[7])
		a, b = a[8:], b[8:]
	}
	s := [8]float64{s0, s1, s2, s3, s4, s5, s6, s7}
	for i, v := range a {
		s[i] += float64(v) * float64(b[i])
	}
	return float32(((s[0] + s[4]) + (s[2] + s[6])) + ((s[1] + s[5]) + (s[3] + s[7])))
}

func dotsOfGo(q []float32, rows *[4][]float32, out *[4]float32) {
	for i, row := range rows {
		out[i] = dotGo(q, row[:len(q)])
	}
}

func dotsGo(q, rows, out []float32) {
	n := len(q)
	for i := range out {
		out[i] = dotGo(q, rows[i*n:(i+1)*n])
	}
}
