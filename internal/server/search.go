package server

import (
	"context"
	"net/http"

	"github.com/akin-search/akin"
	"github.com/akin-search/akin/api"
	"github.com/akin-search/akin/client"
	"github.com/danielgtaylor/huma/v2"
)

type searchInput struct {
	CollectionPath
	Body client.SearchRequest
}

type getSearchInput struct {
	CollectionPath
	Query       []string `query:"q,explode" required:"true" maxItems:"32" doc:"A picture's name, an address, text:WORDS or upload:ID; \"-\" before it subtracts it, \"2:\" weighs it" example:"[\"Chad\"]"`
	Model       string   `query:"model" doc:"The model that answers; none is the collection's own"`
	Top         int      `query:"top" minimum:"0" maximum:"1000" doc:"Hits to return; 0 is 10"`
	MaxChance   float64  `query:"max_chance" minimum:"0" maximum:"1" doc:"Only hits that at most this share of random pairs equals"`
	IncludeSelf bool     `query:"include_self"`
	Fold        bool     `query:"fold" doc:"Put hits that are the same picture as a better one under it"`
	Fuse        bool     `query:"fuse"`
	Under       string   `query:"under"`
	Tag         []string `query:"tag,explode" maxItems:"100"`
}

func (in *getSearchInput) request() client.SearchRequest {
	r := client.SearchRequest{
		Model: in.Model, Top: in.Top, MaxChance: in.MaxChance, IncludeSelf: in.IncludeSelf, Fold: in.Fold, Fuse: in.Fuse,
		Filter: &client.SearchFilter{Under: in.Under, Tags: in.Tag},
	}
	for _, text := range in.Query {
		r.Query = append(r.Query, parseTerm(text))
	}
	return r
}

func (s *Server) searchRoutes(routes huma.API) {
	const form = "The body is JSON, or a form: each part `picture` is a picture's file and a term of the query, the part `query` is the JSON."
	add(s, routes, takesForm(s, huma.Operation{
		OperationID: "search", Method: http.MethodPost, Path: "/collections/{collection}/search", Tags: []string{"Search"},
		Summary: "What else looks like this?", Description: form,
	}), func(ctx context.Context, in *searchInput) (*struct{ Body api.Result }, error) {
		r, err := s.search(ctx, in.Collection, in.Body)
		return &struct{ Body api.Result }{r}, err
	})
	add(s, routes, huma.Operation{
		OperationID: "search-by-name", Method: http.MethodGet, Path: "/collections/{collection}/search", Tags: []string{"Search"},
		Summary: "The same, in an address",
	}, func(ctx context.Context, in *getSearchInput) (*struct{ Body api.Result }, error) {
		r, err := s.search(ctx, in.Collection, in.request())
		return &struct{ Body api.Result }{r}, err
	})
	add(s, routes, takesForm(s, huma.Operation{
		OperationID: "compare", Method: http.MethodPost, Path: "/collections/{collection}/compare", Tags: []string{"Search"},
		Summary: "Every model's answer side by side, and all of them fused", Description: form,
	}), func(ctx context.Context, in *searchInput) (*struct{ Body api.Comparison }, error) {
		c, q, o, leave, err := s.several(ctx, in)
		if err != nil {
			return nil, err
		}
		defer leave()
		r, err := c.Compare(ctx, q, o)
		return &struct{ Body api.Comparison }{r}, err
	})
	add(s, routes, takesForm(s, huma.Operation{
		OperationID: "disagree", Method: http.MethodPost, Path: "/collections/{collection}/disagree", Tags: []string{"Search"},
		Summary: "Where each model's hits stand in the others", Description: form,
	}), func(ctx context.Context, in *searchInput) (*struct{ Body api.Disagreement }, error) {
		c, q, o, leave, err := s.several(ctx, in)
		if err != nil {
			return nil, err
		}
		defer leave()
		r, err := c.Disagree(ctx, q, o)
		return &struct{ Body api.Disagreement }{r}, err
	})
}

// search answers a request by one model, or by several fused.
func (s *Server) search(ctx context.Context, collection string, r client.SearchRequest) (api.Result, error) {
	c, err := s.collections.get(ctx, collection)
	if err != nil {
		return api.Result{}, err
	}
	keep, err := filter(r.Filter)
	if err != nil {
		return api.Result{}, err
	}
	q, leave, err := s.admit(ctx, r)
	if err != nil {
		return api.Result{}, err
	}
	defer leave()
	o := api.SearchOptions{
		Filter: keep, Model: r.Model, Top: r.Top, MinScore: r.MinScore, MaxChance: r.MaxChance,
		IncludeSelf: r.IncludeSelf, Fold: r.Fold, Recall: r.Recall,
	}
	if r.Fuse {
		fusion := fusion(r.Fusion)
		o.Fuse, o.Models = &fusion, r.Models
	}
	return c.Search(ctx, q, o)
}

// several makes a question for several models of a request.
func (s *Server) several(ctx context.Context, in *searchInput) (c *akin.Collection, q api.Query, o api.CompareOptions, leave func(), err error) {
	if c, err = s.collections.get(ctx, in.Collection); err != nil {
		return
	}
	keep, err := filter(in.Body.Filter)
	if err != nil {
		return
	}
	q, leave, err = s.admit(ctx, in.Body)
	return c, q, compareOptions(in.Body, keep), leave, err
}

// admit makes the query of a request, and waits until it may be answered.
func (s *Server) admit(ctx context.Context, r client.SearchRequest) (api.Query, func(), error) {
	q, heavy, err := s.query(r.Query)
	if err != nil {
		return nil, nil, err
	}
	of := s.searching
	if heavy {
		of = s.running
	}
	leave, err := of.enter(ctx)
	return q, leave, err
}

func compareOptions(r client.SearchRequest, keep api.Filter) api.CompareOptions {
	o := api.CompareOptions{Filter: keep, Models: r.Models, Top: r.Top, IncludeSelf: r.IncludeSelf}
	if r.Model != "" && len(r.Models) == 0 {
		o.Models = []string{r.Model}
	}
	o.Fusion = fusion(r.Fusion)
	return o
}

func fusion(f *client.SearchFusion) api.Fusion {
	if f == nil {
		return api.Fusion{}
	}
	return api.Fusion{Method: f.Method, Weights: f.Weights}
}

func filter(f *client.SearchFilter) (api.Filter, error) {
	if f == nil {
		return api.Filter{}, nil
	}
	out := api.Filter{Under: f.Under, Names: f.Names, After: f.After, Before: f.Before, Tags: f.Tags, NotTags: f.NotTags, Only: f.Only}
	if err := akin.CheckFilter(out); err != nil {
		return out, invalid{err}
	}
	return out, nil
}
