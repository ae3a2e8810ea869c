// Package fusion turns the rankings of several models into one: by reciprocal ranks, by standard scores, or
// by standard scores corrected for hubs. docs/how-to/fuse.md compares them.
package fusion

import (
	"context"
	"fmt"
	"maps"
	"math"
	"math/rand/v2"
	"slices"
	"sort"
	"strings"

	"github.com/akin-search/akin/api"
	"github.com/akin-search/akin/internal/insight"
	"github.com/akin-search/akin/internal/simd"
	"github.com/akin-search/akin/internal/space"
	"github.com/akin-search/akin/internal/vector"
)

// Fuser merges the rankings of several spaces.
type Fuser struct {
	fusion  api.Fusion
	Spaces  []*space.Space
	Threads int
	scales  []insight.Scale
	hubness [][]float64 // for csls: by space and row, the mean cosine to the nearest neighbours
}

// New checks a fusion of spaces.
func New(spaces []*space.Space, f api.Fusion, threads int) (*Fuser, error) {
	if f.Method == "" {
		f.Method = api.FuseRanks
	}
	if !slices.Contains(api.FusionMethods, f.Method) {
		return nil, api.Invalidf("%q is not a fusion method: want one of %s", f.Method, strings.Join(api.FusionMethods, ", "))
	}
	var names []string
	positive := false
	for _, v := range spaces {
		names = append(names, v.Model)
		w, ok := f.Weights[v.Model]
		positive = positive || !ok || w > 0
	}
	for _, name := range slices.Sorted(maps.Keys(f.Weights)) {
		switch w := f.Weights[name]; {
		case !slices.Contains(names, name):
			return nil, fmt.Errorf("fuse: %w: %q has a weight, and is not among %s", api.ErrNoSpace, name, strings.Join(names, ", "))
		case !(w >= 0) || math.IsInf(w, 0):
			return nil, api.Invalidf("fuse: %s has the weight %g: want 0 or more", name, w)
		}
	}
	if !positive {
		return nil, api.Invalidf("fuse: all of %s have the weight 0", strings.Join(names, ", "))
	}
	return &Fuser{fusion: f, Spaces: spaces, Threads: threads}, nil
}

func (x *Fuser) weights() []float64 {
	out := make([]float64, len(x.Spaces))
	for i, v := range x.Spaces {
		out[i] = 1
		if w, ok := x.fusion.Weights[v.Model]; ok {
			out[i] = w
		}
	}
	return out
}

// Ranking is every picture of a space except the query itself, the best first.
type Ranking []scored

type scored struct {
	ID    int64
	score float32 // cosine
}

// RankOf returns the rank of a picture, from 1, or 0 if it has none.
func (r Ranking) RankOf(id int64) int {
	return 1 + slices.IndexFunc(r, func(s scored) bool { return s.ID == id })
}

// Rank orders all pictures of a space that pass a filter by their score to the query.
func Rank(ctx context.Context, v *space.Space, q []float32, self map[int64]bool, filtered space.Filtered, threads int) (Ranking, error) {
	scores, err := vector.Scores(ctx, v.Matrix, q, threads)
	if err != nil {
		return nil, err
	}
	var all Ranking
	for row, score := range scores {
		for i := range v.Of(row) {
			if id := v.Pictures.ID(i); !self[id] && filtered.Has(i) {
				all = append(all, scored{id, score})
			}
		}
	}
	sort.Slice(all, func(i, j int) bool {
		if all[i].score != all[j].score {
			return all[i].score > all[j].score
		}
		return all[i].ID < all[j].ID
	})
	return all, nil
}

// NumberPictures numbers all pictures of rankings by id, so that ties are ordered by id.
func NumberPictures(rankings []Ranking) (ids []int64, index map[int64]int) {
	index = map[int64]int{}
	for _, r := range rankings {
		for _, s := range r {
			if _, ok := index[s.ID]; !ok {
				index[s.ID] = 0
				ids = append(ids, s.ID)
			}
		}
	}
	slices.Sort(ids)
	for i, id := range ids {
		index[id] = i
	}
	return ids, index
}

