package fusion

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/akin-search/akin/api"
	"github.com/akin-search/akin/internal/space"
)

// Angles of few values tie, and some pictures lack a model: the ranks are still those of single searches.
func TestRanksOfManyAreThoseOfOne(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(1, 2))
	const n = 26
	angles := func() []float64 {
		out := make([]float64, n)
		for i := range out {
			if out[i] = float64(10 * r.IntN(12)); r.IntN(6) == 0 {
				out[i] = math.NaN()
			}
		}
		return out
	}
	c := made(t, angles(), angles())
	var queries []RankQuery
	fusions := []api.Fusion{{Method: api.FuseRanks, Weights: map[string]float64{"n": 0}}, {Method: api.FuseScores, Weights: map[string]float64{"m": 2, "n": 0.5}}}
	for _, method := range api.FusionMethods {
		fusions = append(fusions, api.Fusion{Method: method})
	}
	for _, models := range [][]string{{"m", "n"}, {"m"}} {
		for _, f := range fusions {
			if len(models) == 1 {
				f.Weights = nil
			}
			t.Run(fmt.Sprint(models, f.Method, f.Weights), func(t *testing.T) {
				spaces, err := c.OpenSpaces(t.Context(), models)
				must(t, err)
				defer space.CloseSpaces(spaces)
				x, err := New(spaces, f, 2)
				must(t, err)
				queries = nil
				for id := int64(0); id <= n+1; id++ { // the first and the last do not exist
					q := RankQuery{Picture: id}
					for range 8 {
						q.Others = append(q.Others, r.Int64N(n+3))
					}
					queries = append(queries, q)
				}
				got, err := x.RanksOf(t.Context(), queries)
				must(t, err)
				for i, q := range queries {
					if want := oneByOne(t, x, q); !slices.EqualFunc(got[i], want, slices.Equal) {
						t.Errorf("%+v: %v, want %v", q, got[i], want)
					}
				}
			})
		}
	}
}

// oneByOne ranks as Compare does.
func oneByOne(t *testing.T, x *Fuser, q RankQuery) [][]int {
	var lists []Ranking
	for _, v := range x.Spaces {
		row, ok := v.RowOf(q.Picture)
		if !ok {
			lists = append(lists, nil)
			continue
		}
		list, err := Rank(t.Context(), v, v.Matrix.Row(row), map[int64]bool{q.Picture: true}, space.Filtered{}, 1)
		must(t, err)
		lists = append(lists, list)
	}
	if len(lists) > 1 {
		ids, _, err := x.Fuse(t.Context(), lists)
		must(t, err)
		var fused Ranking
		for _, id := range ids {
			fused = append(fused, scored{ID: id})
		}
		lists = append(lists, fused)
	}
	var ranks [][]int
	for _, list := range lists {
		of := make([]int, len(q.Others))
		for i, other := range q.Others {
			of[i] = 1 + slices.IndexFunc(list, func(s scored) bool { return s.ID == other })
		}
		ranks = append(ranks, of)
	}
	return ranks
}
