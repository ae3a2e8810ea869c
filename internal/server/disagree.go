package server

import (
	"context"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"github.com/akin-search/akin"
	"github.com/akin-search/akin/api"
)

func (s *Server) disagreeRoutes(routes huma.API) {
	add(s, routes, takesForm(s, huma.Operation{
		OperationID: "disagree", Method: http.MethodPost, Path: "/collections/{collection}/disagree", Tags: []string{"Search"},
		Summary: "Compare where each model's hits rank in the other models", Description: aboutForm,
	}), func(ctx context.Context, in *searchInput) (*struct{ Body api.Disagreement }, error) {
		c, q, o, leave, err := s.comparison(ctx, in)
		if err != nil {
			return nil, err
		}
		defer leave()
		r, err := c.Disagree(ctx, q, o)
		return &struct{ Body api.Disagreement }{r}, err
	})
}

// disagreeJob is the job that finds the pictures on which models disagree.
var disagreeJob = kindOf("Find the pictures on whose neighbours models disagree most. The result is a CollectionDisagreement.", prepareDisagree, api.CollectionDisagreement{})

func prepareDisagree(_ *Server, c *akin.Collection, o api.DisagreeRequest) (work, error) {
	return func(ctx context.Context, report func(api.Progress)) (any, error) {
		return c.DisagreeAll(ctx, api.DisagreeOptions{Models: o.Models, Top: o.Top, Pictures: o.Pictures, Progress: counter(report, "neighbours")})
	}, nil
}
