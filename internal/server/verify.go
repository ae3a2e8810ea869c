package server

import (
	"context"
	"errors"

	"github.com/akin-search/akin"
	"github.com/akin-search/akin/api"
)

// verifyJob is the job that verifies a collection.
var verifyJob = kindOf("Verify every checksum. The result is Verified: the problems, a line each.", prepareVerify, api.Verified{})

func prepareVerify(s *Server, c *akin.Collection, o api.VerifyRequest) (work, error) {
	return func(ctx context.Context, report func(api.Progress)) (any, error) {
		out := api.Verified{Collection: c.Path(), Repaired: api.Repaired{Done: []string{}, Problems: []string{}}}
		if !o.Repair {
			report(api.Progress{Step: "checking"})
			problems, err := c.Verify(ctx)
			out.Problems = append(out.Problems, problems...)
			return out, err
		}
		report(api.Progress{Step: "waiting for other writers"})
		unlock, err := s.collections.lock(ctx, c.Path())
		if err != nil {
			return nil, err
		}
		defer unlock()
		report(api.Progress{Step: "checking and repairing"})
		out.Repaired, err = akin.Repair(ctx, c.Path())
		return out, errors.Join(err, s.collections.reopen(ctx, c))
	}, nil
}
