package akin_test

import (
	"crypto/sha1"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/akin-search/akin"
	"github.com/akin-search/akin/api"
	"github.com/akin-search/akin/internal/golden"
)

// serveCheckpoint serves a folder as the hub serves a repository.
func serveCheckpoint(t *testing.T, repository, dir string) *httptest.Server {
	t.Helper()
	return serveCounted(t, repository, dir, new(atomic.Int64), true)
}

// serveCounted counts the bytes of files that are sent; ranges tells whether they are
// given in ranges.
func serveCounted(t *testing.T, repository, dir string, sent *atomic.Int64, ranges bool) *httptest.Server {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	const commit = "89abcdef0123456789abcdef0123456789abcdef"
	licence := "apache-2.0"
	if strings.HasPrefix(repository, "NC/") {
		licence = "cc-by-nc-4.0"
	}
	var siblings []string
	for _, e := range entries {
		siblings = append(siblings, fmt.Sprintf(`{"rfilename":%q}`, e.Name()))
	}
	mux := http.NewServeMux()
	mux.HandleFunc("/api/models/"+repository+"/revision/main", func(w http.ResponseWriter, _ *http.Request) {
		fmt.Fprintf(w, `{"sha":%q,"siblings":[%s],"cardData":{"license":%q}}`, commit, strings.Join(siblings, ","), licence)
	})
	mux.HandleFunc("/"+repository+"/resolve/"+commit+"/", func(w http.ResponseWriter, r *http.Request) {
		path := filepath.Join(dir, filepath.Base(r.URL.Path))
		data, err := os.ReadFile(path)
		if err != nil {
			http.NotFound(w, r)
			return
		}
		w.Header().Set("ETag", fmt.Sprintf(`"%x"`, sha1.Sum(append([]byte(fmt.Sprintf("blob %d\x00", len(data))), data...))))
		if !ranges {
			r.Header.Del("Range")
		}
		http.ServeFile(counted{w, sent}, r, path)
	})
	s := httptest.NewServer(mux)
	t.Cleanup(s.Close)
	return s
}

type counted struct {
	http.ResponseWriter
	sent *atomic.Int64
}

func (c counted) Write(b []byte) (int, error) {
	n, err := c.ResponseWriter.Write(b)
	c.sent.Add(int64(n))
	return n, err
}

func TestWeightsOfARestrictingLicenceAreFetchedByConsent(t *testing.T) {
	t.Parallel()
	golden.Deps(t)
	const repository = "NC/clip"
	var sent atomic.Int64
	o := api.PullOptions{
		Home: t.TempDir(),
		Hub:  api.Hub{Endpoint: serveCounted(t, repository, filepath.Join(golden.Dir(t), "models", "clip"), &sent, true).URL, Cache: t.TempDir()},
	}
	for _, accept := range []func(api.Licence) bool{nil, func(api.Licence) bool { return false }} {
		o.Accept = accept
		_, err := akin.Pull(t.Context(), repository, o)
		refused, ok := errors.AsType[*akin.LicenceError](err)
		if !ok || !errors.Is(err, akin.ErrLicence) || refused.Name != "cc-by-nc-4.0" || refused.Terms != "not for commercial use" || refused.Page != o.Hub.Endpoint+"/"+repository || !strings.Contains(err.Error(), refused.Page) || sent.Load() != 0 {
			t.Errorf("without consent: %v, %d bytes sent", err, sent.Load())
		}
	}
	asked := 0
	o.Accept = func(l api.Licence) bool { asked++; return l.Model == repository }
	if _, err := akin.Pull(t.Context(), repository, o); err != nil || asked != 1 {
		t.Errorf("with consent: %v, asked %d times", err, asked)
	}
	o.Accept = nil
	if _, err := akin.Pull(t.Context(), repository, o); err != nil {
		t.Errorf("when it is there already: %v", err)
	}
}

