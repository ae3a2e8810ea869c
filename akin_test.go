package akin_test

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/akin-search/akin"
	"github.com/akin-search/akin/api"
	"github.com/akin-search/akin/internal/golden"
)

// Where set-up has put ONNX Runtime and the weights.
var library, weights string

// at returns options for a user whose data lies in a folder of its own.
func at(home string) akin.Options {
	return akin.Options{Home: akin.Home(home), Library: library, ModelDirs: []string{weights}}
}

// TestMain gives the tests a user whose data folder has what set-up has fetched, and nothing else.
func TestMain(m *testing.M) {
	if os.Getenv("AKIN_TEST_HOME") == "" { // not a process that a test has started
		dir, err := os.MkdirTemp("", "akin-test-")
		if err != nil {
			panic(err)
		}
		defer os.RemoveAll(dir)
		os.Setenv("AKIN_TEST_HOME", dir)
		switch runtime.GOOS {
		case "darwin":
			os.Setenv("HOME", dir)
		case "windows":
			os.Setenv("LOCALAPPDATA", dir)
		default:
			os.Setenv("XDG_DATA_HOME", dir)
		}
		data, err := akin.DataDir()
		deps, _ := filepath.Abs(".deps")
		for _, name := range []string{"lib", "models"} {
			err = errors.Join(err, os.MkdirAll(data, 0o700), os.Symlink(filepath.Join(deps, name), filepath.Join(data, name)))
		}
		if err != nil {
			panic(err)
		}
	}
	data, err := akin.DataDir()
	if err != nil {
		panic(err)
	}
	weights = filepath.Join(data, "models")
	if found, _ := filepath.Glob(filepath.Join(data, "lib", "*onnxruntime*.so*")); len(found) > 0 {
		library = found[len(found)-1]
	}
	if dir := os.Getenv("AKIN_TEST_INDEX"); dir != "" {
		indexAndTell(dir, os.Getenv("AKIN_TEST_PICTURES"))
	}
	if dir := os.Getenv("AKIN_TEST_REMOVE"); dir != "" {
		removeAndDie(dir, os.Getenv("AKIN_TEST_TO"))
	}
	m.Run()
}

func open(t testing.TB, dir string, o akin.Options) *akin.Collection {
	t.Helper()
	c, err := akin.Open(t.Context(), dir, o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := c.Close(); err != nil {
			t.Error(err)
		}
	})
	return c
}

// indexFlags indexes the real flags with the default model.
func indexFlags(t testing.TB) *akin.Collection {
	t.Helper()
	golden.Deps(t)
	c := open(t, filepath.Join(t.TempDir(), "flags.akin"), akin.Options{})
	report, err := c.Index(t.Context(), []string{filepath.Join(golden.Flags(t), "images")}, api.IndexOptions{})
	if err != nil {
		t.Fatal(err)
	}
	if report.Added != 195 || len(report.Failed) != 0 {
		t.Fatalf("%d added, %v failed", report.Added, report.Failed)
	}
	return c
}

func ranks(t testing.TB, c *akin.Collection, pairs ...api.Pair) map[string]map[string][2]int {
	t.Helper()
	e, err := c.Evaluate(t.Context(), pairs, api.EvaluateOptions{})
	if err != nil {
		t.Fatal(err)
	}
	if len(e.Missing) > 0 {
		t.Fatalf("missing: %v", e.Missing)
	}
	out := map[string]map[string][2]int{}
	for _, p := range e.Pairs {
		out[p.A+"-"+p.B] = p.Ranks
	}
	return out
}

// The pairs that the article's readers call alike, as the default model ranks them.
func TestTheDefaultModelFindsFlagsThatLookAlike(t *testing.T) {
	t.Parallel()
	c := indexFlags(t)
	got := ranks(t, c, api.Pair{A: "Chad", B: "Romania"}, api.Pair{A: "Indonesia", B: "Monaco"},
		api.Pair{A: "Australia", B: "New Zealand"}, api.Pair{A: "Norway", B: "Iceland"},
		api.Pair{A: "Luxembourg", B: "Netherlands"}, api.Pair{A: "Ireland", B: "Ivory Coast"}, api.Pair{A: "Senegal", B: "Mali"})
	for pair, want := range map[string][2]int{
		"Chad-Romania": {1, 1}, "Indonesia-Monaco": {1, 1}, "Australia-New Zealand": {1, 1}, "Norway-Iceland": {1, 1},
		"Luxembourg-Netherlands": {1, 1}, "Ireland-Ivory Coast": {2, 3}, "Senegal-Mali": {16, 25},
	} {
		if got[pair][akin.DefaultModel] != want {
			t.Errorf("%s: %v, want %v", pair, got[pair][akin.DefaultModel], want)
		}
		// Mali is sixteenth among Senegal's, and as close as it are others by luck.
		a, b, _ := strings.Cut(pair, "-")
		r, err := c.Search(t.Context(), akin.Like(a), api.SearchOptions{})
		must(t, err)
		for _, h := range r.Hits {
			if h.Name == b && (h.Grade == api.Same || h.Grade == api.Weak && a != "Senegal") {
				t.Errorf("%s is %s to %s, %g by luck", b, h.Grade, a, *h.ByLuck)
			}
		}
	}
	r, err := c.Search(t.Context(), akin.Like("Senegal"), api.SearchOptions{Top: 1})
	if err != nil || len(r.Hits) != 1 || r.Hits[0].Name != "Cameroon" {
		t.Errorf("Senegal's nearest: %v, %v", r.Hits, err)
	}
}

