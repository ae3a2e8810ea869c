package server

import (
	"context"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"github.com/akin-search/akin"
	"github.com/akin-search/akin/api"
)

// TagName is the tag of an operation.
type TagName struct {
	CollectionPath
	Tag string `query:"tag" required:"true" minLength:"1" maxLength:"200" doc:"The tag; case does not matter" example:"holiday"`
}

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

	add(s, routes, huma.Operation{
		OperationID: "rename-tag", Method: http.MethodPatch, Path: "/collections/{collection}/tag", Tags: []string{"Pictures"},
		Summary: "Rename a tag", Description: "If there is a tag of the new name, both become one.",
	}, func(ctx context.Context, in *struct {
		TagName
		Body api.RenameTagRequest
	}) (*struct{ Body api.TagReport }, error) {
		c, err := s.collections.get(ctx, in.Collection)
		if err != nil {
			return nil, err
		}
		r, err := c.RenameTag(ctx, in.Tag, in.Body.Name)
		return &struct{ Body api.TagReport }{r}, err
	})
	add(s, routes, huma.Operation{
		OperationID: "delete-tag", Method: http.MethodDelete, Path: "/collections/{collection}/tag", Tags: []string{"Pictures"},
		Summary: "Remove a tag from all pictures that have it",
	}, func(ctx context.Context, in *TagName) (*struct{ Body api.TagReport }, error) {
		c, err := s.collections.get(ctx, in.Collection)
		if err != nil {
			return nil, err
		}
		r, err := c.DeleteTag(ctx, in.Tag)
		return &struct{ Body api.TagReport }{r}, err
	})
}
