package vector

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"
)

func TestBoundScaleIsTheLeastThatReachesARecall(t *testing.T) {
	t.Parallel()
	nan := float32(math.NaN())
	whole := measured{1, 1, 1, 1, 1, 1, 1, 1, 1}
	rising := measured{0.5, 0.75, 0.875, 0.9375, 1, 1, 1, 1, 1}
	late := measured{0, 0, 0, 0, 0.5, 0.5, 0.75, 1, 1}
	for _, c := range []struct {
		name     string
		of       []recalls // each of as many rows; nil for none
		recall   float64
		k        int
		filtered bool
		want     boundScale
	}{
		{name: "the first is enough", of: []recalls{{late, {0.99, 1, 1, 1, 1, 1, 1, 1, 1}, late}}, recall: 0.99, k: 10, want: boundScales[0]},
		{name: "the second to the digit", of: []recalls{{late, rising, late}}, recall: 0.75, k: 10, want: boundScales[1]},
		{name: "half of the way to the third", of: []recalls{{late, rising, late}}, recall: 0.8125, k: 10, want: boundScale{0.25, 4.5, 4.5}},
		{name: "half of the way to wider bounds for the first lists", of: []recalls{{late, {0, 0, 0.75, 1, 1, 1, 1, 1, 1}, late}}, recall: 0.875, k: 10, want: boundScale{0.3, 5, 9.5}},
		{name: "between two counts, the one that needs more", of: []recalls{{late, whole, rising}}, recall: 0.75, k: 11, want: boundScales[1]},
		{name: "or the other", of: []recalls{{late, rising, whole}}, recall: 0.75, k: 99, want: boundScales[1]},
		{name: "beyond the greatest count", of: []recalls{{late, late, rising}}, recall: 0.75, k: 1000, want: boundScales[1]},
		{name: "a filter needs the bounds of greater counts too", of: []recalls{{whole, whole, rising}}, recall: 0.75, k: 1, filtered: true, want: boundScales[1]},
		{name: "the copy that needs more decides", of: []recalls{{whole, whole, whole}, {rising, rising, rising}}, recall: 0.875, k: 100, want: boundScales[2]},
		{name: "none is enough", of: []recalls{{}}, recall: 0.99, k: 10, want: exactBounds},
		{name: "the last one is", of: []recalls{{late, {nan, nan, nan, nan, nan, nan, nan, nan, 1}, late}}, recall: 0.99, k: 10, want: boundScales[len(boundScales)-1]},
		{name: "nothing was measured", of: []recalls{{late, {nan, nan, nan, nan, nan, nan, nan, nan, nan}, late}}, recall: 0.99, k: 10, want: exactBounds},
	} {
		m := Matrix{Dim: 1, Parts: [][]float32{nil}, Compact: []*Compact{nil}}
		for _, r := range c.of {
			m.Parts, m.Compact = append(m.Parts, make([]float32, 1000)), append(m.Compact, &Compact{Rows: 1000, recalls: r})
		}
		got := m.scaleFor(c.recall, c.k, c.filtered)
		if math.Abs(got.radius-c.want.radius) > 1e-6 || math.Abs(got.residual-c.want.residual) > 1e-6 || math.Abs(got.firstResidual-c.want.firstResidual) > 1e-6 {
			t.Errorf("%s: %v, want %v", c.name, got, c.want)
		}
	}
}

func TestLowerLimitsOfRecalls(t *testing.T) {
	t.Parallel()
	// SciPy 1.17: binomtest(450, 500).proportion_ci(0.9, "wilson"), and of 500.
	if got := wilson(0.9, 500); math.Abs(got-0.8757336142) > 1e-9 {
		t.Error(got)
	}
	if got := wilson(1, 500); math.Abs(got-0.9946180354) > 1e-9 {
		t.Error(got)
	}
	var lost [len(boundScales)][]int
	wanted := make([]int, 500)
	for i := range wanted {
		wanted[i] = 10
	}
	for r := range lost {
		lost[r] = make([]int, 500)
	}
	if got := leastRecalls(lost, wanted)[0]; math.Abs(float64(got)-wilson(1, 500)) > 1e-6 {
		t.Errorf("nothing is lost of 500 queries: %v, as if each had one hit: %v", got, wilson(1, 500))
	}
	for i := range 50 { // 50 queries lose all: no more is known than from one hit of each
		lost[0][i] = 10
	}
	if got := leastRecalls(lost, wanted)[0]; math.Abs(float64(got)-wilson(0.9, 500)) > 1e-6 {
		t.Errorf("a tenth loses all: %v, want %v", got, wilson(0.9, 500))
	}
	for i := range lost[0] { // each loses one: 5000 hits that do not depend on one another, at the least
		lost[0][i] = 1
	}
	if got := leastRecalls(lost, wanted)[0]; math.Abs(float64(got)-wilson(0.9, 5000)) > 1e-6 {
		t.Errorf("each loses one: %v, want %v", got, wilson(0.9, 5000))
	}
	if got := leastRecalls(lost, make([]int, 500)); got != (measured{}) {
		t.Errorf("no hits at all: %v", got)
	}
}

