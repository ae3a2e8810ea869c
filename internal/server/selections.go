package server

import (
	"context"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"github.com/akin-search/akin/api"
)

// selectionBytes is the longest body of a selection: a million names of 60 bytes.
const selectionBytes = 64 << 20

func (s *Server) selectionRoutes(routes huma.API) {
	add(s, routes, huma.Operation{
		OperationID: "keep-selection", Method: http.MethodPost, Path: "/collections/{collection}/selections", Tags: []string{"Search"},
		Summary: "Store a selection of pictures", DefaultStatus: http.StatusCreated, MaxBodyBytes: selectionBytes,
		Description: "A query refers to it by its id, for the mean of its pictures, and a link for the pictures themselves. The same pictures " +
			"have the same id. The newest 200 of a collection are kept.",
	}, func(ctx context.Context, in *struct {
		CollectionPath
		Body api.SelectionRequest
	}) (*struct{ Body api.Selection }, error) {
		c, err := s.collections.get(ctx, in.Collection)
		if err != nil {
			return nil, err
		}
		kept, err := c.KeepSelection(ctx, in.Body.Pictures)
		return &struct{ Body api.Selection }{kept}, err
	})
	add(s, routes, huma.Operation{
		OperationID: "get-selection", Method: http.MethodGet, Path: "/collections/{collection}/selections/{selection}", Tags: []string{"Search"},
		Summary: "Get the pictures of a selection",
	}, func(ctx context.Context, in *struct {
		CollectionPath
		Selection string `path:"selection" doc:"The selection's id"`
	}) (*struct{ Body api.Selection }, error) {
		c, err := s.collections.get(ctx, in.Collection)
		if err != nil {
			return nil, err
		}
		names, err := c.Selection(ctx, in.Selection)
		return &struct{ Body api.Selection }{api.Selection{ID: in.Selection, Count: len(names), Pictures: names}}, err
	})
}
