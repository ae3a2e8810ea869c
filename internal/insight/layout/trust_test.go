package layout

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
)

// trustworthiness measures, in 0…1, how far neighbours on a map are neighbours in the space: each of an
// item's k nearest on the map that is not among its k nearest in the space costs as much as its rank
// there exceeds k. score(i, out) sets out[j] to the similarity of items i and j. k must be
// less than half the items.
//
// Venna and Kaski, "Neighborhood preservation in nonlinear projection methods: an
// experimental study", 2001.
func trustworthiness(points []Point, k, threads int, score func(i int, out []float32)) (float64, error) {
	n := len(points)
	if k < 1 || 2*k >= n {
		return 0, fmt.Errorf("trustworthiness of %d neighbours: want at least 1, and less than half of %d items", k, n)
	}
	if threads < 1 {
		return 0, errors.New("trustworthiness: no threads")
	}
	lost := make([]int64, n) // ranks
	Share(threads, threads, func(t int) {
		scores, order := make([]float32, n), make([]int32, n)
		near := make([]float32, n)
		for i := t; i < n; i += threads {
			score(i, scores)
			for j := range n {
				order[j] = int32(j)
				dx, dy := points[i][0]-points[j][0], points[i][1]-points[j][1]
				near[j] = dx*dx + dy*dy
			}
			slices.SortFunc(order, func(a, b int32) int { return cmp.Or(cmp.Compare(near[a], near[b]), cmp.Compare(a, b)) })
			found := 0
			for _, j := range order {
				if int(j) == i {
					continue
				}
				// Its rank in the space: how many others are more similar.
				rank := 1
				for m, s := range scores {
					if m != i && m != int(j) && (s > scores[j] || s == scores[j] && m < int(j)) {
						rank++
					}
				}
				lost[i] += int64(max(0, rank-k))
				if found++; found == k {
					break
				}
			}
		}
	})
	var sum int64
	for _, l := range lost {
		sum += l
	}
	return 1 - float64(sum)*2/(float64(n)*float64(k)*float64(2*n-3*k-1)), nil
}
