package server

import (
	"encoding/json"
	"net/http"
)

// healthz tells that the server lives.
func (s *Server) healthz(w http.ResponseWriter, _ *http.Request) {
	writeStatus(w, http.StatusOK, "ok")
}

// readyz tells whether the server can answer: it is not ending, and can read what it serves.
func (s *Server) readyz(w http.ResponseWriter, _ *http.Request) {
	select {
	case <-s.closing:
		writeStatus(w, http.StatusServiceUnavailable, "shutting down")
		return
	default:
	}
	names, err := s.collections.names()
	for _, name := range names {
		if err == nil {
			_, err = s.collections.get(name)
		}
	}
	if err != nil {
		writeStatus(w, http.StatusServiceUnavailable, err.Error())
		return
	}
	writeStatus(w, http.StatusOK, "ready")
}

func writeStatus(w http.ResponseWriter, code int, status string) {
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(code)
	_ = json.NewEncoder(w).Encode(map[string]string{"status": status})
}
