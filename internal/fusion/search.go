package fusion

import (
	"context"

	"github.com/akin-search/akin/api"
	"github.com/akin-search/akin/internal/space"
)

// Search finds the pictures that are most similar to the query: by one model or, with o.Fuse, by several
// fused. Fused scores are not cosines and have no chance.
func Search(ctx context.Context, c *space.Collection, q api.Query, o api.SearchOptions) (api.Result, error) {
	if o.Skip < 0 {
		return api.Result{}, api.Invalidf("%d hits cannot be left out", o.Skip)
	}
	if o.Skip > 0 && !o.All {
		if o.Top <= 0 {
			o.Top = 10
		}
		o.Top += o.Skip
	}
	find := c.Search
	if o.Fuse != nil {
		find = func(ctx context.Context, q api.Query, o api.SearchOptions) (api.Result, error) {
			return fuse(ctx, c, q, o)
		}
	} else if len(o.Models) > 0 {
		return api.Result{}, api.Invalidf("several models are searched only with fusion")
	}
	r, err := find(ctx, q, o)
	if err != nil {
		return r, err
	}
	r.Hits = r.Hits[min(o.Skip, len(r.Hits)):]
	if o.Sizes {
		err = c.Measure(ctx, r.Hits)
	}
	if o.Metadata && err == nil {
		err = c.Describe(ctx, r.Hits)
	}
	return r, err
}

func fuse(ctx context.Context, c *space.Collection, q api.Query, o api.SearchOptions) (api.Result, error) {
	if o.MinScore != nil || o.MaxChance > 0 || o.Fold || o.Recall > 0 {
		return api.Result{}, api.Invalidf("fused scores are not cosines: there is no minimum score, maximum chance, folding or recall with fusion")
	}
	models := o.Models
	if len(models) == 0 && o.Model != "" {
		models = []string{o.Model}
	}
	r, fused, err := compare(ctx, c, q, api.CompareOptions{
		Filter: o.Filter, Models: models, Top: o.Top, All: o.All, IncludeSelf: o.IncludeSelf, Fusion: *o.Fuse,
	}, 1)
	if err != nil {
		return api.Result{}, err
	}
	out := api.Result{Query: r.Query, Model: api.Fused, Hits: fused.Hits, NoGoodMatch: fused.NoGoodMatch, Missing: r.Missing, Skipped: r.Skipped, Absent: r.Skipped}
	for _, row := range r.Rows {
		out.Models = append(out.Models, row.Model)
	}
	return out, nil
}
