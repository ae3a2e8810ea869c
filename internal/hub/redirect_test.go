package hub_test

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"github.com/akin-search/akin/internal/hub"
)

// listener tells who was sent the token.
type listener struct {
	mu   sync.Mutex
	seen []string // paths that came with a token
	all  int
}

func (l *listener) hear(r *http.Request) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.all++
	if r.Header.Get("Authorization") != "" {
		l.seen = append(l.seen, r.URL.Path)
	}
}

// The hub's token goes to the hub's own origin, whatever it redirects to.
func TestTheTokenStaysAtItsOrigin(t *testing.T) {
	t.Parallel()
	var other, same listener
	store := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		other.hear(r)
		fmt.Fprintf(w, `{"sha":%q}`, commit)
	}))
	defer store.Close()
	here := &http.Client{Transport: &http.Transport{DialContext: func(ctx context.Context, network, address string) (net.Conn, error) {
		_, port, err := net.SplitHostPort(address)
		if err != nil {
			return nil, err
		}
		return new(net.Dialer).DialContext(ctx, network, "127.0.0.1:"+port) // whatever the name
	}}}
	port := store.URL[strings.LastIndexByte(store.URL, ':'):]
	for _, x := range []struct {
		why, to string
		token   bool // is sent
	}{
		{"another port of the host", "http://127.0.0.1" + port + "/x", false},
		{"another name of the machine", "http://localhost" + port + "/x", false},
		{"a subdomain", "http://store.hub.example" + port + "/x", false},
		{"the origin itself", "/moved", true},
	} {
		other, same = listener{}, listener{}
		endpoint := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			same.hear(r)
			if r.URL.Path == "/moved" {
				fmt.Fprintf(w, `{"sha":%q}`, commit)
				return
			}
			http.Redirect(w, r, x.to, http.StatusFound)
		}))
		address := endpoint.URL
		if x.why == "a subdomain" { // net/http takes it for the same site
			address = "http://hub.example" + endpoint.URL[strings.LastIndexByte(endpoint.URL, ':'):]
		}
		h := &hub.Hub{Endpoint: address, Cache: t.TempDir(), Token: "hub-token", HTTP: here}
		if _, err := h.Look(t.Context(), repository); err != nil {
			t.Errorf("%s: %v", x.why, err)
		}
		if len(same.seen) == 0 || len(other.seen) > 0 || x.token != (len(same.seen) == 2) || !x.token && other.all != 1 {
			t.Errorf("%s: the token was sent for %q, and to the other %q", x.why, same.seen, other.seen)
		}
		endpoint.Close()
	}
}

func TestNoRedirectLeadsFromHTTPSToHTTP(t *testing.T) {
	t.Parallel()
	var plain, secure listener
	open := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		plain.hear(r)
		fmt.Fprintf(w, `{"sha":%q}`, commit)
	}))
	defer open.Close()
	endpoint := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		secure.hear(r)
		http.Redirect(w, r, open.URL+r.URL.Path, http.StatusFound)
	}))
	defer endpoint.Close()
	h := &hub.Hub{Endpoint: endpoint.URL, Cache: t.TempDir(), Token: "hub-token", HTTP: endpoint.Client()}
	_, err := h.Look(t.Context(), repository)
	if err == nil || !strings.Contains(err.Error(), "from https to http") || plain.all > 0 || secure.all != 1 {
		t.Errorf("%v; asked %d times in the open and %d times in all", err, plain.all, secure.all)
	}
}

// A config of gigabytes is none, and fills no disk.
func TestSmallFilesAreSmall(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"config.json", "model.safetensors.index.json", "merges.txt"} {
		fetched := false
		endpoint := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if strings.HasPrefix(r.URL.Path, "/api/") {
				fmt.Fprintf(w, `{"sha":%q,"siblings":[{"rfilename":%q}]}`, commit, name)
				return
			}
			w.Header().Set("ETag", `"`+strings.Repeat("a", 40)+`"`)
			w.Header().Set("Content-Length", "40000000000")
			if r.Method != http.MethodHead {
				fetched = true
			}
		}))
		h := &hub.Hub{Endpoint: endpoint.URL, Cache: t.TempDir(), HTTP: &http.Client{}}
		s, err := h.Look(t.Context(), repository)
		if err != nil {
			t.Fatal(err)
		}
		_, read := s.Read(t.Context(), name)
		_, fetch := s.Fetch(t.Context(), []string{name})
		_, pull := s.Pull(t.Context(), []string{name})
		for _, err := range []error{read, fetch, pull} {
			if !errors.Is(err, hub.ErrCorrupt) || !strings.Contains(err.Error(), "40000000000 bytes") {
				t.Errorf("%s: %v", name, err)
			}
		}
		if fetched {
			t.Errorf("%s was fetched", name)
		}
		endpoint.Close()
	}
}
