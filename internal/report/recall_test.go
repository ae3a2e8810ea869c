package report

import (
	"testing"

	"github.com/akin-search/akin/api"
	"github.com/akin-search/akin/internal/space"
	"github.com/akin-search/akin/internal/store/local"
	"github.com/akin-search/akin/internal/vector"
)

func TestLessThanAllIsChosenForMillionsOnlyAndCanBeForbidden(t *testing.T) {
	t.Parallel()
	const dim = 768
	part := make([]float32, 10_000*dim) // is there as often as it takes
	spaceOf := func(millions int) *space.Space {
		m := vector.Matrix{Dim: dim}
		for range 100 * millions {
			m.Parts = append(m.Parts, part)
		}
		return &space.Space{Snapshot: &local.Snapshot{Matrix: m}}
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
		got := space.TargetRecall(api.SearchOptions{Recall: c.asked}, spaceOf(c.millions))
		if got != c.recall || space.ReportedRecall(got) != c.stated {
			t.Errorf("%s: %v, stated as %v; want %v and %v", c.name, got, space.ReportedRecall(got), c.recall, c.stated)
		}
	}
}
