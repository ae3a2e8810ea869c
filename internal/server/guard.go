package server

import (
	"crypto/sha256"
	"crypto/subtle"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"runtime/debug"
	"slices"
	"strings"
)

// policy lets pages load what this server serves, and no inline script or style.
const policy = "default-src 'none'; script-src 'self'; style-src 'self'; style-src-attr 'unsafe-inline'; img-src 'self' data: blob:; " +
	"media-src 'self' blob:; connect-src 'self'; font-src 'self'; worker-src 'self' blob:; manifest-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"

// guard admits requests from allowed origins whose client knows the token.
func (s *Server) guard(next http.Handler) http.Handler {
	stripped := http.StripPrefix(s.options.Prefix, s.watch(s.authorised(s.paid(next))))
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Content-Security-Policy", policy)
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("X-Frame-Options", "DENY")
		h.Set("Referrer-Policy", "no-referrer")
		h.Set("Cross-Origin-Resource-Policy", "same-origin")
		h.Set("Cross-Origin-Opener-Policy", "same-origin")
		h.Set("Permissions-Policy", "camera=(self), microphone=(), geolocation=()")
		defer func() {
			if caught := recover(); caught != nil && caught != http.ErrAbortHandler {
				s.log.Error("panic", "path", r.URL.Path, "panic", fmt.Sprint(caught), "stack", string(debug.Stack()))
				writeProblem(w, problem(http.StatusInternalServerError, "internal error; see the server's log"))
			} else if caught != nil {
				panic(caught)
			}
		}()
		// A request with both chunks and a length may end elsewhere for a proxy in front. net/http ignores
		// the length, so close the connection (RFC 9112, 6.1).
		if r.ProtoMajor == 1 && len(r.TransferEncoding) > 0 {
			h.Set("Connection", "close")
		}
		if !s.knowsHost(r.Host) {
			writeProblem(w, problem(http.StatusMisdirectedRequest, fmt.Sprintf("unknown Host %.100q: the server answers to localhost, addresses and the hosts that it was started with", r.Host)))
			return
		}
		if done := s.otherSite(w, r); done {
			return
		}
		rest, ok := strings.CutPrefix(r.URL.Path, s.options.Prefix)
		switch {
		case s.options.Prefix != "" && rest == "":
			http.Redirect(w, r, s.options.Prefix+"/", http.StatusMovedPermanently)
		case !ok || rest == "" || rest[0] != '/':
			writeProblem(w, problem(http.StatusNotFound, "not found: this server is under "+s.options.Prefix+"/"))
		default:
			stripped.ServeHTTP(w, r)
		}
	})
}

// paid charges request bodies to the budget of all.
func (s *Server) paid(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		defer s.bodies.watch(r)()
		next.ServeHTTP(w, r)
	})
}

// knowsHost reports whether the server answers to a Host. Others are rejected, since anyone can point a
// name at this machine (DNS rebinding).
func (s *Server) knowsHost(host string) bool {
	if name, _, err := net.SplitHostPort(host); err == nil {
		host = name
	}
	host = strings.TrimSuffix(strings.ToLower(strings.Trim(host, "[]")), ".")
	if host == "localhost" || strings.HasSuffix(host, ".localhost") || slices.Contains(s.options.Hosts, host) {
		return true
	}
	_, err := netip.ParseAddr(host)
	return err == nil
}

// authorised requires the token, if there is one, or a browser's session, except for health checks.
func (s *Server) authorised(next http.Handler) http.Handler {
	if s.options.Token == "" {
		return next
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if s.sessions.of(r) || r.URL.Path == "/healthz" || r.URL.Path == "/readyz" {
			next.ServeHTTP(w, r)
			return
		}
		if given, ok := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer "); ok {
			right, answered := s.tryToken(w, r, given)
			switch {
			case answered:
				return
			case right:
				next.ServeHTTP(w, r)
				return
			}
		}
		if r.Method == http.MethodGet && r.URL.Path == "/" && r.URL.Query().Has("token") {
			right, answered := s.tryToken(w, r, r.URL.Query().Get("token"))
			if answered {
				return
			}
			if right {
				s.sessions.welcome(w, r)
			}
			// The redirect keeps the token out of the history. It is relative, unlike http.Redirect's,
			// because a proxy may add a prefix.
			w.Header().Set("Location", "./")
			w.WriteHeader(http.StatusSeeOther)
			return
		}
		if r.URL.Path == base+"/login" || !strings.HasPrefix(r.URL.Path, "/api/") && r.URL.Path != "/metrics" {
			next.ServeHTTP(w, r) // the page is public, and asks for the token
			return
		}
		w.Header().Set("WWW-Authenticate", `Bearer realm="akin"`)
		writeProblem(w, problem(http.StatusUnauthorized, "unauthorized: sign in on the page, or send Authorization: Bearer TOKEN"))
	})
}

// isToken compares in constant time.
func (s *Server) isToken(given string) bool {
	a, b := sha256.Sum256([]byte(given)), sha256.Sum256([]byte(s.options.Token))
	return subtle.ConstantTimeCompare(a[:], b[:]) == 1
}
