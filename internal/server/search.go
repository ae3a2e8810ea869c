package server

import (
	"context"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/akin-search/akin"
	"github.com/akin-search/akin/api"
)

// aboutForm is how an operation that takesForm describes its body.
const aboutForm = "The body is JSON, or a form: each part `picture` is a picture's file and a term of the query, and the part `query` is the JSON."

type searchInput struct {
	CollectionPath
	Body api.SearchRequest
}

// getSearchInput is a search in a URL.
type getSearchInput struct {
	CollectionPath
	Query       []string `query:"q,explode" required:"true" maxItems:"32" doc:"A term: a picture's name, name:NAME, an http(s) address, text:WORDS or upload:ID. A leading \"-\" subtracts it, \"2:\" is a weight. To query a picture named \"2:three\", write \"1:2:three\"" example:"[\"Chad\"]"`
	Model       string   `query:"model" doc:"The model to search with; omitted: the collection's default model"`
	Top         int      `query:"top" minimum:"0" maximum:"1000" doc:"How many hits to return; 0 means 10"`
	Skip        int      `query:"skip" minimum:"0" maximum:"1000000" doc:"How many of the best hits to leave out"`
	Recall      float64  `query:"recall" minimum:"0" maximum:"1" doc:"Target recall, e.g. 0.99; lower is faster. 1 is exact"`
	MinScore    float64  `query:"min_score" minimum:"-1" maximum:"1" default:"-1" doc:"Drop hits with a lower score; -1 drops none"`
	MaxChance   float64  `query:"max_chance" minimum:"0" maximum:"1" doc:"Drop hits whose score at least this fraction of random pairs reaches; 0 drops none"`
	IncludeSelf bool     `query:"include_self" doc:"Keep the queried picture itself among the hits"`
	Fold        bool     `query:"fold" doc:"List a hit that shows the same picture as a better one under that one"`
	Verify      int      `query:"verify" minimum:"0" maximum:"200" doc:"Prove of so many of the best hits which show a part of the query, or are a part of it; these come first, with their match"`
	In          string   `query:"in" enum:"regions" doc:"Search in regions of the pictures, and say in box which is most like the query; omitted: whole pictures"`
	Parts       bool     `query:"parts" doc:"Find pictures that are proven to show a part of the query, or to be a part of it, by the index of parts and not by a model"`
	Metadata    bool     `query:"metadata" doc:"Add what the files of the hits tell: camera, position, caption and so on"`
	Fuse        bool     `query:"fuse" doc:"Search with all models and fuse their rankings"`
	FilterQuery
}

func (in *getSearchInput) request() (r api.SearchRequest, err error) {
	keep, err := in.filter()
	if err != nil {
		return r, err
	}
	r = api.SearchRequest{
		Model: in.Model, Top: in.Top, Skip: in.Skip, Recall: in.Recall, MaxChance: in.MaxChance, IncludeSelf: in.IncludeSelf, Fold: in.Fold, Fuse: in.Fuse, Verify: in.Verify, Parts: in.Parts, In: in.In, Metadata: in.Metadata,
		Filter: &keep,
	}
	if in.MinScore > -1 {
		r.MinScore = &in.MinScore
	}
	r.Query, err = parseQuery(in.Query)
	return r, err
}

// searched is the answer to a search.
type searched struct {
	Timing string `header:"Server-Timing" doc:"Where the time went, in milliseconds: wait, open, filter, query, search, grade"`
	Body   api.Result
}

func (s *Server) searchRoutes(routes huma.API) {
	add(s, routes, takesForm(s, huma.Operation{
		OperationID: "search", Method: http.MethodPost, Path: "/collections/{collection}/search", Tags: []string{"Search"},
		Summary: "Find the pictures most like a query", Description: aboutForm,
	}), func(ctx context.Context, in *searchInput) (*searched, error) {
		return s.search(ctx, in.Collection, in.Body)
	})
	add(s, routes, huma.Operation{
		OperationID: "search-by-name", Method: http.MethodGet, Path: "/collections/{collection}/search", Tags: []string{"Search"},
		Summary: "Find the pictures most like a query in the URL",
	}, func(ctx context.Context, in *getSearchInput) (*searched, error) {
		request, err := in.request()
		if err != nil {
			return nil, err
		}
		return s.search(ctx, in.Collection, request)
	})
}

// search searches with one model, or with several fused.
func (s *Server) search(ctx context.Context, collection string, r api.SearchRequest) (*searched, error) {
	began := time.Now()
	c, err := s.collections.get(ctx, collection)
	if err != nil {
		return nil, err
	}
	keep, err := filter(r.Filter)
	if err != nil {
		return nil, err
	}
	q, leave, err := s.admit(ctx, c, r)
	if err != nil {
		return nil, err
	}
	defer leave()
	wait := time.Since(began)
	out, err := c.Search(ctx, q, searchOptions(r, keep))
	if err != nil {
		return nil, err
	}
	return &searched{serverTiming(wait, out.Took), out}, nil
}

func searchOptions(r api.SearchRequest, keep api.Filter) api.SearchOptions {
	o := api.SearchOptions{
		Filter: keep, Model: r.Model, Top: r.Top, MinScore: r.MinScore, MaxChance: r.MaxChance,
		IncludeSelf: r.IncludeSelf, Fold: r.Fold, Verify: r.Verify, Parts: r.Parts, In: r.In, Metadata: r.Metadata, Recall: r.Recall, Skip: r.Skip, Histogram: r.Histogram, Sizes: true,
	}
	if r.Fuse {
		f := fusion(r.Fusion)
		o.Fuse, o.Models = &f, r.Models
	}
	return o
}

// admit returns the query of a request once the server has capacity to answer it. The caller calls leave.
func (s *Server) admit(ctx context.Context, c *akin.Collection, r api.SearchRequest) (q api.Query, leave func(), err error) {
	q, heavy, err := s.query(ctx, c, r.Query)
	if err != nil {
		return nil, nil, err
	}
	gate := s.searching
	if heavy || r.Verify > 0 || r.Parts {
		gate = s.running
	}
	leave, err = gate.enter(ctx)
	return q, leave, err
}