// repeated makes rows of which each is there up to dozens of times.
func repeated(r *rand.Rand, n, dim int) []float32 {
	few := clustered(r, max(1, n/20), dim)
	out := make([]float32, 0, n*dim)
	for range n {
		i := min(r.IntN(max(1, n/20)), r.IntN(max(1, n/20)))
		out = append(out, few[i*dim:(i+1)*dim]...)
	}
	return out
}

// The queries are new: no rows. What a copy says was measured alone has to hold among others as well.
func TestRecallIsWhatIsAskedFor(t *testing.T) {
	t.Parallel()
	const n, dim, queries = 24_000, 128, 200
	for kind, make := range map[string]func(*rand.Rand, int, int) []float32{"clustered": clustered, "isotropic": isotropic, "kin": kin, "repeated": repeated} {
		for _, parts := range []int{1, 3} {
			if testing.Short() && (kind != "clustered" || parts == 1) {
				continue // the race detector sees the same code run in one of them
			}
			t.Run(fmt.Sprintf("%s in %d", kind, parts), func(t *testing.T) {
				t.Parallel()
				rows := make(rand.New(rand.NewPCG(27, 28)), n+queries, dim)
				// Turned over, so that queries are not only the last ones drawn.
				r := rand.New(rand.NewPCG(33, 34))
				r.Shuffle(n+queries, func(i, j int) {
					for k := range dim {
						rows[i*dim+k], rows[j*dim+k] = rows[j*dim+k], rows[i*dim+k]
					}
				})
				m, qs := Matrix{Dim: dim}, rows[n*dim:]
				for i := range parts {
					part := rows[n/parts*i*dim : n/parts*(i+1)*dim]
					c, err := Build(t.Context(), part, dim, BuildOptions{Like: first(m.Compact)})
					if err != nil {
						t.Fatal(err)
					}
					m.Parts, m.Compact = append(m.Parts, part), append(m.Compact, c)
				}
				recallsOfNew(t, m, qs)
			})
		}
	}
}

func recallsOfNew(t *testing.T, m Matrix, qs []float32) {
	t.Helper()
	queries := len(qs) / m.Dim
	for _, k := range []int{1, 10, 11, 50, 100} {
		right := make([][]Hit, queries)
		for i := range right {
			var err error
			if right[i], err = Search(t.Context(), m, qs[i*m.Dim:(i+1)*m.Dim], Options{K: k}); err != nil {
				t.Fatal(err)
			}
		}
		for _, recall := range []float64{0.9, 0.95, 0.99} {
			sum, squares := 0., 0.
			for i := range right {
				got, err := Search(t.Context(), m, qs[i*m.Dim:(i+1)*m.Dim], Options{K: k, Threads: 1, Recall: recall})
				if err != nil {
					t.Fatal(err)
				}
				share := float64(among(right[i], got)) / float64(k)
				sum, squares = sum+share, squares+share*share
			}
			found := sum / float64(queries)
			deviation := math.Sqrt((squares/float64(queries) - found*found) / float64(queries))
			if found < recall-1.96*deviation {
				t.Errorf("%d hits: %.4f of %v, by more than the %.4f that %d queries leave open", k, found, recall, 1.96*deviation, queries)
			}
		}
	}
}

// Bounds that are not scaled in fact, so that a search of parts has to find what the plain scan does.
func TestPartsOneByOneAreThePlainScan(t *testing.T) {
	t.Parallel()
	wide := boundScale{radius: 1, residual: 1e9, firstResidual: 1e9}
	r := rand.New(rand.NewPCG(35, 36))
	for range 60 {
		const dim = 48
		m := Matrix{Dim: dim}
		for range 2 + r.IntN(3) {
			n := []int{0, 1, 63, 64, 65, 500, 1501}[r.IntN(7)]
			part := clustered(r, n, dim)
			var c *Compact
			if r.IntN(4) > 0 {
				var err error
				if c, err = Build(t.Context(), part[:(n-min(n, r.IntN(40)))*dim], dim, BuildOptions{Like: first(m.Compact)}); err != nil {
					t.Fatal(err)
				}
			}
			m.Parts, m.Compact = append(m.Parts, part), append(m.Compact, c)
		}
		if !m.hasCompact() {
			continue
		}
		n := m.Rows()
		for range 10 {
			o := Options{K: []int{0, 1, 10, 200}[r.IntN(4)], Threads: 1 + r.IntN(2), scale: wide}
			if r.IntN(3) > 0 {
				share := []float64{0.01, 0.3, 0.9}[r.IntN(3)]
				o.Keep = make([]uint64, (n+63)/64)
				for i := range n {
					if r.Float64() < share {
						o.Keep[i/64] |= 1 << (i % 64)
					}
				}
			}
			if r.IntN(2) == 0 {
				o.Tie = make([]int32, n)
				for i := range o.Tie {
					o.Tie[i] = int32(r.IntN(3))
				}
			}
			if r.IntN(3) == 0 {
				o.MinScore, o.HasMin = 0.3, true
			}
			same(t, m, clustered(r, 1, dim), o)
		}
	}
}
