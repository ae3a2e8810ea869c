package server

import (
	"context"

	"github.com/akin-search/akin"
	"github.com/akin-search/akin/api"
)

// biasJob is the job that finds pairs related by meaning.
var biasJob = kindOf("Find pairs that models trained on language rank nearer than purely visual models do. The result is a Bias.", prepareBias, api.Bias{})

func prepareBias(_ *Server, c *akin.Collection, o api.BiasRequest) (work, error) {
	of, err := pairSet(o.Set, o.Pairs)
	return func(ctx context.Context, report func(api.Progress)) (any, error) {
		return c.Bias(ctx, of, api.BiasOptions{Models: o.Models, Language: o.Language, Top: o.Top, Progress: counter(report, "comparing")})
	}, err
}
