package server

import (
	"context"
	"errors"

	"github.com/akin-search/akin"
	"github.com/akin-search/akin/api"
	"github.com/akin-search/akin/internal/insight/alter"
)

// contextJob is the job that removes cues, such as colour.
var contextJob = kindOf("Measure whether pairs stay near when a cue, such as colour, is removed. The result is a ContextReport.", prepareContext, api.ContextReport{}).
	of("without", alter.ContextNames())

func prepareContext(_ *Server, c *akin.Collection, o api.ContextRequest) (work, error) {
	of, err := pairSet(o.Set, o.Pairs)
	if err == nil && len(of) == 0 {
		err = invalid{errors.New("context needs set or pairs")}
	}
	return func(ctx context.Context, report func(api.Progress)) (any, error) {
		return c.Context(ctx, of, api.ContextOptions{Models: o.Models, Without: o.Without, Pictures: o.Pictures, Progress: counter(report, "changing pictures")})
	}, err
}
