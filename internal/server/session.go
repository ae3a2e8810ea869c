package server

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"net/http"
	"strings"
	"time"
)

// sessionTime is how long a browser stays signed in.
const sessionTime = 30 * 24 * time.Hour

const (
	tokenLeast    = 16 // characters
	tokenLeastOf  = 6  // that differ
	tokenMost     = 1000
	tokenAlphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~+/="
)

// CheckToken returns an error for a token that is easy to guess, or that some clients cannot send. The
// characters are those of RFC 6750; others do not survive a header or a cookie.
func CheckToken(token string) error {
	if at := strings.IndexFunc(token, func(r rune) bool { return !strings.ContainsRune(tokenAlphabet, r) }); at >= 0 {
		return fmt.Errorf("invalid token: character %d is not a letter, a digit or one of -._~+/=", len([]rune(token[:at]))+1)
	}
	seen := map[rune]bool{}
	for _, r := range token {
		seen[r] = true
	}
	switch {
	case len(token) > tokenMost:
		return fmt.Errorf("invalid token: %d characters, at most %d are allowed", len(token), tokenMost)
	case len(token) < tokenLeast:
		return fmt.Errorf("weak token: %d characters, at least %d are needed; `openssl rand -hex 24` makes a good one", len(token), tokenLeast)
	case len(seen) < tokenLeastOf:
		return fmt.Errorf("weak token: only %d different characters; `openssl rand -hex 24` makes a good one", len(seen))
	}
	return nil
}

// NewToken returns a token of 192 random bits.
func NewToken() string {
	random := make([]byte, 24)
	rand.Read(random) // never fails
	return base64.RawURLEncoding.EncodeToString(random)
}

// sessions are the sessions of signed-in browsers. A session is a signed expiry date and nothing is
// stored, so it outlives a restart, and ends when the token changes. The cookie does not reveal the token.
type sessions struct {
	key [sha256.Size]byte
	now func() time.Time // tests replace it
	// cookie is named after the token: browsers send cookies to every port of a host, so two servers on
	// this machine would otherwise sign each other's browsers out.
	cookie string
}

func newSessions(token string) *sessions {
	s := &sessions{key: [sha256.Size]byte(mac([]byte(token), "akin: sessions")), now: time.Now}
	s.cookie = "akin_" + hex.EncodeToString(mac(s.key[:], "cookie")[:4])
	return s
}

func mac(key []byte, of string) []byte {
	h := hmac.New(sha256.New, key)
	h.Write([]byte(of))
	return h.Sum(nil)
}

const (
	sessionHead = 8 + 16 // expiry and nonce
	sessionSize = sessionHead + sha256.Size
)

// begin returns the id of a new session.
func (s *sessions) begin() string {
	id := make([]byte, sessionHead)
	binary.BigEndian.PutUint64(id, uint64(s.now().Add(sessionTime).Unix()))
	rand.Read(id[8:])
	return base64.RawURLEncoding.EncodeToString(append(id, mac(s.key[:], string(id))...))
}

// lives reports whether an id is begin's and has not expired.
func (s *sessions) lives(id string) bool {
	data, err := base64.RawURLEncoding.DecodeString(id)
	if err != nil || len(data) != sessionSize || !hmac.Equal(data[sessionHead:], mac(s.key[:], string(data[:sessionHead]))) {
		return false
	}
	return int64(binary.BigEndian.Uint64(data)) > s.now().Unix()
}

// of reports whether a request has a session. A browser may have several cookies of the name, one for each
// path that it signed in at.
func (s *sessions) of(r *http.Request) bool {
	for _, c := range r.CookiesNamed(s.cookie) {
		if s.lives(c.Value) {
			return true
		}
	}
	return false
}

// welcome signs a browser in. The cookie has no path, so it holds behind a proxy's prefix.
func (s *sessions) welcome(w http.ResponseWriter, r *http.Request) {
	http.SetCookie(w, &http.Cookie{
		Name: s.cookie, Value: s.begin(), HttpOnly: true, SameSite: http.SameSiteStrictMode, MaxAge: int(sessionTime.Seconds()),
		Secure: r.TLS != nil || r.Header.Get("X-Forwarded-Proto") == "https",
	})
}
