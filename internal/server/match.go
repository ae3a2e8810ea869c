package server

import (
	"cmp"
	"context"
	"encoding/base64"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"github.com/akin-search/akin"
	"github.com/akin-search/akin/api"
	"github.com/akin-search/akin/internal/thumbnail"
)

func (s *Server) matchRoutes(routes huma.API) {
	add(s, routes, huma.Operation{
		OperationID: "match", Method: http.MethodPost, Path: "/collections/{collection}/match", Tags: []string{"Search"},
		Summary: "Prove that one picture shows a part of another, and where",
	}, func(ctx context.Context, in *struct {
		CollectionPath
		Body api.MatchRequest
	}) (*struct{ Body api.Matching }, error) {
		c, both, leave, err := s.two(ctx, in.Collection, in.Body.A, in.Body.B)
		if err != nil {
			return nil, err
		}
		defer leave()
		m, err := c.Match(ctx, both[0], both[1], api.MatchOptions{Pairs: in.Body.Pairs, MaxFalse: in.Body.MaxFalse, Pictures: in.Body.Show})
		if err == nil && in.Body.Show {
			m.Shown, err = shown(m)
		}
		if err != nil {
			return nil, err
		}
		m.A, m.B = cmp.Or(in.Body.A.Picture, m.A), cmp.Or(in.Body.B.Picture, m.B)
		return &struct{ Body api.Matching }{m}, nil
	})
}

// partsJob is the job that finds parts of pictures.
var partsJob = kindOf("Find the pictures that are proven to show parts of one another: crops, collages, prints in photos. The result is Parts.", prepareParts, api.Parts{})

func prepareParts(_ *Server, c *akin.Collection, o api.PartsRequest) (work, error) {
	keep, err := filter(o.Filter)
	return func(ctx context.Context, report func(api.Progress)) (any, error) {
		return c.Parts(ctx, api.PartsOptions{Filter: keep, Candidates: o.Candidates, Progress: report})
	}, err
}

// matchPixels is the longer side of a match's pictures.
const matchPixels = 1024

// shown is what a page draws of a match.
func shown(m api.Matching) (*api.MatchShown, error) {
	out := &api.MatchShown{Parts: []api.MatchLines{}}
	for i, p := range m.Pictures {
		small, err := thumbnail.Make(p.Width, p.Height, p.RGB, nil, matchPixels)
		if err != nil {
			return nil, err
		}
		side := api.MatchSide{Width: p.Width, Height: p.Height, Picture: "data:" + small.Type + ";base64," + base64.StdEncoding.EncodeToString(small.Data)}
		*[]*api.MatchSide{&out.A, &out.B}[i] = side
	}
	for _, part := range m.Matches {
		out.Parts = append(out.Parts, api.MatchLines{Places: part.Places, Outlines: part.Outlines})
	}
	return out, nil
}
