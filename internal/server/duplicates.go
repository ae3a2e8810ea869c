package server

import (
	"context"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"github.com/akin-search/akin"
)

// DupesOptions say what counts as a copy.
type DupesOptions struct {
	Model    string `json:"model,omitempty" doc:"Whose neighbours are looked at; none is the collection's own"`
	Exact    bool   `json:"exact,omitempty" doc:"Files with the same bytes only"`
	Mirrored bool   `json:"mirrored,omitempty" doc:"Also copies with left and right exchanged"`
	Rotated  bool   `json:"rotated,omitempty" doc:"Also copies turned by quarters of a turn"`
	Reviewed bool   `json:"reviewed,omitempty" doc:"Also the groups that were reviewed"`
}

func prepareDupes(_ *Server, c *akin.Collection, o DupesOptions) (work, error) {
	return func(ctx context.Context, tell func(Progress)) (any, error) {
		return c.Duplicates(ctx, akin.DuplicateOptions{
			Model: o.Model, Exact: o.Exact, Mirrored: o.Mirrored, Rotated: o.Rotated, Reviewed: o.Reviewed,
			Progress: func(p akin.DuplicateProgress) {
				tell(Progress{Step: p.Step, Done: int64(p.Done), Total: int64(p.Total)})
			},
		})
	}, nil
}

// reviewRoutes remember which groups of duplicates a person looked at, and wants to stay.
func (s *Server) reviewRoutes(api huma.API) {
	type added struct {
		Added int `json:"added"`
	}
	add(s, api, huma.Operation{
		OperationID: "review-duplicates", Method: http.MethodPut, Path: "/collections/{collection}/reviews", Tags: []string{"Pictures"},
		Summary: "Remember that pictures of a group of duplicates all stay",
	}, func(ctx context.Context, in *struct {
		CollectionPath
		Body struct {
			Pictures [][]string `json:"pictures" minItems:"1" maxItems:"10000" doc:"The names of each group"`
		}
	}) (*struct{ Body added }, error) {
		c, err := s.collections.get(in.Collection)
		if err != nil {
			return nil, err
		}
		n, err := c.ReviewDuplicates(ctx, in.Body.Pictures...)
		return &struct{ Body added }{added{n}}, err
	})
	type removed struct {
		Removed int `json:"removed"`
	}
	add(s, api, huma.Operation{
		OperationID: "unreview-duplicates", Method: http.MethodDelete, Path: "/collections/{collection}/reviews", Tags: []string{"Pictures"},
		Summary: "Forget that pictures were reviewed as duplicates",
	}, func(ctx context.Context, in *struct {
		CollectionPath
		Body struct {
			Pictures []string `json:"pictures" minItems:"1" maxItems:"10000"`
		}
	}) (*struct{ Body removed }, error) {
		c, err := s.collections.get(in.Collection)
		if err != nil {
			return nil, err
		}
		n, err := c.UnreviewDuplicates(ctx, in.Body.Pictures...)
		return &struct{ Body removed }{removed{n}}, err
	})
}
