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

// CheckToken tells what is wrong with a token: one that can be guessed, or that some clients
// cannot send. The characters are those of RFC 6750; others get lost in a header or a cookie.
func CheckToken(token string) error {
	if at := strings.IndexFunc(token, func(r rune) bool { return !strings.ContainsRune(tokenAlphabet, r) }); at >= 0 {
		return fmt.Errorf("a token is letters, digits and -._~+/= alone, and its character %d is another", len([]rune(token[:at]))+1)
	}
	seen := map[rune]bool{}
	for _, r := range token {
		seen[r] = true
	}
	switch {
	case len(token) > tokenMost:
		return fmt.Errorf("the token has %d characters, and may have %d", len(token), tokenMost)
	case len(token) < tokenLeast:
		return fmt.Errorf("the token has %d characters and is soon guessed: take %d or more, as `openssl rand -hex 24` gives", len(token), tokenLeast)
	case len(seen) < tokenLeastOf:
		return fmt.Errorf("the token has %d different characters and is soon guessed: take what `openssl rand -hex 24` gives", len(seen))
	}
	return nil
}

// NewToken makes a token of 192 random bits.
func NewToken() string {
	random := make([]byte, 24)
	rand.Read(random) // never fails
	return base64.RawURLEncoding.EncodeToString(random)
}

// sessions are the browsers that are signed in. A session is a signed date: nothing is kept
// of it, so that it outlives a restart with the same token, and ends with another one.
// A cookie tells its reader nothing of the token.
type sessions struct {
	key [sha256.Size]byte
	now func() time.Time // tests replace it
	// cookie has a name of the token's own: browsers send cookies to every port of a host, and
	// two servers of this machine would sign each other's browsers out.
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
	sessionHead = 8 + 16 // when it ends, and what makes it one of its own
	sessionSize = sessionHead + sha256.Size
)

// begin gives the id of a new session.
func (s *sessions) begin() string {
	id := make([]byte, sessionHead)
	binary.BigEndian.PutUint64(id, uint64(s.now().Add(sessionTime).Unix()))
	rand.Read(id[8:])
	return base64.RawURLEncoding.EncodeToString(append(id, mac(s.key[:], string(id))...))
}

// lives says whether an id is one that begin gave, and not too long ago.
func (s *sessions) lives(id string) bool {
	data, err := base64.RawURLEncoding.DecodeString(id)
	if err != nil || len(data) != sessionSize || !hmac.Equal(data[sessionHead:], mac(s.key[:], string(data[:sessionHead]))) {
		return false
	}
	return int64(binary.BigEndian.Uint64(data)) > s.now().Unix()
}

// of finds the session of a request. A browser may have several cookies of the name: one for
// each path that it signed in at.
func (s *sessions) of(r *http.Request) bool {
	for _, c := range r.CookiesNamed(s.cookie) {
		if s.lives(c.Value) {
			return true
		}
	}
	return false
}

// welcome signs a browser in. Without a path the cookie is for where the request went,
// whatever a proxy puts before it.
func (s *sessions) welcome(w http.ResponseWriter, r *http.Request) {
	http.SetCookie(w, &http.Cookie{
		Name: s.cookie, Value: s.begin(), HttpOnly: true, SameSite: http.SameSiteStrictMode, MaxAge: int(sessionTime.Seconds()),
		Secure: r.TLS != nil || r.Header.Get("X-Forwarded-Proto") == "https",
	})
}
