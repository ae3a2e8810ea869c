package akin_test

import (
	"path/filepath"
	"slices"
	"testing"

	"github.com/akin-search/akin"
	"github.com/akin-search/akin/api"
	"github.com/akin-search/akin/internal/golden"
	"github.com/akin-search/akin/internal/model"
	"github.com/akin-search/akin/internal/models"
	"github.com/akin-search/akin/internal/store/local"
)

// spaces returns the fingerprints of a collection's embeddings.
func spaces(t *testing.T, c *akin.Collection) (fingerprints []string) {
	t.Helper()
	info, err := c.Info(t.Context())
	must(t, err)
	for _, s := range info.Spaces {
		fingerprints = append(fingerprints, s.Fingerprint)
	}
	return fingerprints
}

func TestACollectionKeepsThePrecisionThatItWasBegunWith(t *testing.T) {
	t.Parallel()
	golden.Deps(t)
	dir := t.TempDir()
	icons(t, dir)
	path := filepath.Join(t.TempDir(), "c.akin")
	index := func(o akin.Options) ([]string, api.IndexReport) {
		c := open(t, path, o)
		r, err := c.Index(t.Context(), []string{dir}, api.IndexOptions{})
		must(t, err)
		return spaces(t, c), r
	}
	begun, _ := index(akin.Options{Precision: "fp16"})
	if len(begun) != 1 {
		t.Fatalf("it has %d spaces", len(begun))
	}
	for _, o := range []akin.Options{{}, {Precision: "auto"}} {
		if after, r := index(o); len(after) != 1 || after[0] != begun[0] || r.Embedded != 0 {
			t.Errorf("%q: %v, %d embeddings made", o.Precision, after, r.Embedded)
		}
	}
	// Another background is another space, in the same precision.
	after, _ := index(akin.Options{Background: "white"})
	if len(after) != 2 || !slices.Contains(after, "white+"+begun[0]) {
		t.Errorf("on white: %v, begun with %v", after, begun)
	}
	if after, r := index(akin.Options{Precision: "fp32", Background: "drop"}); len(after) != 3 || r.Embedded != 8 {
		t.Errorf("in another precision: %v, %d embeddings made", after, r.Embedded)
	}
}

// A collection that was begun in bfloat16 is continued and asked where bfloat16 cannot be computed.
func TestACollectionInBFloat16IsContinuedWithoutOpenVINO(t *testing.T) {
	t.Parallel()
	golden.Deps(t)
	dir := t.TempDir()
	icons(t, dir)
	path := filepath.Join(t.TempDir(), "c.akin")
	e := models.NewEngine(models.Options{})
	defer e.Close()
	n, err := e.OpenIn(akin.DefaultModel, model.BFloat16, models.View{})
	must(t, err)
	store, err := local.Open(path, local.Options{})
	must(t, err)
	w, err := store.Writer()
	must(t, err)
	_, err = w.Space(t.Context(), akin.DefaultModel, n.Fingerprint, n.Dim)
	must(t, err)
	must(t, w.Close())
	must(t, store.Close())

	c := open(t, path, akin.Options{})
	r, err := c.Index(t.Context(), []string{dir}, api.IndexOptions{})
	must(t, err)
	if all := spaces(t, c); len(all) != 1 || all[0] != n.Fingerprint || r.Embedded != 8 {
		t.Errorf("%v, not %s; %d embeddings made", all, n.Fingerprint, r.Embedded)
	}
	result, err := c.Search(t.Context(), akin.Like(filepath.Join(dir, "ring-white.png")), api.SearchOptions{Top: 1})
	must(t, err)
	if len(result.Hits) != 1 || result.Hits[0].Score < 0.9999 {
		t.Errorf("a picture finds %+v", result.Hits)
	}
}
