package space

import (
	"testing"

	"github.com/akin-search/akin/api"
	"github.com/akin-search/akin/internal/store/local"
	"github.com/akin-search/akin/internal/vector"
)

func TestTheDefaultRecallIsBelowOneForMillionsOnly(t *testing.T) {
	t.Parallel()
	const dim = 768
	part := make([]float32, 10_000*dim) // repeated
	spaceOf := func(millions int) *Space {
		m := vector.Matrix{Dim: dim}
		for range 100 * millions {
			m.Parts = append(m.Parts, part)
		}
		return &Space{Snapshot: &local.Snapshot{Matrix: m}}
	}
	for _, c := range []struct {
		name     string
		millions int
		asked    float64
		recall   float64
		reported float64
	}{
		{"five million: exact", 5, 0, 0, 0},
		{"six million: not", 6, 0, 0.99, 0.99},
		{"exact, asked for", 6, 1, 1, 0},
		{"0.9, asked for", 6, 0.9, 0.9, 0.9},
		{"0.9 of few, asked for", 1, 0.9, 0.9, 0.9},
	} {
		got := targetRecall(api.SearchOptions{Recall: c.asked}, spaceOf(c.millions))
		if got != c.recall || reportedRecall(got) != c.reported {
			t.Errorf("%s: %v, reported as %v; want %v and %v", c.name, got, reportedRecall(got), c.recall, c.reported)
		}
	}
}
