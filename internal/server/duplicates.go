package server

import (
	"context"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"github.com/akin-search/akin"
	"github.com/akin-search/akin/api"
)

// duplicatesJob is the job that finds duplicates.
var duplicatesJob = kindOf("Find groups of duplicates and the best copy of each. The result is Duplicates.", prepareDuplicates, api.Duplicates{})

func prepareDuplicates(_ *Server, c *akin.Collection, o api.DuplicatesRequest) (work, error) {
	keep, err := filter(o.Filter)
	return func(ctx context.Context, report func(api.Progress)) (any, error) {
		return c.Duplicates(ctx, api.DuplicateOptions{
			Filter: keep, Model: o.Model, Exact: o.Exact, Mirrored: o.Mirrored, Rotated: o.Rotated, Reference: o.Reference, Reviewed: o.Reviewed, MaxWrong: o.MaxWrong,
			Progress: report,
		})
	}, err
}

type reviewed struct {
	Changed int `json:"changed" doc:"How many groups this changed"`
}

func (s *Server) reviewRoutes(routes huma.API) {
	add(s, routes, huma.Operation{
		OperationID: "review", Method: http.MethodPut, Path: "/collections/{collection}/reviews", Tags: []string{"Pictures"},
		Summary: "Mark groups of duplicates as reviewed", Description: "The job `dupes` omits a reviewed group until another picture joins it.",
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
		Summary: "Remove the reviews that pictures are part of",
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
