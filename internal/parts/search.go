package parts

import (
	"cmp"
	"context"
	"math"
	"runtime"
	"slices"
	"sync/atomic"

	"golang.org/x/sync/errgroup"

	"github.com/akin-search/akin/api"
	"github.com/akin-search/akin/internal/features"
	"github.com/akin-search/akin/internal/fusion"
	"github.com/akin-search/akin/internal/insight/geometry"
	"github.com/akin-search/akin/internal/regions"
	"github.com/akin-search/akin/internal/source"
	"github.com/akin-search/akin/internal/space"
)

// verifiedMost candidates of a search are verified, if it does not say how many.
const verifiedMost = 30

// Search is fusion.Search. With o.Parts it finds what shows a part of the query by the index of parts instead, and with o.Verify it proves which
// of the best hits do. What is expected by chance is counted for all pictures of the collection.
func Search(ctx context.Context, c *space.Collection, q api.Query, o api.SearchOptions) (api.Result, error) {
	switch {
	case !o.Parts && o.Verify <= 0:
		return search(ctx, c, q, o)
	case len(q) != 1 || q[0].Text != "" || len(q[0].Of) > 0:
		return api.Result{}, api.Invalidf("a search for parts, or with verify: the query must be one picture")
	case o.Skip > 0:
		return api.Result{}, api.Invalidf("a search for parts, or with verify, reorders the best hits: leave out skip")
	case o.Parts:
		return searchIndex(ctx, c, q, o)
	}
	wide := o
	wide.Top = max(o.Top, o.Verify)
	r, err := search(ctx, c, q, wide)
	if err == nil {
		err = verifyHits(ctx, c, q, &r, o)
	}
	if err != nil {
		return api.Result{}, err
	}
	return r, nil
}

// search searches whole pictures, or their regions.
func search(ctx context.Context, c *space.Collection, q api.Query, o api.SearchOptions) (api.Result, error) {
	switch o.In {
	case "":
		return fusion.Search(ctx, c, q, o)
	case "regions":
		return regions.Search(ctx, c, q, o)
	}
	return api.Result{}, api.Invalidf("in %q: pictures are searched as a whole, or in their \"regions\"", o.In)
}

// verifier compares a query with pictures of a collection.
type verifier struct {
	c        *space.Collection
	v        *space.Space
	query    *geometry.Picture
	progress func(done, total int)
}

// newVerifier reads the picture of a query, and sets its source.
func newVerifier(ctx context.Context, c *space.Collection, v *space.Space, q api.Query, o api.SearchOptions) (*verifier, error) {
	pic, from, err := c.PixelsOf(ctx, v, q[0])
	if err != nil {
		return nil, err
	}
	q[0].Source = from
	defer pic.Release()
	return &verifier{c, v, geometry.New(pic), o.Progress}, nil
}

// match compares the query with indexed pictures, by their names. The match is nil where nothing is proven, or the file cannot be read.
func (f *verifier) match(ctx context.Context, names []string) ([]*geometry.Match, error) {
	out := make([]*geometry.Match, len(names))
	var g errgroup.Group
	g.SetLimit(max(1, runtime.GOMAXPROCS(0)/2)) // each uses several
	var done atomic.Int64
	for i, name := range names {
		g.Go(func() error {
			if err := ctx.Err(); err != nil {
				return err
			}
			if pic, _, err := f.c.PixelsOf(ctx, f.v, api.Indexed(name)[0]); err == nil {
				if found := geometry.Compare(f.query, geometry.New(pic), geometry.Options{Pairs: float64(f.v.Pictures.Len())}); len(found) > 0 {
					out[i] = &found[0]
				}
				pic.Release()
			}
			if n := done.Add(1); f.progress != nil {
				f.progress(int(n), len(names))
			}
			return nil
		})
	}
	return out, g.Wait()
}

