package hub_test

import (
	"context"
	"crypto/sha1"
	"crypto/sha256"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/akin-search/akin/api"
	"github.com/akin-search/akin/internal/hub"
)

const (
	repository = "org/model"
	commit     = "0123456789abcdef0123456789abcdef01234567"
)

// server speaks the hub's protocol: small files come from it, big ones from another
// host.
type server struct {
	*httptest.Server
	cdn    *httptest.Server
	files  map[string][]byte
	big    map[string]bool
	fault  func(w http.ResponseWriter, r *http.Request, n int) bool // n: of this path, from 1; true: it has answered
	mu     sync.Mutex
	asked  map[string]int
	ranges []string
	tokens []string // that the other host was sent
}

func serve(t *testing.T) *server {
	t.Helper()
	weights := make([]byte, 300_000)
	source := rand.NewChaCha8([32]byte{1})
	_, _ = source.Read(weights)
	s := &server{
		files: map[string][]byte{"config.json": []byte("{}\n"), "sub/notes.txt": []byte("notes"), "model.safetensors": weights},
		big:   map[string]bool{"model.safetensors": true}, asked: map[string]int{},
	}
	count := func(r *http.Request) int {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.asked[r.Method+" "+r.URL.Path]++
		return s.asked[r.Method+" "+r.URL.Path]
	}
	s.cdn = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		n := count(r)
		s.mu.Lock()
		s.ranges = append(s.ranges, r.Header.Get("Range"))
		s.tokens = append(s.tokens, r.Header.Get("Authorization"))
		s.mu.Unlock()
		if s.fault != nil && s.fault(w, r, n) {
			return
		}
		w.Header().Set("ETag", `"of the store"`) // which is none of the hub's hashes
		http.ServeContent(w, r, "", time.Time{}, strings.NewReader(string(s.files[strings.TrimPrefix(r.URL.Path, "/cdn/")])))
	}))
	s.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		n := count(r)
		if s.fault != nil && s.fault(w, r, n) {
			return
		}
		if r.URL.Path == "/api/models/"+repository+"/revision/main" {
			fmt.Fprintf(w, `{"sha":%q,"siblings":[{"rfilename":"config.json"},{"rfilename":"sub/notes.txt"},{"rfilename":"model.safetensors"},{"rfilename":"../evil"}]}`, commit)
			return
		}
		name, ok := strings.CutPrefix(r.URL.Path, "/"+repository+"/resolve/"+commit+"/")
		data, known := s.files[name]
		if !ok || !known {
			w.Header().Set("X-Error-Code", "EntryNotFound")
			w.WriteHeader(http.StatusNotFound)
			return
		}
		w.Header().Set("X-Repo-Commit", commit)
		if s.big[name] {
			w.Header().Set("X-Linked-Etag", fmt.Sprintf(`"%x"`, sha256.Sum256(data)))
			w.Header().Set("X-Linked-Size", fmt.Sprint(len(data)))
			http.Redirect(w, r, strings.Replace(s.cdn.URL, "127.0.0.1", "localhost", 1)+"/cdn/"+name, http.StatusFound)
			return
		}
		w.Header().Set("ETag", `W/"`+blobHash(data)+`"`)
		http.ServeContent(w, r, "", time.Time{}, strings.NewReader(string(data)))
	}))
	t.Cleanup(s.Close)
	t.Cleanup(s.cdn.Close)
	return s
}

// blobHash is how git names a file.
func blobHash(data []byte) string {
	return fmt.Sprintf("%x", sha1.Sum(append([]byte(fmt.Sprintf("blob %d\x00", len(data))), data...)))
}

func client(t *testing.T, s *server) *hub.Hub {
	t.Helper()
	return &hub.Hub{Endpoint: s.URL, Cache: t.TempDir(), HTTP: &http.Client{}, Wait: func(ctx context.Context, _ time.Duration) error { return ctx.Err() }}
}

// pull pulls all of the repository.
func pull(ctx context.Context, h *hub.Hub) (dir string, err error) {
	s, err := h.Look(ctx, repository)
	if err != nil {
		return "", err
	}
	return s.Pull(ctx, s.Names)
}

func checkFiles(t *testing.T, s *server, dir string) {
	t.Helper()
	for name, want := range s.files {
		if got, err := os.ReadFile(filepath.Join(dir, filepath.FromSlash(name))); err != nil || string(got) != string(want) {
			t.Errorf("%s: %d bytes, %v", name, len(got), err)
		}
	}
}

