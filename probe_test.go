package akin_test

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/akin-search/akin"
	"github.com/akin-search/akin/api"
	"github.com/akin-search/akin/internal/golden"
)

// What is known of a convolutional net that was trained with mirrored pictures: a mirror changes
// next to nothing, a strong blur nearly all.
func TestProbeOfTheDefaultModel(t *testing.T) {
	t.Parallel()
	golden.Deps(t)
	flags := filepath.Join(golden.Flags(t), "images")
	dir := t.TempDir()
	for _, name := range []string{"Brazil", "Chad", "Japan", "Nepal", "Canada", "Mexico", "India", "Kenya"} {
		copyFile(t, filepath.Join(flags, name+".png"), filepath.Join(dir, "pictures", name+".png"))
	}
	c := open(t, filepath.Join(dir, "c.akin"), akin.Options{})
	if _, err := c.Index(t.Context(), []string{filepath.Join(dir, "pictures")}, api.IndexOptions{}); err != nil {
		t.Fatal(err)
	}
	told := 0
	r, err := c.Probe(t.Context(), api.ProbeOptions{Progress: func(done, total int) { told = done }})
	if err != nil {
		t.Fatal(err)
	}
	if r.Pictures != 8 || told != 8 || len(r.Models) != 1 || len(r.Failed) > 0 {
		t.Fatalf("%+v", r)
	}
	of := map[string]api.Reaction{}
	for i, reaction := range r.Models[0].Reactions {
		if reaction.Change != r.Changes[i].Name || reaction.RetainedWithin[0] > reaction.Retained || reaction.Retained > reaction.RetainedWithin[1] {
			t.Errorf("%+v", reaction)
		}
		of[reaction.Change] = reaction
	}
	if of["mirror"].Retained < 0.9 || of["mirror"].Found < 0.9 || of["blur-more"].Retained > 0.3 || of["darker"].Retained < of["grey"].Retained {
		t.Errorf("%+v", of)
	}
	if !slices.Contains(r.Models[0].Sensitive, "blur-more") || slices.Contains(r.Models[0].Invariant, "blur-more") {
		t.Errorf("%v and %v", r.Models[0].Sensitive, r.Models[0].Invariant)
	}
	again, err := c.Probe(t.Context(), api.ProbeOptions{Names: []string{"Japan"}})
	if err != nil || again.Pictures != 1 || again.Example.Name != "Japan" {
		t.Errorf("%+v, %v", again, err)
	}
	// A picture that is gone is told, and the rest goes on.
	if err := os.Remove(filepath.Join(dir, "pictures", "Chad.png")); err != nil {
		t.Fatal(err)
	}
	r, err = c.Probe(t.Context(), api.ProbeOptions{Names: []string{"Chad", "Japan"}})
	if err != nil || r.Pictures != 1 || len(r.Failed) != 1 || !strings.Contains(r.Failed[0].Source, "Chad") {
		t.Errorf("%+v, %v", r, err)
	}
	if _, err := c.Probe(t.Context(), api.ProbeOptions{Names: []string{"Atlantis"}}); !errors.Is(err, akin.ErrNotIndexed) {
		t.Error(err)
	}
}

// Embeddings from elsewhere, without pictures and without a model, cannot be probed.
func TestProbeNeedsPicturesAndModels(t *testing.T) {
	t.Parallel()
	c := sixModels(t)
	if _, err := c.Probe(t.Context(), api.ProbeOptions{}); err == nil || !strings.Contains(err.Error(), "no model of this collection can run here") {
		t.Error(err)
	}
}
