package server

import (
	"net/http"
	"strings"
)

// routes returns the handler of everything: guard, metrics, API and page.
func (s *Server) routes() (http.Handler, error) {
	mux := http.NewServeMux()
	docs, err := newDocs(s.newAPI(mux))
	if err != nil {
		return nil, err
	}
	docs.routes(mux)
	mux.HandleFunc("GET /healthz", s.healthz)
	mux.HandleFunc("GET /readyz", s.readyz)
	mux.Handle("GET /metrics", s.metrics.handler())
	page, err := s.page()
	if err != nil {
		return nil, err
	}
	if err := s.helpRoutes(mux); err != nil {
		return nil, err
	}
	mux.HandleFunc("POST /share", s.takeShare)
	mux.HandleFunc("GET /share/{key}", s.giveShare)
	mux.Handle("GET /{$}", page)
	for _, path := range page.paths() {
		mux.Handle("GET "+path, page)
	}
	answers, err := compress(orProblem(mux))
	if err != nil {
		return nil, err
	}
	return s.guard(answers), nil
}

// orProblem serves a mux, and answers with a problem where nothing matches: 405 if another method would,
// else 404.
func orProblem(mux *http.ServeMux) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if _, pattern := mux.Handler(r); pattern != "" {
			mux.ServeHTTP(w, r)
			return
		}
		var allowed []string
		for _, method := range []string{"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"} {
			other := *r
			other.Method = method
			if _, pattern := mux.Handler(&other); pattern != "" {
				allowed = append(allowed, method)
			}
		}
		if len(allowed) == 0 {
			writeProblem(w, problem(http.StatusNotFound, "not found: "+r.URL.Path))
			return
		}
		w.Header().Set("Allow", strings.Join(allowed, ", "))
		writeProblem(w, problem(http.StatusMethodNotAllowed, r.Method+" is not allowed for "+r.URL.Path+", only "+strings.Join(allowed, ", ")))
	})
}
