package simd

// PrecisionBits is the fixed point of resampling weights, as in Pillow.
const PrecisionBits = 32 - 8 - 2

// Taps say of which pixels a resampled line is made: pixel i is the sum of
// Count[i] pixels, at least one, from First[i] on, times Weight[i*Size:].
// Sums are modulo 2^32, as in Pillow; its weights never come to that.
type Taps struct {
	Size         int
	First, Count []int
	Weight       []int32
	Floats       []float32 // Weight again, for VerticalFloats

	packed // for the kernels
}

// NewTaps makes taps ready; the slices must not change any more.
func NewTaps(size int, first, count []int, weight []int32) *Taps {
	t := &Taps{Size: size, First: first, Count: count, Weight: weight}
	t.pack()
	return t
}

// Horizontal resamples rows of RGB pixels: src (rows, width, 3) to
// dst (rows, len(t.First), 3).
func Horizontal(dst, src []byte, width int, t *Taps) { horizontal(dst, src, width, t) }

// Vertical resamples columns: src (rows, stride) to dst (len(t.First), stride),
// where src begins with row number top of the picture.
func Vertical(dst, src []byte, stride, top int, t *Taps) {
	for y, first := range t.First {
		vertical(dst[y*stride:(y+1)*stride], src[(first-top)*stride:(first-top+t.Count[y])*stride], t, y)
	}
}

// HorizontalFloats is Horizontal without rounding to bytes: sums are exact, and become float32.
func HorizontalFloats(dst []float32, src []byte, width int, t *Taps) {
	horizontalFloats(dst, src, width, t)
}

// VerticalFloats resamples columns by t.Floats: src (rows, stride) to dst (len(t.First), stride), where src
// begins with row number top of the picture.
func VerticalFloats(dst, src []float32, stride, top int, t *Taps) {
	for y, first := range t.First {
		verticalFloats(dst[y*stride:(y+1)*stride], src[(first-top)*stride:(first-top+t.Count[y])*stride], t.Floats[y*t.Size:y*t.Size+t.Count[y]])
	}
}

// clip8 rounds down from fixed point to a byte.
func clip8(sum int32) byte { return byte(max(0, min(255, sum>>PrecisionBits))) }

const half = 1 << (PrecisionBits - 1)

func horizontalGo(dst, src []byte, width int, t *Taps) {
	out := len(t.First)
	for y := range len(src) / (3 * width) {
		from, to := src[3*y*width:3*(y+1)*width], dst[3*y*out:3*(y+1)*out]
		for i, first := range t.First {
			w := t.Weight[i*t.Size : i*t.Size+t.Count[i]]
			in := from[3*first:][:3*len(w)]
			var r, g, b int32 = half, half, half
			for _, v := range w {
				r += int32(in[0]) * v
				g += int32(in[1]) * v
				b += int32(in[2]) * v
				in = in[3:]
			}
			to[3*i], to[3*i+1], to[3*i+2] = clip8(r), clip8(g), clip8(b)
		}
	}
}

func horizontalFloatsGo(dst []float32, src []byte, width int, t *Taps) {
	out := len(t.First)
	for y := range len(src) / (3 * width) {
		from, to := src[3*y*width:3*(y+1)*width], dst[3*y*out:3*(y+1)*out]
		for i, first := range t.First {
			w := t.Weight[i*t.Size : i*t.Size+t.Count[i]]
			in := from[3*first:][:3*len(w)]
			var r, g, b int32
			for _, v := range w {
				r += int32(in[0]) * v
				g += int32(in[1]) * v
				b += int32(in[2]) * v
				in = in[3:]
			}
			const step = 1. / (1 << PrecisionBits)
			to[3*i], to[3*i+1], to[3*i+2] = float32(r)*step, float32(g)*step, float32(b)*step
		}
	}
}

// verticalFloatsGo makes one row. Products are converted so that no processor fuses them with the sums.
func verticalFloatsGo(dst, src, weights []float32) {
	clear(dst)
	for j, v := range weights {
		row := src[j*len(dst):][:len(dst)]
		for x, p := range row {
			dst[x] += float32(p * v)
		}
	}
}

// verticalGo makes row y. It goes through a strip of columns at a time, row by
// row, since a column's pixels lie far apart.
func verticalGo(dst, src []byte, t *Taps, y int) {
	stride := len(dst)
	var sums [256]int32
	for x := 0; x < stride; x += len(sums) {
		sums := sums[:min(len(sums), stride-x)]
		for i := range sums {
			sums[i] = half
		}
		for j, v := range t.Weight[y*t.Size : y*t.Size+t.Count[y]] {
			row := src[j*stride+x:][:len(sums)]
			for i, p := range row {
				sums[i] += int32(p) * v
			}
		}
		for i, sum := range sums {
			dst[x+i] = clip8(sum)
		}
	}
}
