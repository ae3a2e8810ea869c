package akin

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
)

// CompareOptions narrow a comparison. The zero value compares all models of the
// collection, ten hits each.
type CompareOptions struct {
	Filter
	Models      []string
	Top         int  // hits a row; 0 means 10
	All         bool // every picture in every row
	IncludeSelf bool
	Fusion      Fusion
}

// Compare answers a query with every model, side by side, and with all of them
// fused. Models that cannot answer it, as those that read no text or are not here, are left
// out and told; where none can, that is an error.
func (c *Collection) Compare(ctx context.Context, q Query, o CompareOptions) (Comparison, error) {
	all, err := c.views(ctx, o.Models)
	if err != nil {
		return Comparison{}, err
	}
	defer closeViews(all)
	if _, err := newFuser(all, o.Fusion, c.options.Threads); err != nil {
		return Comparison{}, err
	}
	q = slices.Clone(q)
	views, targets, absent, err := c.targets(ctx, all, q)
	if err != nil {
		return Comparison{}, err
	}
	o.Fusion.Weights = maps.Clone(o.Fusion.Weights)
	for _, f := range absent {
		delete(o.Fusion.Weights, f.Source)
	}
	fuser, err := newFuser(views, o.Fusion, c.options.Threads)
	if err != nil {
		return Comparison{}, err
	}
	out := Comparison{Query: q, Fusion: fuser.fusion, Absent: absent}
	var rankings []ranking
	nothing := 0 // models that the filter leaves nothing of
	witness := c.witness()
	same := map[int64]bool{} // pictures that the query is by its pixels
	for i, v := range views {
		keep, err := v.keep(ctx, o.Filter)
		if errors.Is(err, ErrNothingLeft) && nothing < len(views)-1 {
			nothing++
			keep = kept{rows: make(bitmap, len(v.Keep)), pictures: make(bitmap, (v.Pictures.Len()+63)/64)}
		} else if err != nil {
			return Comparison{}, err
		} else {
			out.Missing = keep.missing
		}
		t := targets[i]
		hits, err := v.search(ctx, t, keep, SearchOptions{Top: o.Top, All: o.All, IncludeSelf: o.IncludeSelf}, c.options.Threads, witness)
		if err != nil {
			return Comparison{}, err
		}
		out.Rows = append(out.Rows, Row{Model: v.model, Hits: hits, NoGoodMatch: noGoodMatch(hits, t)})
		for _, h := range hits {
			same[h.id] = same[h.id] || h.SamePixels
		}
		self := t.self
		if o.IncludeSelf {
			self = nil
		}
		r, err := v.rank(ctx, t.vector, self, keep, c.options.Threads)
		if err != nil {
			return Comparison{}, err
		}
		rankings = append(rankings, r)
	}
	ids, scores, err := fuser.fuse(ctx, rankings)
	if err != nil {
		return Comparison{}, err
	}
	fused := Row{Model: Fused, Hits: fusedHits(views, ids, scores, views[0].top(o.Top, o.All)), NoGoodMatch: true}
	for i := range fused.Hits {
		fused.Hits[i].SamePixels = same[fused.Hits[i].id]
	}
	for _, row := range out.Rows {
		fused.NoGoodMatch = fused.NoGoodMatch && row.NoGoodMatch
	}
	out.Rows = append(out.Rows, fused)
	out.Overlap = overlap(out.Rows)
	return out, nil
}

// targets turns a query into a vector of each space, and gives the views that can answer it, and
// why the others cannot.
func (c *Collection) targets(ctx context.Context, all []*view, q Query) (views []*view, targets []target, absent []Failure, err error) {
	var first error
	for _, v := range all {
		t, err := c.target(ctx, v, q)
		isModels := func(kind error) bool { return errors.Is(err, kind) }
		switch {
		case err == nil:
			views, targets = append(views, v), append(targets, t)
		case slices.ContainsFunc([]error{ErrNoModel, ErrNoSpace, ErrNoRuntime, ErrPrecision, ErrDevice}, isModels):
			absent = append(absent, Failure{v.model, err.Error()})
			first = cmp.Or(first, err)
		default:
			return nil, nil, nil, fmt.Errorf("compare with %s: %w", v.model, err)
		}
	}
	if len(views) > 0 {
		return views, targets, absent, nil
	}
	if q.hasText() {
		if _, err := c.readers(ctx); err != nil {
			return nil, nil, nil, err
		}
	}
	return nil, nil, nil, first
}

// SearchFused finds the pictures that are most like the query by several models together:
// the fused row of Compare. Its scores are no cosines and have no chance.
func (c *Collection) SearchFused(ctx context.Context, q Query, o CompareOptions) (Result, error) {
	r, err := c.Compare(ctx, q, o)
	if err != nil {
		return Result{}, err
	}
	out := Result{Query: r.Query, Model: Fused, Hits: r.Rows[len(r.Rows)-1].Hits, Missing: r.Missing, Absent: r.Absent}
	for _, row := range r.Rows[:len(r.Rows)-1] {
		out.Models = append(out.Models, row.Model)
	}
	out.NoGoodMatch = r.Rows[len(r.Rows)-1].NoGoodMatch
	return out, nil
}

// overlap is the share of hits that each two rows have in common.
func overlap(rows []Row) [][]float64 {
	out := make([][]float64, len(rows))
	for i, a := range rows {
		out[i] = make([]float64, len(rows))
		names := map[int64]bool{}
		for _, h := range a.Hits {
			names[h.id] = true
		}
		for j, b := range rows {
			common := 0
			for _, h := range b.Hits {
				if names[h.id] {
					common++
				}
			}
			if n := max(len(a.Hits), len(b.Hits)); n > 0 {
				out[i][j] = float64(common) / float64(n)
			}
		}
	}
	return out
}
