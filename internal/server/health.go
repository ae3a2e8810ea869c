package server

import (
	"encoding/json"
	"fmt"
	"net/http"
	"os"
)

// healthz reports that the process is alive.
func (s *Server) healthz(w http.ResponseWriter, _ *http.Request) {
	writeStatus(w, http.StatusOK, "ok")
}

// readyz reports whether the server can answer: it is not shutting down, can open files and can read a
// collection. It needs no token, so it reveals no names and no paths.
func (s *Server) readyz(w http.ResponseWriter, r *http.Request) {
	select {
	case <-s.closing:
		writeStatus(w, http.StatusServiceUnavailable, "shutting down")
		return
	default:
	}
	f, err := os.Open(os.DevNull)
	if err == nil {
		err = f.Close()
	}
	var names []string
	if err == nil {
		names, err = s.collections.names()
	}
	failed := 0
	for _, name := range names {
		if err != nil {
			break
		}
		if _, failure := s.collections.get(r.Context(), name); noHandles(failure) {
			err = failure
		} else if failure != nil {
			failed++
		}
	}
	switch {
	case noHandles(err):
		writeStatus(w, http.StatusServiceUnavailable, "too many open files")
	case err != nil:
		s.log.Error("not ready", "error", err)
		writeStatus(w, http.StatusServiceUnavailable, "cannot list the collections; see the log")
	case failed > 0 && failed == len(names):
		writeStatus(w, http.StatusServiceUnavailable, "no collection can be read")
	case failed > 0:
		writeStatus(w, http.StatusOK, fmt.Sprintf("ready; %d of %d collections cannot be read", failed, len(names)))
	default:
		writeStatus(w, http.StatusOK, "ready")
	}
}

func writeStatus(w http.ResponseWriter, code int, status string) {
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(code)
	_ = json.NewEncoder(w).Encode(map[string]string{"status": status})
}
