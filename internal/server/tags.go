package server

import (
	"context"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"github.com/akin-search/akin"
	"github.com/akin-search/akin/client"
)

func (s *Server) tagRoutes(api huma.API) {
	type tags struct {
		Tags []akin.TagInfo `json:"tags"`
	}
	add(s, api, tagged(huma.Operation{
		OperationID: "list-tags", Method: http.MethodGet, Path: "/collections/{collection}/tags", Tags: []string{"Pictures"},
		Summary: "List the tags",
	}), func(ctx context.Context, in *CollectionPath) (*struct{ Body tags }, error) {
		c, err := s.collections.get(in.Collection)
		if err != nil {
			return nil, err
		}
		all, err := c.Tags(ctx)
		return &struct{ Body tags }{tags{all}}, err
	})
	type input struct {
		CollectionPath
		Body client.TagRequest
	}
	change := func(id, method, summary string, do func(c *akin.Collection, ctx context.Context, tag string, pictures ...string) (akin.TagReport, error)) {
		add(s, api, huma.Operation{
			OperationID: id, Method: method, Path: "/collections/{collection}/tags", Tags: []string{"Pictures"}, Summary: summary,
		}, func(ctx context.Context, in *input) (*struct{ Body akin.TagReport }, error) {
			c, err := s.collections.get(in.Collection)
			if err != nil {
				return nil, err
			}
			r, err := do(c, ctx, in.Body.Tag, in.Body.Pictures...)
			return &struct{ Body akin.TagReport }{r}, err
		})
	}
	change("add-tag", http.MethodPut, "Tag pictures", (*akin.Collection).AddTag)
	change("remove-tag", http.MethodDelete, "Take a tag from pictures", (*akin.Collection).RemoveTag)
}
