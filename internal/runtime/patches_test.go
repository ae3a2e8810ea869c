package runtime_test

import (
	"math"
	"testing"

	"github.com/akin-search/akin/internal/model"
	"github.com/akin-search/akin/internal/runtime"
)

// An explanation by patches is about the embedding: it is the class token's vector, or the mean of all.
func TestVectorsOfPatchesMakeTheEmbedding(t *testing.T) {
	eachFamily(t, func(t *testing.T, dir string) {
		m, err := model.OpenDir(dir, model.Options{})
		if err != nil {
			t.Fatal(err)
		}
		p := m.Patches
		if p == nil {
			t.Skip("its embedding is not made of patches")
		}
		pixels := make([]float32, m.Preprocess.Size())
		for i := range pixels {
			pixels[i] = float32(math.Sin(0.61 * float64(i)))
		}
		run := func(m *model.Model) []float32 {
			s, err := runtime.NewSession(m, runtime.Options{Threads: 1})
			if err != nil {
				t.Fatal(err)
			}
			defer s.Close()
			out := make([]float32, m.Dim)
			if err := s.Run(t.Context(), pixels, 1, out); err != nil {
				t.Fatal(err)
			}
			return out
		}
		want, vectors := run(m), run(p.Model)
		if len(vectors) != p.Vectors()*m.Dim {
			t.Fatalf("%d values, not %d vectors of %d", len(vectors), p.Vectors(), m.Dim)
		}
		got := vectors[:m.Dim]
		if p.Mean {
			sum := make([]float64, m.Dim)
			for i, v := range vectors {
				sum[i%m.Dim] += float64(v)
			}
			for i := range got {
				got[i] = float32(sum[i] / float64(p.Vectors()))
			}
		}
		compareDirection(t, "the patches", got, want)
	})
}
