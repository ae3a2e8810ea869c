package server

import (
	"context"
	"errors"

	"github.com/akin-search/akin"
	"github.com/akin-search/akin/api"
)

// evaluateJob is the job that measures models by pairs or groups.
var evaluateJob = kindOf("Measure how well models find pairs or groups that belong together. The result is an Evaluation or a GroupEvaluation.", prepareEvaluate, api.Evaluation{}, api.GroupEvaluation{})

func prepareEvaluate(_ *Server, c *akin.Collection, o api.EvaluateRequest) (work, error) {
	of, err := pairSet(o.Set, o.Pairs)
	if err != nil {
		return nil, err
	}
	if (len(of) == 0) == (len(o.Labels) == 0) {
		return nil, invalid{errors.New("eval needs exactly one of set, pairs and labels")}
	}
	options := api.EvaluateOptions{Models: o.Models, Fusion: fusion(o.Fusion)}
	return func(ctx context.Context, report func(api.Progress)) (any, error) {
		report(api.Progress{Step: "evaluating"})
		if len(of) > 0 {
			return c.Evaluate(ctx, of, options)
		}
		return c.EvaluateGroups(ctx, o.Labels, options)
	}, nil
}
