package akin

import (
	"context"
	"fmt"
	"slices"
	"sort"

	"github.com/akin-search/akin/internal/insight"
	"github.com/akin-search/akin/internal/vector"
)

// DisputedHit is a picture that some model has among its first hits, and where it stands in
// all of them.
type DisputedHit struct {
	Name   string         `json:"name"`
	Source string         `json:"source"`
	Ranks  map[string]int `json:"ranks"`           // 0: the model has no embedding of it
	Alone  string         `json:"alone,omitempty"` // the only model that has it among its first
}

// Disagreement is the answer to Disagree.
type Disagreement struct {
	Query  Query         `json:"query"`
	Top    int           `json:"top"`
	Models []string      `json:"models"`
	Hits   []DisputedHit `json:"hits"` // of all models, those that most agree on first
	// Overlap[i][j] is the share of the first hits that models i and j have in common;
	// RankBiased[i][j] how alike their orders are, the first ranks most of all, in 0…1.
	Overlap    [][]float64 `json:"overlap"`
	RankBiased [][]float64 `json:"rank_biased_overlap"`
	Missing    []string    `json:"missing,omitempty"`
	Absent     []Failure   `json:"absent,omitempty"` // as in Comparison
}

// oneModel says that what asks for several models has this one alone, and why it has no others.
func oneModel(what, model string, absent []Failure) error {
	others := ""
	for _, f := range absent {
		others += fmt.Sprintf("; %s cannot answer: %s", f.Source, f.Error)
	}
	return invalidf("%s: there is one model, %s, and it takes two: name another one as well, or index with it%s", what, model, others)
}

// Disagree tells of a query where each model's hits stand in the others. Of o, Fusion has no
// meaning here.
func (c *Collection) Disagree(ctx context.Context, q Query, o CompareOptions) (Disagreement, error) {
	o.All, o.Top = false, max(o.Top, 0)
	top := o.Top
	if top == 0 {
		top = 10
	}
	all := o
	all.All = true
	r, err := c.Compare(ctx, q, all)
	if err != nil {
		return Disagreement{}, err
	}
	rows := r.Rows[:len(r.Rows)-1]
	out := Disagreement{Query: r.Query, Top: top, Missing: r.Missing, Absent: r.Absent, Hits: []DisputedHit{}}
	if len(rows) < 2 {
		return out, oneModel("disagree", rows[0].Model, r.Absent)
	}
	at := map[int64]int{}
	lists := make([][]int64, len(rows))
	best := map[int64]float64{} // sum of 1/rank
	for m, row := range rows {
		out.Models = append(out.Models, row.Model)
		for _, h := range row.Hits[:min(top, len(row.Hits))] {
			lists[m] = append(lists[m], h.id)
			i, ok := at[h.id]
			if !ok {
				i = len(out.Hits)
				at[h.id] = i
				out.Hits = append(out.Hits, DisputedHit{Name: h.Name, Source: h.Source, Ranks: map[string]int{}, Alone: row.Model})
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
			if i, ok := at[h.id]; ok {
				out.Hits[i].Ranks[row.Model] = rank + 1
				best[h.id] += 1 / float64(rank+1)
			}
		}
	}
	order := make([]int, len(ids))
	for i := range order {
		order[i] = i
	}
	sort.SliceStable(order, func(i, j int) bool { return best[ids[order[i]]] > best[ids[order[j]]] })
	sorted := make([]DisputedHit, len(order))
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

// DisputedPicture is a picture on whose neighbours models disagree.
type DisputedPicture struct {
	Picture
	Agreement float64             `json:"agreement"` // the mean share of first neighbours that two models have in common, in 0…1
	Nearest   map[string][]string `json:"nearest"`   // each model's first neighbours, up to three
}

// CollectionDisagreement is the answer to DisagreeAll.
type CollectionDisagreement struct {
	Models   []string          `json:"models"`
	Top      int               `json:"top"`
	Pictures int               `json:"pictures"` // that all models have
	Overlap  [][]float64       `json:"overlap"`  // the mean over all pictures, of each two models
	Disputed []DisputedPicture `json:"disputed"` // the least agreed on first
}

// DisagreeOptions say what to compare.
type DisagreeOptions struct {
	Models   []string
	Top      int // neighbours that are compared; 0 means 10
	Pictures int // disputed pictures to return; 0 means 20
	Progress func(done, total int)
}

// DisagreeAll tells how much the models of a collection agree, and on which of its pictures they
// do so the least.
func (c *Collection) DisagreeAll(ctx context.Context, o DisagreeOptions) (CollectionDisagreement, error) {
	views, err := c.views(ctx, o.Models)
	if err != nil {
		return CollectionDisagreement{}, err
	}
	defer closeViews(views)
	out := CollectionDisagreement{Top: o.Top, Disputed: []DisputedPicture{}}
	if out.Top <= 0 {
		out.Top = 10
	}
	if o.Pictures <= 0 {
		o.Pictures = 20
	}
	if len(views) < 2 {
		return out, oneModel("disagree", views[0].model, nil)
	}
	near := make([]map[int64][]int64, len(views)) // picture → its first neighbours
	done, total := 0, 0
	for _, v := range views {
		total += v.Matrix.Rows()
	}
	for m, v := range views {
		out.Models = append(out.Models, v.model)
		near[m] = map[int64][]int64{}
		err := v.neighbors(ctx, out.Top, c.options.Threads, func(id int64, ids []int64) {
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
		if !everywhere(views, p.ID) {
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
		return out, fmt.Errorf("disagree: %w: no picture has embeddings of all of %v", ErrNotIndexed, out.Models)
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
		disputed := DisputedPicture{Picture: Picture{Name: p.Name, Source: p.Source}, Agreement: d.agreement, Nearest: map[string][]string{}}
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
func (v *view) neighbors(ctx context.Context, top, threads int, each func(id int64, ids []int64)) error {
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