// The article's own embeddings give the article's own findings, to the rank.
func TestTheArticlesEmbeddingsGiveItsFindings(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(golden.Flags(t), "embeddings")
	c := open(t, filepath.Join(t.TempDir(), "six.akin"), akin.Options{})
	for model, file := range map[string]string{
		"vit": "vit", "efficientnet": "efficientnet", "dinov2": "DINO-v2", "clip": "clip", "blip2": "blip", "vgg16": "vgg16",
	} {
		r, err := c.Import(t.Context(), api.ImportOptions{Model: model, File: filepath.Join(dir, "national_flag_embeddings_"+file+".csv")})
		if err != nil {
			t.Fatal(err)
		}
		if r.Rows != 195 {
			t.Errorf("%s: %d rows", model, r.Rows)
		}
	}
	got := ranks(t, c, api.Pair{A: "Chad", B: "Romania"}, api.Pair{A: "India", B: "Pakistan"})
	for _, model := range []string{"vit", "efficientnet", "dinov2", "clip", "blip2", "vgg16"} {
		if r := got["Chad-Romania"][model]; r != [2]int{1, 1} {
			t.Errorf("Chad-Romania under %s: %v", model, r)
		}
		r, err := c.Search(t.Context(), akin.Like("Senegal"), api.SearchOptions{Model: model, Top: 2})
		if err != nil {
			t.Fatal(err)
		}
		if r.Hits[0].Name != "Cameroon" {
			t.Errorf("Senegal's nearest under %s: %s", model, r.Hits[0].Name)
		}
		if second := r.Hits[1].Name; (model == "clip" || model == "vgg16") && second != "Mali" {
			t.Errorf("Senegal's second under %s: %s", model, second)
		}
	}
	for model, want := range map[string][2]int{
		"clip": {2, 5}, "blip2": {2, 4}, "vit": {136, 32}, "efficientnet": {117, 114}, "dinov2": {61, 43}, "vgg16": {14, 42},
	} {
		if r := got["India-Pakistan"][model]; r != want {
			t.Errorf("India-Pakistan under %s: %v, want %v", model, r, want)
		}
	}
}

func copyFile(t testing.TB, from, to string) {
	t.Helper()
	data, err := os.ReadFile(from)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.MkdirAll(filepath.Dir(to), 0o777); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(to, data, 0o666); err != nil {
		t.Fatal(err)
	}
}

