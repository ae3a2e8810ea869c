package insight

import (
	"math"
	"math/bits"
	"math/rand/v2"
	"slices"
	"sort"
)

// NearRank returns how close two pictures rank to each other: the geometric mean of the ranks that each
// has among the other's neighbours.
func NearRank(ranks [2]int) float64 { return NearRankAmong(ranks, 1) }

// NearRankAmong returns what NearRank would be among a share of the pictures.
func NearRankAmong(ranks [2]int, share float64) float64 {
	among := func(rank int) float64 { return 1 + float64(rank-1)*share }
	return math.Sqrt(among(ranks[0]) * among(ranks[1]))
}

// Gap returns how much closer one kind of models ranks a pair than the other kind: log2 of the ratio of the
// geometric means of the other kind's ranks and of theirs. near has log2 of the pair's NearRank in
// each model; in has a bit for each model of the first kind.
func Gap(near []float64, in uint) float64 {
	sum, count := [2]float64{}, [2]float64{}
	for m, r := range near {
		side := in >> m & 1
		sum[side] += r
		count[side]++
	}
	return sum[0]/count[0] - sum[1]/count[1]
}

// GapNull is the null distribution of gaps: how large they are without the kind of the models mattering.
type GapNull struct {
	gaps     []float64   // of all pairs, ascending
	permuted [][]float64 // of all pairs, under each other split of the models, ascending
}

// maxSplits bounds the cost of permuting many models.
const maxSplits = 20

// NewGapNull measures the gaps of all pairs, near[pair][model], between the models that have a bit in in
// and the rest, and under up to 20 other splits of the models into kinds of the same sizes.
func NewGapNull(near [][]float64, models int, in uint) *GapNull {
	gapsOf := func(in uint) []float64 {
		gaps := make([]float64, len(near))
		for i, n := range near {
			gaps[i] = Gap(n, in)
		}
		slices.Sort(gaps)
		return gaps
	}
	g := &GapNull{gaps: gapsOf(in)}
	var others []uint
	for other := uint(1); other < 1<<models; other++ {
		if other != in && bits.OnesCount(other) == bits.OnesCount(in) {
			others = append(others, other)
		}
	}
	r := rand.New(rand.NewPCG(uint64(models), uint64(in)))
	r.Shuffle(len(others), func(i, j int) { others[i], others[j] = others[j], others[i] })
	for _, other := range others[:min(maxSplits, len(others))] {
		g.permuted = append(g.permuted, gapsOf(other))
	}
	return g
}

// Share returns the fraction of all pairs whose gap is at least as large.
func (g *GapNull) Share(gap float64) float64 {
	if len(g.gaps) == 0 {
		return 1
	}
	return float64(atLeast(g.gaps, gap)) / float64(len(g.gaps))
}

// FDR returns the false discovery rate among the pairs with at least this gap, by permutation: how many
// there are on average under other splits of the models, relative to how many there are (Tusher,
// Tibshirani and Chu, PNAS 2001). It is 1 if there is no other split.
func (g *GapNull) FDR(gap float64) float64 {
	own := atLeast(g.gaps, gap)
	if len(g.permuted) == 0 || own == 0 {
		return 1
	}
	others := 0
	for _, s := range g.permuted {
		others += atLeast(s, gap)
	}
	return min(1, float64(others)/float64(len(g.permuted))/float64(own))
}

// atLeast counts the values of an ascending list that are v or more. It allows for the rounding of sums in
// another order.
func atLeast(sorted []float64, v float64) int {
	v -= 1e-12 * (1 + math.Abs(v))
	return len(sorted) - sort.SearchFloat64s(sorted, v)
}
