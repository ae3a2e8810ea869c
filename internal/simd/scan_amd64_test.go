//go:build !purego

package simd

import (
	"math/rand/v2"
	"slices"
	"testing"
)

// A processor with AVX-512 would never try the kernels for those without.
func TestAVX2KernelsAreTheirTwins(t *testing.T) {
	t.Parallel()
	if !hasAVX2 {
		t.Skip("this processor has no AVX2")
	}
	r := rand.New(rand.NewPCG(31, 32))
	for range 50 {
		n, panels := 64*(1+r.IntN(8)), 1+r.IntN(4)
		rows := panels * PanelRows
		q, words := make([]int8, n), make([]int16, n)
		for i := range q {
			q[i], words[i] = int8(r.IntN(255)-127), int16(r.IntN(65535)-32767)
		}
		bytes, sevens := make([]uint8, n*rows), make([]uint8, n*rows)
		for i := range bytes {
			bytes[i] = uint8(r.IntN(256))
			sevens[i] = bytes[i] & 127
		}
		got, want := make([]int32, rows), make([]int32, rows)
		panelSumsAVX2(&q[0], &sevens[0], &got[0], n, panels)
		panelSumsGo(q, sevens, want)
		if !slices.Equal(got, want) {
			t.Fatalf("panels of %d: %v, want %v", n, got, want)
		}
		slack := vector(r, rows)
		reached, right := make([]uint16, panels), make([]uint16, panels)
		reachAVX2(&got[0], &slack[0], 0.01, 100, 50, &reached[0], panels)
		reachGo(want, slack, 0.01, 100, 50, right)
		if !slices.Equal(reached, right) {
			t.Fatalf("reach: %b, want %b", reached, right)
		}
		wideDotsAVX2(&words[0], &bytes[0], &got[0], n, rows)
		wideDotsGo(words, bytes, want)
		if !slices.Equal(got, want) {
			t.Fatalf("rows of %d: %v, want %v", n, got, want)
		}
		at := make([]uint32, rows)
		for i := range at {
			at[i] = uint32(r.IntN(rows))
		}
		some := make([]int32, rows)
		wideDotsAtAVX2(&words[0], &bytes[0], &at[0], &some[0], n, rows)
		for i, row := range at {
			if some[i] != want[row] {
				t.Fatalf("row %d of %d: %v, want %v", row, n, some[i], want[row])
			}
		}
		short := make([]int8, TileQueries*n)
		for i := range short {
			short[i] = int8(r.IntN(63) - 31)
		}
		tile, product := make([]int32, TileQueries*rows), make([]int32, TileQueries*rows)
		tileDotsAVX2(&short[0], &bytes[0], &tile[0], n, rows/2)
		tileDotsGo(short, bytes, product)
		if !slices.Equal(tile, product) {
			t.Fatalf("tiles of %d: %v, want %v", n, tile, product)
		}
		// Small whole numbers have the same sums in any order.
		const width = Columns
		a, b := make([]float32, 5*n), make([]float32, n*width)
		for i := range a {
			a[i] = float32(r.IntN(9) - 4)
		}
		for i := range b {
			b[i] = float32(r.IntN(9) - 4)
		}
		sums, exact := make([]float32, 5*width), make([]float32, 5*width)
		for j := 0; j < width; j += 16 {
			productAVX2(&a[0], &b[j], &sums[j], n, n, width, width)
		}
		productOneAVX2(&a[4*n], &b[0], &sums[4*width], n, n, width, width)
		productGo(a, b, exact, n, width)
		if !slices.Equal(sums, exact) {
			t.Fatal("the matrix product differs")
		}
	}
}
