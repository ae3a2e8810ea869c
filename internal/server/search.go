package server

import (
	"context"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"github.com/akin-search/akin"
)

// SearchRequest is what to search for, and how.
type SearchRequest struct {
	Query       []SearchTerm  `json:"query,omitempty" maxItems:"32" doc:"What to look for; a form's pictures are added to it"`
	Model       string        `json:"model,omitempty" doc:"The model that answers; none is the collection's own"`
	Top         int           `json:"top,omitempty" minimum:"0" maximum:"1000" doc:"Hits to return; 0 is 10"`
	MinScore    *float64      `json:"min_score,omitempty" minimum:"-1" maximum:"1" doc:"Only hits with at least this cosine"`
	MaxChance   float64       `json:"max_chance,omitempty" minimum:"0" maximum:"1" doc:"Only hits that at most this share of random pairs equals; 0 is any"`
	IncludeSelf bool          `json:"include_self,omitempty" doc:"Keep the queried picture itself"`
	Fold        bool          `json:"fold,omitempty" doc:"Put near-duplicates of a hit under it"`
	Recall      float64       `json:"recall,omitempty" minimum:"0" maximum:"1" doc:"The share of the right hits that is enough; 1 is all, always"`
	Fuse        bool          `json:"fuse,omitempty" doc:"Answer with several models together"`
	Models      []string      `json:"models,omitempty" maxItems:"32" doc:"The models to fuse, compare or ask; none is all"`
	Fusion      *SearchFusion `json:"fusion,omitempty"`
	Filter      SearchFilter  `json:"filter,omitempty"`
}

// SearchFusion says how rankings of several models become one: see akin.Fusion.
type SearchFusion struct {
	Method  string             `json:"method,omitempty" enum:"rrf,scores,csls" doc:"rrf is the default"`
	Weights map[string]float64 `json:"weights,omitempty" doc:"By model; one without counts as 1"`
}

// SearchFilter says which pictures may be hits: see akin.Filter.
type SearchFilter struct {
	Under   string   `json:"under,omitempty" doc:"Only pictures whose source lies under this folder or address"`
	Names   []string `json:"names,omitempty" maxItems:"100" doc:"Globs, of which a name must match one"`
	After   string   `json:"after,omitempty" doc:"A year, month, day or time" example:"2024-07"`
	Before  string   `json:"before,omitempty"`
	Tags    []string `json:"tags,omitempty" maxItems:"100"`
	NotTags []string `json:"not_tags,omitempty" maxItems:"100"`
	Only    []string `json:"only,omitempty" doc:"Names or sources: no other pictures"`
}

type searchInput struct {
	CollectionPath
	Body SearchRequest
}

type getSearchInput struct {
	CollectionPath
	Query       []string `query:"q,explode" required:"true" maxItems:"32" doc:"A picture's name, an address or text:WORDS; \"-\" before it subtracts it, \"2:\" weighs it" example:"[\"Chad\"]"`
	Model       string   `query:"model" doc:"The model that answers; none is the collection's own"`
	Top         int      `query:"top" minimum:"0" maximum:"1000" doc:"Hits to return; 0 is 10"`
	MaxChance   float64  `query:"max_chance" minimum:"0" maximum:"1" doc:"Only hits that at most this share of random pairs equals"`
	IncludeSelf bool     `query:"include_self"`
	Fold        bool     `query:"fold"`
	Fuse        bool     `query:"fuse"`
	Under       string   `query:"under"`
	Tag         []string `query:"tag,explode" maxItems:"100"`
}

func (in *getSearchInput) request() (SearchRequest, error) {
	r := SearchRequest{
		Model: in.Model, Top: in.Top, MaxChance: in.MaxChance, IncludeSelf: in.IncludeSelf, Fold: in.Fold, Fuse: in.Fuse,
		Filter: SearchFilter{Under: in.Under, Tags: in.Tag},
	}
	for _, text := range in.Query {
		t, err := parseTerm(text)
		if err != nil {
			return r, err
		}
		r.Query = append(r.Query, t)
	}
	return r, nil
}

