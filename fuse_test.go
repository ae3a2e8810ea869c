package akin_test

import (
	"math"
	"path/filepath"
	"strings"
	"testing"

	"github.com/akin-search/akin"
	"github.com/akin-search/akin/api"
	"github.com/akin-search/akin/internal/golden"
)

// sixModels is a collection of the flags with the embeddings of six real models.
func sixModels(t *testing.T) *akin.Collection {
	t.Helper()
	dir := filepath.Join(golden.Flags(t), "embeddings")
	c := open(t, filepath.Join(t.TempDir(), "six.akin"), akin.Options{})
	for model, file := range map[string]string{
		"vit": "vit", "efficientnet": "efficientnet", "dinov2": "DINO-v2", "clip": "clip", "blip2": "blip", "vgg16": "vgg16",
	} {
		if _, err := c.Import(t.Context(), api.ImportOptions{Model: model, File: filepath.Join(dir, "national_flag_embeddings_"+file+".csv")}); err != nil {
			t.Fatal(err)
		}
	}
	return c
}

func flagPairs(t *testing.T, name string) []api.Pair {
	t.Helper()
	set, err := akin.FindPairSet(name)
	if err != nil {
		t.Fatal(err)
	}
	pairs, err := set.Pairs()
	if err != nil {
		t.Fatal(err)
	}
	return pairs
}

// The values are those of a page of NumPy over the same embeddings.
func TestFusionOfTheFlags(t *testing.T) {
	t.Parallel()
	c := sixModels(t)
	pairs := flagPairs(t, "flags")
	for _, want := range []struct {
		fusion api.Fusion
		mrr    float64
		within float64
	}{
		{api.Fusion{}, 0.5270, 1e-4},
		{api.Fusion{Method: api.FuseScores}, 0.6592, 1e-4},
		{api.Fusion{Method: api.FuseCSLS}, 0.6388, 0.01}, // NumPy's scale is of all pairs, not of a sample
		{api.Fusion{Method: api.FuseScores, Weights: map[string]float64{"vit": 0, "efficientnet": 0, "dinov2": 0, "blip2": 0, "vgg16": 0}}, 0.7660, 1e-4},
	} {
		r, err := c.Evaluate(t.Context(), pairs, api.EvaluateOptions{Fusion: want.fusion})
		if err != nil {
			t.Fatal(err)
		}
		if got := r.Summary[api.Fused].MRR; math.Abs(got-want.mrr) > want.within {
			t.Errorf("%+v: MRR %.4f, want %.4f", want.fusion, got, want.mrr)
		}
		if got := r.Summary["clip"].MRR; math.Abs(got-0.7660) > 1e-4 {
			t.Errorf("clip: MRR %.4f", got)
		}
		if len(r.Tests) != 21 || r.Rows != 9 {
			t.Errorf("%d tests, %d rows", len(r.Tests), r.Rows)
		}
	}
	learned, err := c.LearnFusion(t.Context(), pairs, nil)
	if err != nil {
		t.Fatal(err)
	}
	if math.Abs(learned.Equal.MRR-0.6592) > 1e-4 || math.Abs(learned.Trained.MRR-0.8154) > 0.01 || math.Abs(learned.CrossValidated.MRR-0.7626) > 0.01 {
		t.Errorf("equal %.4f, trained %.4f, cross-validated %.4f", learned.Equal.MRR, learned.Trained.MRR, learned.CrossValidated.MRR)
	}
	// What was learned is what a search then does.
	r, err := c.Evaluate(t.Context(), pairs, api.EvaluateOptions{Fusion: learned.Fusion})
	if err != nil || math.Abs(r.Summary[api.Fused].MRR-learned.Trained.MRR) > 1e-9 {
		t.Errorf("with the learned weights: %.4f, %v; %.4f was said", r.Summary[api.Fused].MRR, err, learned.Trained.MRR)
	}
}

func TestSearchFused(t *testing.T) {
	t.Parallel()
	c := sixModels(t)
	for _, method := range append([]string{""}, api.FusionMethods...) {
		r, err := c.SearchFused(t.Context(), akin.Like("Chad"), api.CompareOptions{Top: 3, Fusion: api.Fusion{Method: method}})
		if err != nil || len(r.Hits) != 3 || r.Hits[0].Name != "Romania" || r.Model != api.Fused {
			t.Errorf("%s: %+v, %v", method, r, err)
		}
	}
	for _, wrong := range []struct {
		fusion api.Fusion
		says   string
	}{
		{api.Fusion{Method: "sum"}, `"sum"`},
		{api.Fusion{Weights: map[string]float64{"nobody": 1}}, `"nobody" has a weight`},
		{api.Fusion{Weights: map[string]float64{"clip": -1}}, "clip has the weight -1"},
		{api.Fusion{Weights: map[string]float64{"clip": math.NaN()}}, "clip has the weight NaN"},
		{api.Fusion{Weights: map[string]float64{"clip": 0, "vit": 0, "efficientnet": 0, "dinov2": 0, "blip2": 0, "vgg16": 0}}, "the weight 0"},
	} {
		if _, err := c.SearchFused(t.Context(), akin.Like("Chad"), api.CompareOptions{Fusion: wrong.fusion}); err == nil || !strings.Contains(err.Error(), wrong.says) {
			t.Errorf("%+v: %v", wrong.fusion, err)
		}
	}
}

// The sets are of names that the flags have.
func TestPairSets(t *testing.T) {
	t.Parallel()
	c := sixModels(t)
	for name, pairs := range map[string]int{"flags": 13, "flags-context": 3} {
		r, err := c.Evaluate(t.Context(), flagPairs(t, name), api.EvaluateOptions{})
		if err != nil || len(r.Pairs) != pairs || len(r.Missing) > 0 {
			t.Errorf("%s: %d pairs, %q are missing (%v)", name, len(r.Pairs), r.Missing, err)
		}
	}
	if _, err := akin.FindPairSet("stamps"); err == nil || !strings.Contains(err.Error(), "flags-context") {
		t.Error(err)
	}
}
