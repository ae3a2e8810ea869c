package report

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"sort"
	"strings"

	"github.com/akin-search/akin/api"
	"github.com/akin-search/akin/internal/insight"
	"github.com/akin-search/akin/internal/record"
	"github.com/akin-search/akin/internal/space"
	"github.com/akin-search/akin/internal/vector"
)

// biasPictures are up to how many pictures all pairs are ranked of; of more, a sample is.
const biasPictures = 1500

// language reports whether a model of that name was trained on pictures with their texts.
func language(model string) bool {
	name := strings.ToLower(model)
	for _, family := range []string{"clip", "blip", "siglip"} {
		if strings.Contains(name, family) {
			return true
		}
	}
	return false
}

// Bias ranks pairs by how many times nearer models that are trained on language hold them
// than models of looks alone: where meaning counts for more than looks. Without pairs
// these are all pairs of the collection, or of a sample of 1500 of its pictures.
func Bias(ctx context.Context, c *space.Collection, pairs []api.Pair, o api.BiasOptions) (api.Bias, error) {
	e, err := newEvaluator(ctx, c, api.EvaluateOptions{Models: o.Models})
	if err != nil {
		return api.Bias{}, err
	}
	defer e.close()
	out := api.Bias{Pairs: []api.BiasPair{}, Language: []string{}, Visual: []string{}}
	var in uint
	models := e.models()[:len(e.fuser.Views)]
	for m, name := range models {
		if len(o.Language) > 0 && slices.Contains(o.Language, name) || len(o.Language) == 0 && language(name) {
			in |= 1 << m
			out.Language = append(out.Language, name)
		} else {
			out.Visual = append(out.Visual, name)
		}
	}
	for _, name := range o.Language {
		if !slices.Contains(models, name) {
			return out, fmt.Errorf("bias: %w: %q; there are %s", api.ErrNoSpace, name, strings.Join(models, ", "))
		}
	}
	if len(out.Language) == 0 || len(out.Visual) == 0 {
		return out, fmt.Errorf("%w: there are only %s; index with one of the other kind as well, or say which are which", api.ErrNeedsBothKinds, strings.Join(models, ", "))
	}
	if len(models) > 16 {
		return out, api.Invalidf("bias: %d models are more than 16", len(models))
	}
	all, err := newAllPairs(ctx, e.fuser.Views, o.Progress, c.Options.Threads)
	if err != nil {
		return out, err
	}
	out.Pictures, out.Sample = len(all.ids), all.sample
	chance := insight.NewGapNull(all.near, len(models), in)
	// share is that of the pictures that the ranks are among of those that chance was measured on.
	pair := func(a, b string, ranks [][2]int, share float64) api.BiasPair {
		p := api.BiasPair{A: a, B: b, Ranks: map[string][2]int{}}
		near, among := make([]float64, len(ranks)), make([]float64, len(ranks))
		sums, counts := [2]float64{}, [2]float64{}
		for m, r := range ranks {
			p.Ranks[models[m]] = r
			near[m], among[m] = math.Log2(insight.NearRank(r)), math.Log2(insight.NearRankAmong(r, share))
			sums[in>>m&1] += near[m]
			counts[in>>m&1]++
		}
		p.Language, p.Visual, p.Ratio = math.Exp2(sums[1]/counts[1]), math.Exp2(sums[0]/counts[0]), math.Exp2(insight.Gap(near, in))
		gap := insight.Gap(among, in)
		p.Chance, p.FDR = chance.Share(gap), chance.FDR(gap)
		return p
	}
	if pairs == nil {
		top := o.Top
		if top <= 0 {
			top = 20
		}
		for _, i := range all.widest(in, top) {
			a, b := all.pair(i)
			ranks := make([][2]int, len(models))
			for m := range ranks {
				ranks[m] = [2]int{int(all.ranks[m][a*len(all.ids)+b]), int(all.ranks[m][b*len(all.ids)+a])}
			}
			out.Pairs = append(out.Pairs, pair(all.name(a), all.name(b), ranks, 1))
		}
		return out, nil
	}
	found, missing := e.findPairs(pairs)
	out.Missing = missing
next:
	for _, p := range found {
		ab, err := e.single(ctx, p.a)
		if err != nil {
			return out, err
		}
		ba, err := e.single(ctx, p.b)
		if err != nil {
			return out, err
		}
		ranks := make([][2]int, len(models))
		for m := range models {
			if ranks[m] = [2]int{ab[m].RankOf(p.b), ba[m].RankOf(p.a)}; ranks[m][0] == 0 || ranks[m][1] == 0 {
				out.Missing = append(out.Missing, fmt.Sprintf("%s – %s in %s", p.A, p.B, models[m]))
				continue next
			}
		}
		out.Pairs = append(out.Pairs, pair(p.A, p.B, ranks, min(1, float64(len(all.ids)-1)/float64(max(1, len(ab[0]))))))
	}
	if len(out.Pairs) == 0 {
		return out, fmt.Errorf("bias: %w: no pair has both of its names, with all models, in %s", record.ErrNotIndexed, c.Location)
	}
	slices.SortStableFunc(out.Pairs, func(a, b api.BiasPair) int {
		switch {
		case a.Ratio > b.Ratio:
			return -1
		case a.Ratio < b.Ratio:
			return 1
		}
		return 0
	})
	return out, nil
}

