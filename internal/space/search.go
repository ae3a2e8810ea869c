package space

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"time"

	"github.com/akin-search/akin/api"
	"github.com/akin-search/akin/internal/record"
	"github.com/akin-search/akin/internal/simd"
	"github.com/akin-search/akin/internal/vector"
)

// maxExactValues is the size of a space, in values, up to which an exact search is fast enough to
// be the default.
const maxExactValues = 4e9

// targetRecall is the recall that options ask of a search of v.
func targetRecall(o api.SearchOptions, v *Space) float64 {
	if o.Recall == 0 && float64(v.Matrix.Rows())*float64(v.Matrix.Dim) > maxExactValues {
		return 0.99
	}
	return o.Recall
}

// reportedRecall is a recall as results have it: 0 for exact.
func reportedRecall(recall float64) float64 {
	if recall >= 1 {
		return 0
	}
	return recall
}

// Search finds the pictures that are most similar to the query, the best first and equal
// scores in the order of indexing. No hits is not an error.
func (c *Collection) Search(ctx context.Context, q api.Query, o api.SearchOptions) (api.Result, error) {
	if o.Model == "" && len(c.Options.Models) == 0 && q.HasText() {
		models, err := c.TextModels(ctx)
		if err != nil {
			return api.Result{}, err
		}
		o.Model = models[0]
	}
	if c.Remote != nil && !o.All {
		s, err := c.SpaceOf(ctx, o.Model)
		if err != nil {
			return api.Result{}, err
		}
		r, err := c.searchRemote(ctx, s, q, o)
		if !errors.Is(err, errNeedsAllVectors) {
			return r, err
		}
	}
	var took api.Took
	at := time.Now()
	v, err := c.OpenSpace(ctx, o.Model)
	if err != nil {
		return api.Result{}, err
	}
	defer v.Close()
	lap(&took.Open, &at)
	filtered, err := v.Filter(ctx, o.Filter)
	if err != nil {
		return api.Result{}, err
	}
	lap(&took.Filter, &at)
	q = slices.Clone(q)
	t, err := c.EmbedQuery(ctx, v, q)
	if err != nil {
		return api.Result{}, err
	}
	lap(&took.Query, &at)
	threads := c.enter()
	defer c.leave()
	hits, err := v.search(ctx, t, filtered, o, threads, c.PixelComparer(), &took)
	if err != nil {
		return api.Result{}, err
	}
	r := api.Result{
		Query: q, Model: v.Model, Recall: reportedRecall(targetRecall(o, v)), Hits: hits, NoGoodMatch: NoGoodMatch(hits, t), Missing: filtered.Missing,
		Took: took,
	}
	if o.Histogram {
		self := t.Self
		if o.IncludeSelf {
			self = nil
		}
		r.Histogram, err = v.histogram(ctx, t, filtered, self)
	}
	return r, err
}

// lap adds the time since at to a total, and sets at to now.
func lap(total *time.Duration, at *time.Time) {
	now := time.Now()
	*total += now.Sub(*at)
	*at = now
}

// Search finds the hits of one query vector in one space. pixels decides which hits are the same picture;
// a nil one compares bytes alone.
func (v *Space) Search(ctx context.Context, t QueryVector, filtered Filtered, o api.SearchOptions, threads int, pixels *pixelComparer) ([]api.Hit, error) {
	return v.search(ctx, t, filtered, o, threads, pixels, new(api.Took))
}

