// Package insight makes sense of rankings: it fuses those of several models, and
// tells which model finds the pictures that people call alike.
package insight

import (
	"cmp"
	"slices"
)

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
// Best first, ties by item; items in no ranking are left out. A ranking without
// a weight counts as 1.
//
// Cormack, Clarke and Büttcher, "Reciprocal Rank Fusion outperforms Condorcet and
// individual Rank Learning Methods", SIGIR 2009.
func Fuse(rankings []Ranking, weights []float64, items int) []Fused {
	n := len(rankings)
	terms := make([]float64, items*n) // (items, rankings)
	found := make([]bool, items)
	for i, r := range rankings {
		weight := 1.0
		if i < len(weights) {
			weight = weights[i]
		}
		for at, item := range r {
			if item < 0 || item >= items {
				continue
			}
			terms[item*n+i] = weight / float64(fusionK+at+1)
			found[item] = true
		}
	}
	out := make([]Fused, 0, items)
	for item, ok := range found {
		if !ok {
			continue
		}
		// Summed in order of size, ranks 1, 2, 3 and 3, 1, 2 come to the same
		// score, which rounding would else tell apart.
		own := terms[item*n : (item+1)*n]
		slices.Sort(own)
		score := 0.0
		for _, term := range own {
			score += term
		}
		out = append(out, Fused{item, score})
	}
	slices.SortStableFunc(out, func(a, b Fused) int { return cmp.Compare(b.Score, a.Score) })
	return out
}