// verifyHits moves the hits that are proven to the front, and leaves as many as were asked for. A hit whose file cannot be read stays as it is.
func verifyHits(ctx context.Context, c *space.Collection, q api.Query, r *api.Result, o api.SearchOptions) error {
	v, err := c.OpenCatalog(ctx)
	if err != nil {
		return err
	}
	defer v.Close()
	f, err := newVerifier(ctx, c, v, slices.Clone(q), o)
	if err != nil {
		return err
	}
	var names []string
	for _, h := range r.Hits[:min(o.Verify, len(r.Hits))] {
		names = append(names, h.Name)
	}
	found, err := f.match(ctx, names)
	if err != nil {
		return err
	}
	for i, m := range found {
		if m != nil {
			match := matchOf(*m)
			r.Hits[i].Match = &match
		}
	}
	r.Hits = ranked(r.Hits, v.Limit(o.Top, o.All))
	return nil
}

// ranked orders hits by what is expected by chance, and keeps the first of them.
func ranked(hits []api.Hit, top int) []api.Hit {
	slices.SortStableFunc(hits, func(x, y api.Hit) int { return cmp.Compare(chanceOf(x.Match), chanceOf(y.Match)) })
	hits = hits[:min(top, len(hits))]
	for i := range hits {
		hits[i].Rank = i + 1
	}
	return hits
}

// chanceOf is what is expected by chance; of nothing proven, infinitely many.
func chanceOf(m *api.Match) float64 {
	if m == nil {
		return math.Inf(1)
	}
	return m.ExpectedFalse
}

// searchIndex finds candidates in the index of parts, and verifies them.
func searchIndex(ctx context.Context, c *space.Collection, q api.Query, o api.SearchOptions) (api.Result, error) {
	if o.Model != "" || o.MinScore != nil || o.MaxChance > 0 || o.Fold || o.Histogram || o.Recall > 0 || o.Fuse != nil || len(o.Models) > 0 {
		return api.Result{}, api.Invalidf("no model answers a search for parts: leave out models, fusion, minimum score, maximum chance, folding, histogram and recall")
	}
	v, err := c.OpenCatalog(ctx)
	if err != nil {
		return api.Result{}, err
	}
	defer v.Close()
	kept, err := v.Filter(ctx, o.Filter)
	if err != nil {
		return api.Result{}, err
	}
	q = slices.Clone(q)
	f, err := newVerifier(ctx, c, v, q, o)
	if err != nil {
		return api.Result{}, err
	}
	self, err := source.Absolute(q[0].Source)
	if err != nil {
		return api.Result{}, err
	}
	all, err := v.Contents(ctx, func(i int) bool { return kept.Has(i) && (o.IncludeSelf || v.Pictures.Borrow(i).Source != self) })
	if err != nil {
		return api.Result{}, err
	}
	missing, err := c.Features.Missing(all.Hashes)
	if err != nil {
		return api.Result{}, err
	}
	if len(missing) == len(all.Hashes) && len(missing) > 0 {
		return api.Result{}, api.ErrNoParts
	}
	candidates, err := c.Features.Search(features.OfSet(f.query.Keypoints()), all.Hashes)
	if err != nil {
		return api.Result{}, err
	}
	candidates = candidates[:min(cmp.Or(o.Verify, verifiedMost), len(candidates))]
	r := api.Result{Query: q, Hits: []api.Hit{}, Missing: kept.Missing, Parts: &api.PartsSearched{
		Pictures: len(all.Hashes) - len(missing), Missing: len(missing), Verified: len(candidates),
	}}
	var names []string
	for _, found := range candidates {
		names = append(names, v.Pictures.At(all.Pictures[found.Content][0]).Name)
	}
	found, err := f.match(ctx, names)
	if err != nil {
		return api.Result{}, err
	}
	for i, m := range found {
		if m == nil {
			continue
		}
		for _, at := range all.Pictures[candidates[i].Content] {
			p, match := v.Pictures.At(at), matchOf(*m)
			r.Hits = append(r.Hits, api.Hit{Name: p.Name, Source: p.Source, Score: f.query.Share(m.OutlineA), Match: &match, ID: p.ID, Row: p.Row})
		}
	}
	r.Hits = ranked(r.Hits, v.Limit(o.Top, o.All))
	r.NoGoodMatch = len(r.Hits) == 0
	if o.Sizes {
		err = c.Measure(ctx, r.Hits)
	}
	if o.Metadata && err == nil {
		err = c.Describe(ctx, r.Hits)
	}
	return r, err
}
