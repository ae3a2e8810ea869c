package insight

import (
	"math"
	"math/bits"
	"math/rand/v2"
	"slices"
	"sort"
)

// NearRank is how near two pictures stand to each other: the geometric mean of the rank of
// each among the other's neighbours.
func NearRank(ranks [2]int) float64 { return NearRankAmong(ranks, 1) }

// NearRankAmong is what NearRank would be among a share of the pictures.
func NearRankAmong(ranks [2]int, share float64) float64 {
	among := func(rank int) float64 { return 1 + float64(rank-1)*share }
	return math.Sqrt(among(ranks[0]) * among(ranks[1]))
}

// Gap is how many times nearer some models hold a pair than the others do: the geometric mean of
// the others' ranks by that of theirs, as a logarithm of base 2. near has the logarithm of the
// pair's NearRank in each model, and in has a bit for each of some.
func Gap(near []float64, in uint) float64 {
	sum, count := [2]float64{}, [2]float64{}
	for m, r := range near {
		side := in >> m & 1
		sum[side] += r
		count[side]++
	}
	return sum[0]/count[0] - sum[1]/count[1]
}

// GapChance knows how large gaps are that mean nothing.
type GapNull struct {
	gaps  []float64   // of all pairs, ascending
	split [][]float64 // of all pairs under each other split of the models, ascending
}

// mostSplits bounds what other divisions of many models cost.
const mostSplits = 20

// NewGapChance measures the gaps of all pairs, near[pair][model], between the models of which in has a
// bit and the rest; and between other divisions of the models into as many and as many, up to 20.
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
	for _, other := range others[:min(mostSplits, len(others))] {
		g.split = append(g.split, gapsOf(other))
	}
	return g
}

// Share is the share of all pairs whose gap is at least as large.
func (g *GapNull) Share(gap float64) float64 {
	if len(g.gaps) == 0 {
		return 1
	}
	return float64(atLeast(g.gaps, gap)) / float64(len(g.gaps))
}

// False is the share of the pairs with at least this gap that one would find as well if it did not
// matter which models are trained on language: as many as there are, on average, under
// other divisions of the models (the false discovery rate by permutation: Tusher,
// Tibshirani and Chu, PNAS 2001). 1 where there is no other division.
func (g *GapNull) FDR(gap float64) float64 {
	own := atLeast(g.gaps, gap)
	if len(g.split) == 0 || own == 0 {
		return 1
	}
	others := 0
	for _, s := range g.split {
		others += atLeast(s, gap)
	}
	return min(1, float64(others)/float64(len(g.split))/float64(own))
}

// atLeast counts the values of an ascending list that are v or more; sums in another order
// differ in their last bits.
func atLeast(sorted []float64, v float64) int {
	v -= 1e-12 * (1 + math.Abs(v))
	return len(sorted) - sort.SearchFloat64s(sorted, v)
}