// allPairs has the ranks of all pairs of some pictures in all models.
type allPairs struct {
	view   *space.Space // that knows their names
	ids    []int64
	sample bool
	ranks  [][]uint16  // of each model: (picture, picture), the rank of the second among the first one's neighbours
	near   [][]float64 // of each pair a < b, by a then b: log2 of NearRank in each model
}

// newAllPairs ranks the pictures that all views have; of more than biasPictures, a sample that
// is the same every time.
func newAllPairs(ctx context.Context, views []*space.Space, progress func(done, total int), threads int) (*allPairs, error) {
	p := &allPairs{view: views[0]}
	rows := make([][]int, len(views))
	for _, picture := range views[0].Pictures.All() {
		if inAllSpaces(views, picture.ID) {
			p.ids = append(p.ids, picture.ID)
		}
	}
	if p.sample = len(p.ids) > biasPictures; p.sample {
		r := rand.New(rand.NewPCG(uint64(len(p.ids)), 7))
		r.Shuffle(len(p.ids), func(i, j int) { p.ids[i], p.ids[j] = p.ids[j], p.ids[i] })
		p.ids = p.ids[:biasPictures]
		slices.Sort(p.ids)
	}
	n := len(p.ids)
	if n < 3 {
		return nil, fmt.Errorf("%w: %d pictures have embeddings of all models; pairs are ranked among three or more", record.ErrNotIndexed, n)
	}
	done := 0
	for m, v := range views {
		own := vector.Matrix{Dim: v.Matrix.Dim}
		for _, id := range p.ids {
			row, _ := v.RowOf(id)
			rows[m] = append(rows[m], row)
			own.Parts = append(own.Parts, v.Matrix.Row(row))
		}
		ranks := make([]uint16, n*n)
		order := make([]int, n)
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
			sort.Slice(order, func(i, j int) bool {
				if scores[order[i]] != scores[order[j]] {
					return scores[order[i]] > scores[order[j]]
				}
				return order[i] < order[j]
			})
			rank := uint16(1)
			for _, b := range order {
				if b != a {
					ranks[a*n+b] = rank
					rank++
				}
			}
			if done++; progress != nil {
				progress(done, n*len(views))
			}
		}
		p.ranks = append(p.ranks, ranks)
	}
	flat := make([]float64, n*(n-1)/2*len(views))
	for a := range n {
		for b := a + 1; b < n; b++ {
			near := flat[:len(views):len(views)]
			flat = flat[len(views):]
			for m := range views {
				near[m] = math.Log2(insight.NearRank([2]int{int(p.ranks[m][a*n+b]), int(p.ranks[m][b*n+a])}))
			}
			p.near = append(p.near, near)
		}
	}
	return p, nil
}

func inAllSpaces(views []*space.Space, id int64) bool {
	for _, v := range views {
		if _, ok := v.RowOf(id); !ok {
			return false
		}
	}
	return true
}

// widest gives the pairs, by their number, with the widest gaps; ties in their order.
func (p *allPairs) widest(in uint, top int) []int {
	order := make([]int, len(p.near))
	gaps := make([]float64, len(p.near))
	for i := range order {
		order[i], gaps[i] = i, insight.Gap(p.near[i], in)
	}
	sort.SliceStable(order, func(i, j int) bool { return gaps[order[i]] > gaps[order[j]] })
	return order[:min(top, len(order))]
}

// pair gives the pictures of a pair, by their place in ids.
func (p *allPairs) pair(i int) (a, b int) {
	n := len(p.ids)
	for a = 0; i >= n-1-a; a++ {
		i -= n - 1 - a
	}
	return a, a + 1 + i
}

func (p *allPairs) name(i int) string {
	picture, _ := p.view.Picture(p.ids[i])
	return picture.Name
}