func TestPullLaysOutTheCacheAsItsOtherUsersDo(t *testing.T) {
	t.Parallel()
	s := serve(t)
	h := client(t, s)
	h.Token = "secret"
	var last [2]int64
	h.Progress = func(done, total int64) { last = [2]int64{done, total} }
	if _, err := h.Find(repository); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("found before it was pulled: %v", err)
	}
	dir, err := pull(t.Context(), h)
	if err != nil {
		t.Fatal(err)
	}
	checkFiles(t, s, dir)
	root := filepath.Join(h.Cache, "models--org--model")
	if want := filepath.Join(root, "snapshots", commit); dir != want {
		t.Errorf("the snapshot is %s, not %s", dir, want)
	}
	if ref, err := os.ReadFile(filepath.Join(root, "refs", "main")); err != nil || string(ref) != commit {
		t.Errorf("main is %q, %v", ref, err)
	}
	for name, data := range s.files {
		etag := blobHash(data)
		if s.big[name] {
			etag = fmt.Sprintf("%x", sha256.Sum256(data))
		}
		up := strings.Repeat("../", 2+strings.Count(name, "/"))
		if target, err := os.Readlink(filepath.Join(dir, name)); err != nil || filepath.ToSlash(target) != up+"blobs/"+etag {
			t.Errorf("%s links to %s, %v", name, target, err)
		}
	}
	if _, err := os.Stat(filepath.Join(filepath.Dir(root), "evil")); err == nil {
		t.Error("a name with .. was followed")
	}
	if total := int64(300_000 + 3 + 5); last != [2]int64{total, total} {
		t.Errorf("the progress ends at %v", last)
	}
	if slices.Contains(s.tokens, "Bearer secret") {
		t.Error("the token was sent to another host")
	}
	if found, err := h.Find(repository); err != nil || found != dir {
		t.Errorf("found %s, %v", found, err)
	}
	// Nothing is fetched twice.
	clear(s.asked)
	if _, err := pull(t.Context(), h); err != nil {
		t.Error(err)
	}
	for request := range s.asked {
		if strings.HasPrefix(request, "GET") && !strings.Contains(request, "/api/") {
			t.Errorf("the second time, %s was asked", request)
		}
	}
	h.Offline = true
	if _, err := pull(t.Context(), h); !errors.Is(err, hub.ErrOffline) {
		t.Errorf("offline: %v", err)
	}
	if _, err := h.Find(repository); err != nil {
		t.Errorf("offline, found: %v", err)
	}
}

func TestCutConnectionsAreTakenUpAgain(t *testing.T) {
	t.Parallel()
	for _, ranges := range []bool{true, false} { // some servers begin at the beginning
		s := serve(t)
		s.fault = func(w http.ResponseWriter, r *http.Request, n int) bool {
			data, ok := s.files[strings.TrimPrefix(r.URL.Path, "/cdn/")]
			if !ok || n > 3 && ranges {
				return false
			}
			if !ranges {
				r.Header.Del("Range")
			}
			if n <= 3 {
				from := 0
				_, _ = fmt.Sscanf(r.Header.Get("Range"), "bytes=%d-", &from)
				w.Header().Set("Content-Length", fmt.Sprint(len(data)-from))
				if from > 0 {
					w.WriteHeader(http.StatusPartialContent)
				}
				_, _ = w.Write(data[from:min(len(data), from+30_000*n)])
				panic(http.ErrAbortHandler)
			}
			_, _ = w.Write(data)
			return true
		}
		dir, err := pull(t.Context(), client(t, s))
		if err != nil {
			t.Fatalf("ranges %v: %v", ranges, err)
		}
		checkFiles(t, s, dir)
		if s.asked["GET /cdn/model.safetensors"] != 4 {
			t.Errorf("ranges %v: asked %d times, %q", ranges, s.asked["GET /cdn/model.safetensors"], s.ranges)
		}
	}
}

func TestAPullThatWasEndedGoesOn(t *testing.T) {
	t.Parallel()
	s := serve(t)
	h := client(t, s)
	s.fault = func(w http.ResponseWriter, r *http.Request, n int) bool {
		data, ok := s.files[strings.TrimPrefix(r.URL.Path, "/cdn/")]
		if !ok || n > 1 {
			return false
		}
		_, _ = w.Write(data[:150_000])
		w.(http.Flusher).Flush()
		<-r.Context().Done()
		return true
	}
	ctx, cancel := context.WithCancel(t.Context())
	h.Progress = func(done, _ int64) {
		if done > 100_000 {
			cancel()
		}
	}
	if _, err := pull(ctx, h); !errors.Is(err, context.Canceled) {
		t.Fatalf("it ends with %v", err)
	}
	if _, err := h.Find(repository); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("half a checkpoint is found: %v", err)
	}
	h.Progress = nil
	dir, err := pull(t.Context(), h)
	if err != nil {
		t.Fatal(err)
	}
	checkFiles(t, s, dir)
	if last := s.ranges[len(s.ranges)-1]; !strings.HasPrefix(last, "bytes=") {
		t.Errorf("it began anew: %q", s.ranges)
	}
}

