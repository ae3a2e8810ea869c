package akin_test

import (
	"path/filepath"
	"testing"

	"github.com/akin-search/akin"
	"github.com/akin-search/akin/api"
	"github.com/akin-search/akin/internal/golden"
)

// Two collections that share an Engine have each model once, and closing one of them
// leaves it to the other.
func TestEngineIsSharedByCollections(t *testing.T) {
	t.Parallel()
	golden.Deps(t)
	e := akin.NewEngine(akin.Options{})
	flag := filepath.Join(golden.Flags(t), "images", "Chad.png")
	var collections []*akin.Collection
	for range 2 {
		c, err := akin.Open(t.Context(), filepath.Join(t.TempDir(), "flags.akin"), akin.Options{Engine: e})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := c.Index(t.Context(), []string{flag}, api.IndexOptions{}); err != nil {
			t.Fatal(err)
		}
		collections = append(collections, c)
	}
	if names := e.Models(); len(names) != 1 {
		t.Errorf("in memory: %v", names)
	}
	if err := collections[0].Close(); err != nil {
		t.Fatal(err)
	}
	if hits, err := collections[1].Search(t.Context(), akin.Like(flag), api.SearchOptions{IncludeSelf: true}); err != nil || len(hits.Hits) != 1 {
		t.Errorf("after the other was closed: %+v, %v", hits, err)
	}
	if err := collections[1].Close(); err != nil {
		t.Error(err)
	}
	if err := e.Close(); err != nil || len(e.Models()) != 0 {
		t.Errorf("%v, %v", e.Models(), err)
	}
}
