package server

import (
	"bytes"
	"fmt"
	"log/slog"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

func TestTokensThatCanBeGuessedOrGetLostAreRefused(t *testing.T) {
	t.Parallel()
	for token, usable := range map[string]bool{
		"0f3c5a7e9b1d2f4a6c8e":              true,
		"open-sesame-1234":                  true,
		NewToken():                          true,
		"QWxhZGRpbjpvcGVu/+IHNlc2FtZQ==":    true,
		"x":                                 false,
		"s3cret":                            false,
		strings.Repeat("a", 40):             false, // one character
		"abababababababababab":              false,
		"open sesame twelve times":          false, // ends a header's value for some
		"open;sesame;twelve;times":          false, // ends a cookie
		`open"sesame"twelve"times`:          false,
		`open\sesame\twelve\times`:          false,
		"open-sesame-twelve-tïmes":          false, // no header is UTF-8
		"open-sesame-twelve\ntimes":         false,
		strings.Repeat("abcdefghijklm", 80): false, // more than the page sends
	} {
		_, o := shared(t)
		o.Token = token
		s, err := New(t.Context(), o)
		if (err == nil) != usable {
			t.Errorf("%.40q: %v", token, err)
		}
		if s != nil {
			_ = s.Close()
		}
	}
}

func TestSessionsEnd(t *testing.T) {
	t.Parallel()
	s := newSessions("an-open-s3cret-42")
	id := s.begin()
	again, another := newSessions("an-open-s3cret-42"), newSessions("an-open-s3cret-43")
	if !s.lives(id) || !again.lives(id) || another.lives(id) || s.cookie != again.cookie || s.cookie == another.cookie {
		t.Error("a session is one of its token, also after a restart")
	}
	if id == s.begin() {
		t.Error("two sessions are one")
	}
	for i := range len(id) {
		other := []byte(id)
		other[i] ^= 1
		if got := s.lives(string(other)); got && string(other) != id {
			// The last character has bits that base64 does not use.
			if i < len(id)-1 {
				t.Errorf("with another character %d it lives", i)
			}
		}
	}
	for _, none := range []string{"", "x", id[:20], id + "AAAA", "an-open-s3cret-42"} {
		if s.lives(none) {
			t.Errorf("%q lives", none)
		}
	}
	s.now = func() time.Time { return time.Now().Add(sessionTime + time.Minute) }
	if s.lives(id) {
		t.Error("it does not end")
	}
}

// Someone who tries tokens, by whatever door and however many at once, gets a few looked at;
// others, and browsers that have signed in, notice nothing.
func TestGuessesAreFewAndLogged(t *testing.T) {
	t.Parallel()
	var log bytes.Buffer
	_, o := shared(t)
	o.Token, o.Log = "an-open-s3cret-42", slog.New(slog.NewTextHandler(&lockedWriter{w: &log}, nil))
	s, err := New(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	now := time.Now()
	s.guesses.now = func() time.Time { return now }
	from := func(address, method, path, token, cookie, body string) int {
		header := map[string]string{"Content-Type": "application/json"}
		if token != "" {
			header["Authorization"] = "Bearer " + token
		}
		if cookie != "" {
			header["Cookie"] = cookie
		}
		return getFrom(t, s.Handler(), address, method, path, header, body).Code
	}
	var looked, refused atomic.Int64
	var wait sync.WaitGroup
	for i := range 300 {
		wait.Go(func() {
			var code int
			guess := fmt.Sprintf("a-guess-of-many-%d", i)
			switch i % 3 {
			case 0:
				code = from("198.51.100.7:1000", "GET", base+"/collections", guess, "", "")
			case 1:
				code = from("198.51.100.7:2000", "POST", base+"/login", "", "", `{"token":"`+guess+`"}`)
			case 2:
				code = from("198.51.100.7:3000", "GET", "/?token="+guess, "", "", "")
			}
			switch code {
			case http.StatusUnauthorized, http.StatusSeeOther:
				looked.Add(1)
			case http.StatusTooManyRequests:
				refused.Add(1)
			default:
				t.Errorf("%d", code)
			}
		})
	}
	wait.Wait()
	if looked.Load() != guessesAtOnce || refused.Load() != 300-guessesAtOnce {
		t.Errorf("%d were looked at, %d refused", looked.Load(), refused.Load())
	}
	if got := from("198.51.100.7:1", "GET", base+"/collections", o.Token, "", ""); got != 429 {
		t.Errorf("the token itself is told from guesses: %d", got)
	}
	if got := from("198.51.100.8:1", "GET", base+"/collections", o.Token, "", ""); got != 200 {
		t.Errorf("another address: %d", got)
	}
	if got := from("198.51.100.7:1", "GET", base+"/collections", "", s.sessions.cookie+"="+s.sessions.begin(), ""); got != 200 {
		t.Errorf("a browser that has signed in: %d", got)
	}
	now = now.Add(guessEvery)
	if got := from("198.51.100.7:1", "GET", base+"/collections", o.Token, "", ""); got != 200 {
		t.Errorf("after a while: %d", got)
	}
	if got := from("[2001:db8::1]:1", "GET", base+"/collections", "a-guess-of-many-0", "", ""); got != 401 {
		t.Errorf("%d", got)
	}
	if a, b := prefixOf("[2001:db8::1]:1"), prefixOf("[2001:db8::ffff:1%eth0]:2"); a != b {
		t.Errorf("%s and %s are one client's network", a, b)
	}
	if lines := strings.Count(log.String(), "wrong token"); lines != guessesAtOnce+1 || !strings.Contains(log.String(), "from=198.51.100.7:1000") {
		t.Errorf("%d lines of the log:\n%s", lines, log.String())
	}
	if strings.Contains(log.String(), "a-guess") || strings.Contains(log.String(), "s3cret") {
		t.Error("tokens are in the log")
	}
}

func TestOnlySoManyAddressesAreRemembered(t *testing.T) {
	t.Parallel()
	g := newGuesses()
	for i := range 3 * guessAddresses {
		g.try(prefixOf(fmt.Sprintf("10.%d.%d.%d:1", i>>16, i>>8&255, i&255)), func() bool { return false })
	}
	if len(g.of) > guessAddresses {
		t.Errorf("%d", len(g.of))
	}
}

// Secrets of addresses that clients ask with are in no line of the log, nor is the token.
func TestLogsKeepSecrets(t *testing.T) {
	t.Parallel()
	var log bytes.Buffer
	_, o := shared(t)
	o.Token, o.Log = "an-open-s3cret-42", slog.New(slog.NewJSONHandler(&lockedWriter{w: &log}, &slog.HandlerOptions{Level: slog.LevelDebug}))
	s, err := New(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	get(t, s.Handler(), "GET", "/?token=an-open-s3cret-42", nil, nil)
	get(t, s.Handler(), "GET", "/?token=an-open-s3cret-43", nil, nil)
	w := get(t, s.Handler(), "POST", base+"/collections/flags.akin/search", map[string]string{"Content-Type": "application/json", "Authorization": "Bearer an-open-s3cret-42"},
		strings.NewReader(`{"query":[{"url":"https://me:hunter2@pictures.invalid/a.png?X-Amz-Signature=5ec8e7"}]}`))
	if w.Code != http.StatusBadGateway || !strings.Contains(log.String(), "pictures.invalid") {
		t.Errorf("%d, %s\n%s", w.Code, w.Body, log.String())
	}
	for _, secret := range []string{"s3cret", "hunter2", "5ec8e7"} {
		if strings.Contains(log.String(), secret) {
			t.Errorf("%s is in the log:\n%s", secret, log.String())
		}
	}
	for text, want := range map[string]string{
		"fetch http://a:b@h:1/p/q?sig=c&x=d: cut":   "fetch http://…@h:1/p/q?… cut",
		"HTTPS://h/p#token=c and http://x/@me":      "HTTPS://h/p#… and http://x/@me",
		`Get "http://u:p@h/": dial`:                 `Get "http://…@h/": dial`,
		"http://user:pass/word@h/ is a bad address": "http://… is a bad address",
		"no address: C:/a?b":                        "no address: C:/a?b",
	} {
		if got := redacted(text); got != want {
			t.Errorf("%s: %s, want %s", text, got, want)
		}
	}
}
