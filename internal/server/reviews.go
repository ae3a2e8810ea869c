package server

import (
	"context"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"github.com/akin-search/akin/api"
)

type reviewed struct {
	Changed int `json:"changed" doc:"Groups that were not known as reviewed before, or were"`
}

func (s *Server) reviewRoutes(routes huma.API) {
	add(s, routes, huma.Operation{
		OperationID: "review", Method: http.MethodPut, Path: "/collections/{collection}/reviews", Tags: []string{"Pictures"},
		Summary: "Remember that copies were looked at together, and all stay", Description: "The job `dupes` leaves their groups out until another picture joins them.",
	}, func(ctx context.Context, in *struct {
		CollectionPath
		Body api.ReviewRequest
	}) (*struct{ Body reviewed }, error) {
		c, err := s.collections.get(ctx, in.Collection)
		if err != nil {
			return nil, err
		}
		n, err := c.ReviewDuplicates(ctx, in.Body.Groups...)
		return &struct{ Body reviewed }{reviewed{n}}, err
	})
	add(s, routes, huma.Operation{
		OperationID: "unreview", Method: http.MethodDelete, Path: "/collections/{collection}/reviews", Tags: []string{"Pictures"},
		Summary: "Forget the reviews that pictures are part of",
	}, func(ctx context.Context, in *struct {
		CollectionPath
		Body api.UnreviewRequest
	}) (*struct{ Body reviewed }, error) {
		c, err := s.collections.get(ctx, in.Collection)
		if err != nil {
			return nil, err
		}
		n, err := c.UnreviewDuplicates(ctx, in.Body.Pictures...)
		return &struct{ Body reviewed }{reviewed{n}}, err
	})
}
