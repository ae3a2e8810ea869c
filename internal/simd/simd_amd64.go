//go:build !purego

package simd

import (
	"math"
	"sync"

	"golang.org/x/sys/cpu"
)

var hasAVX2 = cpu.X86.HasAVX2 && cpu.X86.HasFMA

// Kernels names the kernels in use.
func Kernels() string {
	switch {
	case hasVNNI:
		return "AVX-512 VNNI"
	case hasAVX2:
		return "AVX2"
	}
	return "plain Go"
}

func dot(a, b []float32) float32 {
	if !hasAVX2 || len(a) == 0 {
		return dotGo(a, b)
	}
	return dotAVX2(&a[0], &b[0], len(a))
}

func dots(q, rows, out []float32) {
	if !hasAVX2 || len(q) == 0 {
		dotsGo(q, rows, out)
		return
	}
	fours := len(out) / 4
	if fours > 0 {
		dotsAVX2(&q[0], &rows[0], &out[0], len(q), fours)
	}
	for i := 4 * fours; i < len(out); i++ {
		out[i] = dotAVX2(&q[0], &rows[i*len(q)], len(q))
	}
}

func dotsOf(q []float32, rows *[4][]float32, out *[4]float32) {
	if !hasAVX2 || len(q) == 0 {
		dotsOfGo(q, rows, out)
		return
	}
	dotsOfAVX2(&q[0], &rows[0][0], &rows[1][0], &rows[2][0], &rows[3][0], &out[0], len(q))
}

// packed are taps as the kernels read them. VPMADDWD multiplies signed 16-bit
// numbers, and so a weight is high*65536 + low; modulo 2^32 that is exact for
// every weight.
type packed struct {
	spans []uint32 // two a pixel: where its first tap lies in a row (bytes), how many quads
	quads []int16  // of four taps the high halves, then the low halves; zeros fill the last
	start []int    // where a pixel's quads begin
	width int      // the least that a row must have
}

func (t *Taps) pack() {
	if !hasAVX2 {
		return
	}
	total := 0
	for i, n := range t.Count {
		if n < 1 || t.First[i] < 0 {
			t.width = math.MaxInt
			return
		}
		t.width = max(t.width, t.First[i]+n)
		total += (n + 3) / 4
	}
	t.spans = make([]uint32, 0, 2*len(t.First))
	t.quads = make([]int16, 8*total)
	t.start = make([]int, len(t.First))
	at := 0
	for i, first := range t.First {
		t.spans = append(t.spans, uint32(3*first), uint32((t.Count[i]+3)/4))
		t.start[i] = at
		for j, v := range t.Weight[i*t.Size : i*t.Size+t.Count[i]] {
			low := int16(v)
			t.quads[at+j/4*8+j%4] = int16((v - int32(low)) >> 16)
			t.quads[at+j/4*8+4+j%4] = low
		}
		at += (t.Count[i] + 3) / 4 * 8
	}
}

// overread is how far after a row the horizontal kernel may read.
const overread = 16

var scratch = sync.Pool{New: func() any { return new([]byte) }}

func horizontal(dst, src []byte, width int, t *Taps) {
	out := len(t.First)
	if !hasAVX2 || out == 0 || width < t.width {
		horizontalGo(dst, src, width, t)
		return
	}
	rowsOfFour(dst, src, width, out, func(dst, src []byte) {
		horizontalAVX2(&dst[0], &src[0], 3*out, 3*width, &t.spans[0], out, &t.quads[0])
	})
}

func horizontalFloats(dst []float32, src []byte, width int, t *Taps) {
	out := len(t.First)
	if !hasAVX2 || out == 0 || width < t.width {
		horizontalFloatsGo(dst, src, width, t)
		return
	}
	rowsOfFour(dst, src, width, out, func(dst []float32, src []byte) {
		horizontalFloatsAVX2(&dst[0], &src[0], 4*3*out, 3*width, &t.spans[0], out, &t.quads[0])
	})
}

// rowsOfFour calls four for all rows of src, (rows, width, 3), and dst, (rows, out, 3).
func rowsOfFour[T byte | float32](dst []T, src []byte, width, out int, four func(dst []T, src []byte)) {
	from, to := 3*width, 3*out
	rows := len(src) / from
	_ = dst[:rows*to]
	y := 0
	for ; (y+4)*from+overread <= len(src); y += 4 {
		four(dst[y*to:(y+4)*to], src[y*from:])
	}
	if y >= rows {
		return
	}
	// The last rows go through a copy with room behind it.
	buffer := scratch.Get().(*[]byte)
	defer scratch.Put(buffer)
	if size := 4*from + overread; cap(*buffer) < size {
		*buffer = make([]byte, size)
	}
	in := (*buffer)[:4*from+overread]
	made := make([]T, 4*to)
	for ; y < rows; y += 4 {
		n := min(4, rows-y)
		copy(in, src[y*from:(y+n)*from])
		four(made, in)
		copy(dst[y*to:], made[:n*to])
	}
}

func verticalFloats(dst, src, weights []float32) {
	if !hasAVX2 || len(dst) < 32 || len(weights) == 0 {
		verticalFloatsGo(dst, src, weights)
		return
	}
	_ = src[len(weights)*len(dst)-1]
	verticalFloatsAVX2(&dst[0], &src[0], len(dst), 4*len(dst), len(weights), &weights[0])
}

func vertical(dst, src []byte, t *Taps, y int) {
	if len(dst) < 32 || t.start == nil {
		verticalGo(dst, src, t, y)
		return
	}
	verticalAVX2(&dst[0], &src[0], len(dst), len(dst), t.Count[y], &t.quads[t.start[y]])
}

func symmetric(dst, src []float32, middle, stride int, weights []float32) {
	whole := 0
	if hasAVX2 {
		if whole = len(dst) &^ 7; whole > 0 {
			symmetricAVX2(&dst[0], &src[middle], &weights[0], whole, len(weights), 4*stride)
		}
	}
	symmetricGo(dst[whole:], src, middle+whole, stride, weights)
}
