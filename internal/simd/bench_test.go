package simd

import (
	"bytes"
	"math"
	"math/rand/v2"
	"slices"
	"testing"
	"time"
)

// A kernel waits for memory or for its multipliers. What it reads is to be compared with
// BenchmarkRead, on data that no cache holds; what it multiplies with the most products a
// cycle that two multiplying instructions a cycle give, which is what processors with AVX2
// have: of eight lanes of float32, 16; of four of float64, 8; of words, 32; of bytes, 32 where
// they become words pair by pair, 43 where two pairs are added first, and 64 or 128 with VNNI.

// cyclesPerSecond is the processor's clock: a product that waits for the one before takes
// three cycles.
func cyclesPerSecond() float64 {
	const n = 1 << 20
	best, x := math.Inf(1), uint64(3)
	for range 20 {
		started := time.Now()
		for range n {
			x *= 0x9e3779b97f4a7c15
		}
		best = min(best, time.Since(started).Seconds())
	}
	if x == 0 { // never: it stays odd
		return 0
	}
	return 3 * n / best
}

// products reports how many products a cycle made.
func products(b *testing.B, each int) {
	b.ReportMetric(float64(each)*float64(b.N)/b.Elapsed().Seconds()/cyclesPerSecond(), "products/cycle")
}

// sizes are rows that a core's own cache holds, and rows that none does.
var sizes = []struct {
	name string
	rows int
}{{"cached", 128}, {"memory", 200_000}}

// Nothing is done with what is read but a comparison.
func BenchmarkRead(b *testing.B) {
	data := slices.Repeat([]byte{77}, 768*200_000)
	b.SetBytes(int64(len(data)))
	for b.Loop() {
		bytes.IndexByte(data, 1)
	}
}

func BenchmarkDots(b *testing.B) {
	for _, size := range sizes {
		b.Run(size.name, func(b *testing.B) {
			const n = 768
			rows := size.rows / 4 // values have four bytes
			q, data, out := make([]float32, n), slices.Repeat([]float32{1}, n*rows), make([]float32, rows)
			b.SetBytes(int64(4 * len(data)))
			for b.Loop() {
				Dots(q, data, out)
			}
			products(b, n*rows)
		})
	}
}

// Rows that lie anywhere, as the last of a search do: the limit is what memory takes to answer, not how much it reads.
func BenchmarkDotsOf(b *testing.B) {
	for _, size := range sizes {
		b.Run(size.name, func(b *testing.B) {
			const n = 768
			rows := size.rows / 4
			q, data := make([]float32, n), slices.Repeat([]float32{1}, n*rows)
			at, anywhere := rand.Perm(rows), [4][]float32{}
			b.SetBytes(4 * 4 * n)
			for i := 0; b.Loop(); i++ {
				for j := range anywhere {
					anywhere[j] = data[at[(4*i+j)%rows]*n:][:n]
				}
				DotsOf(q, &anywhere)
			}
			products(b, 4*n)
		})
	}
}

func BenchmarkDot(b *testing.B) {
	const n = 768
	x, y := make([]float32, n), make([]float32, n)
	b.SetBytes(4 * n)
	for b.Loop() {
		Dot(x, y)
	}
	products(b, n)
}

func BenchmarkPanelSums(b *testing.B) {
	for _, size := range sizes {
		b.Run(size.name, func(b *testing.B) {
			const n = 128
			rows := size.rows * 6 / PanelRows * PanelRows
			q, data, out := make([]int8, n), slices.Repeat([]uint8{77}, n*rows), make([]int32, rows)
			b.SetBytes(int64(n * rows))
			for b.Loop() {
				PanelSums(q, data, out)
			}
			products(b, n*rows)
		})
	}
}

// Eight bytes a row.
func BenchmarkReach(b *testing.B) {
	for _, size := range sizes {
		b.Run(size.name, func(b *testing.B) {
			panels := size.rows * 8
			sums, slack, out := make([]int32, panels*PanelRows), make([]float32, panels*PanelRows), make([]uint16, panels)
			b.SetBytes(int64(8 * len(sums)))
			for b.Loop() {
				Reach(sums, slack, 1, 1, 1, out)
			}
		})
	}
}

func BenchmarkWideDots(b *testing.B) {
	for _, size := range sizes {
		b.Run(size.name, func(b *testing.B) {
			const n = 768
			q, data, out := make([]int16, n), slices.Repeat([]uint8{77}, n*size.rows), make([]int32, size.rows)
			b.SetBytes(int64(n * size.rows))
			for b.Loop() {
				WideDots(q, data, out)
			}
			products(b, n*size.rows)
		})
	}
}

// One row in ten.
func BenchmarkWideDotsAt(b *testing.B) {
	for _, size := range sizes {
		b.Run(size.name, func(b *testing.B) {
			const n = 768
			q, data, out := make([]int16, n), slices.Repeat([]uint8{77}, n*size.rows), make([]int32, size.rows/10)
			at := make([]uint32, size.rows/10)
			for i := range at {
				at[i] = uint32(10 * i)
			}
			b.SetBytes(int64(n * len(at)))
			for b.Loop() {
				WideDotsAt(q, data, at, out)
			}
			products(b, n*len(at))
		})
	}
}

func BenchmarkTileDots(b *testing.B) {
	const n, rows = 768, 128
	qs, data, out := make([]int8, TileQueries*n), make([]uint8, n*rows), make([]int32, TileQueries*rows)
	for b.Loop() {
		TileDots(qs, data, out)
	}
	products(b, n*rows*TileQueries)
}

func BenchmarkProduct(b *testing.B) {
	const n, width, rows = 768, 128, 256
	x, y, out := make([]float32, n*rows), make([]float32, n*width), make([]float32, width*rows)
	for b.Loop() {
		Product(x, y, out, n, width)
	}
	products(b, n*width*rows)
}

// Pictures of a phone to a network's size; a product is of a pixel's channel and a weight, twice,
// for a weight has 32 bits and multipliers take 16.
func BenchmarkHorizontal(b *testing.B) {
	const in, out, rows = 4000, 224, 64
	taps := shrinking(in, out)
	src, dst := pixels(rand.New(rand.NewPCG(1, 1)), 3*in*rows), make([]byte, 3*out*rows)
	b.SetBytes(int64(len(src)))
	for b.Loop() {
		Horizontal(dst, src, in, taps)
	}
	products(b, 2*3*rows*out*taps.Size)
}

func BenchmarkVertical(b *testing.B) {
	const in, out, stride = 3000, 224, 3 * 224
	taps := shrinking(in, out)
	src, dst := pixels(rand.New(rand.NewPCG(1, 1)), stride*in), make([]byte, stride*out)
	b.SetBytes(int64(len(src)))
	for b.Loop() {
		Vertical(dst, src, stride, 0, taps)
	}
	products(b, 2*stride*out*taps.Size)
}

// shrinking makes each pixel of twice as many as fall on it, as a triangle does.
func shrinking(in, out int) *Taps {
	size := 2 * in / out
	first, count := make([]int, out), make([]int, out)
	for i := range out {
		first[i], count[i] = min(i*in/out, in-size), size
	}
	return NewTaps(size, first, count, slices.Repeat([]int32{1 << PrecisionBits / int32(size)}, out*size))
}
