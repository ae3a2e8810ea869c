package report

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"github.com/akin-search/akin/api"
	"github.com/akin-search/akin/internal/fusion"
	"github.com/akin-search/akin/internal/insight"
	"github.com/akin-search/akin/internal/record"
	"github.com/akin-search/akin/internal/space"
	"github.com/akin-search/akin/internal/vector"
)

// Disagree returns where each model's first hits of a query rank in the other models. It ignores
// o.Fusion.
func Disagree(ctx context.Context, c *space.Collection, q api.Query, o api.CompareOptions) (api.Disagreement, error) {
	top := cmp.Or(max(o.Top, 0), 10)
	o.Top, o.All = max(o.Top, 0), true
	r, err := fusion.Compare(ctx, c, q, o)
	if err != nil {
		return api.Disagreement{}, err
	}
	out := api.Disagreement{Query: r.Query, Top: top, Missing: r.Missing, Skipped: r.Skipped, Absent: r.Skipped, Hits: []api.DisputedHit{}}
	if len(r.Rows) < 2 {
		return out, &api.NeedsTwoModelsError{Doing: "disagree", Model: r.Rows[0].Model, Skipped: r.Skipped}
	}
	rows := r.Rows[:len(r.Rows)-1] // without the fused one
	lists := make([][]int64, len(rows))
	for m, row := range rows {
		out.Models = append(out.Models, row.Model)
		for _, h := range row.Hits[:min(top, len(row.Hits))] {
			lists[m] = append(lists[m], h.ID)
		}
	}
	out.Hits = disputedHits(rows, top)
	for _, a := range lists {
		var overlap, biased []float64
		for _, b := range lists {
			overlap = append(overlap, insight.Overlap(a, b, top))
			biased = append(biased, insight.RankBiasedOverlap(a, b))
		}
		out.Overlap, out.RankBiased = append(out.Overlap, overlap), append(out.RankBiased, biased)
	}
	return out, nil
}

// disputedHits returns the pictures that are among the first hits of any row, with their ranks in
// all rows. Those come first whose reciprocal ranks have the largest sum.
func disputedHits(rows []api.Row, top int) []api.DisputedHit {
	type disputed struct {
		api.DisputedHit
		agreement float64 // the sum of 1/rank over the rows
	}
	at := map[int64]int{}
	var hits []disputed
	for _, row := range rows {
		for _, h := range row.Hits[:min(top, len(row.Hits))] {
			if i, ok := at[h.ID]; ok {
				hits[i].Alone = ""
				continue
			}
			at[h.ID] = len(hits)
			hit := api.DisputedHit{Name: h.Name, Source: h.Source, Ranks: map[string]int{}, Alone: row.Model}
			hits = append(hits, disputed{DisputedHit: hit})
		}
	}
	for _, row := range rows {
		for i := range hits {
			hits[i].Ranks[row.Model] = 0
		}
		for rank, h := range row.Hits {
			if i, ok := at[h.ID]; ok {
				hits[i].Ranks[row.Model] = rank + 1
				hits[i].agreement += 1 / float64(rank+1)
			}
		}
	}
	slices.SortStableFunc(hits, func(a, b disputed) int { return cmp.Compare(b.agreement, a.agreement) })
	out := make([]api.DisputedHit, len(hits))
	for i, h := range hits {
		out[i] = h.DisputedHit
	}
	return out
}

