package report

import (
	"context"
	"fmt"
	"slices"
	"sort"

	"github.com/akin-search/akin/api"
	"github.com/akin-search/akin/internal/fusion"
	"github.com/akin-search/akin/internal/insight"
	"github.com/akin-search/akin/internal/record"
	"github.com/akin-search/akin/internal/space"
	"github.com/akin-search/akin/internal/vector"
)

// oneModel says that what asks for several models has this one alone, and why it has no others.
func oneModel(what, model string, absent []api.Failure) error {
	others := ""
	for _, f := range absent {
		others += fmt.Sprintf("; %s cannot answer: %s", f.Source, f.Error)
	}
	return api.Invalidf("%s: there is one model, %s, and it takes two: name another one as well, or index with it%s", what, model, others)
}

// Disagree tells of a query where each model's hits stand in the others. Of o, Fusion has no
// meaning here.
func Disagree(ctx context.Context, c *space.Collection, q api.Query, o api.CompareOptions) (api.Disagreement, error) {
	o.All, o.Top = false, max(o.Top, 0)
	top := o.Top
	if top == 0 {
		top = 10
	}
	all := o
	all.All = true
	r, err := fusion.Compare(ctx, c, q, all)
	if err != nil {
		return api.Disagreement{}, err
	}
	rows := r.Rows[:len(r.Rows)-1]
	out := api.Disagreement{Query: r.Query, Top: top, Missing: r.Missing, Absent: r.Absent, Hits: []api.DisputedHit{}}
	if len(rows) < 2 {
		return out, oneModel("disagree", rows[0].Model, r.Absent)
	}
	at := map[int64]int{}
	lists := make([][]int64, len(rows))
	best := map[int64]float64{} // sum of 1/rank
	for m, row := range rows {
		out.Models = append(out.Models, row.Model)
		for _, h := range row.Hits[:min(top, len(row.Hits))] {
			lists[m] = append(lists[m], h.ID)
			i, ok := at[h.ID]
			if !ok {
				i = len(out.Hits)
				at[h.ID] = i
				out.Hits = append(out.Hits, api.DisputedHit{Name: h.Name, Source: h.Source, Ranks: map[string]int{}, Alone: row.Model})
			} else {
				out.Hits[i].Alone = ""
			}
		}
	}
	ids := make([]int64, len(out.Hits))
	for id, i := range at {
		ids[i] = id
	}
	for _, row := range rows {
		for i := range out.Hits {
			out.Hits[i].Ranks[row.Model] = 0
		}
		for rank, h := range row.Hits {
			if i, ok := at[h.ID]; ok {
				out.Hits[i].Ranks[row.Model] = rank + 1
				best[h.ID] += 1 / float64(rank+1)
			}
		}
	}
	order := make([]int, len(ids))
	for i := range order {
		order[i] = i
	}
	sort.SliceStable(order, func(i, j int) bool { return best[ids[order[i]]] > best[ids[order[j]]] })
	sorted := make([]api.DisputedHit, len(order))
	for i, from := range order {
		sorted[i] = out.Hits[from]
	}
	out.Hits = sorted
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

// DisagreeAll tells how much the models of a collection agree, and on which of its pictures they
// do so the least.
func DisagreeAll(ctx context.Context, c *space.Collection, o api.DisagreeOptions) (api.CollectionDisagreement, error) {
	views, err := c.OpenSpaces(ctx, o.Models)
	if err != nil {
		return api.CollectionDisagreement{}, err
	}
	defer space.CloseSpaces(views)
	out := api.CollectionDisagreement{Top: o.Top, Disputed: []api.DisputedPicture{}}
	if out.Top <= 0 {
		out.Top = 10
	}
	if o.Pictures <= 0 {
		o.Pictures = 20
	}
	if len(views) < 2 {
		return out, oneModel("disagree", views[0].Model, nil)
	}
	near := make([]map[int64][]int64, len(views)) // picture → its first neighbours
	done, total := 0, 0
	for _, v := range views {
		total += v.Matrix.Rows()
	}
	for m, v := range views {
		out.Models = append(out.Models, v.Model)
		near[m] = map[int64][]int64{}
		err := neighbors(ctx, v, out.Top, c.Options.Threads, func(id int64, ids []int64) {
			near[m][id] = ids
			if done++; o.Progress != nil {
				o.Progress(done, max(done, total))
			}
		})
		if err != nil {
			return out, err
		}
	}
	sum := make([][]float64, len(views))
	for i := range sum {
		sum[i] = make([]float64, len(views))
	}
	type disputed struct {
		id        int64
		agreement float64
	}
	var all []disputed
	for _, p := range views[0].Pictures.All() {
		if !inAllSpaces(views, p.ID) {
			continue
		}
		mean, pairs := 0., 0.
		for i := range views {
			for j := range views {
				share := insight.Overlap(near[i][p.ID], near[j][p.ID], out.Top)
				sum[i][j] += share
				if i < j {
					mean, pairs = mean+share, pairs+1
				}
			}
		}
		all = append(all, disputed{p.ID, mean / pairs})
	}
	if out.Pictures = len(all); out.Pictures == 0 {
		return out, fmt.Errorf("disagree: %w: no picture has embeddings of all of %v", record.ErrNotIndexed, out.Models)
	}
	for i := range sum {
		for j := range sum[i] {
			sum[i][j] /= float64(out.Pictures)
		}
	}
	out.Overlap = sum
	slices.SortStableFunc(all, func(a, b disputed) int {
		switch {
		case a.agreement < b.agreement:
			return -1
		case a.agreement > b.agreement:
			return 1
		}
		return 0
	})
	for _, d := range all[:min(o.Pictures, len(all))] {
		p, _ := views[0].Picture(d.id)
		disputed := api.DisputedPicture{Picture: api.Picture{Name: p.Name, Source: p.Source}, Agreement: d.agreement, Nearest: map[string][]string{}}
		for m, model := range out.Models {
			for _, id := range near[m][d.id][:min(3, len(near[m][d.id]))] {
				if p, ok := views[m].Picture(id); ok {
					disputed.Nearest[model] = append(disputed.Nearest[model], p.Name)
				}
			}
		}
		out.Disputed = append(out.Disputed, disputed)
	}
	return out, nil
}

// neighbors calls each with every picture and its nearest others, by id.
func neighbors(ctx context.Context, v *space.Space, top, threads int, each func(id int64, ids []int64)) error {
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
			add(row) // others with the same bytes
			for _, h := range hits {
				add(h.Row)
			}
			each(v.Pictures.ID(own), ids)
		}
	})
}
