package insight

import (
	"math"
	"slices"
)

// Example is a query with a known answer: the standard scores of the candidates in each model,
// (candidates, models), and the index of the right one.
type Example struct {
	Scores [][]float64
	Right  int
	Row    int // of its pair; examples of one row are in the same fold
}

const (
	learnRounds = 2000
	learnRate   = 0.05
	// shrink pulls weights towards their mean: a dozen pairs cannot determine six weights.
	shrink = 0.1
)

// LearnWeights returns a weight for each model. It maximises the likelihood of the right answers under a
// softmax of the weighted scores (ListNet's top-one likelihood: Cao, Qin, Liu, Tsai and Li, "Learning to
// Rank: From Pairwise Approach to Listwise Approach", ICML 2007), with a penalty on the variance of the
// weights. Weights are not negative and sum to the number of models.
func LearnWeights(examples []Example, models int) []float64 {
	w := make([]float64, models)
	for m := range w {
		w[m] = 1 / float64(models)
	}
	gradient, probability := make([]float64, models), []float64(nil)
	for range learnRounds {
		clear(gradient)
		for _, e := range examples {
			probability = probability[:0]
			most := math.Inf(-1)
			for _, of := range e.Scores {
				s := 0.
				for m, z := range of {
					s += w[m] * z
				}
				probability = append(probability, s)
				most = max(most, s)
			}
			sum := 0.
			for i, s := range probability {
				probability[i] = math.Exp(s - most)
				sum += probability[i]
			}
			for i, of := range e.Scores {
				p := probability[i] / sum
				if i == e.Right {
					p--
				}
				for m, z := range of {
					gradient[m] -= p * z
				}
			}
		}
		mean := 0.
		for _, v := range w {
			mean += v / float64(models)
		}
		for m := range w {
			w[m] = max(0, w[m]+learnRate*(gradient[m]/float64(max(1, len(examples)))-shrink*(w[m]-mean)))
		}
	}
	sum := 0.
	for _, v := range w {
		sum += v
	}
	for m := range w {
		if sum > 0 {
			w[m] *= float64(models) / sum
		} else {
			w[m] = 1
		}
	}
	return w
}

// maxLeaveOneOut is the number of rows up to which each is its own fold.
const maxLeaveOneOut = 20

// CrossValidate returns the rank of each example's right answer under weights learned from the other folds:
// the gain for held-out pairs.
func CrossValidate(examples []Example, models int) []int {
	var rows []int
	for _, e := range examples {
		rows = append(rows, e.Row)
	}
	slices.Sort(rows)
	rows = slices.Compact(rows)
	folds := len(rows)
	if folds > maxLeaveOneOut {
		folds = 10
	}
	ranks := make([]int, len(examples))
	for fold := range folds {
		out := func(e Example) bool {
			at, _ := slices.BinarySearch(rows, e.Row)
			return at%folds == fold
		}
		var rest []Example
		for _, e := range examples {
			if !out(e) {
				rest = append(rest, e)
			}
		}
		w := LearnWeights(rest, models) // a single row leaves nothing to learn from: equal weights
		for i, e := range examples {
			if out(e) {
				ranks[i] = e.rank(w)
			}
		}
	}
	return ranks
}

// RanksUnder returns the rank of each example's right answer under weights, from 1.
func RanksUnder(examples []Example, weights []float64) []int {
	ranks := make([]int, len(examples))
	for i, e := range examples {
		ranks[i] = e.rank(weights)
	}
	return ranks
}

// rank returns the rank of the right answer under weights, from 1.
func (e Example) rank(weights []float64) int {
	score := func(of []float64) (sum float64) {
		for m, z := range of {
			sum += weights[m] * z
		}
		return sum
	}
	right, rank := score(e.Scores[e.Right]), 1
	for i, of := range e.Scores {
		if i != e.Right && score(of) > right {
			rank++
		}
	}
	return rank
}
