package server

import (
	"bytes"
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

func TestAGateLetsSoManyThrough(t *testing.T) {
	t.Parallel()
	g := newGate(1, 1)
	leave, err := g.enter(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	entered := make(chan error)
	go func() {
		leave, err := g.enter(t.Context())
		if err == nil {
			leave()
		}
		entered <- err
	}()
	for g.waiting.Load() == 0 {
		time.Sleep(time.Millisecond)
	}
	if _, err := g.enter(t.Context()); !errors.Is(err, errBusy) {
		t.Errorf("one too many waits: %v", err)
	}
	leave()
	if err := <-entered; err != nil {
		t.Errorf("who waited: %v", err)
	}
	leave, err = g.enter(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer leave()
	gone, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := g.enter(gone); !errors.Is(err, context.Canceled) || g.waiting.Load() != 0 {
		t.Errorf("who went away: %v, %d wait", err, g.waiting.Load())
	}
}

// Bodies that together are more than they may be are refused as busy, not read.
func TestBodiesAreBoundedTogether(t *testing.T) {
	t.Parallel()
	h := handler(t, func(o *Options) { o.Limits.BodyBytes = 50_000 })
	for path, kind := range map[string]string{"/uploads": "image/png", "/collections/flags.akin/search": "application/json", "/collections/flags.akin/jobs": "application/json"} {
		w := get(t, h, "POST", base+path, map[string]string{"Content-Type": kind}, bytes.NewReader(make([]byte, 100_000)))
		if w.Code != http.StatusTooManyRequests || w.Header().Get("Retry-After") == "" {
			t.Errorf("%s: %d, %s", path, w.Code, w.Body)
		}
		// What was paid for is given back.
		if w := get(t, h, "POST", base+path, map[string]string{"Content-Type": kind}, strings.NewReader("x")); w.Code == http.StatusTooManyRequests {
			t.Errorf("%s afterwards: %d", path, w.Code)
		}
	}
}

func TestAFailureOfTheServerIsAProblem(t *testing.T) {
	t.Parallel()
	_, o := shared(t)
	s, err := New(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	h := s.guard(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { panic("oh") }))
	w := httptest.NewRecorder()
	r := httptest.NewRequest("GET", "http://localhost/", nil)
	h.ServeHTTP(w, r)
	if w.Code != http.StatusInternalServerError || w.Header().Get("Content-Type") != "application/problem+json" || strings.Contains(w.Body.String(), "oh") {
		t.Errorf("%d, %v, %s", w.Code, w.Header(), w.Body)
	}
}