// Fuse returns picture ids, the best first, with their fused scores. Rankings are in the order of the spaces.
func (x *Fuser) Fuse(ctx context.Context, rankings []Ranking) (ids []int64, scores []float64, err error) {
	all, index := NumberPictures(rankings)
	var fused []insight.Fused
	switch x.fusion.Method {
	case api.FuseRanks:
		lists := make([]insight.Ranking, len(rankings))
		for i, r := range rankings {
			lists[i] = make(insight.Ranking, len(r))
			for j, s := range r {
				lists[i][j] = index[s.ID]
			}
		}
		fused = insight.Fuse(lists, x.weights(), len(all))
	case api.FuseScores, api.FuseCSLS:
		standard, err := x.StandardScores(ctx, rankings, index)
		if err != nil {
			return nil, nil, err
		}
		fused = insight.FuseScores(standard, x.weights())
	default:
		return nil, nil, fmt.Errorf("fuse: the method %q has no implementation", x.fusion.Method)
	}
	ids, scores = make([]int64, len(fused)), make([]float64, len(fused))
	for i, f := range fused {
		ids[i], scores[i] = all[f.Item], f.Score
	}
	return ids, scores, nil
}

// StandardScores returns the standard scores of rankings, (spaces, pictures); NaN for a picture that a space
// does not have.
func (x *Fuser) StandardScores(ctx context.Context, rankings []Ranking, index map[int64]int) ([][]float64, error) {
	if err := x.calibrate(ctx); err != nil {
		return nil, err
	}
	out := make([][]float64, len(rankings))
	for i, r := range rankings {
		out[i] = make([]float64, len(index))
		for j := range out[i] {
			out[i][j] = math.NaN()
		}
		own := 0. // the query's mean cosine to its nearest neighbours
		if x.hubness != nil {
			near := r[:min(insight.HubNeighbors, len(r))]
			for _, s := range near {
				own += float64(s.score) / float64(len(near))
			}
		}
		for _, s := range r {
			score := float64(s.score)
			if x.hubness != nil {
				row, _ := x.Spaces[i].RowOf(s.ID)
				score = insight.CSLS(score, own, x.hubness[i][row])
			}
			out[i][index[s.ID]] = x.scales[i].Standard(score)
		}
	}
	return out, nil
}

// calibrate measures the scores of random pairs of each space, once.
func (x *Fuser) calibrate(ctx context.Context) error {
	if x.scales != nil {
		return nil
	}
	var scales []insight.Scale
	for _, v := range x.Spaces {
		if x.fusion.Method != api.FuseCSLS {
			scales = append(scales, insight.ScaleOf(v.RandomPairs()))
			continue
		}
		hubs, err := hubnessOf(ctx, v, x.Threads)
		if err != nil {
			return err
		}
		x.hubness = append(x.hubness, hubs)
		scales = append(scales, insight.ScaleOf(randomCSLS(v, hubs)))
	}
	x.scales = scales
	return nil
}

// hubnessOf returns the mean cosine of each row to its nearest neighbours.
func hubnessOf(ctx context.Context, v *space.Space, threads int) ([]float64, error) {
	hubs := make([]float64, v.Matrix.Rows())
	o := vector.Options{K: insight.HubNeighbors, Keep: v.Keep, Tie: v.Tie, Threads: threads}
	err := vector.Neighbors(ctx, v.Matrix, o, func(row int, hits []vector.Hit) {
		for _, h := range hits {
			hubs[row] += float64(h.Score) / float64(len(hits))
		}
	})
	return hubs, err
}

// randomCSLS returns the CSLS scores of random pairs, drawn with a fixed seed.
func randomCSLS(v *space.Space, hubs []float64) []float64 {
	const pairs = 20_000
	var rows []int
	for row := range hubs {
		if space.Bitmap(v.Keep).Has(row) {
			rows = append(rows, row)
		}
	}
	if len(rows) < 2 {
		return nil
	}
	r := rand.New(rand.NewPCG(uint64(len(rows)), 3))
	scores := make([]float64, pairs)
	for i := range scores {
		a := r.IntN(len(rows))
		b := (a + 1 + r.IntN(len(rows)-1)) % len(rows)
		scores[i] = insight.CSLS(float64(simd.Dot(v.Matrix.Row(rows[a]), v.Matrix.Row(rows[b]))), hubs[rows[a]], hubs[rows[b]])
	}
	return scores
}