func TestOnlyWhatChangedIsEmbeddedAgain(t *testing.T) {
	t.Parallel()
	golden.Deps(t)
	flags := filepath.Join(golden.Flags(t), "images")
	root := t.TempDir()
	dir := filepath.Join(root, "pictures")
	at := func(name string) string { return filepath.Join(dir, name) }
	for _, name := range []string{"Chad", "Mali", "Japan"} {
		copyFile(t, filepath.Join(flags, name+".png"), at(name+".png"))
	}
	c := open(t, filepath.Join(root, "c.akin"), akin.Options{})
	type counts struct{ added, changed, renamed, unchanged, removed, missing, embedded, failed int }
	for _, step := range []struct {
		why   string
		do    func()
		prune bool
		want  counts
	}{
		{"a new folder", func() {}, false, counts{added: 3, embedded: 3}},
		{"the same again", func() {}, false, counts{unchanged: 3}},
		{"a copy shares its embedding", func() { copyFile(t, at("Chad.png"), at("sub/Copy.png")) }, false, counts{added: 1, unchanged: 3}},
		{"a moved file keeps it", func() { must(t, os.Rename(at("Mali.png"), at("sub/Mali.png"))) }, false, counts{renamed: 1, unchanged: 3}},
		{"other bytes under the same name", func() { copyFile(t, filepath.Join(flags, "Cuba.png"), at("Japan.png")) }, false, counts{changed: 1, unchanged: 3, embedded: 1}},
		{"a file that is no picture", func() { must(t, os.WriteFile(at("bad.png"), []byte("no picture"), 0o666)) }, false, counts{unchanged: 4, failed: 1}},
		{"it is not tried again", func() {}, false, counts{unchanged: 5}},
		{"until it changes", func() { copyFile(t, filepath.Join(flags, "Peru.png"), at("bad.png")) }, false, counts{changed: 1, unchanged: 4, embedded: 1}},
		{"a deleted file stays", func() { must(t, os.Remove(at("bad.png"))) }, false, counts{unchanged: 4, missing: 1}},
		{"until it is pruned", func() {}, true, counts{unchanged: 4, removed: 1}},
	} {
		step.do()
		r, err := c.Index(t.Context(), []string{dir}, api.IndexOptions{Prune: step.prune})
		if err != nil {
			t.Fatalf("%s: %v", step.why, err)
		}
		got := counts{r.Added, r.Changed, r.Renamed, r.Unchanged, r.Removed, r.Missing, r.Embedded, len(r.Failed)}
		if got != step.want {
			t.Errorf("%s: %+v, want %+v", step.why, got, step.want)
		}
	}
	hits, err := c.Search(t.Context(), akin.Like("Chad"), api.SearchOptions{Top: 1})
	if err != nil || hits.Hits[0].Name != "Copy" || hits.Hits[0].Score < 0.999999 || hits.Hits[0].Grade != api.Same {
		t.Errorf("the copy is no hit: %+v, %v", hits.Hits, err)
	}
	if problems, err := c.Verify(t.Context()); err != nil || len(problems) > 0 {
		t.Errorf("verify: %v, %v", problems, err)
	}
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func TestQueriesAddSubtractAndCrop(t *testing.T) {
	t.Parallel()
	c := indexFlags(t)
	flags := filepath.Join(golden.Flags(t), "images")
	top := func(q api.Query, o api.SearchOptions) api.Hit {
		t.Helper()
		o.Top = 1
		r, err := c.Search(t.Context(), q, o)
		if err != nil {
			t.Fatal(err)
		}
		return r.Hits[0]
	}
	outside := filepath.Join(t.TempDir(), "unknown.png")
	copyFile(t, filepath.Join(flags, "Chad.png"), outside)
	data, err := os.ReadFile(outside)
	must(t, err)
	if h := top(akin.Like("Chad"), api.SearchOptions{IncludeSelf: true}); h.Name != "Chad" || h.Score < 0.999999 {
		t.Errorf("with itself: %+v", h)
	}
	if h := top(akin.Like(filepath.Join(flags, "Chad.png")), api.SearchOptions{}); h.Name != "Romania" {
		t.Errorf("by its file: %+v", h)
	}
	if h := top(akin.Like(outside), api.SearchOptions{}); h.Name != "Chad" {
		t.Errorf("by a copy elsewhere: %+v", h)
	}
	if h := top(akin.LikeBytes("upload", data), api.SearchOptions{}); h.Name != "Chad" {
		t.Errorf("by its bytes: %+v", h)
	}
	if h := top(akin.Like("Chad").Plus(akin.Like("Romania")), api.SearchOptions{}); h.Name == "Chad" || h.Name == "Romania" {
		t.Errorf("both are queries, and a hit: %+v", h)
	}
	if h := top(akin.Like("Chad").Minus(akin.Like("Romania").Times(0.5)), api.SearchOptions{}); h.Name == "Romania" {
		t.Errorf("what was subtracted comes first: %+v", h)
	}
	// The middle third of Chad is plain yellow: nothing like the whole.
	if h := top(akin.Like("Chad").Cropped(api.Crop{X: 80, Y: 0, Width: 60, Height: 147}), api.SearchOptions{}); h.Name == "Romania" {
		t.Errorf("the crop changes nothing: %+v", h)
	}
}

func TestErrorsCanBeTold(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	dir := t.TempDir()
	empty := open(t, filepath.Join(dir, "empty.akin"), akin.Options{})
	text := filepath.Join(dir, "text.png")
	must(t, os.WriteFile(text, []byte("hello"), 0o666))
	for _, c := range []struct {
		why  string
		do   func() error
		want error
	}{
		{"nothing is there", func() error {
			_, err := akin.Open(t.Context(), filepath.Join(dir, "absent"), akin.Options{ReadOnly: true})
			return err
		}, akin.ErrNoCollection},
		{"nothing was indexed", func() error { _, err := empty.Search(ctx, akin.Like("x"), api.SearchOptions{}); return err }, akin.ErrNoSpace},
		{"no such model", func() error { _, err := akin.OpenModel("resnet", akin.Options{}); return err }, akin.ErrNoModel},
		{"no picture", func() error { _, _, err := akin.Inspect(ctx, text, akin.Options{}); return err }, akin.ErrNotAPicture},
		{"no file", func() error { _, _, err := akin.Inspect(ctx, text+"x", akin.Options{}); return err }, os.ErrNotExist},
	} {
		if err := c.do(); !errors.Is(err, c.want) {
			t.Errorf("%s: %v, want %v", c.why, err, c.want)
		}
	}
}

func TestAWrongNameSuggestsRightOnes(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	names, vectors := filepath.Join(dir, "names.txt"), filepath.Join(dir, "v.csv")
	must(t, os.WriteFile(names, []byte("Chad\nRomania\n"), 0o666))
	must(t, os.WriteFile(vectors, []byte("name,features\nChad,[1 0]\nRomania,[0.9 0.1]\nMali,[0 1]\n"), 0o666))
	c := open(t, filepath.Join(dir, "c.akin"), akin.Options{})
	if _, err := c.Import(t.Context(), api.ImportOptions{Model: "mine", File: vectors}); err != nil {
		t.Fatal(err)
	}
	_, err := c.Search(t.Context(), akin.Like("Romannia"), api.SearchOptions{})
	if !errors.Is(err, akin.ErrNotIndexed) || !strings.Contains(err.Error(), "Romania") {
		t.Errorf("%v", err)
	}
	r, err := c.Search(t.Context(), akin.Like("romania"), api.SearchOptions{})
	if err != nil || r.Hits[0].Name != "Chad" {
		t.Errorf("%v, %v", r.Hits, err)
	}
}

func TestACancelledRunKeepsWhatItStored(t *testing.T) {
	t.Parallel()
	golden.Deps(t)
	c := open(t, filepath.Join(t.TempDir(), "c.akin"), akin.Options{})
	images := filepath.Join(golden.Flags(t), "images")
	ctx, cancel := context.WithCancel(t.Context())
	n := 0
	_, err := c.Index(ctx, []string{images}, api.IndexOptions{Progress: func(api.Progress) {
		if n++; n == 2 {
			cancel()
		}
	}})
	cancel()
	if err != nil && !errors.Is(err, context.Canceled) {
		t.Fatal(err)
	}
	before, err := c.Info(t.Context())
	must(t, err)
	r, err := c.Index(t.Context(), []string{images}, api.IndexOptions{})
	must(t, err)
	if before.Pictures+r.Added != 195 || r.Unchanged != before.Pictures {
		t.Errorf("%d were stored, then %d added and %d unchanged", before.Pictures, r.Added, r.Unchanged)
	}
}

// What could not be had is asked for again; what is no picture is not.
func TestAnAddressThatFailedIsTriedAgain(t *testing.T) {
	t.Parallel()
	golden.Deps(t)
	flag, err := os.ReadFile(filepath.Join(golden.Flags(t), "images", "Chad.png"))
	if err != nil {
		t.Fatal(err)
	}
	var down atomic.Bool
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		if down.Load() {
			w.WriteHeader(http.StatusNotFound)
			return
		}
		_, _ = w.Write(flag)
	}))
	t.Cleanup(server.Close)
	list := filepath.Join(t.TempDir(), "list.csv")
	if err := os.WriteFile(list, []byte("Country,Flag Image\nChad,"+server.URL+"/chad.png\n"), 0o666); err != nil {
		t.Fatal(err)
	}
	c := open(t, filepath.Join(t.TempDir(), "c.akin"), akin.Options{})
	for _, run := range []struct{ down, fails, unchanged int }{{1, 1, 0}, {1, 1, 0}, {0, 0, 0}, {0, 0, 1}} {
		down.Store(run.down == 1)
		r, err := c.Index(t.Context(), []string{list}, api.IndexOptions{})
		if err != nil || len(r.Failed) != run.fails || r.Unchanged != run.unchanged {
			t.Errorf("%+v: %+v, %v", run, r, err)
		}
	}
	if p, err := c.Picture(t.Context(), "Chad"); err != nil || p.Source != server.URL+"/chad.png" {
		t.Errorf("%+v, %v", p, err)
	}
}
