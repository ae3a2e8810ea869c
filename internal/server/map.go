package server

import (
	"context"

	"github.com/akin-search/akin"
	"github.com/akin-search/akin/api"
)

// mapJob is the job that lays pictures out.
var mapJob = kindOf("Lay all pictures out in two dimensions. The result is a Map.", prepareMap, api.Map{})

func prepareMap(_ *Server, c *akin.Collection, o api.MapRequest) (work, error) {
	return func(ctx context.Context, report func(api.Progress)) (any, error) {
		return c.Map(ctx, api.MapOptions{Models: o.Models, Fresh: o.Fresh, Neighbors: o.Neighbors, Progress: report})
	}, nil
}