// Not parallel: the environment is the process's.
func TestAPulledModelIsUsedByItsName(t *testing.T) {
	golden.Deps(t)
	models := filepath.Join(golden.Dir(t), "models")
	home := t.TempDir()
	o := akin.Options{Home: akin.Home(home), Library: library}
	t.Setenv("HF_HOME", t.TempDir())
	t.Setenv("TORCH_HOME", t.TempDir())
	for _, name := range []string{"HF_HUB_CACHE", "HF_TOKEN", "HF_TOKEN_PATH", "HF_HUB_OFFLINE"} {
		t.Setenv(name, "")
	}
	o.Hub = akin.HubFromEnvironment(os.Getenv)
	const clip = "clip-vit-base-patch32"
	if _, err := akin.OpenModel(clip, o); !errors.Is(err, akin.ErrNoModel) {
		t.Errorf("before it was pulled: %v", err)
	}
	t.Setenv("HF_ENDPOINT", serveCheckpoint(t, "openai/"+clip, filepath.Join(models, "clip")).URL)
	var last [2]int64
	r, err := akin.Pull(t.Context(), clip, api.PullOptions{Hub: akin.HubFromEnvironment(os.Getenv), Home: home, Progress: func(done, total int64) { last = [2]int64{done, total} }})
	if err != nil {
		t.Fatal(err)
	}
	if r.Model != clip || r.Dim != 24 || !r.Text || last[0] != last[1] || last[1] < 7_000_000 {
		t.Errorf("%+v, progress %v", r, last)
	}
	m, err := akin.OpenModel(clip, o)
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
	byRepository, err := akin.OpenModel("openai/"+clip, o)
	if err != nil || byRepository.Fingerprint() != m.Fingerprint() {
		t.Errorf("by its name on the hub: %v", err)
	}
	if err == nil {
		byRepository.Close()
	}
	if again, err := akin.Pull(t.Context(), clip, api.PullOptions{Hub: akin.HubFromEnvironment(os.Getenv), Home: home}); err != nil || again != r {
		t.Errorf("what is here is not pulled offline: %+v, %v", again, err)
	}

	// A folder that is here is linked to.
	r, err = akin.Pull(t.Context(), filepath.Join(models, "vit"), api.PullOptions{Hub: akin.HubFromEnvironment(os.Getenv), Home: home})
	if err != nil || r.Model != "vit" || r.Text {
		t.Errorf("a folder: %+v, %v", r, err)
	}
	vit, err := akin.OpenModel("vit", o)
	if err != nil {
		t.Fatal(err)
	}
	vit.Close()
	listed := map[string]api.ModelInfo{}
	for _, m := range akin.Models(o) {
		listed[m.Name] = m
	}
	if m := listed[clip]; !m.Present || !m.Text || m.Licence != "MIT" {
		t.Errorf("listed as %+v", m)
	}
	if m := listed["vit"]; !m.Present || m.Dim != 32 || m.Text {
		t.Errorf("listed as %+v", m)
	}
	if m := listed["vit-large"]; m.Present || m.Dim != 1024 || !strings.Contains(m.Reason, "vit-large") {
		t.Errorf("listed as %+v", m)
	}
	for name, want := range map[string]string{
		t.TempDir():            "holds no checkpoint",
		"nonsense":             "not a folder",
		"efficientnet-lite0":   "comes with akin",
		"dreamsim":             "offline",
		"facebook/dinov2-base": "offline",
		filepath.Join(t.TempDir(), "vit", "model.safetensors"): "not a folder",
	} {
		if _, err := akin.Pull(t.Context(), name, api.PullOptions{Hub: akin.HubFromEnvironment(os.Getenv), Home: home}); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", name, err)
		}
	}
	other := filepath.Join(t.TempDir(), "vit")
	if err := os.CopyFS(other, os.DirFS(filepath.Join(models, "vit"))); err != nil {
		t.Fatal(err)
	}
	if _, err := akin.Pull(t.Context(), other, api.PullOptions{Hub: akin.HubFromEnvironment(os.Getenv), Home: home}); err == nil || !strings.Contains(err.Error(), "called vit already") {
		t.Errorf("another of the same name: %v", err)
	}
}

