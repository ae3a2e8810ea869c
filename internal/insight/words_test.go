package insight

import (
	"slices"
	"testing"
)

// By hand: "everything" is the nearest word to both groups, and says nothing of either.
func TestCall(t *testing.T) {
	t.Parallel()
	words := [][]float32{{0.6, 0.6, 0.5291503}, {1, 0, 0}, {0, 1, 0}, {0, 0, -1}}
	groups := [][]float64{{0.8, 0.2, 0.5}, {0.2, 0.8, 0.5}, {0.5, 0.5, 0.5}}
	if got := NameGroups(groups, []float64{0.5, 0.5, 0.5}, words); !slices.Equal(got, []int{1, 2, -1}) {
		t.Errorf("%v", got)
	}
	seen := map[string]bool{}
	for _, w := range Words() {
		if w == "" || seen[w] {
			t.Errorf("the word %q", w)
		}
		seen[w] = true
	}
}
