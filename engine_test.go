package akin

import (
	"path/filepath"
	"testing"

	"github.com/akin-search/akin/internal/golden"
)

// Two collections that share an Engine have each model once, and closing one of them
// leaves it to the other.
func TestEngineIsSharedByCollections(t *testing.T) {
	t.Parallel()
	golden.Deps(t)
	e := NewEngine(Options{})
	flag := filepath.Join(golden.Flags(t), "images", "Chad.png")
	var used []*network
	var collections []*Collection
	for range 2 {
		c, err := Open(filepath.Join(t.TempDir(), "flags.akin"), Options{Engine: e})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := c.Index(t.Context(), []string{flag}, IndexOptions{}); err != nil {
			t.Fatal(err)
		}
		n, err := c.engine.open(DefaultModel)
		if err != nil {
			t.Fatal(err)
		}
		used, collections = append(used, n), append(collections, c)
	}
	if names := e.Models(); len(names) != 1 || used[0] != used[1] || used[0].many.session == nil {
		t.Errorf("in memory: %v, the same one: %v", names, used[0] == used[1])
	}
	if err := collections[0].Close(); err != nil {
		t.Fatal(err)
	}
	if hits, err := collections[1].Search(t.Context(), Like(flag), SearchOptions{IncludeSelf: true}); err != nil || len(hits.Hits) != 1 {
		t.Errorf("after the other was closed: %+v, %v", hits, err)
	}
	if err := collections[1].Close(); err != nil {
		t.Error(err)
	}
	if err := e.Close(); err != nil || len(e.Models()) != 0 {
		t.Errorf("%v, %v", e.Models(), err)
	}
}
