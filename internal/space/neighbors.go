package space

import (
	"context"
	"errors"

	"github.com/akin-search/akin/api"
	"github.com/akin-search/akin/internal/vector"
)

// Neighbors finds for every picture that passes o's filter its most alike among them, and
// calls each with both: what Search finds for each of them, in a fraction of the time,
// because all are searched for together. Pictures come by their embeddings, those
// with the same bytes together. o.Fold has no meaning here.
func (c *Collection) Neighbors(ctx context.Context, o api.SearchOptions, each func(api.Picture, []api.Hit)) error {
	v, err := c.OpenSpace(ctx, o.Model)
	if err != nil {
		return err
	}
	defer v.Close()
	if o.Fold {
		return errors.New("neighbours are not folded")
	}
	keep, err := v.Filter(ctx, o.Filter)
	if err != nil {
		return err
	}
	top := v.Limit(o.Top, o.All)
	options := vector.Options{K: max(top, GradedHits), Keep: keep.Rows, Tie: v.Tie, Threads: c.Options.Threads, Recall: TargetRecall(o, v)}
	if o.MinScore != nil {
		options.MinScore, options.HasMin = float32(*o.MinScore), true
	}
	return vector.Neighbors(ctx, v.Matrix, options, func(row int, rows []vector.Hit) {
		q := v.Matrix.Row(row)
		rows = append([]vector.Hit{{Row: row, Score: vector.Dot(q, q)}}, rows...)
		for i := range v.Of(row) {
			if !keep.Has(i) {
				continue
			}
			p := v.Pictures.At(i)
			self := map[int64]bool{p.ID: true}
			if o.IncludeSelf {
				self = nil
			}
			hits := v.Hits(rows, self, false, keep, o)
			t := QueryVector{Self: map[int64]bool{p.ID: true}, Picture: &queryPicture{id: p.ID, row: row}}
			if err := (*pixelComparer)(nil).markSame(ctx, v, t.Picture, hits); err == nil {
				v.Grade(hits, t.Self, keep)
			}
			each(api.Picture{Name: p.Name, Source: p.Source}, hits[:min(top, len(hits))])
		}
	})
}
