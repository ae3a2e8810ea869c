package space

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sort"
	"strings"

	"github.com/akin-search/akin/api"
	"github.com/akin-search/akin/internal/simd"
	"github.com/akin-search/akin/internal/vector"
)

// interactive is how many numbers a space may have for an exact search that one need not
// wait for.
const maxExactValues = 4e9

// recall is what to ask of the search of v.
func TargetRecall(o api.SearchOptions, v *Space) float64 {
	if o.Recall == 0 && float64(v.Matrix.Rows())*float64(v.Matrix.Dim) > maxExactValues {
		return 0.99
	}
	return o.Recall
}

// Search finds the pictures that are most like the query: best first, equal
// scores in the order of indexing. No hits is an answer, not an error.
func (c *Collection) Search(ctx context.Context, q api.Query, o api.SearchOptions) (api.Result, error) {
	if o.Model == "" && len(c.Options.Models) == 0 && q.HasText() {
		readers, err := c.TextModels(ctx)
		if err != nil {
			return api.Result{}, err
		}
		o.Model = readers[0]
	}
	s, err := c.SpaceOf(ctx, o.Model)
	if err != nil {
		return api.Result{}, err
	}
	if c.Remote != nil && !o.All {
		r, err := c.searchRemote(ctx, s, q, o)
		if !errors.Is(err, ErrNeedsAllVectors) {
			return r, err
		}
	}
	v, err := c.openSpace(ctx, s)
	if err != nil {
		return api.Result{}, err
	}
	defer v.Close()
	keep, err := v.Filter(ctx, o.Filter)
	if err != nil {
		return api.Result{}, err
	}
	q = slices.Clone(q)
	target, err := c.EmbedQuery(ctx, v, q)
	if err != nil {
		return api.Result{}, err
	}
	hits, err := v.Search(ctx, target, keep, o, c.Options.Threads, c.PixelComparer())
	if err != nil {
		return api.Result{}, err
	}
	return api.Result{
		Query: q, Model: v.Model, Recall: ReportedRecall(TargetRecall(o, v)), Hits: hits, NoGoodMatch: NoGoodMatch(hits, target), Missing: keep.Missing,
	}, nil
}

// stated is a recall as results tell it: 0 for all.
func ReportedRecall(recall float64) float64 {
	if recall >= 1 {
		return 0
	}
	return recall
}

// search finds the hits of one query vector in one space. w compares pixels; a nil one does not.
func (v *Space) Search(ctx context.Context, t QueryVector, keep Filtered, o api.SearchOptions, threads int, w *pixelComparer) ([]api.Hit, error) {
	if t.HasText && o.MaxChance > 0 {
		return nil, api.Invalidf("the scores of a text are on a scale of their own and have no chance: use a least score instead")
	}
	top := v.Limit(o.Top, o.All)
	self := t.Self
	if o.IncludeSelf {
		self = nil
	}
	options := vector.Options{K: max(top, GradedHits) + len(self), Keep: keep.Rows, Tie: v.Tie, Threads: threads, Recall: TargetRecall(o, v)}
	if o.MinScore != nil {
		options.MinScore, options.HasMin = float32(*o.MinScore), true
	}
	if o.Fold {
		// How many fold is known only afterwards.
		options.K = max(4*options.K, 64)
	}
	for {
		rows, err := vector.Search(ctx, v.Matrix, t.Unit, options)
		if err != nil {
			return nil, err
		}
		hits := v.Hits(rows, self, t.HasText, keep, o)
		if !t.HasText {
			if err := w.markSame(ctx, v, t.Picture, hits); err != nil {
				return nil, err
			}
			v.Grade(hits, t.Self, keep)
		}
		if o.Fold {
			if hits, err = v.fold(ctx, hits, w); err != nil {
				return nil, err
			}
		}
		if len(hits) >= top || len(rows) < options.K || !o.Fold {
			hits = hits[:min(top, len(hits))]
			for i := range hits {
				hits[i].Rank = i + 1
			}
			return hits, nil
		}
		options.K *= 4
	}
}

// top is how many hits are wanted: with all, as many as there are pictures.
func (v *Space) Limit(top int, all bool) int {
	switch {
	case all:
		return v.Pictures.Len()
	case top <= 0:
		return 10
	}
	return top
}

// hits makes hits of rows: every picture that was kept and whose content a row is,
// but for self.
func (v *Space) Hits(rows []vector.Hit, self map[int64]bool, words bool, keep Filtered, o api.SearchOptions) []api.Hit {
	hits := []api.Hit{}
	for _, row := range rows {
		score := float64(row.Score)
		var chance *float64
		if !words {
			share := v.Chance(score)
			if o.MaxChance > 0 && share > o.MaxChance {
				break
			}
			chance = &share
		}
		for i := range v.Of(row.Row) {
			p := v.Pictures.At(i)
			if self[p.ID] || !keep.Has(i) {
				continue
			}
			hits = append(hits, api.Hit{
				Name: p.Name, Source: p.Source, Score: score, Chance: chance,
				ID: p.ID, Row: row.Row,
			})
		}
	}
	sort.SliceStable(hits, func(i, j int) bool {
		if hits[i].Score != hits[j].Score {
			return hits[i].Score > hits[j].Score
		}
		return hits[i].ID < hits[j].ID
	})
	for i := range hits {
		hits[i].Rank = i + 1
	}
	return hits
}

// fold puts each hit that is the same picture as a better one under it.
func (v *Space) fold(ctx context.Context, hits []api.Hit, w *pixelComparer) ([]api.Hit, error) {
	heads := []api.Hit{}
next:
	for _, h := range hits {
		for i := range heads {
			score := float64(simd.Dot(v.Matrix.Row(heads[i].Row), v.Matrix.Row(h.Row)))
			if !v.mayBeDuplicate(score) {
				continue
			}
			same, err := w.sameHits(ctx, &heads[i], &h)
			if err != nil {
				return nil, err
			}
			if same {
				heads[i].Folded = append(heads[i].Folded, h)
				continue next
			}
		}
		heads = append(heads, h)
	}
	return heads, nil
}

// errEmpty is the ErrNoSpace of a collection without any.
type errEmpty struct{}

func (errEmpty) Is(target error) bool { return target == api.ErrNoSpace }

func (errEmpty) Error() string {
	return "the collection is empty: index pictures with `akin index PATH`, or `akin import` embeddings"
}

// errSpace says that a model has no embeddings here.
func errSpace(model string, have []string) error {
	if len(have) == 0 {
		return errEmpty{}
	}
	return fmt.Errorf("%w: %q; the collection has %s; index its folders with --model %s first", api.ErrNoSpace, model, strings.Join(have, ", "), model)
}
