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

// policy is what pages of this server may load: what it serves, and no script or style
// that stands in a page itself.
const policy = "default-src 'none'; script-src 'self'; style-src 'self'; style-src-attr 'unsafe-inline'; img-src 'self' data: blob:; " +
	"media-src 'self' blob:; connect-src 'self'; font-src 'self'; worker-src 'self' blob:; manifest-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"

// guard lets requests through that come from where they may, and from who knows the token.
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
				writeProblem(w, problem(http.StatusInternalServerError, "the server failed at this request; its log says how"))
			} else if caught != nil {
				panic(caught)
			}
		}()
		// Beside chunks there may have been a length, which net/http passes over, and by which a proxy in
		// front may have found another end: what follows is not taken for a request (RFC 9112, 6.1).
		if r.ProtoMajor == 1 && len(r.TransferEncoding) > 0 {
			h.Set("Connection", "close")
		}
		if !s.knowsHost(r.Host) {
			writeProblem(w, problem(http.StatusMisdirectedRequest, fmt.Sprintf("the server does not go by the name %.100q: start it with --host NAME", r.Host)))
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
			writeProblem(w, problem(http.StatusNotFound, "everything is under "+s.options.Prefix+"/"))
		default:
			stripped.ServeHTTP(w, r)
		}
	})
}

// paid pays for bodies out of what all may take together.
func (s *Server) paid(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		defer s.bodies.watch(r)()
		next.ServeHTTP(w, r)
	})
}

// knowsHost says whether a client may call the server so. A name that is not the
// server's own may be anyone's that was made to point here.
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

// authorised asks for the token, if there is one, of all but what tells that the server lives.
// A browser that has signed in has a session instead.
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
			// The address with the token in it does not stay in the history. http.Redirect would
			// make a path of it that a proxy may know otherwise.
			w.Header().Set("Location", "./")
			w.WriteHeader(http.StatusSeeOther)
			return
		}
		if r.URL.Path == base+"/login" || !strings.HasPrefix(r.URL.Path, "/api/") && r.URL.Path != "/metrics" {
			next.ServeHTTP(w, r) // the page is no secret, and asks for the token
			return
		}
		w.Header().Set("WWW-Authenticate", `Bearer realm="akin"`)
		writeProblem(w, problem(http.StatusUnauthorized, "this server asks for its token: open the address that akin serve printed, sign in on the page, or send Authorization: Bearer TOKEN"))
	})
}

// isToken compares in a time that tells nothing.
func (s *Server) isToken(given string) bool {
	a, b := sha256.Sum256([]byte(given)), sha256.Sum256([]byte(s.options.Token))
	return subtle.ConstantTimeCompare(a[:], b[:]) == 1
}