// withLanguageModel copies the golden BLIP-2 and makes the language model's share of
// it what it is of a real one: most. It gives how many bytes the weights have.
func withLanguageModel(t *testing.T) (dir string, all int64) {
	t.Helper()
	dir = t.TempDir()
	if err := os.CopyFS(dir, os.DirFS(filepath.Join(golden.Dir(t), "models", "blip2"))); err != nil {
		t.Fatal(err)
	}
	const name, size = "language_model.more.weight", 16 << 20
	shard := filepath.Join(dir, "model-00003-of-00004.safetensors")
	data, err := os.ReadFile(shard)
	if err != nil {
		t.Fatal(err)
	}
	header := map[string]any{}
	end := 8 + binary.LittleEndian.Uint64(data)
	if err := json.Unmarshal(data[8:end], &header); err != nil {
		t.Fatal(err)
	}
	begin := len(data) - int(end)
	header[name] = map[string]any{"dtype": "F32", "shape": []int{size / 4}, "data_offsets": []int{begin, begin + size}}
	told, err := json.Marshal(header)
	if err != nil {
		t.Fatal(err)
	}
	larger := binary.LittleEndian.AppendUint64(nil, uint64(len(told)))
	larger = append(append(larger, told...), data[end:]...)
	must(t, os.WriteFile(shard, append(larger, make([]byte, size)...), 0o666))

	index := map[string]any{}
	readJSON(t, filepath.Join(dir, "model.safetensors.index.json"), &index)
	index["weight_map"].(map[string]any)[name] = filepath.Base(shard)
	told, err = json.Marshal(index)
	if err != nil {
		t.Fatal(err)
	}
	must(t, os.WriteFile(filepath.Join(dir, "model.safetensors.index.json"), told, 0o666))
	shards, err := filepath.Glob(filepath.Join(dir, "*.safetensors"))
	must(t, err)
	for _, shard := range shards {
		info, err := os.Stat(shard)
		must(t, err)
		all += info.Size()
	}
	return dir, all
}

// Not parallel: the environment is the process's.
func TestOnlyWhatEmbeddingsNeedIsPulled(t *testing.T) {
	golden.Deps(t)
	dir, all := withLanguageModel(t)
	const blip2, repository = "blip2-opt-2.7b", "Salesforce/blip2-opt-2.7b"
	reference, err := akin.OpenModel("blip2", akin.Options{Library: library, ModelDir: filepath.Join(golden.Dir(t), "models", "blip2")})
	must(t, err)
	defer reference.Close()
	for _, c := range []struct {
		why, name, folder, served string
		ranges                    bool
		least, most               int64 // bytes that are sent
	}{
		{"a known name", blip2, blip2, repository, true, 230_000, 230_000 + 4*256<<10 + 50_000},
		{"a known model's repository", repository, blip2, repository, true, 230_000, 230_000 + 4*256<<10 + 50_000},
		{"another repository", "Me/my-blip2", "Me--my-blip2", "Me/my-blip2", true, 230_000, 230_000 + 4*256<<10 + 50_000},
		{"a server without ranges", blip2, "", repository, false, all, 3 * all},
	} {
		home := t.TempDir()
		o := akin.Options{Home: akin.Home(home), Library: library}
		t.Setenv("HF_HOME", t.TempDir())
		for _, name := range []string{"HF_HUB_CACHE", "HF_TOKEN", "HF_TOKEN_PATH", "HF_HUB_OFFLINE"} {
			t.Setenv(name, "")
		}
		o.Hub = akin.HubFromEnvironment(os.Getenv)
		var sent atomic.Int64
		t.Setenv("HF_ENDPOINT", serveCounted(t, c.served, dir, &sent, c.ranges).URL)
		var notes []string
		var last [2]int64
		r, err := akin.Pull(t.Context(), c.name, api.PullOptions{
			Home:     home,
			Hub:      akin.HubFromEnvironment(os.Getenv),
			Progress: func(done, total int64) { last = [2]int64{done, total} },
			Note:     func(line string) { notes = append(notes, line) },
		})
		if err != nil {
			t.Errorf("%s: %v", c.why, err)
			continue
		}
		if r.Model != c.name || r.Dim != reference.Dim() || last[0] != last[1] || last[1] > c.most {
			t.Errorf("%s: %+v, progress %v", c.why, r, last)
		}
		t.Logf("%s: %d of %d bytes sent, %d needed", c.why, sent.Load(), all, last[1])
		if n := sent.Load(); n < c.least || n > c.most {
			t.Errorf("%s: %d bytes were sent, not between %d and %d", c.why, n, c.least, c.most)
		}
		if len(notes) == 0 || c.ranges != (r.Path == filepath.Join(home, "models", c.folder)) || !c.ranges && !strings.Contains(notes[0], "parts of files") {
			t.Errorf("%s: it is in %s, and notes %q", c.why, r.Path, notes)
		}
		before := sent.Load()
		if again, err := akin.Pull(t.Context(), c.name, api.PullOptions{Hub: akin.HubFromEnvironment(os.Getenv), Home: home}); err != nil || again != r || sent.Load() != before {
			t.Errorf("%s: again: %d bytes more, %+v, %v", c.why, sent.Load()-before, again, err)
		}
		t.Setenv("HF_HUB_OFFLINE", "1")
		if offline, err := akin.Pull(t.Context(), c.name, api.PullOptions{Hub: akin.HubFromEnvironment(os.Getenv), Home: home}); err != nil || offline != r {
			t.Errorf("%s: offline: %+v, %v", c.why, offline, err)
		}
		m, err := akin.OpenModel(c.name, o)
		if err != nil {
			t.Errorf("%s: %v", c.why, err)
			continue
		}
		if m.Fingerprint() != reference.Fingerprint() {
			t.Errorf("%s: its fingerprint is another than that of the whole", c.why)
		}
		picture := filepath.Join(golden.Dir(t), "inputs")
		files, err := filepath.Glob(filepath.Join(picture, "*"))
		must(t, err)
		got, err := m.Embed(t.Context(), files[:1], nil)
		must(t, err)
		want, err := reference.Embed(t.Context(), files[:1], nil)
		must(t, err)
		if got[0].Err != nil || !slices.Equal(got[0].Vector, want[0].Vector) {
			t.Errorf("%s: its embedding is another, %v", c.why, got[0].Err)
		}
		must(t, m.Close())
		listed := false
		for _, m := range akin.Models(o) {
			listed = listed || m.Present && (m.Name == c.name || m.Name == blip2)
			if strings.Contains(m.Name, "--") {
				t.Errorf("%s: it is listed as %s", c.why, m.Name)
			}
		}
		if !listed {
			t.Errorf("%s: it is not listed", c.why)
		}
	}
}

