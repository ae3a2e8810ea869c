package server

import (
	"errors"
	"io/fs"
	"mime"
	"net/http"
	"path"
	"strings"

	"github.com/akin-search/akin/internal/help"
)

// helpTemplate is the file of the page that pages of help are set in.
const helpTemplate = "help.html"

// helpRoutes serves the documentation, so that it is there without a network. There is none without the page, which
// has its template.
func (s *Server) helpRoutes(mux *http.ServeMux) error {
	if s.options.Docs == nil || s.options.Page == nil {
		return nil
	}
	template, err := fs.ReadFile(s.options.Page, helpTemplate)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	pages, err := help.New(s.options.Docs, template)
	if err != nil {
		return err
	}
	mux.HandleFunc("GET /help/", func(w http.ResponseWriter, r *http.Request) {
		name := strings.TrimPrefix(r.URL.Path, "/help/")
		kind, get := mime.TypeByExtension(path.Ext(name)), func(name string) ([]byte, error) { return fs.ReadFile(s.options.Docs, name) }
		if path.Ext(name) == "" {
			kind, get = "text/html; charset=utf-8", pages.Page
		}
		data, err := get(name)
		if err != nil || kind == "" {
			writeProblem(w, problem(http.StatusNotFound, "not found: "+r.URL.Path))
			return
		}
		w.Header().Set("Content-Type", kind)
		newPageFile(data).serve(w, r, "no-cache")
	})
	return nil
}
