// Package insight makes sense of rankings: it fuses those of several models, and
// tells which model finds the pictures that people call alike.
package insight

import "sort"

// Ranking is item numbers, best first.
type Ranking []int

// Fused is an item with its fused score.
type Fused struct {
	Item  int
	Score float64
}

// fusionK is the constant of reciprocal rank fusion: it keeps the first ranks of
// one list from outweighing all others.
const fusionK = 60

// Fuse merges rankings of items 0…items-1 by reciprocal rank fusion: an item's
// score is the sum of weight / (60 + rank) over the rankings that have it.
// Best first, ties by item; items in no ranking are left out. No weights means
// equal ones.
//
// Cormack, Clarke and Büttcher, "Reciprocal Rank Fusion outperforms Condorcet and
// individual Rank Learning Methods", SIGIR 2009.
func Fuse(rankings []Ranking, weights []float64, items int) []Fused {
	scores := make([]float64, items)
	found := make([]bool, items)
	for i, r := range rankings {
		weight := 1.0
		if weights != nil {
			weight = weights[i]
		}
		for at, item := range r {
			scores[item] += weight / float64(fusionK+at+1)
			found[item] = true
		}
	}
	out := make([]Fused, 0, items)
	for item, ok := range found {
		if ok {
			out = append(out, Fused{item, scores[item]})
		}
	}
	sort.SliceStable(out, func(i, j int) bool { return out[i].Score > out[j].Score })
	return out
}
