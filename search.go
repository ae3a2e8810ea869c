package akin

import (
	"context"

	"github.com/akin-search/akin/api"
	"github.com/akin-search/akin/internal/fusion"
	"github.com/akin-search/akin/internal/space"
)

// Compare answers a query with every model, side by side, and with all of them
// fused. Models that cannot answer it, as those that read no text or are not here, are left
// out and told; where none can, that is an error.
func (c *Collection) Compare(ctx context.Context, q api.Query, o api.CompareOptions) (api.Comparison, error) {
	return fusion.Compare(ctx, c.c, q, o)
}

// SearchFused finds the pictures that are most like the query by several models together:
// the fused row of Compare. Its scores are no cosines and have no chance.
func (c *Collection) SearchFused(ctx context.Context, q api.Query, o api.CompareOptions) (api.Result, error) {
	return fusion.SearchFused(ctx, c.c, q, o)
}

// Neighbors finds for every picture that passes o's filter its most alike among them, and
// calls each with both: what Search finds for each of them, in a fraction of the time,
// because all are searched for together. Pictures come by their embeddings, those
// with the same bytes together. o.Fold has no meaning here.
func (c *Collection) Neighbors(ctx context.Context, o api.SearchOptions, each func(api.Picture, []api.Hit)) error {
	return c.c.Neighbors(ctx, o, each)
}

// Search finds the pictures that are most like the query: best first, equal
// scores in the order of indexing. No hits is an answer, not an error.
func (c *Collection) Search(ctx context.Context, q api.Query, o api.SearchOptions) (api.Result, error) {
	return c.c.Search(ctx, q, o)
}

// Answers tells which models answer.
func (c *Collection) Answers(ctx context.Context) (api.Answers, error) {
	return c.c.Answers(ctx)
}

// CheckFilter reports what is wrong with a filter, whatever the collection: a malformed glob, date or tag.
func CheckFilter(f api.Filter) error {
	return space.CheckFilter(f)
}
