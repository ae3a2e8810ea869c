package server

import (
	"cmp"
	"context"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"github.com/akin-search/akin/api"
)

func (s *Server) matchRoutes(routes huma.API) {
	add(s, routes, huma.Operation{
		OperationID: "match", Method: http.MethodPost, Path: "/collections/{collection}/match", Tags: []string{"Search"},
		Summary: "Prove that one picture shows a part of another, and where",
	}, func(ctx context.Context, in *struct {
		CollectionPath
		Body api.MatchRequest
	}) (*struct{ Body api.Matching }, error) {
		c, both, leave, err := s.two(ctx, in.Collection, in.Body.A, in.Body.B)
		if err != nil {
			return nil, err
		}
		defer leave()
		m, err := c.Match(ctx, both[0], both[1], api.MatchOptions{Pairs: in.Body.Pairs, MaxFalse: in.Body.MaxFalse})
		if err != nil {
			return nil, err
		}
		m.A, m.B = cmp.Or(in.Body.A.Picture, m.A), cmp.Or(in.Body.B.Picture, m.B)
		return &struct{ Body api.Matching }{m}, nil
	})
}
