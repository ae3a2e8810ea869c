package regions

import (
	"context"
	"errors"

	"github.com/akin-search/akin/api"
	"github.com/akin-search/akin/internal/record"
	"github.com/akin-search/akin/internal/space"
	"github.com/akin-search/akin/internal/store/local"
)

// Search finds the pictures of which a region is most like the query, the best first, each once with its best region. It is exact as a search
// of whole pictures is. Chance and grades are those of regions: how many regions are as close by luck.
func Search(ctx context.Context, c *space.Collection, q api.Query, o api.SearchOptions) (api.Result, error) {
	if o.Fuse != nil || len(o.Models) > 0 || o.Fold || o.Histogram || o.Skip > 0 {
		return api.Result{}, api.Invalidf("a search in regions is by one model: leave out fusion, folding, histogram and skip")
	}
	v, err := c.OpenSpace(ctx, o.Model)
	if err != nil {
		return api.Result{}, err
	}
	defer v.Close()
	kept, err := v.Filter(ctx, o.Filter)
	if err != nil {
		return api.Result{}, err
	}
	t, err := c.EmbedQuery(ctx, v, q)
	if err != nil {
		return api.Result{}, err
	}
	of, err := open(ctx, c, v.Space)
	if err != nil {
		return api.Result{}, err
	}
	defer of.close()
	f := &finder{v: v, regions: of.space, o: o, top: v.Limit(o.Top, o.All)}
	if f.all, err = v.Contents(ctx, func(i int) bool { return kept.Has(i) && (o.IncludeSelf || !t.Self[v.Pictures.ID(i)]) }); err != nil {
		return api.Result{}, err
	}
	hits, err := f.search(ctx, t, kept.Pictures != nil)
	if err != nil {
		return api.Result{}, err
	}
	r := api.Result{Query: q, Model: v.Model, Hits: hits, NoGoodMatch: space.NoGoodMatch(hits, t), Missing: kept.Missing}
	if o.Sizes {
		err = c.Measure(ctx, r.Hits)
	}
	if o.Metadata && err == nil {
		err = c.Describe(ctx, r.Hits)
	}
	return r, err
}

// opened are the regions of a collection, open.
type opened struct {
	store *local.Collection
	space *space.Space
}

// open opens the regions of a space. Errors: api.ErrNoRegions.
func open(ctx context.Context, c *space.Collection, s record.Space) (*opened, error) {
	store, err := c.OpenRegions(true)
	if err != nil {
		return nil, err
	}
	if store == nil {
		return nil, api.ErrNoRegions
	}
	out := &opened{store: store}
	spaces, err := store.Spaces(ctx)
	for _, other := range spaces {
		if other.Model == s.Model && other.Fingerprint == s.Fingerprint && other.Covered > 0 {
			snapshot, err := store.Snapshot(ctx, other)
			if err != nil {
				return nil, errors.Join(err, store.Close())
			}
			out.space = &space.Space{Snapshot: snapshot, Model: other.Model}
			return out, nil
		}
	}
	if err == nil {
		err = api.ErrNoRegions
	}
	return nil, errors.Join(err, store.Close())
}

func (o *opened) close() { _ = errors.Join(o.space.Close(), o.store.Close()) }

// finder searches regions, and keeps the best of each picture.
type finder struct {
	v, regions *space.Space
	all        space.Contents // that may be hits
	o          api.SearchOptions
	top        int
}

// search asks for more and more regions, until there are pictures enough.
func (f *finder) search(ctx context.Context, t space.QueryVector, filtered bool) ([]api.Hit, error) {
	number := make(map[record.Hash]int, len(f.all.Hashes))
	for i, h := range f.all.Hashes {
		number[h] = i
	}
	rows := space.Filtered{Rows: f.regions.Kept(), Candidates: f.regions.Space.Covered}
	if filtered { // otherwise few are to be left out, and are below
		rows = f.regions.FilterBy(func(p *record.Picture) bool {
			r, ok := parseRegion(p.Source)
			_, wanted := number[r.content]
			return ok && wanted
		})
	}
	o := api.SearchOptions{MinScore: f.o.MinScore, MaxChance: f.o.MaxChance, Recall: f.o.Recall, IncludeSelf: true}
	for o.Top = 4*f.top + 64; ; o.Top *= 4 {
		hits, err := f.regions.Search(ctx, space.QueryVector{Unit: t.Unit, HasText: t.HasText}, rows, o, 0, nil)
		if err != nil {
			return nil, err
		}
		if found := f.fold(hits, number); len(found) >= f.top || len(hits) < o.Top {
			found = found[:min(f.top, len(found))]
			for i := range found {
				found[i].Rank = i + 1
			}
			return found, nil
		}
	}
}

// fold returns the pictures of regions, each once.
func (f *finder) fold(hits []api.Hit, number map[record.Hash]int) (out []api.Hit) {
	seen := map[int]bool{}
	for _, h := range hits {
		r, ok := parseRegion(h.Source)
		n, wanted := number[r.content]
		if !ok || !wanted || seen[n] {
			continue
		}
		seen[n] = true
		for _, i := range f.all.Pictures[n] {
			p := f.v.Pictures.At(i)
			hit := h
			hit.Name, hit.Source, hit.ID, hit.Row = p.Name, p.Source, p.ID, p.Row
			hit.Box = &api.Box{float64(r.box[0]), float64(r.box[1]), float64(r.box[2]), float64(r.box[3])}
			out = append(out, hit)
		}
	}
	return out
}
