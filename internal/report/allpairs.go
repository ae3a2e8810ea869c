package report

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"sort"

	"github.com/akin-search/akin/internal/insight"
	"github.com/akin-search/akin/internal/record"
	"github.com/akin-search/akin/internal/space"
	"github.com/akin-search/akin/internal/vector"
)

// allPairsOf is the largest number of pictures of which all pairs are ranked. Of more, a sample is.
const allPairsOf = 1500

// allPairs holds the ranks of all pairs of some pictures in all models.
type allPairs struct {
	space  *space.Space // has the pictures' names
	ids    []int64
	sample bool
	ranks  [][]uint16  // by model: (picture, picture), the rank of the second among the first one's neighbours
	near   [][]float64 // by pair a < b, in the order of a, then b: log2 of NearRank in each model
}

// rankAllPairs ranks the pictures that all spaces have; of more than allPairsOf, a sample that
// is the same every time.
func rankAllPairs(ctx context.Context, spaces []*space.Space, progress func(done, total int), threads int) (*allPairs, error) {
	p := &allPairs{space: spaces[0]}
	for _, picture := range spaces[0].Pictures.All() {
		if inAllSpaces(spaces, picture.ID) {
			p.ids = append(p.ids, picture.ID)
		}
	}
	if p.sample = len(p.ids) > allPairsOf; p.sample {
		r := rand.New(rand.NewPCG(uint64(len(p.ids)), 7))
		r.Shuffle(len(p.ids), func(i, j int) { p.ids[i], p.ids[j] = p.ids[j], p.ids[i] })
		p.ids = p.ids[:allPairsOf]
		slices.Sort(p.ids)
	}
	n := len(p.ids)
	if n < 3 {
		return nil, fmt.Errorf("%w: %d pictures have embeddings of all models; ranking pairs takes at least three", record.ErrNotIndexed, n)
	}
	done := 0
	for _, v := range spaces {
		ranks, err := ranksIn(ctx, v, p.ids, threads, func() {
			if done++; progress != nil {
				progress(done, n*len(spaces))
			}
		})
		if err != nil {
			return nil, err
		}
		p.ranks = append(p.ranks, ranks)
	}
	flat := make([]float64, n*(n-1)/2*len(spaces))
	for a := range n {
		for b := a + 1; b < n; b++ {
			near := flat[:len(spaces):len(spaces)]
			flat = flat[len(spaces):]
			for m := range spaces {
				near[m] = math.Log2(insight.NearRank(p.rank(m, a, b)))
			}
			p.near = append(p.near, near)
		}
	}
	return p, nil
}

// ranksIn ranks some pictures of a space as neighbours of each: (picture, picture). It calls ranked
// after each picture.
func ranksIn(ctx context.Context, v *space.Space, ids []int64, threads int, ranked func()) ([]uint16, error) {
	n := len(ids)
	own := vector.Matrix{Dim: v.Matrix.Dim}
	for _, id := range ids {
		row, _ := v.RowOf(id)
		own.Parts = append(own.Parts, v.Matrix.Row(row))
	}
	ranks, order := make([]uint16, n*n), make([]int, n)
	for a := range n {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		scores, err := vector.Scores(ctx, own, own.Parts[a], threads)
		if err != nil {
			return nil, err
		}
		for i := range order {
			order[i] = i
		}
		slices.SortFunc(order, func(i, j int) int { return cmp.Or(cmp.Compare(scores[j], scores[i]), cmp.Compare(i, j)) })
		rank := uint16(1)
		for _, b := range order {
			if b != a {
				ranks[a*n+b] = rank
				rank++
			}
		}
		ranked()
	}
	return ranks, nil
}

func inAllSpaces(spaces []*space.Space, id int64) bool {
	return !slices.ContainsFunc(spaces, func(v *space.Space) bool {
		_, ok := v.RowOf(id)
		return !ok
	})
}

// rank returns the ranks of both directions of a pair in one model.
func (p *allPairs) rank(model, a, b int) [2]int {
	of, n := p.ranks[model], len(p.ids)
	return [2]int{int(of[a*n+b]), int(of[b*n+a])}
}

// ranksOf returns the ranks of both directions of a pair in each model.
func (p *allPairs) ranksOf(a, b int) [][2]int {
	ranks := make([][2]int, len(p.ranks))
	for m := range ranks {
		ranks[m] = p.rank(m, a, b)
	}
	return ranks
}

// widest returns the numbers of the pairs with the widest gaps; ties in their order.
func (p *allPairs) widest(in uint, top int) []int {
	order := make([]int, len(p.near))
	gaps := make([]float64, len(p.near))
	for i := range order {
		order[i], gaps[i] = i, insight.Gap(p.near[i], in)
	}
	sort.SliceStable(order, func(i, j int) bool { return gaps[order[i]] > gaps[order[j]] })
	return order[:min(top, len(order))]
}

// pair returns the pictures of a pair, as indexes of ids.
func (p *allPairs) pair(i int) (a, b int) {
	n := len(p.ids)
	for a = 0; i >= n-1-a; a++ {
		i -= n - 1 - a
	}
	return a, a + 1 + i
}

func (p *allPairs) name(i int) string {
	picture, _ := p.space.Picture(p.ids[i])
	return picture.Name
}
