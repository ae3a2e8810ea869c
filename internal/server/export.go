package server

import (
	"bufio"
	"context"
	"fmt"
	"mime"
	"net/http"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"

	"github.com/akin-search/akin"
	"github.com/akin-search/akin/api"
)

var exportTypes = map[string]string{"csv": "text/csv; charset=utf-8", "npy": "application/octet-stream", "faiss": "application/octet-stream", "names": "text/plain; charset=utf-8"}

// exportPatience is the time a client has to read one piece of an export.
const exportPatience = 30 * time.Second

func (s *Server) exportRoutes(routes huma.API) {
	add(s, routes, huma.Operation{
		OperationID: "stored-vectors", Method: http.MethodGet, Path: "/collections/{collection}/vectors", Tags: []string{"Collections"},
		Summary: "Tell where a model's embeddings lie on disk", Description: "For programs on the same machine, which can map the files instead of copying them.",
	}, func(ctx context.Context, in *struct {
		CollectionPath
		Model string `query:"model" doc:"Omitted: the collection's default model"`
	}) (*struct{ Body api.StoredVectors }, error) {
		c, err := s.collections.get(ctx, in.Collection)
		if err != nil {
			return nil, err
		}
		out, err := c.StoredVectors(ctx, in.Model)
		return &struct{ Body api.StoredVectors }{out}, err
	})
	add(s, routes, returns(huma.Operation{
		OperationID: "export", Method: http.MethodGet, Path: "/collections/{collection}/export", Tags: []string{"Collections"},
		Summary: "Export a model's embeddings as a file", Description: "`csv` includes the names. For `npy` and `faiss`, export `names` too: one name per line, in the same order.",
	}, "text/csv", "text/plain", "application/octet-stream"), func(ctx context.Context, in *struct {
		CollectionPath
		Model  string `query:"model" doc:"Omitted: the collection's default model"`
		Format string `query:"format" enum:"csv,npy,faiss,names" default:"csv"`
	}) (*huma.StreamResponse, error) {
		c, err := s.collections.get(ctx, in.Collection)
		if err != nil {
			return nil, err
		}
		leave, err := s.exporting.enter(ctx)
		if err != nil {
			return nil, err
		}
		return &huma.StreamResponse{Body: func(ctx huma.Context) {
			defer leave()
			r, w := humago.Unwrap(ctx)
			begun := false
			err := c.Exporting(r.Context(), in.Model, func(e akin.Exported) error {
				begun = true
				w.Header().Set("Content-Type", exportTypes[in.Format])
				w.Header().Set("Content-Disposition", mime.FormatMediaType("attachment", map[string]string{"filename": strings.ReplaceAll(e.Model, "/", "--") + "." + in.Format}))
				out := bufio.NewWriterSize(patient{w, http.NewResponseController(w)}, 256<<10)
				if in.Format == "names" {
					for _, name := range e.Names {
						if _, err := fmt.Fprintln(out, name); err != nil {
							return err
						}
					}
				} else if err := e.Write(out, in.Format); err != nil {
					return err
				}
				return out.Flush()
			})
			switch {
			case err != nil && !begun:
				writeProblem(w, problemOf(err))
			case err != nil:
				panic(http.ErrAbortHandler) // or the client would take a part for the whole
			}
		}}, nil
	})
}

// patient renews the write deadline with every piece.
type patient struct {
	http.ResponseWriter
	out *http.ResponseController
}

func (p patient) Write(b []byte) (int, error) {
	_ = p.out.SetWriteDeadline(time.Now().Add(exportPatience))
	return p.ResponseWriter.Write(b)
}