// search is Search, and adds up how long it took.
func (v *Space) search(ctx context.Context, t QueryVector, filtered Filtered, o api.SearchOptions, threads int, pixels *pixelComparer, took *api.Took) ([]api.Hit, error) {
	if t.HasText && o.MaxChance > 0 {
		return nil, api.Invalidf("the scores of a text are on another scale and have no chance: use a minimum score instead")
	}
	top := v.Limit(o.Top, o.All)
	if !o.IncludeSelf {
		filtered = v.Except(filtered, t)
	}
	self := t.Self
	if o.IncludeSelf {
		self = nil
	}
	options := v.vectorOptions(filtered, o, threads)
	options.K += len(self)
	if o.Fold {
		// How many hits fold is known only afterwards.
		options.K = max(4*options.K, 64)
	}
	for {
		at := time.Now()
		rows, err := vector.Search(ctx, v.Matrix, t.Unit, options)
		if err != nil {
			return nil, err
		}
		lap(&took.Search, &at)
		hits := v.hits(rows, self, t.HasText, filtered, o)
		if !t.HasText {
			if err := pixels.markSame(ctx, v, t.Picture, hits); err != nil {
				return nil, err
			}
			v.grade(hits, t.Self, filtered)
		}
		if o.Fold {
			if hits, err = v.fold(ctx, hits, pixels); err != nil {
				return nil, err
			}
		}
		lap(&took.Grade, &at)
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

// vectorOptions are the options of a search among the vectors. It asks for no fewer hits than are
// graded together.
func (v *Space) vectorOptions(filtered Filtered, o api.SearchOptions, threads int) vector.Options {
	options := vector.Options{
		K: max(v.Limit(o.Top, o.All), gradedHits), Keep: filtered.Rows, Tie: v.Tie, Threads: threads, Recall: targetRecall(o, v),
	}
	if o.MinScore != nil {
		options.MinScore, options.HasMin = float32(*o.MinScore), true
	}
	return options
}

// Limit is the number of hits to return: 10 by default, and the number of pictures for all.
func (v *Space) Limit(top int, all bool) int {
	switch {
	case all:
		return v.Pictures.Len()
	case top <= 0:
		return 10
	}
	return top
}

// hits returns the pictures of rows that passed the filter, except self, as hits.
func (v *Space) hits(rows []vector.Hit, self map[int64]bool, hasText bool, filtered Filtered, o api.SearchOptions) []api.Hit {
	hits := make([]api.Hit, 0, len(rows))
	for _, row := range rows {
		score := float64(row.Score)
		var chance *float64
		if !hasText {
			share := v.Chance(score)
			if o.MaxChance > 0 && share > o.MaxChance {
				break
			}
			chance = &share
		}
		for i := range v.Of(row.Row) {
			p := v.Pictures.At(i)
			if self[p.ID] || !filtered.Has(i) {
				continue
			}
			hits = append(hits, api.Hit{
				Name: p.Name, Source: p.Source, Score: score, Chance: chance,
				ID: p.ID, Row: row.Row,
			})
		}
	}
	slices.SortStableFunc(hits, func(a, b api.Hit) int {
		return cmp.Or(cmp.Compare(b.Score, a.Score), cmp.Compare(a.ID, b.ID))
	})
	for i := range hits {
		hits[i].Rank = i + 1
	}
	return hits
}

// fold moves each hit that is the same picture as a better one into that one's Folded.
func (v *Space) fold(ctx context.Context, hits []api.Hit, pixels *pixelComparer) ([]api.Hit, error) {
	heads := []api.Hit{}
next:
	for _, h := range hits {
		for i := range heads {
			score := float64(simd.Dot(v.Matrix.Row(heads[i].Row), v.Matrix.Row(h.Row)))
			if !v.mayBeDuplicate(score) {
				continue
			}
			same, err := pixels.sameHits(ctx, &heads[i], &h)
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

// Measure sets the widths and heights of hits.
func (c *Collection) Measure(ctx context.Context, hits []api.Hit) error {
	all, ids := withFolded(hits)
	if c.Folder != nil {
		sides, err := c.Folder.Sides(ctx, ids)
		for _, h := range all {
			h.Width, h.Height = sides[h.ID][0], sides[h.ID][1]
		}
		return err
	}
	known, err := c.Store.About(ctx, ids)
	for _, h := range all {
		h.Width, h.Height = known[h.ID].Width, known[h.ID].Height
	}
	return err
}

// Describe sets the metadata of hits.
func (c *Collection) Describe(ctx context.Context, hits []api.Hit) error {
	all, ids := withFolded(hits)
	known := map[int64]*record.Metadata{}
	if c.Folder != nil {
		var err error
		if known, err = c.Folder.Metadata(ctx, ids); err != nil {
			return err
		}
	} else {
		about, err := c.Store.About(ctx, ids)
		if err != nil {
			return err
		}
		for id, a := range about {
			known[id] = a.Metadata
		}
	}
	for _, h := range all {
		if m := metadataOf(known[h.ID]); !m.IsZero() {
			h.Metadata = &m
		}
	}
	return nil
}

// withFolded returns hits, each followed by those that are folded under it, and their ids.
func withFolded(hits []api.Hit) (all []*api.Hit, ids []int64) {
	for i := range hits {
		all = append(all, &hits[i])
		for j := range hits[i].Folded {
			all = append(all, &hits[i].Folded[j])
		}
	}
	for _, h := range all {
		ids = append(ids, h.ID)
	}
	return all, ids
}

// metadataOf is metadata as it was stored; m may be nil.
func metadataOf(m *record.Metadata) (out api.Metadata) {
	if m == nil {
		return out
	}
	out = api.Metadata{Camera: m.Camera, Lens: m.Lens, Rating: m.Rating, Label: m.Label, Title: m.Title, Caption: m.Caption, Keywords: m.Keywords}
	if at := m.Position; at != nil {
		out.Position = &api.Position{Latitude: at.Latitude, Longitude: at.Longitude}
	}
	return out
}
