package vector

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

func TestListsComeInTheOrderOfTheirBounds(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(37, 38))
	for name, bound := range map[string]func(i int) float64{
		"normal":             func(int) float64 { return r.NormFloat64() },
		"all equal":          func(int) float64 { return 0.5 },
		"one far above":      func(i int) float64 { return 1e9 * float64(1/(i+1)) },
		"few values":         func(int) float64 { return float64(r.IntN(3)) },
		"the last bit":       func(int) float64 { return math.Nextafter(1, 2-float64(r.IntN(2))*2) },
		"not finite":         func(i int) float64 { return []float64{math.Inf(1), math.Inf(-1), 1, 2}[i%4] },
		"greatest and least": func(i int) float64 { return []float64{math.MaxFloat64, -math.MaxFloat64, 0}[i%3] },
	} {
		for _, n := range []int{0, 1, firstTier, firstTier + 1, 1000, 20_000} {
			var v probeList
			var want []float64
			for i := range n {
				b := bound(i)
				v.unsorted = append(v.unsorted, probe{list: int32(i), bound: b})
				want = append(want, b)
			}
			slices.SortFunc(want, func(a, b float64) int {
				if a > b {
					return -1
				}
				if a < b {
					return 1
				}
				return 0
			})
			limit := math.Inf(-1)
			if n > 0 {
				limit = want[n*9/10]
			}
			v.sort()
			seen := make(map[int32]bool)
			for {
				next, ok := v.pop(limit)
				if !ok {
					break
				}
				if next.bound != want[len(seen)] || seen[next.list] {
					t.Fatalf("%s, %d lists: %d comes with %v, want %v", name, n, len(seen), next.bound, want[len(seen)])
				}
				seen[next.list] = true
			}
			if len(seen) < n && want[len(seen)] >= limit {
				t.Errorf("%s, %d lists: only %d reach %v", name, n, len(seen), limit)
			}
			left := 0
			for range v.each {
				left++
			}
			if left+len(seen) != n {
				t.Errorf("%s: %d lists remain after %d of %d", name, left, len(seen), n)
			}
		}
	}
}

func TestABoundThatIsNoNumberStopsNoSearch(t *testing.T) {
	t.Parallel()
	var v probeList
	for i := range 1000 {
		v.unsorted = append(v.unsorted, probe{bound: []float64{math.NaN(), 1}[i%2]})
	}
	v.sort()
	for range 2000 {
		if _, ok := v.pop(math.Inf(-1)); !ok {
			return
		}
	}
	t.Error("there is no end")
}
