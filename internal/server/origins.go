package server

import (
	"net/http"
	"slices"
	"strings"
)

// otherSite keeps pages of other sites from asking anything, but those of the sites that
// were allowed to. It says whether it has answered.
func (s *Server) otherSite(w http.ResponseWriter, r *http.Request) (done bool) {
	origin := r.Header.Get("Origin")
	if origin != "" && slices.Contains(s.options.Origins, origin) {
		h := w.Header()
		h.Set("Access-Control-Allow-Origin", origin)
		h.Add("Vary", "Origin")
		h.Set("Access-Control-Expose-Headers", "ETag, Retry-After")
		h.Set("Cross-Origin-Resource-Policy", "cross-origin")
		if r.Method != http.MethodOptions || r.Header.Get("Access-Control-Request-Method") == "" {
			return false
		}
		h.Set("Access-Control-Allow-Methods", "GET, POST, PUT, DELETE")
		h.Set("Access-Control-Allow-Headers", "Authorization, Content-Type, If-None-Match")
		h.Set("Access-Control-Max-Age", "600")
		w.WriteHeader(http.StatusNoContent)
		return true
	}
	// Browsers tell where a request comes from; a search for an address is one that
	// another site's picture or form could make as well.
	site := r.Header.Get("Sec-Fetch-Site")
	other := strings.HasPrefix(r.URL.Path, s.options.Prefix+"/api/") && (site == "cross-site" || site == "same-site")
	if err := http.NewCrossOriginProtection().Check(r); err != nil || other {
		writeProblem(w, problem(http.StatusForbidden, "a page of another site may not ask this; start the server with --origin to allow one"))
		return true
	}
	return false
}
