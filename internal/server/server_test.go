package server

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/akin-search/akin"
	"github.com/akin-search/akin/api"
	"github.com/akin-search/akin/client"
	"github.com/akin-search/akin/internal/golden"
)

// flags are some of the world's, with names that are hard to type.
var flags = strings.Fields(`Chad Romania Andorra Belgium Mali Senegal Guinea Indonesia Monaco Poland Ireland Ivory_Coast Italy Mexico
	France Netherlands Luxembourg Norway Iceland Denmark São_Tomé_and_Príncipe`)

// indexed is a collection of flags, indexed once for all tests that change nothing.
var indexed struct {
	once sync.Once
	dir  string
	err  error
}

func TestMain(m *testing.M) {
	code := m.Run()
	if indexed.dir != "" {
		_ = os.RemoveAll(indexed.dir)
	}
	os.Exit(code)
}

// copyFlags copies the flags' files into a folder.
func copyFlags(deps, into string) error {
	if err := os.MkdirAll(into, 0o777); err != nil {
		return err
	}
	for _, name := range flags {
		data, err := os.ReadFile(filepath.Join(deps, "flags", name+".png"))
		if err == nil {
			err = os.WriteFile(filepath.Join(into, name+".png"), data, 0o666)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func options(deps string) akin.Options {
	library, _ := filepath.Glob(filepath.Join(deps, "lib", "*onnxruntime*"))
	o := akin.Options{ModelDirs: []string{filepath.Join(deps, "models")}, PublicOnly: true}
	for _, l := range library {
		if strings.Contains(l, ".so") || strings.HasSuffix(l, ".dylib") || strings.HasSuffix(l, ".dll") {
			o.Library = l
		}
	}
	return o
}

// index makes a collection of the flags: of dir/flags, in dir/flags.akin.
func index(ctx context.Context, deps, dir string) error {
	if err := copyFlags(deps, filepath.Join(dir, "flags")); err != nil {
		return err
	}
	c, err := akin.Open(ctx, filepath.Join(dir, "flags.akin"), options(deps))
	if err != nil {
		return err
	}
	defer c.Close()
	r, err := c.Index(ctx, []string{filepath.Join(dir, "flags")}, api.IndexOptions{})
	if err == nil && r.Added != len(flags) {
		err = fmt.Errorf("%+v", r)
	}
	return err
}

// shared is the folder of the collection that tests share, and its options.
func shared(t *testing.T) (dir string, o Options) {
	t.Helper()
	deps := golden.Deps(t)
	indexed.once.Do(func() {
		if indexed.dir, indexed.err = os.MkdirTemp("", "akin-server-"); indexed.err == nil {
			indexed.err = index(context.Background(), deps, indexed.dir)
		}
		if indexed.err == nil { // nobody opens this one: files of an open one come and go while they are copied
			indexed.err = os.CopyFS(untouched(), os.DirFS(filepath.Join(indexed.dir, "flags.akin")))
		}
	})
	if indexed.err != nil {
		t.Fatal(indexed.err)
	}
	return indexed.dir, Options{Collection: filepath.Join(indexed.dir, "flags.akin"), Open: options(deps), Version: "test"}
}

// untouched is a copy of the shared collection that is not opened, for tests to copy.
func untouched() string { return filepath.Join(indexed.dir, "untouched") }

// own is a collection of a test's own, which it may change.
func own(t *testing.T) (dir string, o Options) {
	t.Helper()
	_, o = shared(t)
	dir = t.TempDir()
	if err := os.CopyFS(filepath.Join(dir, "flags.akin"), os.DirFS(untouched())); err != nil {
		t.Fatal(err)
	}
	o.Collection = filepath.Join(dir, "flags.akin")
	return dir, o
}

// serve starts a real server, and gives its address.
func serve(t *testing.T, o Options) (address string, s *Server) {
	t.Helper()
	s, err := New(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	l := listen(t)
	ctx, stop := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- s.Serve(ctx, l) }()
	t.Cleanup(func() {
		stop()
		if err := <-ended; err != nil {
			t.Errorf("serve: %v", err)
		}
		if err := s.Close(); err != nil {
			t.Errorf("close: %v", err)
		}
	})
	return "http://" + l.Addr().String() + o.Prefix, s
}

// ask gives a client of a server of the shared collection.
func ask(t *testing.T) *client.Client {
	t.Helper()
	_, o := shared(t)
	address, _ := serve(t, o)
	return to(t, address, client.Options{})
}

func to(t *testing.T, address string, o client.Options) *client.Client {
	t.Helper()
	c, err := client.New(address, o)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// get makes a bare request through the handler.
func get(t *testing.T, h http.Handler, method, target string, header map[string]string, body io.Reader) *httptest.ResponseRecorder {
	t.Helper()
	r := httptest.NewRequest(method, target, body)
	r.Host = "localhost"
	for key, value := range header {
		if key == "Host" {
			r.Host = value
		} else {
			r.Header.Set(key, value)
		}
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w
}

// handler is the server of the shared collection, without a connection.
func handler(t *testing.T, change func(*Options)) http.Handler {
	t.Helper()
	_, o := shared(t)
	if change != nil {
		change(&o)
	}
	s, err := New(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	return s.Handler()
}

const collection = "flags.akin"

func depsOf(t *testing.T) string { return golden.Deps(t) }

func listen(t *testing.T) net.Listener {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	return l
}

func decode(t *testing.T, w *httptest.ResponseRecorder, into any) {
	t.Helper()
	if err := json.NewDecoder(w.Body).Decode(into); err != nil {
		t.Fatal(err)
	}
}

// getFrom is get of a client at an address.
func getFrom(t *testing.T, h http.Handler, address, method, target string, header map[string]string, body string) *httptest.ResponseRecorder {
	t.Helper()
	return get(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		r.RemoteAddr = address
		h.ServeHTTP(w, r)
	}), method, target, header, strings.NewReader(body))
}

// lockedWriter lets several write.
type lockedWriter struct {
	mu sync.Mutex
	w  io.Writer
}

func (l *lockedWriter) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.w.Write(p)
}
