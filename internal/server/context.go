package server

import (
	"context"
	"errors"

	"github.com/akin-search/akin"
	"github.com/akin-search/akin/api"
)

// contextJob is the job that removes colour, background and lettering.
var contextJob = kindOf("Measure whether pairs stay near without their colour, background or lettering. The result is a ContextReport.", prepareContext, api.ContextReport{})

func prepareContext(_ *Server, c *akin.Collection, o api.ContextRequest) (work, error) {
	of, err := pairSet(o.Set, o.Pairs)
	if err == nil && len(of) == 0 {
		err = invalid{errors.New("context needs set or pairs")}
	}
	return func(ctx context.Context, report func(api.Progress)) (any, error) {
		return c.Context(ctx, of, api.ContextOptions{Models: o.Models, Without: o.Without, Pictures: o.Pictures, Progress: counter(report, "changing pictures")})
	}, err
}
