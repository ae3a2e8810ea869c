package server

import (
	"context"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"github.com/akin-search/akin"
	"github.com/akin-search/akin/api"
)

func (s *Server) tagRoutes(routes huma.API) {
	type tags struct {
		Tags []api.TagInfo `json:"tags"`
	}
	add(s, routes, tagged(huma.Operation{
		OperationID: "list-tags", Method: http.MethodGet, Path: "/collections/{collection}/tags", Tags: []string{"Pictures"},
		Summary: "List the tags",
	}), func(ctx context.Context, in *CollectionPath) (*struct{ Body tags }, error) {
		c, err := s.collections.get(ctx, in.Collection)
		if err != nil {
			return nil, err
		}
		all, err := c.Tags(ctx)
		return &struct{ Body tags }{tags{all}}, err
	})
	type input struct {
		CollectionPath
		Body api.TagRequest
	}
	change := func(id, method, summary string, do func(c *akin.Collection, ctx context.Context, tag string, pictures ...string) (api.TagReport, error)) {
		add(s, routes, huma.Operation{
			OperationID: id, Method: method, Path: "/collections/{collection}/tags", Tags: []string{"Pictures"}, Summary: summary,
		}, func(ctx context.Context, in *input) (*struct{ Body api.TagReport }, error) {
			c, err := s.collections.get(ctx, in.Collection)
			if err != nil {
				return nil, err
			}
			r, err := do(c, ctx, in.Body.Tag, in.Body.Pictures...)
			return &struct{ Body api.TagReport }{r}, err
		})
	}
	change("add-tag", http.MethodPut, "Add a tag to pictures", (*akin.Collection).AddTag)
	change("remove-tag", http.MethodDelete, "Remove a tag from pictures", (*akin.Collection).RemoveTag)
}
