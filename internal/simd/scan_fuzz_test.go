package simd

import (
	"math"
	"slices"
	"testing"
)

// Fuzzing tries all kernels that the processor has: one with AVX-512 those without, too.

// around fills n values with data, as often as it takes.
func around[T any](n int, data []byte, value func(b byte) T) []T {
	out := make([]T, n)
	for i := range out {
		if len(data) > 0 {
			out[i] = value(data[(i*7+i/len(data))%len(data)])
		}
	}
	return out
}

func FuzzPanelSums(f *testing.F) {
	f.Add([]byte("some bytes"), uint8(2), uint8(1))
	f.Add([]byte{0x80, 0x7f}, uint8(7), uint8(2))
	f.Fuzz(func(t *testing.T, data []byte, size, panels uint8) {
		n, rows := 16*(1+int(size)%16), int(panels)%5*PanelRows
		q := around(n, data, func(b byte) int8 { return max(int8(b), -127) })
		bytes := around(n*rows, data, func(b byte) uint8 { return b & 127 })
		want := make([]int32, rows)
		panelSumsGo(q, bytes, want)
		each(func() {
			got := make([]int32, rows)
			PanelSums(q, bytes, got)
			if !slices.Equal(got, want) {
				t.Fatalf("%s: %v, want %v", Kernels(), got, want)
			}
		})
	})
}

func FuzzReach(f *testing.F) {
	f.Add([]byte("some bytes"), float32(0.5), float32(2), float32(100))
	f.Add([]byte{0, 1, 255}, float32(1), float32(0), float32(0))
	f.Fuzz(func(t *testing.T, data []byte, scale, weight, limit float32) {
		panels := min(len(data)/PanelRows, 40)
		n := panels * PanelRows
		sums := around(n, data, func(b byte) int32 { return int32(int8(b)) << (b % 24) })
		slack := around(n, data, func(b byte) float32 {
			return []float32{float32(b), -float32(b) / 3, float32(math.Inf(-1)), 0}[b%4]
		})
		want := make([]uint16, panels)
		reachGo(sums, slack, scale, weight, limit, want)
		each(func() {
			got := make([]uint16, panels)
			Reach(sums, slack, scale, weight, limit, got)
			if !slices.Equal(got, want) {
				t.Fatalf("%s: %b, want %b", Kernels(), got, want)
			}
		})
	})
}

func FuzzWideDots(f *testing.F) {
	f.Add([]byte("some bytes"), uint8(2), uint8(3))
	f.Add([]byte{0xff, 0x80}, uint8(7), uint8(6))
	f.Fuzz(func(t *testing.T, data []byte, size, count uint8) {
		n, rows := 64*(1+int(size)%8), int(count)%9
		q := around(n, data, func(b byte) int16 { return int16(b)<<8 | int16(b>>1) })
		bytes := around(n*rows, data, func(b byte) uint8 { return b })
		want := make([]int32, rows)
		wideDotsGo(q, bytes, want)
		at := []uint32{}
		for _, b := range data {
			if rows > 0 {
				at = append(at, uint32(int(b)%rows))
			}
		}
		each(func() {
			got, some := make([]int32, rows), make([]int32, len(at))
			WideDots(q, bytes, got)
			WideDotsAt(q, bytes, at, some)
			if !slices.Equal(got, want) {
				t.Fatalf("%s: %v, want %v", Kernels(), got, want)
			}
			for i, row := range at {
				if some[i] != want[row] {
					t.Fatalf("%s: row %d: %v, want %v", Kernels(), row, some[i], want[row])
				}
			}
		})
	})
}

func FuzzTileDots(f *testing.F) {
	f.Add([]byte("some bytes"), uint8(2), uint8(3))
	f.Add([]byte{0xff}, uint8(11), uint8(1))
	f.Fuzz(func(t *testing.T, data []byte, size, fours uint8) {
		n, rows := 64*(1+int(size)%12), 4*(int(fours)%5)
		bytes := around(n*rows, data, func(b byte) uint8 { return b })
		each(func() {
			most := TileMost()
			qs := around(TileQueries*n, data, func(b byte) int8 { return int8(min(most, max(-most, int(int8(b))))) })
			got, want := make([]int32, TileQueries*rows), make([]int32, TileQueries*rows)
			TileDots(qs, bytes, got)
			tileDotsGo(qs, bytes, want)
			if !slices.Equal(got, want) {
				t.Fatalf("%s: %v, want %v", Kernels(), got, want)
			}
		})
	})
}

func FuzzProduct(f *testing.F) {
	f.Add([]byte("some bytes"), uint8(2), uint8(3))
	f.Fuzz(func(t *testing.T, data []byte, size, count uint8) {
		n, rows := 1+int(size)%40, int(count)%7
		// Small whole numbers have the same sums in any order.
		whole := func(b byte) float32 { return float32(int8(b)) }
		a, b := around(rows*n, data, whole), around(n*Columns, data, whole)
		want := make([]float32, rows*Columns)
		productGo(a, b, want, n, Columns)
		each(func() {
			got := make([]float32, rows*Columns)
			Product(a, b, got, n, Columns)
			if !slices.Equal(got, want) {
				t.Fatalf("%s: %v, want %v", Kernels(), got, want)
			}
		})
	})
}
