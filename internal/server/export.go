package server

import (
	"bufio"
	"cmp"
	"context"
	"fmt"
	"mime"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"

	"github.com/akin-search/akin"
	"github.com/akin-search/akin/api"
)

// namesFormat is the names alone, one a line: what akin export writes to --names.
const namesFormat = "names"

// exportFormat is one of akin.ExportFormats, or namesFormat. The description has them from there.
type exportFormat string

// Schema describes the formats.
func (exportFormat) Schema(huma.Registry) *huma.Schema {
	s := &huma.Schema{Type: huma.TypeString}
	for _, f := range append(slices.Clip(akin.ExportFormats), namesFormat) {
		s.Enum = append(s.Enum, f)
	}
	return s
}

// exportTypes are the media types of formats that have one.
var exportTypes = map[exportFormat]string{
	"csv": "text/csv; charset=utf-8", "tsv": "text/tab-separated-values; charset=utf-8", namesFormat: "text/plain; charset=utf-8",
	"parquet": "application/vnd.apache.parquet", "arrow": "application/vnd.apache.arrow.file", "feather": "application/vnd.apache.arrow.file",
}

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
		Summary: "Export a model's embeddings as a file", Description: "`npy`, `faiss` and `tsv` hold no names: export `names` too, one per line, in the same order. The others include them.",
	}, "text/csv", "text/plain", "application/octet-stream"), func(ctx context.Context, in *struct {
		CollectionPath
		Model  string       `query:"model" doc:"Omitted: the collection's default model"`
		Format exportFormat `query:"format" default:"csv"`
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
				w.Header().Set("Content-Type", cmp.Or(exportTypes[in.Format], "application/octet-stream"))
				w.Header().Set("Content-Disposition", mime.FormatMediaType("attachment", map[string]string{"filename": strings.ReplaceAll(e.Model, "/", "--") + "." + string(in.Format)}))
				out := bufio.NewWriterSize(patient{w, http.NewResponseController(w)}, 256<<10)
				if in.Format == namesFormat {
					for _, name := range e.Names {
						if _, err := fmt.Fprintln(out, name); err != nil {
							return err
						}
					}
				} else if err := e.Write(out, string(in.Format)); err != nil {
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
