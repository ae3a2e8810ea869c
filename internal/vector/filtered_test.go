package vector

import (
	"cmp"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
)

// Random rows are kept, folders with the query's own, folders without it, or what is least like
// the query. The last two leave a harder search than the one without a filter: what is left is
// all about as far away. So is all that there is from a query that is unlike every row.
func BenchmarkFiltered(b *testing.B) {
	const n, dim, queries = 100_000, 512, 16
	rows := clustered(rand.New(rand.NewPCG(1, 2)), n+queries, dim)
	c, err := Build(b.Context(), rows[:n*dim], dim, BuildOptions{})
	if err != nil {
		b.Fatal(err)
	}
	m := Matrix{Dim: dim, Parts: [][]float32{rows[:n*dim]}, Compact: []*Compact{c}}
	query := func(i int) []float32 { return rows[(n+i%queries)*dim:][:dim] }
	// farther holds for each query its rows, the farthest first.
	var farther [queries][]int
	for i := range farther {
		scores, err := Scores(b.Context(), m, query(i), 0)
		if err != nil {
			b.Fatal(err)
		}
		for row := range n {
			farther[i] = append(farther[i], row)
		}
		slices.SortFunc(farther[i], func(x, y int) int { return cmp.Compare(scores[x], scores[y]) })
	}
	// Rows lie in 64 folders, by which of 64 pictures they are most like.
	const folders = 64
	nearest, err := SearchBatch(b.Context(), Matrix{Dim: dim, Parts: [][]float32{rows[:folders*dim]}}, Matrix{Dim: dim, Parts: [][]float32{rows}}, Options{K: 1})
	if err != nil {
		b.Fatal(err)
	}
	r := rand.New(rand.NewPCG(3, 4))
	strange := isotropic(r, queries, dim)
	for _, share := range []float64{1, 0.9, 0.5, 0.1, 0.03, 0.01, 0.001} {
		kinds := []string{"random", "folders", "other folders", "far"}
		if share == 1 {
			kinds = []string{"all", "unlike all"}
		}
		for _, kind := range kinds {
			var keep [queries][]uint64
			for i := range keep {
				if share == 1 {
					continue
				}
				keep[i] = make([]uint64, n/64+1)
				set := func(row int) { keep[i][row/64] |= 1 << (row % 64) }
				switch kind {
				case "far":
					for _, row := range farther[i][:int(share*n)] {
						set(row)
					}
				case "random":
					for row := range n {
						if r.Float64() < share {
							set(row)
						}
					}
				default:
					own := nearest[n+i][0].Row
					var these [folders]bool
					for _, f := range r.Perm(folders)[:max(1, int(share*folders))] {
						these[f] = true
					}
					these[own] = kind == "folders"
					for row := range n {
						if these[nearest[row][0].Row] {
							set(row)
						}
					}
				}
			}
			b.Run(fmt.Sprintf("%s/%v", kind, share), func(b *testing.B) {
				i := 0
				for b.Loop() {
					q := query(i)
					if kind == "unlike all" {
						q = strange[i%queries*dim:][:dim]
					}
					if _, err := Search(b.Context(), m, q, Options{K: 10, Threads: 1, Keep: keep[i%queries]}); err != nil {
						b.Fatal(err)
					}
					i++
				}
			})
		}
	}
}
