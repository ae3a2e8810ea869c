package assistant

import (
	"context"

	"github.com/akin-search/akin/api"
)

type biasIn struct {
	Pairs []pair `json:"pairs,omitempty" jsonschema:"pairs of names to judge; all pairs of the collection when omitted"`
	Top   int    `json:"top,omitempty" jsonschema:"how many pairs to return, up to 50; 8 when omitted"`
}

type pair struct {
	A string `json:"a" jsonschema:"the name of a picture of the collection"`
	B string `json:"b" jsonschema:"the name of another"`
}

func (t tools) bias(ctx context.Context, in biasIn) (a answer, out api.Bias, err error) {
	var pairs []api.Pair
	for i, p := range in.Pairs {
		pairs = append(pairs, api.Pair{A: p.A, B: p.B, Row: i + 1})
	}
	out, err = t.c.Bias(ctx, pairs, api.BiasOptions{Top: limit(in.Top, 8)})
	if err != nil {
		return a, out, err
	}
	a.sayf("Pairs that %v hold nearer than %v do, of %d pictures; each row of the sheet is a pair:", out.Language, out.Visual, out.Pictures)
	for i, p := range out.Pairs {
		a.sayf("%d. %s and %s: %.1f times nearer; %.3g %% of all pairs are so by as much; ranks both ways %v", i+1, p.A, p.B, p.Ratio, 100*p.Chance, p.Ranks)
		a.sheet = append(a.sheet, t.thumbs(ctx, []string{p.A, p.B}))
	}
	return a, out, nil
}
