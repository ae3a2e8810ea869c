package akin_test

import (
	"math"
	"path/filepath"
	"testing"

	"github.com/akin-search/akin"
	"github.com/akin-search/akin/api"
	"github.com/akin-search/akin/internal/golden"
)

// Clusters are called by the word that is nearer to their pictures than to all, by the most:
// worked out here anew from the embeddings that the model gives pictures and words.
func TestClustersAreCalledByWords(t *testing.T) {
	t.Parallel()
	golden.Deps(t)
	o := akin.Options{Models: []string{"clip"}, ModelDirs: []string{filepath.Join(golden.Dir(t), "models")}}
	dir := filepath.Join(t.TempDir(), "pictures")
	for _, name := range copiedFlags(t) {
		copyFile(t, filepath.Join(golden.Flags(t), "images", name+".png"), filepath.Join(dir, name+".png"))
	}
	c := open(t, filepath.Join(t.TempDir(), "c.akin"), o)
	_, err := c.Index(t.Context(), []string{dir}, api.IndexOptions{})
	must(t, err)
	words := []string{"a red flag", "a blue flag", "stripes", "a star", "a cross", "a cat"}
	m, err := c.Map(t.Context(), api.MapOptions{Words: words, MinCluster: 5})
	must(t, err)
	if len(m.Clusters) < 2 {
		t.Fatalf("%d clusters: too few to tell anything", len(m.Clusters))
	}
	model, err := akin.OpenModel("clip", o)
	must(t, err)
	defer model.Close()
	embedded, err := model.EmbedText(t.Context(), words, nil)
	must(t, err)
	pictures := unitVectors(t, c, "clip")
	for _, cluster := range m.Clusters {
		best, most := "", 0.
		for w, e := range embedded {
			length := 0.
			for _, x := range e.Vector {
				length += float64(x) * float64(x)
			}
			inside, all, n := 0., 0., 0.
			for _, p := range m.Pictures {
				dot := 0.
				for d, x := range pictures[p.Name] {
					dot += float64(x) * float64(e.Vector[d]) / math.Sqrt(length)
				}
				all += dot / float64(len(m.Pictures))
				if p.Cluster == cluster.Cluster {
					inside, n = inside+dot, n+1
				}
			}
			if nearer := inside/n - all; nearer > most {
				best, most = words[w], nearer
			}
		}
		if cluster.Words != best {
			t.Errorf("cluster %d is called %q, want %q", cluster.Cluster, cluster.Words, best)
		}
	}
	if unasked, err := c.Map(t.Context(), api.MapOptions{MinCluster: 5}); err != nil || unasked.Clusters[0].Words == "" {
		t.Errorf("without words of one's own: %q, %v", unasked.Clusters[0].Words, err)
	}
}

// unitVectors gives every picture's unit vector in a model.
func unitVectors(t *testing.T, c *akin.Collection, model string) map[string][]float32 {
	t.Helper()
	e, err := c.Export(t.Context(), model)
	must(t, err)
	out := map[string][]float32{}
	for i, name := range e.Names {
		out[name] = e.Vector(i)
	}
	return out
}
