package report

import (
	"cmp"
	"context"
	"math"
	"runtime"
	"slices"
	"sync/atomic"

	"golang.org/x/sync/errgroup"

	"github.com/akin-search/akin/api"
	"github.com/akin-search/akin/internal/fusion"
	"github.com/akin-search/akin/internal/insight/geometry"
	"github.com/akin-search/akin/internal/models"
	"github.com/akin-search/akin/internal/picture"
	"github.com/akin-search/akin/internal/source"
	"github.com/akin-search/akin/internal/space"
)

// MatchFiles returns the parts of one picture that another one shows. Each is a file or an address.
func MatchFiles(ctx context.Context, a, b string, o api.MatchOptions, m models.Options) (api.Matching, error) {
	client := models.NewClient(m)
	return match(ctx, o, func(i int) (*picture.Picture, string, error) {
		from := [2]string{a, b}[i]
		data, err := source.Bytes(ctx, client, from)
		if err != nil {
			return nil, from, err
		}
		pic, _, err := picture.Decode(ctx, data, m.Limits())
		return pic, from, source.NameError(from, err)
	})
}

// Match returns the parts of one picture that another one shows. Each of a and b is a query of one picture.
func Match(ctx context.Context, c *space.Collection, a, b api.Query, o api.MatchOptions) (api.Matching, error) {
	v, err := c.OpenSpace(ctx, "")
	if err != nil {
		return api.Matching{}, err
	}
	defer v.Close()
	return match(ctx, o, func(i int) (*picture.Picture, string, error) {
		q := [2]api.Query{a, b}[i]
		if len(q) != 1 || q[0].Text != "" {
			return nil, "", api.Invalidf("match: each side must be one picture")
		}
		return c.PixelsOf(ctx, v, q[0])
	})
}

// match compares two pictures, which open gives with their sources.
func match(ctx context.Context, o api.MatchOptions, open func(i int) (*picture.Picture, string, error)) (api.Matching, error) {
	out := api.Matching{Matches: []api.Match{}}
	if !(o.Pairs >= 0) || !(o.MaxFalse >= 0) || math.IsInf(o.Pairs, 0) {
		return out, api.Invalidf("match: %g pairs and at most %g expected false matches: want numbers from 0 on", o.Pairs, o.MaxFalse)
	}
	var compared [2]*geometry.Picture
	for i, name := range []*string{&out.A, &out.B} {
		pic, from, err := open(i)
		if err != nil {
			return out, err
		}
		*name, compared[i] = from, geometry.New(pic)
		if o.Pictures {
			pic.Flatten(picture.Auto)
			out.Pictures[i] = api.MatchPicture{Width: pic.Width, Height: pic.Height, RGB: pic.Pix}
		} else {
			pic.Release()
		}
		if err := ctx.Err(); err != nil {
			return out, err
		}
	}
	for _, found := range geometry.Compare(compared[0], compared[1], geometry.Options{Pairs: o.Pairs, MaxFalse: o.MaxFalse}) {
		out.Matches = append(out.Matches, matchOf(found))
	}
	return out, nil
}

// Search is fusion.Search, and proves of the best o.Verify hits which show a part of the query, or are a part of it. These come
// first, the surest first. What is expected by chance is counted for all pictures of the collection. A hit whose file cannot be read
// stays as it is.
func Search(ctx context.Context, c *space.Collection, q api.Query, o api.SearchOptions) (api.Result, error) {
	if o.Verify <= 0 {
		return fusion.Search(ctx, c, q, o)
	}
	switch {
	case len(q) != 1 || q[0].Text != "" || len(q[0].Of) > 0:
		return api.Result{}, api.Invalidf("verify: the query must be one picture")
	case o.Skip > 0:
		return api.Result{}, api.Invalidf("verify reorders the best hits: leave out skip")
	}
	wide := o
	wide.Top = max(o.Top, o.Verify)
	r, err := fusion.Search(ctx, c, q, wide)
	if err == nil {
		err = verify(ctx, c, q, &r, o)
	}
	if err != nil {
		return api.Result{}, err
	}
	return r, nil
}

// verify moves the hits that are proven to the front, and leaves as many as were asked for.
func verify(ctx context.Context, c *space.Collection, q api.Query, r *api.Result, o api.SearchOptions) error {
	v, err := c.OpenSpace(ctx, "")
	if err != nil {
		return err
	}
	defer v.Close()
	pic, _, err := c.PixelsOf(ctx, v, q[0])
	if err != nil {
		return err
	}
	query := geometry.New(pic)
	pic.Release()
	most := min(o.Verify, len(r.Hits))
	var g errgroup.Group
	g.SetLimit(max(1, runtime.GOMAXPROCS(0)/2)) // each uses several
	var done atomic.Int64
	for i := range r.Hits[:most] {
		g.Go(func() error {
			if err := ctx.Err(); err != nil {
				return err
			}
			h := &r.Hits[i]
			if pic, _, err := c.PixelsOf(ctx, v, api.Indexed(h.Name)[0]); err == nil {
				if found := geometry.Compare(query, geometry.New(pic), geometry.Options{Pairs: float64(v.Pictures.Len())}); len(found) > 0 {
					m := matchOf(found[0])
					h.Match = &m
				}
				pic.Release()
			}
			if n := done.Add(1); o.Progress != nil {
				o.Progress(int(n), most)
			}
			return nil
		})
	}
	if err := g.Wait(); err != nil {
		return err
	}
	slices.SortStableFunc(r.Hits, func(x, y api.Hit) int { return cmp.Compare(chanceOf(x.Match), chanceOf(y.Match)) })
	r.Hits = r.Hits[:min(v.Limit(o.Top, o.All), len(r.Hits))]
	for i := range r.Hits {
		r.Hits[i].Rank = i + 1
	}
	return nil
}

// chanceOf is what is expected by chance; of nothing proven, infinitely many.
func chanceOf(m *api.Match) float64 {
	if m == nil {
		return math.Inf(1)
	}
	return m.ExpectedFalse
}

func matchOf(m geometry.Match) api.Match {
	out := api.Match{
		ExpectedFalse: m.ExpectedFalse, Inliers: len(m.Inliers), Transform: m.Transform,
		BoxA: api.Box(m.BoxA), BoxB: api.Box(m.BoxB),
		Outlines: [2][][2]float64{m.OutlineA, m.OutlineB},
	}
	for _, p := range m.Inliers {
		out.Places = append(out.Places, [2][2]float64{p.A, p.B})
	}
	return out
}
