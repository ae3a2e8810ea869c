package source_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/akin-search/akin/internal/source"
)

func TestFilesAreReadWithinLimits(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "x.png")
	if err := os.WriteFile(path, []byte("12345"), 0o666); err != nil {
		t.Fatal(err)
	}
	it := source.Item{Source: path}
	if data, err := source.Read(t.Context(), it, nil, 5); err != nil || string(data) != "12345" {
		t.Errorf("%q, %v", data, err)
	}
	if _, err := source.Read(t.Context(), it, nil, 4); !errors.Is(err, source.ErrTooLong) || !strings.Contains(err.Error(), path) {
		t.Errorf("a file over the limit: %v", err)
	}
	if err := os.Truncate(path, 2<<30); err != nil { // sparse
		t.Fatal(err)
	}
	if _, err := source.Read(t.Context(), it, nil, 0); !errors.Is(err, source.ErrTooLong) {
		t.Errorf("two gigabytes: %v", err)
	}
	if _, err := source.Read(t.Context(), source.Item{Source: path + "x"}, nil, 0); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("an absent file: %v", err)
	}
}

func TestAddressesAreFetchedAsServersBehave(t *testing.T) {
	t.Parallel()
	asked := map[string]int{}
	mux := http.NewServeMux()
	handle := func(path string, f func(w http.ResponseWriter, r *http.Request, n int)) {
		mux.HandleFunc(path, func(w http.ResponseWriter, r *http.Request) {
			asked[path]++ // one request at a time
			if !strings.HasPrefix(r.UserAgent(), "akin/") {
				t.Errorf("the user agent is %q", r.UserAgent())
			}
			f(w, r, asked[path])
		})
	}
	handle("/good", func(w http.ResponseWriter, _ *http.Request, _ int) { fmt.Fprint(w, "picture") })
	handle("/moved", func(w http.ResponseWriter, r *http.Request, _ int) { http.Redirect(w, r, "/good", http.StatusFound) })
	handle("/loop", func(w http.ResponseWriter, r *http.Request, _ int) { http.Redirect(w, r, "/loop", http.StatusFound) })
	handle("/file", func(w http.ResponseWriter, r *http.Request, _ int) {
		http.Redirect(w, r, "file:///etc/passwd", http.StatusFound)
	})
	handle("/busy", func(w http.ResponseWriter, _ *http.Request, n int) {
		if n < 3 {
			w.Header().Set("Retry-After", "7")
			w.WriteHeader(http.StatusTooManyRequests)
			return
		}
		fmt.Fprint(w, "picture")
	})
	handle("/broken", func(w http.ResponseWriter, _ *http.Request, _ int) { w.WriteHeader(http.StatusBadGateway) })
	handle("/cut", func(w http.ResponseWriter, _ *http.Request, n int) {
		if n == 1 {
			w.Header().Set("Content-Length", "100")
			fmt.Fprint(w, "half")
			return
		}
		fmt.Fprint(w, "picture")
	})
	handle("/long", func(w http.ResponseWriter, _ *http.Request, _ int) {
		w.Header().Set("Content-Length", "1000")
		_, _ = w.Write(make([]byte, 1000))
	})
	handle("/endless", func(w http.ResponseWriter, r *http.Request, _ int) {
		for r.Context().Err() == nil {
			if _, err := w.Write(make([]byte, 1<<16)); err != nil {
				return
			}
		}
	})
	server := httptest.NewServer(mux)
	t.Cleanup(server.Close)
	for _, c := range []struct {
		path  string
		asked int
		waits []time.Duration
		fails string
	}{
		{path: "/good", asked: 1},
		{path: "/moved", asked: 1},
		{path: "/busy", asked: 3, waits: []time.Duration{7 * time.Second, 7 * time.Second}},
		{path: "/cut", asked: 2, waits: []time.Duration{time.Second}},
		{path: "/broken", asked: 5, waits: []time.Duration{time.Second, 2 * time.Second, 4 * time.Second, 8 * time.Second}, fails: "502"},
		{path: "/absent", fails: "404"},
		{path: "/long", asked: 1, fails: "too long"},
		{path: "/endless", asked: 1, fails: "too long"},
	} {
		var waits []time.Duration
		client := &source.Client{Wait: func(ctx context.Context, d time.Duration) error {
			if d > 0 {
				waits = append(waits, d)
			}
			return ctx.Err()
		}}
		data, err := source.Read(t.Context(), source.Item{Source: server.URL + c.path, Address: true}, client, 500)
		if c.fails == "" && (err != nil || string(data) != "picture") {
			t.Errorf("%s: %q, %v", c.path, data, err)
		}
		if c.fails != "" && (err == nil || !strings.Contains(err.Error(), c.fails) || !strings.Contains(err.Error(), server.URL+c.path)) {
			t.Errorf("%s: %v", c.path, err)
		}
		if asked[c.path] != c.asked || fmt.Sprint(waits) != fmt.Sprint(c.waits) {
			t.Errorf("%s: asked %d times with waits %v", c.path, asked[c.path], waits)
		}
	}
	for _, address := range []string{server.URL + "/loop", server.URL + "/file", "ftp://x/y", "http://", "http://%zz"} {
		client := &source.Client{Wait: func(ctx context.Context, _ time.Duration) error { return ctx.Err() }}
		if _, _, err := client.Get(t.Context(), address, 500); err == nil {
			t.Errorf("%s is fetched", address)
		}
	}
}

func TestAHostIsAskedNoFasterThanItsPause(t *testing.T) {
	t.Parallel()
	server := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	t.Cleanup(server.Close)
	var waits []time.Duration
	client := &source.Client{Pause: time.Hour, Wait: func(_ context.Context, d time.Duration) error {
		waits = append(waits, d.Round(time.Minute))
		return nil
	}}
	for range 3 {
		if _, _, err := client.Get(t.Context(), server.URL, 10); err != nil {
			t.Fatal(err)
		}
	}
	if fmt.Sprint(waits) != fmt.Sprint([]time.Duration{0, time.Hour, 2 * time.Hour}) {
		t.Errorf("the waits are %v", waits)
	}
}
