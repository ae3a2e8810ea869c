package server

import (
	"bytes"
	"context"
	"encoding/base64"
	"image"
	"image/png"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"github.com/akin-search/akin"
	"github.com/akin-search/akin/api"
	"github.com/akin-search/akin/internal/picture"
)

// heatPixels is the longer side of an explanation's pictures.
const heatPixels = 512

func (s *Server) explainRoutes(routes huma.API) {
	add(s, routes, huma.Operation{
		OperationID: "explain", Method: http.MethodPost, Path: "/collections/{collection}/explain", Tags: []string{"Search"},
		Summary: "Show which regions make two pictures alike",
	}, func(ctx context.Context, in *struct {
		CollectionPath
		Body api.ExplainRequest
	}) (*struct{ Body api.Explained }, error) {
		c, both, leave, err := s.two(ctx, in.Collection, in.Body.A, in.Body.B)
		if err != nil {
			return nil, err
		}
		defer leave()
		x, err := c.Explain(ctx, both[0], both[1], api.ExplainOptions{Model: in.Body.Model})
		if err != nil {
			return nil, err
		}
		out := api.Explained{Model: x.Model, Score: x.Score, Method: x.Method, Exact: x.Exact, Low: x.A.Low, High: x.A.High}
		for i, h := range []api.HeatMap{x.A, x.B} {
			if *[]*api.Heat{&out.A, &out.B}[i], err = heatAnswer(h); err != nil {
				return nil, err
			}
		}
		return &struct{ Body api.Explained }{out}, nil
	})
}

// two are a collection and the queries of two terms, once the server has capacity to decode both. The caller calls leave.
func (s *Server) two(ctx context.Context, collection string, a, b api.SearchTerm) (c *akin.Collection, both [2]api.Query, leave func(), err error) {
	if c, err = s.collections.get(ctx, collection); err != nil {
		return nil, both, nil, err
	}
	for i, t := range []api.SearchTerm{a, b} {
		if both[i], _, err = s.query(ctx, c, []api.SearchTerm{t}); err != nil {
			return nil, both, nil, err
		}
	}
	leave, err = s.running.enter(ctx)
	return c, both, leave, err
}

func heatAnswer(h api.HeatMap) (api.Heat, error) {
	width, height, pixels, heat := akin.HeatLayers(h, heatPixels)
	plain := picture.RGBA(pixels, width, height)
	over := &image.NRGBA{Pix: heat, Stride: 4 * width, Rect: plain.Rect}
	a := api.Heat{HeatMap: h}
	for to, p := range map[*string]image.Image{&a.Picture: plain, &a.Heat: over} {
		var b bytes.Buffer
		if err := png.Encode(&b, p); err != nil {
			return a, err
		}
		*to = "data:image/png;base64," + base64.StdEncoding.EncodeToString(b.Bytes())
	}
	return a, nil
}
