package insight

import (
	"cmp"
	"math"
	"math/rand/v2"
	"slices"

	"github.com/akin-search/akin/api"
)

const (
	resamples = 2000   // of a bootstrap: the ends of an interval are then steady to about a twentieth of its length
	flips     = 50_000 // of a permutation test that cannot try all
	allFlips  = 16     // differences up to which it tries all, 65 536 ways
)

// Bootstrap gives the intervals of several means of things, each thing a value a mean: things[i][j].
// Things are drawn again with replacement, a fixed way, and the middle 95 % of the means
// so found are the interval (Efron and Tibshirani, "An Introduction to the Bootstrap",
// chapter 13: the percentile interval). A thing may weigh more than another: its last
// value is its weight. What belongs together, as the pairs of one row, is one thing.
func Bootstrap(things [][]float64) []api.Interval {
	if len(things) == 0 {
		return nil
	}
	means := len(things[0]) - 1
	drawn := make([][]float64, means)
	r := rand.New(rand.NewPCG(uint64(len(things)), 95))
	for range resamples {
		sum := make([]float64, means)
		weight := 0.
		for range things {
			t := things[r.IntN(len(things))]
			w := t[means]
			weight += w
			for j := range sum {
				sum[j] += w * t[j]
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

// quantile is that of sorted values, between the two that are nearest (R's type 7).
func quantile(sorted []float64, q float64) float64 {
	at := q * float64(len(sorted)-1)
	low := int(at)
	if low+1 == len(sorted) {
		return sorted[low]
	}
	return sorted[low] + (at-float64(low))*(sorted[low+1]-sorted[low])
}

// SignFlip gives the probability that chance alone makes the mean of paired differences as
// far from 0 as it is, either way: the share of all choices of their signs that do (a
// paired permutation test; Smucker, Allan and Carterette, "A Comparison of Statistical
// Significance Tests for Information Retrieval Evaluation", CIKM 2007, find it the one to
// use). All choices are tried for up to 16 differences, else 50 000, the same every time.
func SignFlip(differences []float64) float64 {
	d := slices.DeleteFunc(slices.Clone(differences), func(v float64) bool { return v == 0 })
	if len(d) == 0 {
		return 1
	}
	total := 0.
	for _, v := range d {
		total += v
	}
	limit := math.Abs(total) * (1 - 1e-9) // sums in another order differ in their last bits
	if len(d) <= allFlips {
		far := 0
		for signs := range 1 << len(d) {
			sum := 0.
			for i, v := range d {
				if signs>>i&1 != 0 {
					v = -v
				}
				sum += v
			}
			if math.Abs(sum) >= limit {
				far++
			}
		}
		return float64(far) / float64(int(1)<<len(d))
	}
	r := rand.New(rand.NewPCG(uint64(len(d)), 5))
	far := 1 // the choice that was seen
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
			far++
		}
	}
	return float64(far) / (flips + 1)
}

// Holm corrects the probabilities of several tests for their number: of all tests that
// come out below 0.05 then, one is wrong with a probability of at most 0.05 (Holm, "A
// Simple Sequentially Rejective Multiple Test Procedure", 1979).
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
