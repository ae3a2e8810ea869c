package insight

import "github.com/akin-search/akin/api"

// heldOutFolds is into how many parts units are divided; few units are left out one by one.
const heldOutFolds = 5

// HeldOut compares the last of several models, the fusion of the others, with the best of these. The best is
// chosen anew for each fold, on the other folds (cross-validation). units[m][u] is what Bootstrap takes: of model
// m, the measure of unit u first and its weight last.
func HeldOut(models []string, units [][][]float64) *api.HeldOut {
	last := len(models) - 1
	if last < 2 || len(units[last]) < 2 {
		return nil
	}
	n := len(units[last])
	folds := heldOutFolds
	if n < 4*heldOutFolds {
		folds = n
	}
	value := func(m, u int) float64 { return units[m][u][0] * weightOfUnit(units[last][u]) }
	sums := make([][]float64, last) // by model and fold
	for m := range sums {
		sums[m] = make([]float64, folds+1) // the last is of all
		for u := range n {
			sums[m][u%folds] += value(m, u)
			sums[m][folds] += value(m, u)
		}
	}
	bestWithout := func(fold int) int {
		best, most := 0, -1.
		for m := range sums {
			sum := sums[m][folds]
			if fold < folds {
				sum -= sums[m][fold]
			}
			if sum > most {
				best, most = m, sum
			}
		}
		return best
	}
	out := &api.HeldOut{Model: models[bestWithout(folds)]}
	weight := 0.
	var differences []float64
	for u := range n {
		best, fused := value(bestWithout(u%folds), u), value(last, u)
		out.Best += best
		out.Fused += fused
		weight += weightOfUnit(units[last][u])
		differences = append(differences, best-fused)
	}
	out.Best /= weight
	out.Fused /= weight
	out.P = SignFlip(differences)
	return out
}

func weightOfUnit(u []float64) float64 { return u[len(u)-1] }
