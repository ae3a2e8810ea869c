package keypoint

import (
	"slices"
	"testing"

	"github.com/akin-search/akin/internal/simd"
)

// What is compacted has the same points, the strongest of them, and descriptors that differ by rounding.
func TestACompactSetIsTheSetRounded(t *testing.T) {
	t.Parallel()
	s := Find(scene(2, 200, 150))
	if len(s.Points) < 60 {
		t.Fatalf("%d points", len(s.Points))
	}
	for _, most := range []int{0, 50, len(s.Points), 1 << 20} {
		c := s.Compact(most).Set()
		n := min(most, len(s.Points))
		if c.Width != 200 || c.Height != 150 || !slices.Equal(c.Points, s.Points[:n]) || len(c.Descriptors) != n*Width {
			t.Fatalf("%d: %d points, %d values", most, len(c.Points), len(c.Descriptors))
		}
		for i := range n {
			// 128 roundings of at most 1/510 each: the vectors are 0.022 apart at most, and their cosine is 1 - 0.022²/2.
			if dot := simd.Dot(c.Descriptor(i), s.Descriptor(i)); dot < 0.9997 || dot > 1.0001 {
				t.Errorf("point %d: a cosine of %v", i, dot)
			}
		}
	}
}
