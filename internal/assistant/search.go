package assistant

import (
	"context"
	"slices"

	"github.com/akin-search/akin/api"
)

type searchIn struct {
	Query     []Term   `json:"query" jsonschema:"what to look for; several parts are added up"`
	Model     string   `json:"model,omitempty" jsonschema:"a model of the collection; its default model when omitted"`
	Top       int      `json:"top,omitempty" jsonschema:"how many hits, up to 50; 10 when omitted"`
	MinScore  *float64 `json:"min_score,omitempty" jsonschema:"drop hits with a lower score"`
	MaxChance float64  `json:"max_chance,omitempty" jsonschema:"drop hits whose score at least this fraction of random pairs reaches; not with text"`
	Fold      bool     `json:"fold,omitempty" jsonschema:"list hits that show the same picture as a better one under that one"`
	Fuse      bool     `json:"fuse,omitempty" jsonschema:"search with all models fused instead of one"`
	where
}

func (t tools) search(ctx context.Context, in searchIn) (a answer, out api.Result, err error) {
	q, err := query(in.Query)
	if err != nil {
		return a, out, err
	}
	o := api.SearchOptions{
		Filter: in.filter(), Model: in.Model, Top: limit(in.Top, 10), MinScore: in.MinScore, MaxChance: in.MaxChance, Fold: in.Fold,
	}
	if in.Fuse {
		o = api.SearchOptions{Filter: o.Filter, Top: o.Top, Fuse: &api.Fusion{}}
	}
	out, err = t.c.Search(ctx, q, o)
	if err != nil {
		return a, out, err
	}
	if len(out.Hits) == 0 {
		a.sayf("No good match for %s by %s.", sentence(q), out.Model)
		return a, out, nil
	}
	if out.NoGoodMatch {
		a.sayf("No good match for %s by %s: luck explains these.", sentence(q), out.Model)
	} else {
		a.sayf("What is most like %s by %s:", sentence(q), out.Model)
	}
	for _, h := range out.Hits {
		a.say(h)
	}
	for row := range slices.Chunk(namesOf(out.Hits), 5) {
		a.sheet = append(a.sheet, t.thumbs(ctx, row))
	}
	return a, out, nil
}

// say describes a hit in a line.
func (a *answer) say(h api.Hit) {
	grade := ""
	if h.Grade != "" {
		grade = ", " + string(h.Grade)
	}
	a.sayf("%d. %s (%.4f%s) %s", h.Rank, h.Name, h.Score, grade, h.Source)
}
