package insight

import (
	"cmp"
	"math"
	"math/rand/v2"
	"slices"

	"github.com/akin-search/akin/api"
)

const (
	resamples = 2000   // of a bootstrap: the ends of an interval then vary by about a twentieth of its length
	flips     = 50_000 // random choices of signs in a test that cannot try all
	allFlips  = 16     // differences up to which all choices are tried: 65 536
)

// Bootstrap returns the percentile intervals of several weighted means over independent units:
// units[i] has a value for each mean, and last its weight. Units are resampled with replacement
// from a fixed seed, and the middle 95 % of the means are the interval (Efron and Tibshirani, "An
// Introduction to the Bootstrap", chapter 13). What is not independent, as the pairs of one row, must be
// one unit.
func Bootstrap(units [][]float64) []api.Interval {
	if len(units) == 0 {
		return nil
	}
	means := len(units[0]) - 1
	drawn := make([][]float64, means)
	r := rand.New(rand.NewPCG(uint64(len(units)), 95))
	for range resamples {
		sum := make([]float64, means)
		weight := 0.
		for range units {
			u := units[r.IntN(len(units))]
			w := u[means]
			weight += w
			for j := range sum {
				sum[j] += w * u[j]
			}
		}
		for j := range sum {
			drawn[j] = append(drawn[j], sum[j]/weight)
		}
	}
	out := make([]api.Interval, means)
	for j, d := range drawn {
		slices.Sort(d)
		out[j] = api.Interval{quantile(d, 0.025), quantile(d, 0.975)}
	}
	return out
}

// quantile interpolates a quantile of sorted values (R's type 7).
func quantile(sorted []float64, q float64) float64 {
	at := q * float64(len(sorted)-1)
	low := int(at)
	if low+1 == len(sorted) {
		return sorted[low]
	}
	return sorted[low] + (at-float64(low))*(sorted[low+1]-sorted[low])
}

// SignFlip returns the two-sided p-value of the mean of paired differences, by a permutation test: the
// fraction of all choices of their signs whose mean is at least as far from 0 (recommended by Smucker,
// Allan and Carterette, "A Comparison of Statistical Significance Tests for Information Retrieval
// Evaluation", CIKM 2007). Up to 16 differences, all choices are tried; of more, 50 000 that are
// the same every time.
func SignFlip(differences []float64) float64 {
	d := slices.DeleteFunc(slices.Clone(differences), func(v float64) bool { return v == 0 })
	if len(d) == 0 {
		return 1
	}
	total := 0.
	for _, v := range d {
		total += v
	}
	limit := math.Abs(total) * (1 - 1e-9) // allows for the rounding of sums in another order
	if len(d) <= allFlips {
		extreme := 0
		for signs := range 1 << len(d) {
			sum := 0.
			for i, v := range d {
				if signs>>i&1 != 0 {
					v = -v
				}
				sum += v
			}
			if math.Abs(sum) >= limit {
				extreme++
			}
		}
		return float64(extreme) / float64(int(1)<<len(d))
	}
	r := rand.New(rand.NewPCG(uint64(len(d)), 5))
	extreme := 1 // the observed signs
	for range flips {
		sum := 0.
		for i := 0; i < len(d); i += 64 {
			signs := r.Uint64()
			for _, v := range d[i:min(i+64, len(d))] {
				if signs&1 != 0 {
					v = -v
				}
				sum += v
				signs >>= 1
			}
		}
		if math.Abs(sum) >= limit {
			extreme++
		}
	}
	return float64(extreme) / (flips + 1)
}

// Holm corrects p-values for the number of tests: the probability of any false rejection at 0.05 is then at
// most 0.05 (Holm, "A Simple Sequentially Rejective Multiple Test Procedure", 1979).
func Holm(p []float64) []float64 {
	order := make([]int, len(p))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(p[a], p[b]) })
	out := make([]float64, len(p))
	most := 0.
	for i, at := range order {
		most = max(most, min(1, p[at]*float64(len(p)-i)))
		out[at] = most
	}
	return out
}
