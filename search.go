package akin

import (
	"context"

	"github.com/akin-search/akin/api"
	"github.com/akin-search/akin/internal/fusion"
	"github.com/akin-search/akin/internal/parts"
	"github.com/akin-search/akin/internal/space"
)

// Search finds the pictures that are most similar to the query, the best first and equal scores in the
// order of indexing. With o.Fuse it fuses the rankings of several models; with o.Verify it puts hits first that are proven to show a
// part of the query. No hits is not an error.
func (c *Collection) Search(ctx context.Context, q api.Query, o api.SearchOptions) (api.Result, error) {
	return parts.Search(ctx, c.c, q, o)
}

// SearchFused is Search with o.Fuse: it fuses the rankings of several models. Its scores are not
// cosines and have no chance.
//
// Deprecated: use Search.
func (c *Collection) SearchFused(ctx context.Context, q api.Query, o api.CompareOptions) (api.Result, error) {
	return fusion.Search(ctx, c.c, q, api.SearchOptions{
		Filter: o.Filter, Models: o.Models, Top: o.Top, All: o.All, IncludeSelf: o.IncludeSelf, Fuse: &o.Fusion,
	})
}

// Compare answers a query with every model, side by side, and with all of them fused. Models that cannot
// answer it, such as those that read no text or are not installed, are left out and listed in Skipped. It is an
// error if none can.
func (c *Collection) Compare(ctx context.Context, q api.Query, o api.CompareOptions) (api.Comparison, error) {
	return fusion.Compare(ctx, c.c, q, o)
}

// Neighbors finds, for every picture that passes o's filter, its nearest neighbours among them, and
// calls each with both: what Search finds for each of them, in a fraction of the time, because they
// are searched for together. Pictures come in the order of their embeddings, those with the same
// content together. o.Fold and o.Fuse must be unset.
func (c *Collection) Neighbors(ctx context.Context, o api.SearchOptions, each func(api.Picture, []api.Hit)) error {
	return c.c.Neighbors(ctx, o, each)
}

// Answers returns the models that can answer queries.
func (c *Collection) Answers(ctx context.Context) (api.Answers, error) {
	return c.c.Answers(ctx)
}

// CheckFilter checks a filter for malformed globs, dates and tags.
func CheckFilter(f api.Filter) error {
	return space.CheckFilter(f)
}
