// Package simd holds the loops that the rest waits for: dot products of float32
// vectors, and the two passes of resampling 8-bit pictures. Every kernel has a
// plain Go twin, which other processors use, and which `-tags purego` chooses.
package simd

// Dot is the score of two vectors of equal length: products and sums in float64,
// rounded once to float32. That makes it the same on every processor, but for the
// rare sum that lies within 1e-16 of where float32 rounds.
func Dot(a, b []float32) float32 {
	if len(b) < len(a) {
		panic("simd: vectors of different lengths")
	}
	return dot(a, b)
}

// Dots fills out[i] with Dot(q, rows[i*len(q):]).
func Dots(q, rows, out []float32) {
	n := len(q)
	for i := range out {
		out[i] = dot(q, rows[i*n:(i+1)*n])
	}
}

// PrecisionBits is the fixed point of resampling weights, as in Pillow.
const PrecisionBits = 32 - 8 - 2

// clip8 rounds a fixed-point sum to a byte.
func clip8(sum int32) byte {
	return byte(max(0, min(255, sum>>PrecisionBits)))
}

// Horizontal resamples rows of RGB pixels, (rows, width, 3), to (rows, out, 3):
// pixel i of a row is the sum of count[i] pixels from first[i] on, times
// weight[i*size:].
func Horizontal(dst, src []byte, width, out int, first, count []int, weight []int32, size int) {
	for y := range len(src) / (3 * width) {
		horizontal(dst[3*y*out:3*(y+1)*out], src[3*y*width:3*(y+1)*width], first, count, weight, size)
	}
}

// Vertical makes one row of bytes of len(weight) rows of the same length.
func Vertical(dst, rows []byte, weight []int32) { vertical(dst, rows, weight) }

func dotGo(a, b []float32) float32 {
	b = b[:len(a)]
	var s [4]float64
	i := 0
	for ; i+4 <= len(a); i += 4 {
		s[0] += float64(a[i]) * float64(b[i])
		s[1] += float64(a[i+1]) * float64(b[i+1])
		s[2] += float64(a[i+2]) * float64(b[i+2])
		s[3] += float64(a[i+3]) * float64(b[i+3])
	}
	for ; i < len(a); i++ {
		s[0] += float64(a[i]) * float64(b[i])
	}
	return float32((s[0] + s[1]) + (s[2] + s[3]))
}

func horizontalGo(dst, src []byte, first, count []int, weight []int32, size int) {
	for i := range first {
		w := weight[i*size : i*size+count[i]]
		in := src[3*first[i] : 3*(first[i]+count[i])]
		var r, g, b int32 = 1 << (PrecisionBits - 1), 1 << (PrecisionBits - 1), 1 << (PrecisionBits - 1)
		for j, v := range w {
			r += int32(in[3*j]) * v
			g += int32(in[3*j+1]) * v
			b += int32(in[3*j+2]) * v
		}
		dst[3*i], dst[3*i+1], dst[3*i+2] = clip8(r), clip8(g), clip8(b)
	}
}

func verticalGo(dst, rows []byte, weight []int32) {
	stride := len(dst)
	for x := range dst {
		sum := int32(1 << (PrecisionBits - 1))
		for j, v := range weight {
			sum += int32(rows[j*stride+x]) * v
		}
		dst[x] = clip8(sum)
	}
}
