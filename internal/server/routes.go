package server

import (
	"net/http"
	"strings"
)

// routes puts everything together: what guards, the API, what watches, the page.
func (s *Server) routes() (http.Handler, error) {
	mux := http.NewServeMux()
	s.newAPI(mux)
	page, err := s.page()
	if err != nil {
		return nil, err
	}
	mux.Handle("GET /{$}", page)
	for _, path := range page.paths() {
		mux.Handle("GET "+path, page)
	}
	return s.guard(orProblem(mux)), nil
}

// orProblem serves a mux, and tells with a problem where it has nothing: 405 where other
// methods would have, else 404.
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
			writeProblem(w, problem(http.StatusNotFound, "there is nothing at "+r.URL.Path))
			return
		}
		w.Header().Set("Allow", strings.Join(allowed, ", "))
		writeProblem(w, problem(http.StatusMethodNotAllowed, r.URL.Path+" takes "+strings.Join(allowed, ", ")+", not "+r.Method))
	})
}
