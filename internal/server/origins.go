package server

import (
	"net/http"
	"slices"
	"strings"
)

var crossOrigin = http.NewCrossOriginProtection()

// otherSite rejects requests of other sites' pages, unless the site is allowed. It reports whether it has
// answered.
func (s *Server) otherSite(w http.ResponseWriter, r *http.Request) (done bool) {
	origin := r.Header.Get("Origin")
	if origin != "" && slices.Contains(s.options.Origins, origin) {
		h := w.Header()
		h.Set("Access-Control-Allow-Origin", origin)
		h.Add("Vary", "Origin")
		h.Set("Access-Control-Expose-Headers", "ETag, Retry-After, Server-Timing")
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
	// Browsers say where a request comes from. Another site's <img> or form could otherwise make the server
	// search for an address.
	site := r.Header.Get("Sec-Fetch-Site")
	other := strings.HasPrefix(r.URL.Path, s.options.Prefix+"/api/") && (site == "cross-site" || site == "same-site")
	if err := crossOrigin.Check(r); err != nil || other {
		writeProblem(w, problem(http.StatusForbidden, "forbidden: cross-origin request from an origin that this server does not allow"))
		return true
	}
	return false
}
