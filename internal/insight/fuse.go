// Package insight evaluates rankings: it fuses those of several models, measures how well each model finds
// what people consider similar, and what a score means.
package insight

import (
	"cmp"
	"math"
	"slices"
)

// Ranking is item numbers, best first.
type Ranking []int

// Fused is an item with its fused score.
type Fused struct {
	Item  int
	Score float64
}

// fusionK is the constant of reciprocal rank fusion. It keeps the first ranks of one list from
// dominating all others.
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
		weight := weightOf(weights, i)
		for at, item := range r {
			if item < 0 || item >= items {
				continue
			}
			terms[item*n+i] = RankTerm(weight, at+1)
			found[item] = true
		}
	}
	out := make([]Fused, 0, items)
	for item, ok := range found {
		if !ok {
			continue
		}
		// Summed in order of size, ranks 1, 2, 3 and 3, 1, 2 give the same score;
		// otherwise rounding would order them.
		own := terms[item*n : (item+1)*n]
		slices.Sort(own)
		score := 0.0
		for _, term := range own {
			score += term
		}
		out = append(out, Fused{item, score})
	}
	return best(out)
}

// RankTerm returns what a rank, from 1, adds to an item's score in Fuse.
func RankTerm(weight float64, rank int) float64 { return weight / float64(fusionK+rank) }

// FuseScores merges standard scores, (models, items; see Scale), by their weighted mean over the models
// that have the item; NaN stands for an item that a model lacks. Best first, ties by item. Items that no
// model with a positive weight has are left out. A model without a weight counts as 1.
//
// The mean of standard scores is CombSUM with z-normalisation (Fox and Shaw, "Combination of
// Multiple Searches", TREC-2, 1994; Montague and Aslam, "Relevance Score Normalization for
// Metasearch", CIKM 2001).
func FuseScores(scores [][]float64, weights []float64) []Fused {
	if len(scores) == 0 {
		return nil
	}
	var out []Fused
	for item := range scores[0] {
		sum, weight := 0., 0.
		for i, of := range scores {
			if w := weightOf(weights, i); w > 0 && !math.IsNaN(of[item]) {
				sum, weight = sum+w*of[item], weight+w
			}
		}
		if weight > 0 {
			out = append(out, Fused{item, sum / weight})
		}
	}
	return best(out)
}

func weightOf(weights []float64, i int) float64 {
	if i < len(weights) {
		return weights[i]
	}
	return 1
}

func best(items []Fused) []Fused {
	slices.SortStableFunc(items, func(a, b Fused) int { return cmp.Compare(b.Score, a.Score) })
	return items
}

// Scale is the mean and the standard deviation of a model's scores of random pairs. It makes the scores of
// different models comparable.
type Scale struct{ Mean, Deviation float64 }

// ScaleOf returns the scale of the scores of random pairs.
func ScaleOf[T float32 | float64](scores []T) Scale {
	if len(scores) == 0 {
		return Scale{}
	}
	sum, squares := 0., 0.
	for _, v := range scores {
		sum += float64(v)
	}
	mean := sum / float64(len(scores))
	for _, v := range scores {
		squares += (float64(v) - mean) * (float64(v) - mean)
	}
	return Scale{mean, math.Sqrt(squares / float64(len(scores)))}
}

// Standard returns the standard score: in standard deviations above the mean of random pairs.
func (s Scale) Standard(score float64) float64 {
	if s.Deviation == 0 {
		return 0
	}
	return (score - s.Mean) / s.Deviation
}

// CSLS corrects a cosine for hubs, which are close to very many pictures and come up for every query. a and b
// are the mean cosines of the two pictures to their ten nearest neighbours: "cross-domain similarity local
// scaling" (Conneau, Lample, Ranzato, Denoyer and Jégou, "Word Translation Without Parallel Data", ICLR 2018).
func CSLS(cosine, a, b float64) float64 { return 2*cosine - a - b }

// HubNeighbors is the number of nearest neighbours in CSLS's means, as in the paper.
const HubNeighbors = 10
