package akin

import (
	"context"
	"errors"
	"fmt"
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
// fused.
func (c *Collection) Compare(ctx context.Context, q Query, o CompareOptions) (Comparison, error) {
	if len(o.Models) == 0 && len(c.options.Models) == 0 && q.hasText() {
		var err error
		if o.Models, err = c.readers(ctx); err != nil {
			return Comparison{}, err
		}
	}
	views, err := c.views(ctx, o.Models)
	if err != nil {
		return Comparison{}, err
	}
	defer closeViews(views)
	q = slices.Clone(q)
	fuser, err := newFuser(views, o.Fusion, c.options.Threads)
	if err != nil {
		return Comparison{}, err
	}
	out := Comparison{Query: q, Fusion: fuser.fusion}
	var rankings []ranking
	nothing := 0 // models that the filter leaves nothing of
	for _, v := range views {
		keep, err := v.keep(ctx, o.Filter)
		if errors.Is(err, ErrNothingLeft) && nothing < len(views)-1 {
			nothing++
			keep = kept{rows: make(bitmap, len(v.Keep)), pictures: make(bitmap, (v.Pictures.Len()+63)/64)}
		} else if err != nil {
			return Comparison{}, err
		} else {
			out.Missing = keep.missing
		}
		t, err := c.target(ctx, v, q)
		if err != nil {
			return Comparison{}, fmt.Errorf("compare with %s: %w", v.model, err)
		}
		hits, err := v.search(ctx, t, keep, SearchOptions{Top: o.Top, All: o.All, IncludeSelf: o.IncludeSelf}, c.options.Threads)
		if err != nil {
			return Comparison{}, err
		}
		out.Rows = append(out.Rows, Row{Model: v.model, Hits: hits})
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
	out.Rows = append(out.Rows, Row{Model: Fused, Hits: fusedHits(views, ids, scores, views[0].top(o.Top, o.All))})
	out.Overlap = overlap(out.Rows)
	return out, nil
}

// SearchFused finds the pictures that are most like the query by several models together:
// the fused row of Compare. Its scores are no cosines and have no chance.
func (c *Collection) SearchFused(ctx context.Context, q Query, o CompareOptions) (Result, error) {
	r, err := c.Compare(ctx, q, o)
	if err != nil {
		return Result{}, err
	}
	return Result{Query: r.Query, Model: Fused, Hits: r.Rows[len(r.Rows)-1].Hits, Missing: r.Missing}, nil
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
