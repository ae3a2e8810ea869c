package server

import (
	"context"
	"net/http"

	"github.com/akin-search/akin"
	"github.com/akin-search/akin/api"
	"github.com/danielgtaylor/huma/v2"
)

func (s *Server) modelRoutes(routes huma.API) {
	type models struct {
		Models []api.ModelInfo `json:"models"`
	}
	add(s, routes, tagged(huma.Operation{
		OperationID: "list-models", Method: http.MethodGet, Path: "/models", Tags: []string{"Program"},
		Summary: "List the models that akin knows, and whether their weights are here",
	}), func(context.Context, *struct{}) (*struct{ Body models }, error) {
		return &struct{ Body models }{models{akin.Models(s.options.Open)}}, nil
	})
	type checks struct {
		Checks []api.Check `json:"checks"`
	}
	add(s, routes, tagged(huma.Operation{
		OperationID: "doctor", Method: http.MethodGet, Path: "/doctor", Tags: []string{"Program"},
		Summary: "Tell what is installed and what is missing, with the remedy",
	}), func(ctx context.Context, _ *struct{}) (*struct{ Body checks }, error) {
		leave, err := s.running.enter(ctx)
		if err != nil {
			return nil, err
		}
		defer leave()
		return &struct{ Body checks }{checks{akin.Doctor(s.options.Open)}}, nil
	})
	type version struct {
		Version string `json:"version"`
	}
	add(s, routes, huma.Operation{
		OperationID: "version", Method: http.MethodGet, Path: "/version", Tags: []string{"Program"},
		Summary: "Tell the program's version",
	}, func(context.Context, *struct{}) (*struct{ Body version }, error) {
		return &struct{ Body version }{version{s.options.Version}}, nil
	})
}
