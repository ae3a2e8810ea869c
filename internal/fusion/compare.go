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

// Compare answers a query with every model, side by side, and with all of them fused where more than one answers. Models
// that cannot answer it, such as those that read no text or are not installed, are left out and listed in Skipped. It is
// an error if none can.
func Compare(ctx context.Context, c *space.Collection, q api.Query, o api.CompareOptions) (api.Comparison, error) {
	r, fused, err := compare(ctx, c, q, o, 2) // the fusion of one ranking is the same ranking
	if err != nil {
		return api.Comparison{}, err
	}
	if fused != nil {
		r.Rows = append(r.Rows, *fused)
	}
	r.Overlap = overlap(r.Rows)
	return r, nil
}

// compare returns a row a model, and that of all of them fused where at least so many answer.
func compare(ctx context.Context, c *space.Collection, q api.Query, o api.CompareOptions, least int) (r api.Comparison, fused *api.Row, err error) {
	all, err := c.OpenSpaces(ctx, o.Models)
	if err != nil {
		return r, fused, err
	}
	defer space.CloseSpaces(all)
	if _, err := New(all, o.Fusion, c.Options.Threads); err != nil {
		return r, fused, err
	}
	q = slices.Clone(q)
	spaces, vectors, skipped, err := embedQuery(ctx, c, all, q)
	if err != nil {
		return r, fused, err
	}
	o.Fusion.Weights = maps.Clone(o.Fusion.Weights)
	for _, f := range skipped {
		delete(o.Fusion.Weights, f.Source)
	}
	fuser, err := New(spaces, o.Fusion, c.Options.Threads)
	if err != nil {
		return r, fused, err
	}
	filtered, missing, err := filter(ctx, spaces, o.Filter)
	if err != nil {
		return r, fused, err
	}
	r = api.Comparison{Query: q, Fusion: fuser.fusion, Skipped: skipped, Absent: skipped, Missing: missing}
	var rankings []Ranking
	pixels := c.PixelComparer()
	for i, v := range spaces {
		t := vectors[i]
		hits, err := v.Search(ctx, t, filtered[i], api.SearchOptions{Top: o.Top, All: o.All, IncludeSelf: o.IncludeSelf}, c.Options.Threads, pixels)
		if err != nil {
			return r, fused, err
		}
		r.Rows = append(r.Rows, api.Row{Model: v.Model, Hits: hits, NoGoodMatch: space.NoGoodMatch(hits, t)})
		if len(spaces) < least {
			continue
		}
		self := t.Self
		if o.IncludeSelf {
			self = nil
		}
		pass := filtered[i]
		if !o.IncludeSelf {
			pass = v.Except(pass, t)
		}
		ranking, err := Rank(ctx, v, t.Unit, self, pass, c.Options.Threads)
		if err != nil {
			return r, fused, err
		}
		rankings = append(rankings, ranking)
	}
	if len(spaces) < least {
		return r, nil, nil
	}
	ids, scores, err := fuser.Fuse(ctx, rankings)
	if err != nil {
		return r, fused, err
	}
	row := fusedRow(r.Rows, fusedHits(spaces, ids, scores, spaces[0].Limit(o.Top, o.All)))
	return r, &row, nil
}

// embedQuery embeds a query in each space. It returns the spaces that can, with the vectors, and why the others cannot.
func embedQuery(ctx context.Context, c *space.Collection, all []*space.Space, q api.Query) (spaces []*space.Space, vectors []space.QueryVector, skipped []api.Failure, err error) {
	var first error
	for _, v := range all {
		t, err := c.EmbedQuery(ctx, v, q)
		switch {
		case err == nil:
			spaces, vectors = append(spaces, v), append(vectors, t)
		case isOfModel(err):
			skipped = append(skipped, api.Failure{Source: v.Model, Error: err.Error()})
			first = cmp.Or(first, err)
		default:
			return nil, nil, nil, fmt.Errorf("compare with %s: %w", v.Model, err)
		}
	}
	if len(spaces) > 0 {
		return spaces, vectors, skipped, nil
	}
	if q.HasText() {
		if _, err := c.TextModels(ctx); err != nil {
			return nil, nil, nil, err
		}
	}
	return nil, nil, nil, first
}

// isOfModel reports whether an error is of one model, so that others may still answer.
func isOfModel(err error) bool {
	kinds := []error{model.ErrMissing, api.ErrNoSpace, runtime.ErrLibrary, model.ErrPrecision, runtime.ErrDevice}
	return slices.ContainsFunc(kinds, func(kind error) bool { return errors.Is(err, kind) })
}

// filter applies a filter to each space. A space of which it leaves nothing has no hits; it is an error if that is so
// of all of them.
func filter(ctx context.Context, spaces []*space.Space, f api.Filter) (filtered []space.Filtered, missing []string, err error) {
	empty := 0
	for _, v := range spaces {
		k, err := v.Filter(ctx, f)
		switch {
		case err == nil:
			missing = k.Missing
		case errors.Is(err, api.ErrEmptyFilter) && empty < len(spaces)-1:
			empty++
			k = space.Filtered{Rows: make(space.Bitmap, len(v.Keep)), Pictures: space.Empty(v.Pictures.Len())}
		default:
			return nil, nil, err
		}
		filtered = append(filtered, k)
	}
	return filtered, missing, nil
}

// fusedHits returns the first of fused pictures as hits.
func fusedHits(spaces []*space.Space, ids []int64, scores []float64, top int) []api.Hit {
	hits := []api.Hit{}
	for i, id := range ids[:min(top, len(ids))] {
		for _, v := range spaces {
			if p, ok := v.Picture(id); ok {
				hits = append(hits, api.Hit{Rank: i + 1, Name: p.Name, Source: p.Source, Score: scores[i], ID: id})
				break
			}
		}
	}
	return hits
}

// fusedRow returns the row of fused hits: the same pictures are those of the models' rows, and it has a good match
// where one of these has.
func fusedRow(rows []api.Row, hits []api.Hit) api.Row {
	fused := api.Row{Model: api.Fused, Hits: hits, NoGoodMatch: true}
	same := map[int64]bool{}
	for _, row := range rows {
		fused.NoGoodMatch = fused.NoGoodMatch && row.NoGoodMatch
		for _, h := range row.Hits {
			same[h.ID] = same[h.ID] || h.SamePixels
		}
	}
	for i := range hits {
		hits[i].SamePixels = same[hits[i].ID]
	}
	return fused
}

// overlap returns the share of hits that each two rows have in common.
func overlap(rows []api.Row) [][]float64 {
	out := make([][]float64, len(rows))
	for i, a := range rows {
		out[i] = make([]float64, len(rows))
		ids := map[int64]bool{}
		for _, h := range a.Hits {
			ids[h.ID] = true
		}
		for j, b := range rows {
			common := 0
			for _, h := range b.Hits {
				if ids[h.ID] {
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
