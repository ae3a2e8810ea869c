package hub

import (
	"archive/zip"
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

// archive is a zip file of members, name after name and content after content.
func archive(t *testing.T, members ...string) []byte {
	t.Helper()
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for i := 0; i < len(members); i += 2 {
		w, err := z.Create(members[i])
		if err == nil {
			_, err = w.Write([]byte(members[i+1]))
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// authors serves files by their paths, and counts what it is asked for beyond a first byte.
func authors(t *testing.T, files map[string][]byte) (*httptest.Server, *atomic.Int64) {
	t.Helper()
	var sent atomic.Int64
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Authorization") != "" {
			t.Error("the hub's token was sent to another server")
		}
		if to, ok := strings.CutPrefix(r.URL.Path, "/moved"); ok {
			http.Redirect(w, r, to, http.StatusFound)
			return
		}
		data, ok := files[r.URL.Path]
		if !ok {
			http.NotFound(w, r)
			return
		}
		w.Header().Set("ETag", fmt.Sprintf(`"%d-%x"`, len(data), data[:4]))
		from := int64(0)
		_, _ = fmt.Sscanf(r.Header.Get("Range"), "bytes=%d-", &from)
		if r.Header.Get("Range") != "bytes=0-0" {
			sent.Add(int64(len(data)) - from)
		}
		w.Header().Set("Content-Type", "application/octet-stream")
		http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(data))
	}))
	t.Cleanup(s.Close)
	return s, &sent
}

// stalling is an answer that stops after so many bytes until the client goes away.
type stalling struct {
	http.ResponseWriter
	left int
	gone <-chan struct{}
}

func (s *stalling) Write(b []byte) (int, error) {
	n, err := s.ResponseWriter.Write(b[:min(len(b), s.left)])
	if s.left -= n; err == nil && n < len(b) {
		s.ResponseWriter.(http.Flusher).Flush()
		<-s.gone
		err = context.Canceled
	}
	return n, err
}

func addressHub() *Hub {
	return &Hub{Token: "secret", HTTP: &http.Client{}, Wait: func(ctx context.Context, _ time.Duration) error { return ctx.Err() }}
}

func TestAModelIsMadeOfItsAuthorsFiles(t *testing.T) {
	t.Parallel()
	weights := bytes.Repeat([]byte("0123456789"), 50_000)
	s, sent := authors(t, map[string][]byte{
		"/dino.pth": weights,
		"/lora.zip": archive(t, "net_lora/adapter_config.json", "{}", "net_lora/adapter_model.bin", "weights", "huge.pth", "unused", "../evil", "not taken, so not looked at"),
	})
	dir := filepath.Join(t.TempDir(), "models", "net")
	files := []Address{
		{URL: s.URL + "/moved/dino.pth", To: "checkpoints/dino.pth"},
		{URL: s.URL + "/lora.zip?raw=1", To: "lora.zip", Members: []string{"net_lora/adapter_config.json", "net_lora/adapter_model.*"}},
	}
	for range 2 {
		if err := addressHub().PullAddresses(t.Context(), dir, files); err != nil {
			t.Fatal(err)
		}
	}
	for name, want := range map[string]string{"checkpoints/dino.pth": string(weights), "net_lora/adapter_config.json": "{}", "net_lora/adapter_model.bin": "weights"} {
		if got, err := os.ReadFile(filepath.Join(dir, name)); err != nil || string(got) != want {
			t.Errorf("%s: %d bytes, %v", name, len(got), err)
		}
	}
	for _, name := range []string{"lora.zip", "huge.pth", "../evil"} {
		if _, err := os.Stat(filepath.Join(dir, name)); !errors.Is(err, os.ErrNotExist) {
			t.Errorf("%s is there: %v", name, err)
		}
	}
	if n := sent.Load(); n > int64(len(weights))+2000 {
		t.Errorf("%d bytes were sent", n)
	}
}