func TestFaultsOfTheHub(t *testing.T) {
	t.Parallel()
	status := func(code int, header ...string) func(http.ResponseWriter, *http.Request, int) bool {
		return func(w http.ResponseWriter, r *http.Request, n int) bool {
			if !strings.HasSuffix(r.URL.Path, "model.safetensors") {
				return false
			}
			for i := 0; i < len(header); i += 2 {
				w.Header().Set(header[i], header[i+1])
			}
			w.WriteHeader(code)
			return true
		}
	}
	for _, c := range []struct {
		why   string
		fault func(http.ResponseWriter, *http.Request, int) bool
		is    error
		says  string
	}{
		{"not found", status(404, "X-Error-Code", "RepoNotFound"), hub.ErrNotFound, "404"},
		{"no token", status(401), hub.ErrDenied, "needs a token"},
		{"a gated model", status(403, "X-Error-Code", "GatedRepo"), hub.ErrDenied, "licence must be accepted on http://"},
		{"forbidden", status(403), hub.ErrDenied, "403"},
		{"too many requests, for ever", status(429, "Retry-After", "3"), nil, "429"},
		{"out of order, for ever", status(503), nil, "503"},
		{"a hash that is none", func(w http.ResponseWriter, r *http.Request, n int) bool {
			w.Header().Set("ETag", `"../../x"`)
			return r.Method == http.MethodHead
		}, hub.ErrCorrupt, "hash"},
		{"other bytes than it said", func(w http.ResponseWriter, r *http.Request, n int) bool {
			if strings.HasPrefix(r.URL.Path, "/cdn/") {
				_, _ = w.Write(make([]byte, 300_000))
				return true
			}
			return false
		}, hub.ErrCorrupt, "pull again"},
		{"an endless list", func(w http.ResponseWriter, r *http.Request, n int) bool {
			if strings.HasPrefix(r.URL.Path, "/api/") {
				fmt.Fprint(w, `{"sha":"`)
				for range 100 << 10 {
					if _, err := w.Write(make([]byte, 1<<10)); err != nil {
						break
					}
				}
				return true
			}
			return false
		}, nil, "list of files"},
		{"a page of another kind", func(w http.ResponseWriter, r *http.Request, n int) bool {
			fmt.Fprint(w, "<html>")
			return true
		}, nil, "list of files"},
	} {
		s := serve(t)
		s.fault = c.fault
		h := client(t, s)
		_, err := pull(t.Context(), h)
		if err == nil || c.is != nil && !errors.Is(err, c.is) || !strings.Contains(err.Error(), c.says) || !strings.Contains(err.Error(), repository) {
			t.Errorf("%s: %v", c.why, err)
		}
		if _, err := h.Find(repository); err == nil {
			t.Errorf("%s: it is found all the same", c.why)
		}
		// What went wrong once does not stand in the way.
		s.fault = nil
		dir, err := pull(t.Context(), h)
		if err != nil {
			t.Errorf("after %s: %v", c.why, err)
			continue
		}
		checkFiles(t, s, dir)
	}
}

func TestTheHubIsLeftAloneForAsLongAsItAsks(t *testing.T) {
	t.Parallel()
	s := serve(t)
	s.fault = func(w http.ResponseWriter, r *http.Request, n int) bool {
		if strings.HasPrefix(r.URL.Path, "/api/") && n <= 2 {
			w.Header().Set("Retry-After", "7")
			w.WriteHeader(http.StatusTooManyRequests)
			return true
		}
		return false
	}
	h := client(t, s)
	var waits []time.Duration
	h.Wait = func(_ context.Context, d time.Duration) error {
		waits = append(waits, d)
		return nil
	}
	if _, err := pull(t.Context(), h); err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(waits, []time.Duration{7 * time.Second, 7 * time.Second}) {
		t.Errorf("it waits %v", waits)
	}
}

