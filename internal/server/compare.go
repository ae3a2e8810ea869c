package server

import (
	"context"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"github.com/akin-search/akin"
	"github.com/akin-search/akin/api"
)

func (s *Server) compareRoutes(routes huma.API) {
	add(s, routes, takesForm(s, huma.Operation{
		OperationID: "compare", Method: http.MethodPost, Path: "/collections/{collection}/compare", Tags: []string{"Search"},
		Summary: "Search with every model side by side, and with all of them fused", Description: aboutForm,
	}), func(ctx context.Context, in *searchInput) (*struct{ Body api.Comparison }, error) {
		c, q, o, leave, err := s.comparison(ctx, in)
		if err != nil {
			return nil, err
		}
		defer leave()
		r, err := c.Compare(ctx, q, o)
		return &struct{ Body api.Comparison }{r}, err
	})
}

// comparison returns what a request compares, once the server has capacity to answer it. The caller calls
// leave.
func (s *Server) comparison(ctx context.Context, in *searchInput) (c *akin.Collection, q api.Query, o api.CompareOptions, leave func(), err error) {
	if c, err = s.collections.get(ctx, in.Collection); err != nil {
		return
	}
	keep, err := filter(in.Body.Filter)
	if err != nil {
		return
	}
	q, leave, err = s.admit(ctx, c, in.Body)
	return c, q, compareOptions(in.Body, keep), leave, err
}

func compareOptions(r api.SearchRequest, keep api.Filter) api.CompareOptions {
	o := api.CompareOptions{Filter: keep, Models: r.Models, Top: r.Top, IncludeSelf: r.IncludeSelf, Fusion: fusion(r.Fusion)}
	if r.Model != "" && len(r.Models) == 0 {
		o.Models = []string{r.Model}
	}
	return o
}

func fusion(f *api.SearchFusion) api.Fusion {
	if f == nil {
		return api.Fusion{}
	}
	return api.Fusion(*f)
}
