package akin_test

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/akin-search/akin"
	"github.com/akin-search/akin/api"
	"github.com/akin-search/akin/internal/golden"
)

func TestAdviceByPairs(t *testing.T) {
	t.Parallel()
	c := sixModels(t)
	r, err := c.Advise(t.Context(), api.AdviceOptions{Pairs: flagPairs(t, "flags")})
	if err != nil {
		t.Fatal(err)
	}
	if r.By != api.ByPairs || r.Models[0].Model != "clip" || len(r.Models) != 6 || r.Queries != 26 {
		t.Errorf("%+v", r)
	}
	for i, m := range r.Models {
		// Embeddings that came from elsewhere: what the model costs is not known.
		if m.Milliseconds != 0 || m.VectorBytes == 0 || (i == 0) != (m.P == 1 && m.Model == "clip") || i > 0 && m.Value > r.Models[i-1].Value {
			t.Errorf("%+v", m)
		}
	}
	words := strings.Join(r.Words, " ")
	for _, want := range []string{"Use clip", "All models together find less than the best alone, chosen on other queries: 0.66, not 0.77", "26 queries are few"} {
		if !strings.Contains(words, want) {
			t.Errorf("%q is not in %q", want, words)
		}
	}
	var labels []api.Label
	for _, name := range []string{"Chad", "Romania", "Belgium", "Norway", "Iceland", "Sweden"} {
		group := "upright"
		if len(labels) > 2 {
			group = "cross"
		}
		labels = append(labels, api.Label{Name: name, Group: group})
	}
	r, err = c.Advise(t.Context(), api.AdviceOptions{Labels: labels})
	if err != nil || r.By != api.ByGroups || r.Queries != 6 || r.Fused == nil {
		t.Errorf("%+v, %v", r, err)
	}
	if _, err := c.Advise(t.Context(), api.AdviceOptions{Labels: labels, Pairs: flagPairs(t, "flags")}); err == nil {
		t.Error("by both")
	}
}

// Of models that find the same neither is the better one.
func TestAdviceNamesAllThatAreEqual(t *testing.T) {
	t.Parallel()
	c := open(t, filepath.Join(t.TempDir(), "equal.akin"), akin.Options{})
	for model, file := range map[string]string{"one": "clip", "other": "clip", "vgg16": "vgg16"} {
		if _, err := c.Import(t.Context(), api.ImportOptions{Model: model, File: filepath.Join(golden.Flags(t), "embeddings", "national_flag_embeddings_"+file+".csv")}); err != nil {
			t.Fatal(err)
		}
	}
	r, err := c.Advise(t.Context(), api.AdviceOptions{Pairs: flagPairs(t, "flags")})
	if err != nil {
		t.Fatal(err)
	}
	words := strings.Join(r.Words, " ")
	if !strings.Contains(words, "one or other: they are equal, ") && !strings.Contains(words, "other or one: they are equal, ") || !strings.Contains(words, "Chance may explain that vgg16 is behind (p = ") {
		t.Errorf("%q", words)
	}
}

func TestAdviceWithoutLabelsSaysThatItIsOfSteadiness(t *testing.T) {
	t.Parallel()
	golden.Deps(t)
	dir := t.TempDir()
	for _, name := range []string{"Brazil", "Chad", "Japan", "Nepal"} {
		copyFile(t, filepath.Join(golden.Flags(t), "images", name+".png"), filepath.Join(dir, "pictures", name+".png"))
	}
	c := open(t, filepath.Join(dir, "c.akin"), akin.Options{})
	if _, err := c.Index(t.Context(), []string{filepath.Join(dir, "pictures")}, api.IndexOptions{}); err != nil {
		t.Fatal(err)
	}
	r, err := c.Advise(t.Context(), api.AdviceOptions{})
	if err != nil {
		t.Fatal(err)
	}
	m := r.Models[0]
	if r.By != api.BySteadiness || m.Model != akin.DefaultModel || m.Value < 0.9 || m.Milliseconds <= 0 || m.ModelBytes < 9e6 || m.VectorBytes != 4*1280 {
		t.Errorf("%+v", r)
	}
	if words := strings.Join(r.Words, " "); !strings.Contains(words, "nothing to compare it with") {
		t.Errorf("%q", words)
	}
}
