package akin

import (
	"testing"

	"github.com/akin-search/akin/internal/collection"
	"github.com/akin-search/akin/internal/vector"
)

func TestLessThanAllIsChosenForMillionsOnlyAndCanBeForbidden(t *testing.T) {
	t.Parallel()
	const dim = 768
	part := make([]float32, 10_000*dim) // is there as often as it takes
	space := func(millions int) *view {
		m := vector.Matrix{Dim: dim}
		for range 100 * millions {
			m.Parts = append(m.Parts, part)
		}
		return &view{Snapshot: &collection.Snapshot{Matrix: m}}
	}
	for _, c := range []struct {
		name     string
		millions int
		asked    float64
		recall   float64
		stated   float64
	}{
		{"five million are still waited for", 5, 0, 0, 0},
		{"six are not", 6, 0, 0.99, 0.99},
		{"--exact", 6, 1, 1, 0},
		{"--recall 0.9", 6, 0.9, 0.9, 0.9},
		{"--recall 0.9 of few", 1, 0.9, 0.9, 0.9},
	} {
		got := SearchOptions{Recall: c.asked}.recall(space(c.millions))
		if got != c.recall || stated(got) != c.stated {
			t.Errorf("%s: %v, stated as %v; want %v and %v", c.name, got, stated(got), c.recall, c.stated)
		}
	}
}
