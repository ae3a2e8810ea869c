package space

import (
	"context"
	"errors"
	"time"

	"github.com/akin-search/akin/api"
	"github.com/akin-search/akin/internal/vector"
)

// SearchVectors searches with every row of queries, which have unit length.
func (c *Collection) SearchVectors(ctx context.Context, queries vector.Matrix, o api.SearchOptions) (api.VectorsResult, error) {
	if c.Remote != nil && !o.All {
		r, err := c.searchVectorsRemote(ctx, queries, o)
		if !errors.Is(err, errNeedsAllVectors) {
			return r, err
		}
	}
	v, err := c.OpenSpace(ctx, o.Model)
	if err != nil {
		return api.VectorsResult{}, err
	}
	defer v.Close()
	filtered, err := v.Filter(ctx, o.Filter)
	if err != nil {
		return api.VectorsResult{}, err
	}
	top := v.Limit(o.Top, o.All)
	options := v.vectorOptions(filtered, o, c.Options.Threads)
	started := time.Now()
	found, err := vector.SearchBatch(ctx, v.Matrix, queries, options)
	if err != nil {
		return api.VectorsResult{}, err
	}
	r := api.VectorsResult{
		Model: v.Model, Seconds: time.Since(started).Seconds(), Recall: reportedRecall(options.Recall), Missing: filtered.Missing,
	}
	for _, rows := range found {
		hits := v.hits(rows, nil, false, filtered, o)
		v.grade(hits, nil, filtered)
		addHits(&r, hits[:min(top, len(hits))])
	}
	return r, nil
}

// searchVectorsRemote is SearchVectors by the candidates of a remote store.
func (c *Collection) searchVectorsRemote(ctx context.Context, queries vector.Matrix, o api.SearchOptions) (api.VectorsResult, error) {
	s, err := c.SpaceOf(ctx, o.Model)
	if err != nil {
		return api.VectorsResult{}, err
	}
	if s.Dim != queries.Dim {
		return api.VectorsResult{}, api.Invalidf("the queries have %d values, the embeddings of %s %d", queries.Dim, s.Model, s.Dim)
	}
	f, err := c.remoteFilter(ctx, o.Filter)
	if err != nil {
		return api.VectorsResult{}, err
	}
	started := time.Now()
	r := api.VectorsResult{Model: s.Model, Missing: f.missing}
	for i := range queries.Rows() {
		hits, recall, err := c.nearRemote(ctx, s, QueryVector{Unit: queries.Row(i)}, f, o, nil)
		if err != nil {
			return api.VectorsResult{}, err
		}
		r.Recall = reportedRecall(recall)
		addHits(&r, hits)
	}
	r.Seconds = time.Since(started).Seconds()
	return r, nil
}

// addHits adds the hits of one more query.
func addHits(r *api.VectorsResult, hits []api.Hit) {
	names, scores := make([]string, len(hits)), make([]float64, len(hits))
	luck, grades := make([]float64, len(hits)), make([]api.Grade, len(hits))
	for i, h := range hits {
		names[i], scores[i], luck[i], grades[i] = h.Name, h.Score, *h.ByLuck, h.Grade
	}
	r.Names, r.Scores = append(r.Names, names), append(r.Scores, scores)
	r.ByLuck, r.Grades = append(r.ByLuck, luck), append(r.Grades, grades)
	r.NoGoodMatch = append(r.NoGoodMatch, NoGoodMatch(hits, QueryVector{}))
}
