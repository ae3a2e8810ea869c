package insight

import (
	"math"
	"testing"
)

func TestGap(t *testing.T) {
	t.Parallel()
	// Two models hold the pair at ranks 2/8 (4) and 1/1 (1), two others at 16/64 (32) and 8/8 (8):
	// geometric means 2 and 16, eight times nearer.
	var near []float64
	for _, r := range [][2]int{{2, 8}, {1, 1}, {16, 64}, {8, 8}} {
		near = append(near, math.Log2(NearRank(r)))
	}
	if got := Gap(near, 0b0011); math.Abs(got-3) > 1e-12 {
		t.Errorf("%v", got)
	}
	if got := Gap(near, 0b1100); math.Abs(got+3) > 1e-12 {
		t.Errorf("the other way: %v", got)
	}
	if got := Gap(near, 0b0001); math.Abs(got-(0+5+3)/3.+2) > 1e-12 {
		t.Errorf("one model: %v", got)
	}
}

func TestGapChance(t *testing.T) {
	t.Parallel()
	// Gaps with the first model in: 4, 2, 0, 0; with the second: -4, -2, 0, 0.
	g := NewGapNull([][]float64{{0, 4}, {0, 2}, {1, 1}, {3, 3}}, 2, 0b01)
	for gap, want := range map[float64]float64{5: 0, 4: 0.25, 3: 0.25, 2: 0.5, 0: 1, -1: 1} {
		if got := g.Share(gap); got != want {
			t.Errorf("share of %v: %v, want %v", gap, got, want)
		}
	}
	// At 2 or more: two pairs, and none under the one other division. At 0: four, and two.
	for gap, want := range map[float64]float64{5: 1, 2: 0, 0: 0.5} {
		if got := g.FDR(gap); got != want {
			t.Errorf("false from %v: %v, want %v", gap, got, want)
		}
	}
	none := NewGapNull(nil, 2, 1)
	if none.Share(1) != 1 || none.FDR(1) != 1 {
		t.Error("no pairs")
	}
}

func TestOverlap(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		why  string
		a, b []int64
		k    int
		want float64
	}{
		{"order does not count", []int64{1, 2, 3}, []int64{3, 2, 1}, 3, 1},
		{"only the first", []int64{1, 2, 3}, []int64{3, 2, 1}, 2, 0.5},
		{"nothing", []int64{1}, []int64{2}, 5, 0},
		{"a short list", []int64{1, 2}, []int64{1, 2, 3, 4}, 4, 0.5},
		{"two empty ones are the same", nil, nil, 3, 1},
	} {
		if got := Overlap(c.a, c.b, c.k); got != c.want {
			t.Errorf("%s: %v", c.why, got)
		}
	}
}

func TestRankBiasedOverlap(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		why  string
		a, b []int64
		want float64
	}{
		{"the same", []int64{1, 2, 3}, []int64{1, 2, 3}, 1},
		{"nothing in common", []int64{1, 2}, []int64{3, 4}, 0},
		// Agreement 0 at depth 1, 1 at depth 2: 0.81 + 0.1/0.9 * 0.81.
		{"two exchanged", []int64{1, 2}, []int64{2, 1}, 0.9},
		// Agreement 1, 1/2, 2/3: 2/3 * 0.729 + 0.1/0.9 * (0.9 + 0.405 + 0.486).
		{"a stranger in the middle", []int64{1, 2, 3}, []int64{1, 9, 3}, 0.486 + 0.199},
		{"one is empty", nil, []int64{1}, 0},
	} {
		if got := RankBiasedOverlap(c.a, c.b); math.Abs(got-c.want) > 1e-9 {
			t.Errorf("%s: %v, want %v", c.why, got, c.want)
		}
	}
}
