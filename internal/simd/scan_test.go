package simd

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

func TestPanelSumsAreThoseOfTheTwin(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(5, 6))
	for n := 16; n <= 256; n += 16 {
		for panels := range 4 {
			q, rows := make([]int8, n), make([]uint8, n*panels*PanelRows)
			for i := range q {
				q[i] = []int8{int8(r.IntN(255) - 127), 127, -127}[r.IntN(3)]
			}
			for i := range rows {
				rows[i] = []uint8{uint8(r.IntN(128)), 127}[r.IntN(2)]
			}
			got, want := make([]int32, panels*PanelRows), make([]int32, panels*PanelRows)
			PanelSums(q, rows, got)
			panelSumsGo(q, rows, want)
			if !slices.Equal(got, want) {
				t.Fatalf("%d bytes, %d panels: %v, want %v", n, panels, got, want)
			}
		}
	}
}

// A panel of ones in one row tells the layout.
func TestPanelsHoldQuads(t *testing.T) {
	t.Parallel()
	q, panel, out := make([]int8, 16), make([]uint8, 16*PanelRows), make([]int32, PanelRows)
	q[5] = 3
	panel[5/4*64+7*4+5%4] = 11
	PanelSums(q, panel, out)
	want := make([]int32, PanelRows)
	want[7] = 33
	if !slices.Equal(out, want) {
		t.Errorf("%v, want %v", out, want)
	}
}

func TestReachIsThatOfTheTwin(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(7, 8))
	nan, inf := float32(math.NaN()), float32(math.Inf(1))
	for panels := range 9 {
		n := panels * PanelRows
		sums, slack := make([]int32, n), vector(r, n)
		for i := range sums {
			sums[i] = int32(r.Uint32()) >> r.IntN(32)
			slack[i] = []float32{slack[i], 0, inf, nan}[min(r.IntN(20), 3)]
		}
		for _, limit := range []float32{0, 1, -inf, inf, nan, float32(r.NormFloat64()) * 1e6} {
			scale, weight := float32(r.NormFloat64()), float32(r.NormFloat64())
			if n > 0 {
				// One row lies on the limit itself.
				slack[3] = 0
				limit = min(limit, limit+0*scale)
				if limit == 1 {
					limit = scale * float32(sums[3])
				}
			}
			got, want := make([]uint16, panels), make([]uint16, panels)
			Reach(sums, slack, scale, weight, limit, got)
			reachGo(sums, slack, scale, weight, limit, want)
			if !slices.Equal(got, want) {
				t.Fatalf("limit %v: %b, want %b", limit, got, want)
			}
		}
	}
}

func TestWideDotsAreThoseOfTheTwin(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(9, 10))
	for n := 64; n <= 512; n += 64 {
		for count := range 7 {
			q, rows := make([]int16, n), make([]uint8, n*count)
			for i := range q {
				q[i] = []int16{int16(r.IntN(65535) - 32767), 32767, -32767}[r.IntN(3)]
			}
			for i := range rows {
				rows[i] = []uint8{uint8(r.IntN(256)), 255, 0}[r.IntN(3)]
			}
			got, want := make([]int32, count), make([]int32, count)
			WideDots(q, rows, got)
			wideDotsGo(q, rows, want)
			if !slices.Equal(got, want) {
				t.Fatalf("%d values, %d rows: %v, want %v", n, count, got, want)
			}
			at, some := []uint32{}, make([]int32, 2*count)
			for range 2 * count {
				at = append(at, uint32(r.IntN(count)))
			}
			WideDotsAt(q, rows, at, some)
			for i, row := range at {
				if some[i] != want[row] {
					t.Fatalf("%d values, row %d of %d: %v, want %v", n, row, count, some[i], want[row])
				}
			}
		}
	}
}

func TestTileDotsAreThoseOfTheTwin(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(23, 24))
	most := TileMost()
	for n := 64; n <= 512; n += 64 {
		for count := 0; count <= 12; count += 4 {
			qs, rows := make([]int8, TileQueries*n), make([]uint8, n*count)
			for i := range qs {
				qs[i] = int8([]int{r.IntN(2*most+1) - most, most, -most}[r.IntN(3)])
			}
			for i := range rows {
				rows[i] = []uint8{uint8(r.IntN(256)), 255, 0}[r.IntN(3)]
			}
			got, want := make([]int32, TileQueries*count), make([]int32, TileQueries*count)
			TileDots(qs, rows, got)
			tileDotsGo(qs, rows, want)
			if !slices.Equal(got, want) {
				t.Fatalf("%d values, %d rows: %v, want %v", n, count, got, want)
			}
		}
	}
}

func TestProductIsWithinItsBound(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(11, 12))
	for _, n := range []int{1, 3, 64, 777} {
		for rows := range 10 {
			const width = 2 * Columns
			a, b := vector(r, rows*n), vector(r, n*width)
			out := make([]float32, rows*width)
			Product(a, b, out, n, width)
			for i := range rows {
				for j := range width {
					sum, size := 0., 0.
					for k := range n {
						x := float64(a[i*n+k]) * float64(b[k*width+j])
						sum, size = sum+x, size+math.Abs(x)
					}
					if got := float64(out[i*width+j]); math.Abs(got-sum) > float64(n)*size/(1<<23) {
						t.Fatalf("%d x %d: %v, want %v", rows, n, got, sum)
					}
				}
			}
		}
	}
}