func TestAnInterruptedDownloadContinues(t *testing.T) {
	t.Parallel()
	weights := bytes.Repeat([]byte("0123456789"), 400_000)
	files := map[string][]byte{"/net.pth": weights}
	ctx, cancel := context.WithCancel(t.Context())
	s, sent := authors(t, files)
	var slow atomic.Bool
	slow.Store(true)
	serve := s.Config.Handler
	s.Config.Handler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if slow.Load() {
			w = &stalling{w, 200_000, r.Context().Done()}
		}
		serve.ServeHTTP(w, r)
	})
	dir := filepath.Join(t.TempDir(), "net")
	address := []Address{{URL: s.URL + "/net.pth", To: "net.pth"}}
	h := addressHub()
	h.Progress = func(done, _ int64) {
		if done > 100_000 {
			cancel()
		}
	}
	if err := h.PullAddresses(ctx, dir, address); err == nil {
		t.Fatal("it was interrupted")
	}
	slow.Store(false)
	if _, err := os.Stat(dir); err == nil {
		t.Error("half a model is there")
	}
	begun, err := filepath.Glob(filepath.Join(dir+partial, "*"+incomplete))
	if err != nil || len(begun) != 1 {
		t.Fatalf("%q, %v", begun, err)
	}
	have, err := os.Stat(begun[0])
	if err != nil || have.Size() == 0 {
		t.Fatalf("nothing is kept: %v", err)
	}
	sent.Store(0)
	if err := addressHub().PullAddresses(t.Context(), dir, address); err != nil {
		t.Fatal(err)
	}
	if got, err := os.ReadFile(filepath.Join(dir, "net.pth")); err != nil || !bytes.Equal(got, weights) || sent.Load() != int64(len(weights))-have.Size() {
		t.Errorf("%d bytes of %d, %d were sent: %v", len(got), len(weights), sent.Load(), err)
	}

	// The beginning of another version is not gone on with.
	other := filepath.Join(t.TempDir(), "net")
	must := func(err error) {
		if err != nil {
			t.Fatal(err)
		}
	}
	must(os.MkdirAll(other+partial, 0o777))
	must(os.WriteFile(filepath.Join(other+partial, "net.pth.00000000"+incomplete), bytes.Repeat([]byte("x"), 1000), 0o666))
	must(addressHub().PullAddresses(t.Context(), other, address))
	if got, err := os.ReadFile(filepath.Join(other, "net.pth")); err != nil || !bytes.Equal(got, weights) {
		t.Errorf("it begins with %.10q: %v", got, err)
	}
}

func TestArchivesThatLieAreRefused(t *testing.T) {
	t.Parallel()
	link := func() []byte {
		var b bytes.Buffer
		z := zip.NewWriter(&b)
		h := &zip.FileHeader{Name: "a/x"}
		h.SetMode(os.ModeSymlink | 0o777)
		w, _ := z.CreateHeader(h)
		_, _ = w.Write([]byte("/etc/passwd"))
		_ = z.Close()
		return b.Bytes()
	}()
	flipped := archive(t, "a/x", strings.Repeat("content ", 100))
	flipped[40] ^= 1
	huge := archive(t, "a/x", "content")
	at := bytes.LastIndex(huge, []byte("PK\x01\x02"))
	copy(huge[at+24:], []byte{0xf0, 0xff, 0xff, 0xff}) // says that 4 GB are in it
	for name, data := range map[string][]byte{
		"upwards": archive(t, "a/../../x", "x"), "twice": archive(t, "a/x", "1", "a/x", "2"), "absent": archive(t, "b/x", ""),
		"link": link, "flipped": flipped, "larger": huge, "none": []byte("<html>log in</html>"), "backslash": archive(t, `a/..\..\x`, "x"), "folder": archive(t, "a/x/", ""),
	} {
		pattern := "a/*"
		if name == "upwards" {
			pattern = "a/*/*/*"
		}
		if name == "folder" {
			pattern = "a/*/"
		}
		root := t.TempDir()
		s, _ := authors(t, map[string][]byte{"/x.zip": data})
		dir := filepath.Join(root, "models", "net")
		err := addressHub().PullAddresses(t.Context(), dir, []Address{{URL: s.URL + "/x.zip", To: "x.zip", Members: []string{pattern}}})
		if !errors.Is(err, ErrCorrupt) {
			t.Errorf("%s: %v", name, err)
		}
		if _, err := os.Stat(dir); err == nil {
			t.Errorf("%s: a model is there", name)
		}
		if _, err := os.Stat(filepath.Join(root, "x")); err == nil {
			t.Errorf("%s: a file is outside the model's folder", name)
		}
	}
	s, _ := authors(t, nil)
	for name, want := range map[string]error{s.URL + "/gone.zip": ErrNotFound} {
		if err := addressHub().PullAddresses(t.Context(), filepath.Join(t.TempDir(), "net"), []Address{{URL: name, To: "x"}}); !errors.Is(err, want) {
			t.Errorf("%s: %v", name, err)
		}
	}
	offline := addressHub()
	offline.Offline = true
	if err := offline.PullAddresses(t.Context(), filepath.Join(t.TempDir(), "net"), []Address{{URL: s.URL + "/x", To: "x"}}); !errors.Is(err, ErrOffline) {
		t.Errorf("offline: %v", err)
	}
}
