package fusion

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/akin-search/akin/api"
	"github.com/akin-search/akin/internal/model"
	"github.com/akin-search/akin/internal/runtime"
	"github.com/akin-search/akin/internal/space"
)

// Compare answers a query with every model, side by side, and with all of them
// fused. Models that cannot answer it, as those that read no text or are not here, are left
// out and told; where none can, that is an error.
func Compare(ctx context.Context, c *space.Collection, q api.Query, o api.CompareOptions) (api.Comparison, error) {
	all, err := c.OpenSpaces(ctx, o.Models)
	if err != nil {
		return api.Comparison{}, err
	}
	defer space.CloseSpaces(all)
	if _, err := New(all, o.Fusion, c.Options.Threads); err != nil {
		return api.Comparison{}, err
	}
	q = slices.Clone(q)
	views, targets, absent, err := embedQuery(ctx, c, all, q)
	if err != nil {
		return api.Comparison{}, err
	}
	o.Fusion.Weights = maps.Clone(o.Fusion.Weights)
	for _, f := range absent {
		delete(o.Fusion.Weights, f.Source)
	}
	fuser, err := New(views, o.Fusion, c.Options.Threads)
	if err != nil {
		return api.Comparison{}, err
	}
	out := api.Comparison{Query: q, Fusion: fuser.fusion, Absent: absent}
	var rankings []Ranking
	nothing := 0 // models that the filter leaves nothing of
	witness := c.PixelComparer()
	same := map[int64]bool{} // pictures that the query is by its pixels
	for i, v := range views {
		keep, err := v.Filter(ctx, o.Filter)
		if errors.Is(err, api.ErrEmptyFilter) && nothing < len(views)-1 {
			nothing++
			keep = space.Filtered{Rows: make(space.Bitmap, len(v.Keep)), Pictures: make(space.Bitmap, (v.Pictures.Len()+63)/64)}
		} else if err != nil {
			return api.Comparison{}, err
		} else {
			out.Missing = keep.Missing
		}
		t := targets[i]
		hits, err := v.Search(ctx, t, keep, api.SearchOptions{Top: o.Top, All: o.All, IncludeSelf: o.IncludeSelf}, c.Options.Threads, witness)
		if err != nil {
			return api.Comparison{}, err
		}
		out.Rows = append(out.Rows, api.Row{Model: v.Model, Hits: hits, NoGoodMatch: space.NoGoodMatch(hits, t)})
		for _, h := range hits {
			same[h.ID] = same[h.ID] || h.SamePixels
		}
		self := t.Self
		if o.IncludeSelf {
			self = nil
		}
		r, err := Rank(ctx, v, t.Unit, self, keep, c.Options.Threads)
		if err != nil {
			return api.Comparison{}, err
		}
		rankings = append(rankings, r)
	}
	ids, scores, err := fuser.Fuse(ctx, rankings)
	if err != nil {
		return api.Comparison{}, err
	}
	fused := api.Row{Model: api.Fused, Hits: fusedHits(views, ids, scores, views[0].Limit(o.Top, o.All)), NoGoodMatch: true}
	for i := range fused.Hits {
		fused.Hits[i].SamePixels = same[fused.Hits[i].ID]
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
func embedQuery(ctx context.Context, c *space.Collection, all []*space.Space, q api.Query) (views []*space.Space, targets []space.QueryVector, absent []api.Failure, err error) {
	var first error
	for _, v := range all {
		t, err := c.EmbedQuery(ctx, v, q)
		isModels := func(kind error) bool { return errors.Is(err, kind) }
		switch {
		case err == nil:
			views, targets = append(views, v), append(targets, t)
		case slices.ContainsFunc([]error{model.ErrMissing, api.ErrNoSpace, runtime.ErrLibrary, model.ErrPrecision, runtime.ErrDevice}, isModels):
			absent = append(absent, api.Failure{Source: v.Model, Error: err.Error()})
			first = cmp.Or(first, err)
		default:
			return nil, nil, nil, fmt.Errorf("compare with %s: %w", v.Model, err)
		}
	}
	if len(views) > 0 {
		return views, targets, absent, nil
	}
	if q.HasText() {
		if _, err := c.TextModels(ctx); err != nil {
			return nil, nil, nil, err
		}
	}
	return nil, nil, nil, first
}

// SearchFused finds the pictures that are most like the query by several models together:
// the fused row of Compare. Its scores are no cosines and have no chance.
func SearchFused(ctx context.Context, c *space.Collection, q api.Query, o api.CompareOptions) (api.Result, error) {
	r, err := Compare(ctx, c, q, o)
	if err != nil {
		return api.Result{}, err
	}
	out := api.Result{Query: r.Query, Model: api.Fused, Hits: r.Rows[len(r.Rows)-1].Hits, Missing: r.Missing, Absent: r.Absent}
	for _, row := range r.Rows[:len(r.Rows)-1] {
		out.Models = append(out.Models, row.Model)
	}
	out.NoGoodMatch = r.Rows[len(r.Rows)-1].NoGoodMatch
	return out, nil
}

// overlap is the share of hits that each two rows have in common.
func overlap(rows []api.Row) [][]float64 {
	out := make([][]float64, len(rows))
	for i, a := range rows {
		out[i] = make([]float64, len(rows))
		names := map[int64]bool{}
		for _, h := range a.Hits {
			names[h.ID] = true
		}
		for j, b := range rows {
			common := 0
			for _, h := range b.Hits {
				if names[h.ID] {
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
