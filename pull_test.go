package akin_test

import (
	"crypto/sha1"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/akin-search/akin"
	"github.com/akin-search/akin/internal/golden"
)

// serveCheckpoint serves a folder as the hub serves a repository.
func serveCheckpoint(t *testing.T, repository, dir string) *httptest.Server {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	const commit = "89abcdef0123456789abcdef0123456789abcdef"
	var siblings []string
	for _, e := range entries {
		siblings = append(siblings, fmt.Sprintf(`{"rfilename":%q}`, e.Name()))
	}
	mux := http.NewServeMux()
	mux.HandleFunc("/api/models/"+repository+"/revision/main", func(w http.ResponseWriter, _ *http.Request) {
		fmt.Fprintf(w, `{"sha":%q,"siblings":[%s]}`, commit, strings.Join(siblings, ","))
	})
	mux.HandleFunc("/"+repository+"/resolve/"+commit+"/", func(w http.ResponseWriter, r *http.Request) {
		path := filepath.Join(dir, filepath.Base(r.URL.Path))
		data, err := os.ReadFile(path)
		if err != nil {
			http.NotFound(w, r)
			return
		}
		w.Header().Set("ETag", fmt.Sprintf(`"%x"`, sha1.Sum(append([]byte(fmt.Sprintf("blob %d\x00", len(data))), data...))))
		http.ServeFile(w, r, path)
	})
	s := httptest.NewServer(mux)
	t.Cleanup(s.Close)
	return s
}

// Not parallel: the hub's variables are the process's.
func TestAPulledModelIsUsedByItsName(t *testing.T) {
	golden.Deps(t)
	models := filepath.Join(golden.Dir(t), "models")
	t.Setenv("AKIN_HOME", t.TempDir())
	t.Setenv("HF_HOME", t.TempDir())
	t.Setenv("TORCH_HOME", t.TempDir())
	for _, name := range []string{"HF_HUB_CACHE", "HF_TOKEN", "HF_TOKEN_PATH", "HF_HUB_OFFLINE", "AKIN_MODELS"} {
		t.Setenv(name, "")
	}
	const clip = "clip-vit-base-patch32"
	if _, err := akin.OpenModel(clip, akin.Options{}); !errors.Is(err, akin.ErrNoModel) || !strings.Contains(err.Error(), "akin pull "+clip) {
		t.Errorf("before it was pulled: %v", err)
	}
	t.Setenv("HF_ENDPOINT", serveCheckpoint(t, "openai/"+clip, filepath.Join(models, "clip")).URL)
	var last [2]int64
	r, err := akin.Pull(t.Context(), clip, akin.PullOptions{Progress: func(done, total int64) { last = [2]int64{done, total} }})
	if err != nil {
		t.Fatal(err)
	}
	if r.Model != clip || r.Dim != 24 || !r.Text || last[0] != last[1] || last[1] < 7_000_000 {
		t.Errorf("%+v, progress %v", r, last)
	}
	m, err := akin.OpenModel(clip, akin.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer m.Close()
	rows, err := m.EmbedText(t.Context(), []string{"a flag"}, nil)
	if err != nil || len(rows[0].Vector) != 24 {
		t.Errorf("%v, %v", rows, err)
	}
	// The hub is not asked when it is used.
	t.Setenv("HF_HUB_OFFLINE", "1")
	t.Setenv("HF_ENDPOINT", "http://127.0.0.1:1")
	byRepository, err := akin.OpenModel("openai/"+clip, akin.Options{})
	if err != nil || byRepository.Fingerprint() != m.Fingerprint() {
		t.Errorf("by its name on the hub: %v", err)
	}
	if err == nil {
		byRepository.Close()
	}

	// A folder that is here is linked to.
	r, err = akin.Pull(t.Context(), filepath.Join(models, "vit"), akin.PullOptions{})
	if err != nil || r.Model != "vit" || r.Text {
		t.Errorf("a folder: %+v, %v", r, err)
	}
	vit, err := akin.OpenModel("vit", akin.Options{})
	if err != nil {
		t.Fatal(err)
	}
	vit.Close()
	listed := map[string]akin.ModelInfo{}
	for _, m := range akin.Models(akin.Options{}) {
		listed[m.Name] = m
	}
	if m := listed[clip]; !m.Present || !m.Text || m.Licence != "MIT" {
		t.Errorf("listed as %+v", m)
	}
	if m := listed["vit"]; !m.Present || m.Dim != 32 || m.Text {
		t.Errorf("listed as %+v", m)
	}
	if m := listed["vit-large"]; m.Present || m.Dim != 1024 || !strings.Contains(m.Reason, "akin pull") {
		t.Errorf("listed as %+v", m)
	}
	for name, want := range map[string]string{
		t.TempDir():            "holds no checkpoint",
		"nonsense":             "no folder",
		"efficientnet-lite0":   "make setup",
		"facebook/dinov2-base": "HF_HUB_OFFLINE",
		filepath.Join(t.TempDir(), "vit", "model.safetensors"): "no folder",
	} {
		if _, err := akin.Pull(t.Context(), name, akin.PullOptions{}); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", name, err)
		}
	}
	other := filepath.Join(t.TempDir(), "vit")
	if err := os.CopyFS(other, os.DirFS(filepath.Join(models, "vit"))); err != nil {
		t.Fatal(err)
	}
	if _, err := akin.Pull(t.Context(), other, akin.PullOptions{}); err == nil || !strings.Contains(err.Error(), "called vit already") {
		t.Errorf("another of the same name: %v", err)
	}
}
