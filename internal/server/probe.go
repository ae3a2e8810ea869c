package server

import (
	"context"

	"github.com/akin-search/akin"
	"github.com/akin-search/akin/api"
)

// probeJob is the job that changes pictures in controlled ways.
var probeJob = kindOf("Measure which changes of a picture each model is sensitive or invariant to. The result is a ProbeReport.", prepareProbe, api.ProbeReport{})

func prepareProbe(_ *Server, c *akin.Collection, o api.ProbeRequest) (work, error) {
	return func(ctx context.Context, report func(api.Progress)) (any, error) {
		return c.Probe(ctx, api.ProbeOptions{Models: o.Models, Names: o.Names, Pictures: o.Sample, Progress: counter(report, "changing pictures")})
	}, nil
}
