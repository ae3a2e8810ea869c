package server

import (
	"context"
	"errors"

	"github.com/akin-search/akin"
	"github.com/akin-search/akin/api"
)

// evaluateJob is the job that measures models by pairs, groups or triplets.
var evaluateJob = kindOf("Measure how well models find pairs or groups that belong together, or answer triplets as people do. "+
	"The result is an Evaluation, a GroupEvaluation or a TripletEvaluation.", prepareEvaluate, api.Evaluation{}, api.GroupEvaluation{}, api.TripletEvaluation{})

func prepareEvaluate(_ *Server, c *akin.Collection, o api.EvaluateRequest) (work, error) {
	of, err := pairSet(o.Set, o.Pairs)
	if err != nil {
		return nil, err
	}
	given := 0
	for _, n := range []int{len(of), len(o.Labels), len(o.Triplets)} {
		if n > 0 {
			given++
		}
	}
	if given != 1 {
		return nil, invalid{errors.New("eval needs exactly one of set, pairs, labels and triplets")}
	}
	if len(o.Triplets) > 0 && o.Fusion != nil {
		return nil, invalid{errors.New("triplets are answered by each model alone: leave out fusion")}
	}
	options := api.EvaluateOptions{Models: o.Models, Fusion: fusion(o.Fusion)}
	return func(ctx context.Context, report func(api.Progress)) (any, error) {
		report(api.Progress{Step: "evaluating"})
		switch {
		case len(of) > 0:
			return c.Evaluate(ctx, of, options)
		case len(o.Labels) > 0:
			return c.EvaluateGroups(ctx, o.Labels, options)
		}
		return c.EvaluateTriplets(ctx, o.Triplets, o.Models)
	}, nil
}