func (s *Server) searchRoutes(api huma.API) {
	const form = "The body is JSON, or a form: each part `picture` is a picture's file and a term of the query, the part `query` is the JSON."
	add(s, api, takesForm(s, huma.Operation{
		OperationID: "search", Method: http.MethodPost, Path: "/collections/{collection}/search", Tags: []string{"Search"},
		Summary: "What else looks like this?", Description: form,
	}), func(ctx context.Context, in *searchInput) (*struct{ Body akin.Result }, error) {
		r, err := s.search(ctx, in.Collection, in.Body)
		return &struct{ Body akin.Result }{r}, err
	})
	add(s, api, huma.Operation{
		OperationID: "search-by-name", Method: http.MethodGet, Path: "/collections/{collection}/search", Tags: []string{"Search"},
		Summary: "The same, in an address",
	}, func(ctx context.Context, in *getSearchInput) (*struct{ Body akin.Result }, error) {
		request, err := in.request()
		if err != nil {
			return nil, err
		}
		r, err := s.search(ctx, in.Collection, request)
		return &struct{ Body akin.Result }{r}, err
	})
	add(s, api, takesForm(s, huma.Operation{
		OperationID: "compare", Method: http.MethodPost, Path: "/collections/{collection}/compare", Tags: []string{"Search"},
		Summary: "Every model's answer side by side, and all of them fused", Description: form,
	}), func(ctx context.Context, in *searchInput) (*struct{ Body akin.Comparison }, error) {
		c, q, o, leave, err := s.several(ctx, in)
		if err != nil {
			return nil, err
		}
		defer leave()
		r, err := c.Compare(ctx, q, o)
		return &struct{ Body akin.Comparison }{r}, err
	})
	add(s, api, takesForm(s, huma.Operation{
		OperationID: "disagree", Method: http.MethodPost, Path: "/collections/{collection}/disagree", Tags: []string{"Search"},
		Summary: "Where each model's hits stand in the others", Description: form,
	}), func(ctx context.Context, in *searchInput) (*struct{ Body akin.Disagreement }, error) {
		c, q, o, leave, err := s.several(ctx, in)
		if err != nil {
			return nil, err
		}
		defer leave()
		r, err := c.Disagree(ctx, q, o)
		return &struct{ Body akin.Disagreement }{r}, err
	})
}

// search answers a request by one model, or by several fused.
func (s *Server) search(ctx context.Context, collection string, r SearchRequest) (akin.Result, error) {
	c, err := s.collections.get(collection)
	if err != nil {
		return akin.Result{}, err
	}
	filter, err := r.Filter.filter()
	if err != nil {
		return akin.Result{}, err
	}
	q, leave, err := s.admit(ctx, r)
	if err != nil {
		return akin.Result{}, err
	}
	defer leave()
	if r.Fuse {
		if r.MinScore != nil || r.MaxChance > 0 || r.Fold || r.Recall > 0 {
			return akin.Result{}, problem(http.StatusUnprocessableEntity, "fused scores are no cosines: fuse goes without min_score, max_chance, fold and recall")
		}
		return c.SearchFused(ctx, q, r.compareOptions(filter))
	}
	return c.Search(ctx, q, akin.SearchOptions{
		Filter: filter, Model: r.Model, Top: r.Top, MinScore: r.MinScore, MaxChance: r.MaxChance,
		IncludeSelf: r.IncludeSelf, Fold: r.Fold, Recall: r.Recall,
	})
}

// several makes a question for several models of a request.
func (s *Server) several(ctx context.Context, in *searchInput) (c *akin.Collection, q akin.Query, o akin.CompareOptions, leave func(), err error) {
	if c, err = s.collections.get(in.Collection); err != nil {
		return
	}
	filter, err := in.Body.Filter.filter()
	if err != nil {
		return
	}
	q, leave, err = s.admit(ctx, in.Body)
	return c, q, in.Body.compareOptions(filter), leave, err
}

// admit makes the query of a request, and waits until it may be answered.
func (s *Server) admit(ctx context.Context, r SearchRequest) (akin.Query, func(), error) {
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

func (r SearchRequest) compareOptions(filter akin.Filter) akin.CompareOptions {
	o := akin.CompareOptions{Filter: filter, Models: r.Models, Top: r.Top, IncludeSelf: r.IncludeSelf}
	if r.Model != "" && len(r.Models) == 0 {
		o.Models = []string{r.Model}
	}
	o.Fusion = r.Fusion.fusion()
	return o
}

func (f *SearchFusion) fusion() akin.Fusion {
	if f == nil {
		return akin.Fusion{}
	}
	return akin.Fusion{Method: f.Method, Weights: f.Weights}
}

func (f SearchFilter) filter() (akin.Filter, error) {
	out := akin.Filter{Under: f.Under, Names: f.Names, After: f.After, Before: f.Before, Tags: f.Tags, NotTags: f.NotTags, Only: f.Only}
	if err := out.Check(); err != nil {
		return out, invalid{err}
	}
	return out, nil
}
