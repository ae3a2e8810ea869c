package simd

import (
	"math/rand/v2"
	"slices"
	"testing"
)

func FuzzNearCodes(f *testing.F) {
	f.Add([]byte("some bytes"), uint8(20), uint8(3), uint8(2))
	f.Add([]byte{0xff, 0, 0x55}, uint8(64), uint8(1), uint8(9))
	f.Add([]byte{0}, uint8(0), uint8(0), uint8(1))
	f.Fuzz(func(t *testing.T, data []byte, limit, queries, blocks uint8) {
		word := func(b byte) uint64 { return uint64(b) * 0x0123_4567_89ab_cdef }
		q := around(2*int(queries%16), data, word)
		slices.Reverse(q)
		rows := around(2*CodesPerBlock*int(blocks%16), data, word)
		want := make([]uint8, len(q)/2*int(blocks%16))
		nearCodesGo(q, rows, int(limit), want)
		each(func() {
			got := make([]uint8, len(want))
			NearCodes(q, rows, int(limit), got)
			if !slices.Equal(got, want) {
				t.Fatalf("%s: %b, want %b", Kernels(), got, want)
			}
		})
	})
}

// A code is near itself, and near another by the bits that differ: counted by hand.
func TestNearCodes(t *testing.T) {
	block := make([]uint64, 2*CodesPerBlock)
	block[0], block[8] = 0b1011, 1<<63 // 4 bits
	block[7], block[15] = ^uint64(0), ^uint64(0)
	for limit, want := range map[int]uint8{0: 0b0111_1110, 3: 0b0111_1110, 4: 0b0111_1111, 127: 0b0111_1111, 128: 0xff} {
		each(func() {
			out := []uint8{0}
			if NearCodes([]uint64{0, 0}, block, limit, out); out[0] != want {
				t.Errorf("%s: %b within %d bits, want %b", Kernels(), out[0], limit, want)
			}
		})
	}
}

func BenchmarkNearCodes(b *testing.B) {
	r := rand.New(rand.NewPCG(1, 1))
	words := func(n int) []uint64 {
		out := make([]uint64, n)
		for i := range out {
			out[i] = r.Uint64()
		}
		return out
	}
	const codes = 320
	q, blocks, out := words(2*codes), words(2*codes), make([]uint8, codes*codes/CodesPerBlock)
	for b.Loop() {
		NearCodes(q, blocks, 20, out)
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/codes/codes, "ns/pair")
}
