// Package parts finds which pictures show parts of others, and proves it: two pictures, a query among many, or all among one another.
package parts

import (
	"context"
	"math"

	"github.com/akin-search/akin/api"
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
