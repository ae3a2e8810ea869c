package server

import (
	"context"
	"errors"

	"github.com/akin-search/akin"
	"github.com/akin-search/akin/api"
)

// adviceJob is the job that recommends a model.
var adviceJob = kindOf("Recommend a model for these pictures. The result is an Advice.", prepareAdvice, api.Advice{})

func prepareAdvice(_ *Server, c *akin.Collection, o api.AdviseRequest) (work, error) {
	of, err := pairSet(o.Set, o.Pairs)
	if err == nil && len(of) > 0 && len(o.Labels) > 0 {
		err = invalid{errors.New("advise takes pairs or labels, not both")}
	}
	return func(ctx context.Context, report func(api.Progress)) (any, error) {
		return c.Advise(ctx, api.AdviceOptions{Models: o.Models, Pairs: of, Labels: o.Labels, Progress: counter(report, "running models")})
	}, err
}