// DisagreeAll measures how far the models of a collection agree on nearest neighbours, and returns
// the pictures on which they agree least.
func DisagreeAll(ctx context.Context, c *space.Collection, o api.DisagreeOptions) (api.CollectionDisagreement, error) {
	spaces, err := c.OpenSpaces(ctx, o.Models)
	if err != nil {
		return api.CollectionDisagreement{}, err
	}
	defer space.CloseSpaces(spaces)
	out := api.CollectionDisagreement{Top: cmp.Or(max(o.Top, 0), 10), Disputed: []api.DisputedPicture{}}
	if len(spaces) < 2 {
		return out, &api.NeedsTwoModelsError{Doing: "disagree", Model: spaces[0].Model}
	}
	for _, v := range spaces {
		out.Models = append(out.Models, v.Model)
	}
	near, err := nearestOfAll(ctx, spaces, out.Top, c.Options.Threads, o.Progress)
	if err != nil {
		return out, err
	}
	var agreements []pictureAgreement
	if out.Overlap, agreements = agree(spaces, near, out.Top); len(agreements) == 0 {
		return out, fmt.Errorf("disagree: %w: no picture has embeddings of all of %v", record.ErrNotIndexed, out.Models)
	}
	out.Pictures = len(agreements)
	slices.SortStableFunc(agreements, func(a, b pictureAgreement) int { return cmp.Compare(a.agreement, b.agreement) })
	for _, d := range agreements[:min(cmp.Or(max(o.Pictures, 0), 20), len(agreements))] {
		p, _ := spaces[0].Picture(d.id)
		disputed := api.DisputedPicture{Picture: api.Picture{Name: p.Name, Source: p.Source}, Agreement: d.agreement, Nearest: map[string][]string{}}
		for m, model := range out.Models {
			for _, id := range near[m][d.id][:min(3, len(near[m][d.id]))] {
				if p, ok := spaces[m].Picture(id); ok {
					disputed.Nearest[model] = append(disputed.Nearest[model], p.Name)
				}
			}
		}
		out.Disputed = append(out.Disputed, disputed)
	}
	return out, nil
}

// pictureAgreement is the mean overlap of a picture's neighbours over each two models.
type pictureAgreement struct {
	id        int64
	agreement float64
}

// agree returns the mean overlap of each two models over the pictures that all have, and each
// picture's own.
func agree(spaces []*space.Space, near []map[int64][]int64, top int) (overlap [][]float64, pictures []pictureAgreement) {
	overlap = make([][]float64, len(spaces))
	for i := range overlap {
		overlap[i] = make([]float64, len(spaces))
	}
	for _, p := range spaces[0].Pictures.All() {
		if !inAllSpaces(spaces, p.ID) {
			continue
		}
		mean, pairs := 0., 0.
		for i := range spaces {
			for j := range spaces {
				share := insight.Overlap(near[i][p.ID], near[j][p.ID], top)
				overlap[i][j] += share
				if i < j {
					mean, pairs = mean+share, pairs+1
				}
			}
		}
		pictures = append(pictures, pictureAgreement{p.ID, mean / pairs})
	}
	for i := range overlap {
		for j := range overlap[i] {
			overlap[i][j] /= float64(max(1, len(pictures)))
		}
	}
	return overlap, pictures
}

// nearestOfAll returns every picture's nearest neighbours in each space, by id.
func nearestOfAll(ctx context.Context, spaces []*space.Space, top, threads int, progress func(done, total int)) ([]map[int64][]int64, error) {
	near := make([]map[int64][]int64, len(spaces))
	done, total := 0, 0
	for _, v := range spaces {
		total += v.Matrix.Rows()
	}
	for m, v := range spaces {
		near[m] = map[int64][]int64{}
		err := eachNeighbors(ctx, v, top, threads, func(id int64, ids []int64) {
			near[m][id] = ids
			if done++; progress != nil {
				progress(done, max(done, total))
			}
		})
		if err != nil {
			return nil, err
		}
	}
	return near, nil
}

// eachNeighbors calls each with every picture of a space and its nearest others, by id. Pictures
// with the same bytes come first.
func eachNeighbors(ctx context.Context, v *space.Space, top, threads int, each func(id int64, ids []int64)) error {
	o := vector.Options{K: top, Keep: v.Keep, Tie: v.Tie, Threads: threads}
	return vector.Neighbors(ctx, v.Matrix, o, func(row int, hits []vector.Hit) {
		for own := range v.Of(row) {
			ids := make([]int64, 0, top)
			add := func(row int) {
				for i := range v.Of(row) {
					if i != own && len(ids) < top {
						ids = append(ids, v.Pictures.ID(i))
					}
				}
			}
			add(row)
			for _, h := range hits {
				add(h.Row)
			}
			each(v.Pictures.ID(own), ids)
		}
	})
}
