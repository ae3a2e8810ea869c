package server

import (
	"context"
	"net/http"

	"github.com/akin-search/akin/api"
	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"
)

// PictureName names the picture that an operation is about.
type PictureName struct {
	CollectionPath
	Name string `query:"name" required:"true" minLength:"1" doc:"The picture's name" example:"Chad"`
}

func (s *Server) pictureRoutes(routes huma.API) {
	add(s, routes, tagged(huma.Operation{
		OperationID: "list-pictures", Method: http.MethodGet, Path: "/collections/{collection}/pictures", Tags: []string{"Pictures"},
		Summary: "List pictures", Description: "A page of the collection's pictures, in the order of indexing. With `q`, those whose names hold what was typed: " +
			"case and diacritics do not count, and names that begin with it come first.",
	}), func(ctx context.Context, in *struct {
		CollectionPath
		Typed  string `query:"q" maxLength:"200" doc:"What someone typed who looks for a name" example:"cot"`
		Under  string `query:"under" doc:"Only pictures whose source lies under this folder or address"`
		Tag    string `query:"tag" doc:"Only pictures with this tag"`
		Limit  int    `query:"limit" minimum:"1" maximum:"500" default:"50" doc:"Pictures of a page"`
		Cursor string `query:"cursor" doc:"The \"next\" of the page before"`
	}) (*struct{ Body api.PictureList }, error) {
		c, err := s.collections.get(ctx, in.Collection)
		if err != nil {
			return nil, err
		}
		list, err := c.Pictures(ctx, api.ListOptions{Typed: in.Typed, Under: in.Under, Tag: in.Tag, Limit: in.Limit, After: in.Cursor})
		return &struct{ Body api.PictureList }{list}, err
	})
	add(s, routes, tagged(huma.Operation{
		OperationID: "get-picture", Method: http.MethodGet, Path: "/collections/{collection}/picture", Tags: []string{"Pictures"},
		Summary: "Tell of a picture",
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
		Summary: "A small picture of a picture",
	}, "image/png", "image/jpeg"), func(ctx context.Context, in *struct {
		PictureName
		Size string `query:"size" enum:"64,128,256,512" default:"256" doc:"Pixels of the longer side"`
	}) (*huma.StreamResponse, error) {
		c, err := s.collections.get(ctx, in.Collection)
		if err != nil {
			return nil, err
		}
		if t, ok, err := c.KeptThumbnail(ctx, in.Name, pixels(in.Size)); ok || err != nil {
			return thumbnail(t, in.Size), err
		}
		leave, err := s.running.enter(ctx)
		if err != nil {
			return nil, err
		}
		defer leave()
		t, err := c.Thumbnail(ctx, in.Name, pixels(in.Size))
		return thumbnail(t, in.Size), err
	})
	add(s, routes, returns(huma.Operation{
		OperationID: "get-file", Method: http.MethodGet, Path: "/collections/{collection}/file", Tags: []string{"Pictures"},
		Summary: "A picture's file, as it was indexed", Description: "A file that was changed since is not given: index again first.",
	}, "image/*"), func(ctx context.Context, in *PictureName) (*huma.StreamResponse, error) {
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
	})
}

// asPicture says in an answer's header that it is a picture and nothing else: whatever an
// SVG holds, no script of it runs, and it loads nothing.
func asPicture(h http.Header, kind, hash string) {
	h.Set("Content-Type", kind)
	h.Set("ETag", `"`+hash+`"`)
	h.Set("Cache-Control", "private, max-age=600")
	h.Set("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'; img-src data:; sandbox; frame-ancestors 'none'")
}
