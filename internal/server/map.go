package server

import (
	"context"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

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

// storedMap is a Map, or nothing with status 204.
type storedMap struct {
	Status int
	Body   *api.Map
}

func (s *Server) mapRoutes(routes huma.API) {
	add(s, routes, tagged(huma.Operation{
		OperationID: "get-map", Method: http.MethodGet, Path: "/collections/{collection}/map", Tags: []string{"Map"},
		Summary: "Get the map that a job has stored",
		Description: "Answers at once, without laying anything out; with 204 where nothing is stored or most pictures are new. " +
			"Where `current` is false, a job of kind `map` brings it up to date.",
		Responses: map[string]*huma.Response{"204": {Description: "No map is stored"}},
	}), func(ctx context.Context, in *struct {
		CollectionPath
		Models []string `query:"model,explode" maxItems:"32" doc:"The models to fuse; omitted: all"`
	}) (*storedMap, error) {
		c, err := s.collections.get(ctx, in.Collection)
		if err != nil {
			return nil, err
		}
		leave, err := s.reading.enter(ctx)
		if err != nil {
			return nil, err
		}
		defer leave()
		m, found, err := c.StoredMap(ctx, api.MapOptions{Models: in.Models})
		if err != nil || !found {
			return &storedMap{Status: http.StatusNoContent}, err
		}
		return &storedMap{http.StatusOK, &m}, nil
	})
}
