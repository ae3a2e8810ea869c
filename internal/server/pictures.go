package server

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"strconv"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"

	"github.com/akin-search/akin/api"
)

// PictureName is the picture of an operation.
type PictureName struct {
	CollectionPath
	Name string `query:"name" required:"true" minLength:"1" doc:"The picture's name" example:"Chad"`
}

func (s *Server) pictureRoutes(routes huma.API) {
	add(s, routes, tagged(huma.Operation{
		OperationID: "list-pictures", Method: http.MethodGet, Path: "/collections/{collection}/pictures", Tags: []string{"Pictures"},
		Summary: "List pictures", Description: "Returns a page of the collection's pictures, in indexing order unless `sort` says otherwise. With `q`, only pictures whose names contain it: " +
			"case and diacritics are ignored, and names that begin with it come first. If no name does, `misspelt` is true and the pictures are " +
			"those whose names it may be a misspelling of, the nearest first.",
	}), s.listPictures)
	add(s, routes, tagged(huma.Operation{
		OperationID: "list-facets", Method: http.MethodGet, Path: "/collections/{collection}/facets", Tags: []string{"Pictures"},
		Summary: "Count the cameras, lenses, labels, keywords, ratings and years of pictures",
		Description: "Of the pictures that pass the filter; a field is counted without its own condition, but for keywords. " +
			"In a collection without metadata, such as one in a cluster, only years are counted.",
	}), func(ctx context.Context, in *struct {
		CollectionPath
		FilterQuery
		Limit int `query:"limit" minimum:"1" maximum:"1000" default:"50" doc:"How many values per field"`
	}) (*struct{ Body api.Facets }, error) {
		c, err := s.collections.get(ctx, in.Collection)
		if err != nil {
			return nil, err
		}
		keep, err := in.filter()
		if err != nil {
			return nil, err
		}
		facets, err := c.Facets(ctx, api.FacetOptions{Filter: keep, Limit: in.Limit})
		return &struct{ Body api.Facets }{facets}, err
	})
	add(s, routes, tagged(huma.Operation{
		OperationID: "get-picture", Method: http.MethodGet, Path: "/collections/{collection}/picture", Tags: []string{"Pictures"},
		Summary: "Describe a picture",
	}), func(ctx context.Context, in *PictureName) (*struct{ Body api.PictureInfo }, error) {
		c, err := s.collections.get(ctx, in.Collection)
		if err != nil {
			return nil, err
		}
		info, err := c.PictureInfo(ctx, in.Name)
		return &struct{ Body api.PictureInfo }{info}, err
	})
	add(s, routes, returns(huma.Operation{
		OperationID: "get-thumbnail", Method: http.MethodGet, Path: "/collections/{collection}/thumbnail", Tags: []string{"Pictures"},
		Summary: "Get a picture's thumbnail",
	}, "image/png", "image/jpeg"), func(ctx context.Context, in *struct {
		PictureName
		Size string `query:"size" enum:"64,128,256,512" default:"256" doc:"The longer side in pixels"`
	}) (*huma.StreamResponse, error) {
		c, err := s.collections.get(ctx, in.Collection)
		if err != nil {
			return nil, err
		}
		if t, ok, err := c.KeptThumbnail(ctx, in.Name, pixels(in.Size)); ok || err != nil {
			return sentThumbnail(t, in.Size), err
		}
		leave, err := s.running.enter(ctx)
		if err != nil {
			return nil, err
		}
		defer leave()
		t, err := c.Thumbnail(ctx, in.Name, pixels(in.Size))
		return sentThumbnail(t, in.Size), err
	})
	add(s, routes, returns(huma.Operation{
		OperationID: "get-file", Method: http.MethodGet, Path: "/collections/{collection}/file", Tags: []string{"Pictures"},
		Summary: "Get a picture's file", Description: "Fails with 409 if the file has changed since it was indexed. Index it again first.",
	}, "image/*"), s.pictureFile)
}

// listInput says which pictures list-pictures returns, and in what order.
type listInput struct {
	CollectionPath
	FilterQuery
	Typed  string `query:"q" maxLength:"200" doc:"Part of a name" example:"cot"`
	Sort   string `query:"sort" enum:"added,-added,name,-name,date,-date,size,-size,pixels,-pixels" doc:"What the pictures are sorted by, with a minus sign from the greatest to the least: when they were added, name, date (taken, else written), bytes or pixels; pictures without a date or a size come last"`
	Limit  int    `query:"limit" minimum:"1" maximum:"500" default:"50" doc:"How many pictures per page"`
	Cursor string `query:"cursor" doc:"The field \"next\" of the previous page"`
}

func (s *Server) listPictures(ctx context.Context, in *listInput) (*struct{ Body api.PictureList }, error) {
	c, err := s.collections.get(ctx, in.Collection)
	if err != nil {
		return nil, err
	}
	keep, err := in.filter()
	if err != nil {
		return nil, err
	}
	list, err := c.Pictures(ctx, api.ListOptions{Typed: in.Typed, Filter: keep, Sort: in.Sort, Limit: in.Limit, After: in.Cursor})
	return &struct{ Body api.PictureList }{list}, err
}

// pictureFile sends a picture's file as it was indexed.
func (s *Server) pictureFile(ctx context.Context, in *PictureName) (*huma.StreamResponse, error) {
	c, err := s.collections.get(ctx, in.Collection)
	if err != nil {
		return nil, err
	}
	leave, err := s.reading.enter(ctx)
	if err != nil {
		return nil, err
	}
	f, err := c.File(ctx, in.Name)
	leave()
	if err != nil {
		return nil, err
	}
	return &huma.StreamResponse{Body: func(ctx huma.Context) {
		defer f.Close()
		r, w := humago.Unwrap(ctx)
		asPicture(w.Header(), f.Type, f.Hash)
		w.Header().Set("Content-Disposition", "inline")
		http.ServeContent(w, r, "", f.ModTime, f)
	}}, nil
}

// asPicture sets the headers of a picture. An SVG runs no script and loads nothing.
func asPicture(h http.Header, kind, hash string) {
	h.Set("Content-Type", kind)
	h.Set("ETag", `"`+hash+`"`)
	h.Set("Cache-Control", "private, max-age=600")
	h.Set("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'; img-src data:; sandbox; frame-ancestors 'none'")
}

// sentThumbnail answers with a thumbnail. "alpha" in its ETag tells it from those of releases whose thumbnails
// were opaque.
func sentThumbnail(t api.Thumbnail, size string) *huma.StreamResponse {
	return &huma.StreamResponse{Body: func(ctx huma.Context) {
		r, w := humago.Unwrap(ctx)
		asPicture(w.Header(), t.Type, fmt.Sprintf("%s-%s-alpha", t.Hash, size))
		http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(t.Data))
	}}
}

// pixels parses a size, which the operation has validated.
func pixels(size string) int {
	n, _ := strconv.Atoi(size)
	return n
}
