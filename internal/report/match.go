package report

import (
	"context"
	"math"

	"github.com/akin-search/akin/api"
	"github.com/akin-search/akin/internal/insight/geometry"
	"github.com/akin-search/akin/internal/models"
	"github.com/akin-search/akin/internal/picture"
	"github.com/akin-search/akin/internal/source"
)

// Match returns the parts of one picture that another one shows. Each is a file or an address.
func Match(ctx context.Context, a, b string, o api.MatchOptions, m models.Options) (api.Matching, error) {
	out := api.Matching{A: a, B: b, Matches: []api.Match{}}
	if o.Pairs < 0 || o.MaxFalse < 0 || math.IsNaN(o.Pairs+o.MaxFalse) || math.IsInf(o.Pairs, 0) {
		return out, api.Invalidf("match: %g pairs and at most %g expected false matches: want numbers from 0 on", o.Pairs, o.MaxFalse)
	}
	client := models.NewClient(m)
	var compared [2]*geometry.Picture
	for i, from := range []string{a, b} {
		data, err := source.Bytes(ctx, client, from)
		if err != nil {
			return out, err
		}
		pic, _, err := picture.Decode(ctx, data, m.Limits())
		if err != nil {
			return out, source.NameError(from, err)
		}
		compared[i] = geometry.New(pic)
		out.Pictures[i] = api.MatchPicture{Width: pic.Width, Height: pic.Height, RGB: compared[i].RGB()}
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