func TestTheHubIsWhereThePythonToolsLook(t *testing.T) {
	home := t.TempDir()
	t.Setenv("HOME", home)
	environment := map[string]string{}
	getenv := func(name string) string { return environment[name] }
	o := hub.FromEnvironment(getenv)
	if o.Cache != filepath.Join(home, ".cache/huggingface/hub") || o.TorchCache != filepath.Join(home, ".cache/torch/hub/checkpoints") || o.Token != "" || o.Offline {
		t.Errorf("nothing is set: %+v", o)
	}
	if h, err := hub.New(api.Hub{}); err != nil || h.Cache != o.Cache || h.TorchCache != o.TorchCache || !strings.HasPrefix(h.Endpoint, "https://") {
		t.Errorf("no options: %+v, %v", h, err)
	}
	hf := filepath.Join(home, "hf")
	environment["HF_HOME"], environment["HF_ENDPOINT"], environment["HF_HUB_OFFLINE"] = hf, "http://mirror.example.org/", "1"
	if err := errors.Join(os.MkdirAll(hf, 0o777), os.WriteFile(filepath.Join(hf, "token"), []byte("tok\n"), 0o600)); err != nil {
		t.Fatal(err)
	}
	h, err := hub.New(hub.FromEnvironment(getenv))
	if err != nil || h.Cache != filepath.Join(hf, "hub") || h.Token != "tok" || !h.Offline || h.Endpoint != "http://mirror.example.org" {
		t.Errorf("HF_HOME: %+v, %v", h, err)
	}
	environment["HF_HUB_CACHE"], environment["HF_TOKEN"], environment["XDG_CACHE_HOME"] = filepath.Join(home, "c"), "other", filepath.Join(home, "x")
	o = hub.FromEnvironment(getenv)
	if o.Cache != filepath.Join(home, "c") || o.Token != "other" || o.TorchCache != filepath.Join(home, "x/torch/hub/checkpoints") {
		t.Errorf("HF_HUB_CACHE: %+v", o)
	}
	environment["TORCH_HOME"] = filepath.Join(home, "t")
	if o = hub.FromEnvironment(getenv); o.TorchCache != filepath.Join(home, "t/hub/checkpoints") {
		t.Errorf("TORCH_HOME: %+v", o)
	}
	// The token belongs to the default hub: another endpoint does not get it.
	if h, err := hub.New(api.Hub{Endpoint: "http://other.example.org"}); err != nil || h.Token != "" {
		t.Errorf("another endpoint: %+v, %v", h, err)
	}
}

func TestNamesThatAreNoneAreRefused(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]bool{
		"openai/clip-vit-base-patch32": true, "Salesforce/blip2-opt-2.7b": true,
		"clip": false, "a/b/c": false, "../x": false, "a/..": false, "a/b--c": false, "/b": false, "a/": false, "a b/c": false, "": false,
	} {
		if hub.IsRepository(name) != want {
			t.Errorf("%q is %v", name, !want)
		}
	}
	s := serve(t)
	if _, err := client(t, s).Look(t.Context(), "../x"); !errors.Is(err, hub.ErrNotFound) || len(s.asked) > 0 {
		t.Errorf("%v, %v", err, s.asked)
	}
}

func TestAHubThatIsNotThereIsSaidSoSoon(t *testing.T) {
	t.Parallel()
	s := serve(t)
	h := client(t, s)
	s.Close()
	waits := 0
	h.Wait = func(context.Context, time.Duration) error { waits++; return nil }
	_, err := pull(t.Context(), h)
	var unreachable *hub.UnreachableError
	if !errors.As(err, &unreachable) || unreachable.Endpoint != h.Endpoint || waits != 1 {
		t.Errorf("after %d waits: %v", waits, err)
	}
}

func TestTorchCheckpointsAreHeldToTheHashInTheirName(t *testing.T) {
	t.Parallel()
	s := serve(t)
	data := s.files["model.safetensors"]
	name := fmt.Sprintf("net-%x", sha256.Sum256(data))[:12] + ".pth" // eight digits
	bad := "net-00000000.pth"
	files := http.NewServeMux()
	for _, path := range []string{name, bad} {
		files.HandleFunc("/models/"+path, func(w http.ResponseWriter, r *http.Request) {
			http.ServeContent(w, r, "", time.Time{}, strings.NewReader(string(data)))
		})
	}
	server := httptest.NewServer(files)
	t.Cleanup(server.Close)
	h := client(t, s)
	h.Endpoint = server.URL
	h.TorchCache = filepath.Join(h.Cache, "checkpoints")
	dir := h.TorchCache
	path, err := h.PullTorch(t.Context(), name)
	if err != nil {
		t.Fatal(err)
	}
	if got, err := os.ReadFile(path); err != nil || string(got) != string(data) {
		t.Errorf("%d bytes, %v", len(got), err)
	}
	if _, err := h.PullTorch(t.Context(), bad); !errors.Is(err, hub.ErrCorrupt) {
		t.Errorf("another hash: %v", err)
	}
	if _, err := h.PullTorch(t.Context(), "absent-12345678.pth"); !errors.Is(err, hub.ErrNotFound) {
		t.Errorf("an absent one: %v", err)
	}
	left, err := os.ReadDir(dir)
	if err != nil || len(left) != 1 {
		t.Errorf("%v are left, %v", left, err)
	}
}
