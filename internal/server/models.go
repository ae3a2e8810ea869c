package server

import (
	"context"
	"errors"
	"net/http"
	"regexp"

	"github.com/danielgtaylor/huma/v2"

	"github.com/akin-search/akin"
	"github.com/akin-search/akin/api"
)

// pullJob is the job that installs a model.
var pullJob = kindOf("Download a model. The result is a PullReport.", preparePull, api.PullReport{})

func preparePull(s *Server, _ *akin.Collection, o api.PullRequest) (work, error) {
	if o.Model == "" {
		return nil, invalid{errors.New("pull needs a model")}
	}
	return func(ctx context.Context, report func(api.Progress)) (any, error) {
		note := ""
		return akin.Pull(ctx, o.Model, api.PullOptions{
			HubOnly: true,
			Accept:  func(api.Licence) bool { return o.AcceptLicence },
			Home:    string(s.options.Open.Home),
			Hub:     s.options.Open.Hub,
			Note:    func(line string) { note = line },
			Progress: func(done, total int64) {
				report(api.Progress{Step: "fetching", Done: int(done), Total: int(total), Note: note})
			},
		})
	}, nil
}

// modelName matches the names that clients may use for models: no paths.
var modelName = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._-]*(/[A-Za-z0-9][A-Za-z0-9._-]*)?$`)

func (s *Server) modelRoutes(routes huma.API) {
	type models struct {
		Models []api.ModelInfo `json:"models"`
	}
	add(s, routes, tagged(huma.Operation{
		OperationID: "list-models", Method: http.MethodGet, Path: "/models", Tags: []string{"Program"},
		Summary: "List the models that akin knows, and which are installed",
	}), func(context.Context, *struct{}) (*struct{ Body models }, error) {
		return &struct{ Body models }{models{akin.Models(s.options.Open)}}, nil
	})
	type checks struct {
		Checks []api.Check `json:"checks"`
	}
	add(s, routes, tagged(huma.Operation{
		OperationID: "doctor", Method: http.MethodGet, Path: "/doctor", Tags: []string{"Program"},
		Summary: "Check the runtime, the models and the decoders",
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
		Trash   bool   `json:"trash" doc:"Whether clients may move duplicates to the trash"`
	}
	add(s, routes, huma.Operation{
		OperationID: "version", Method: http.MethodGet, Path: "/version", Tags: []string{"Program"},
		Summary: "Get the program's version, and what clients may do",
	}, func(context.Context, *struct{}) (*struct{ Body version }, error) {
		return &struct{ Body version }{version{s.options.Version, s.options.AllowTrash}}, nil
	})
}