// What Python has fetched whole is used, and a part made before it makes way.
func TestWhatIsInTheSharedCacheIsUsed(t *testing.T) {
	dir, all := withLanguageModel(t)
	home := t.TempDir()
	t.Setenv("HF_HOME", t.TempDir())
	for _, name := range []string{"HF_HUB_CACHE", "HF_TOKEN", "HF_TOKEN_PATH", "HF_HUB_OFFLINE"} {
		t.Setenv(name, "")
	}
	var sent atomic.Int64
	s := serveCounted(t, "Salesforce/blip2-opt-2.7b", dir, &sent, false)
	t.Setenv("HF_ENDPOINT", s.URL)
	whole, err := akin.Pull(t.Context(), "blip2-opt-2.7b", api.PullOptions{Hub: akin.HubFromEnvironment(os.Getenv), Home: home})
	must(t, err)
	if sent.Load() < all {
		t.Errorf("%d of %d bytes were sent", sent.Load(), all)
	}
	stale := filepath.Join(home, "models", "blip2-opt-2.7b")
	must(t, os.MkdirAll(stale, 0o777))
	must(t, os.WriteFile(filepath.Join(stale, "source.json"), []byte(`{"repository":"x/y","commit":"c","layout":"0123456789abcdef"}`), 0o666))
	t.Setenv("HF_ENDPOINT", serveCounted(t, "Salesforce/blip2-opt-2.7b", dir, &sent, true).URL)
	sent.Store(0)
	r, err := akin.Pull(t.Context(), "blip2-opt-2.7b", api.PullOptions{Hub: akin.HubFromEnvironment(os.Getenv), Home: home})
	if err != nil || r.Path != whole.Path || sent.Load() > 0 {
		t.Errorf("%d bytes were sent, and it is in %s: %v", sent.Load(), r.Path, err)
	}
	if _, err := os.Stat(stale); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the stale part would be found first: %v", err)
	}
}
