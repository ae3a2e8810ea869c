package insight

import (
	"math"
	"slices"
)

// Overlap returns the fraction of the first k items that two lists have in common, relative to the
// longer one.
func Overlap(a, b []int64, k int) float64 {
	a, b = a[:min(k, len(a))], b[:min(k, len(b))]
	n := max(len(a), len(b))
	if n == 0 {
		return 1
	}
	common := 0
	for _, item := range a {
		if slices.Contains(b, item) {
			common++
		}
	}
	return float64(common) / float64(n)
}

// persistence is the probability that a reader of a ranking goes on to the next hit. At 0.9 the first
// ten have 86 % of the weight.
const persistence = 0.9

// RankBiasedOverlap returns the similarity of two rankings, weighted towards the first ranks: 1 for the
// same order, 0 for nothing in common. It is extrapolated from the ranks that both have
// (Webber, Moffat and Zobel, "A Similarity Measure for Indefinite Rankings", ACM TOIS 2010,
// equation 30).
func RankBiasedOverlap(a, b []int64) float64 {
	depth := min(len(a), len(b))
	if depth == 0 {
		return 0
	}
	seen := map[int64]bool{}
	common, sum := 0, 0.
	for d := range depth {
		for _, item := range [...]int64{a[d], b[d]} {
			if seen[item] {
				common++
			}
			seen[item] = true
		}
		sum += float64(common) / float64(d+1) * math.Pow(persistence, float64(d+1))
	}
	return float64(common)/float64(depth)*math.Pow(persistence, float64(depth)) + (1-persistence)/persistence*sum
}
