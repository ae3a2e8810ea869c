package vector

import (
	"math"
	"testing"
)

func TestBoundScaleIsTheLeastThatReachesARecall(t *testing.T) {
	t.Parallel()
	nan := float32(math.NaN())
	rising := measured{0.5, 0.75, 0.875, 0.9375, 1, 1, 1, 1}
	for _, c := range []struct {
		name   string
		of     []measured
		recall float64 // of which half of what may be missed is kept in reserve
		want   boundScale
	}{
		{"the first is enough", []measured{{0.995, 1, 1, 1, 1, 1, 1, 1}}, 0.99, boundScales[0]},
		{"the second to the digit", []measured{rising}, 0.5, boundScales[1]},
		{"half of the way to the third", []measured{rising}, 0.625, boundScale{0.25, 4.5, 4.5}},
		{"half of the way to wider bounds for the first lists", []measured{{0, 0, 0.75, 1, 1, 1, 1, 1}}, 0.75, boundScale{0.3, 5, 9.5}},
		{"the copy that needs more decides", []measured{{1, 1, 1, 1, 1, 1, 1, 1}, rising, {}}, 0.875, boundScales[3]},
		{"none is enough", []measured{{0, 0, 0, 0, 0, 0, 0, 0.99}}, 0.99, exactBounds},
		{"the last one is", []measured{{nan, nan, nan, nan, nan, nan, nan, 1}}, 0.99, boundScales[7]},
		{"nothing was measured", []measured{{nan, nan, nan, nan, nan, nan, nan, nan}}, 0.99, exactBounds},
	} {
		m := Matrix{Compact: []*Compact{nil}}
		for _, r := range c.of {
			if r == (measured{}) {
				m.Compact = append(m.Compact, nil)
				continue
			}
			m.Compact = append(m.Compact, &Compact{recalls: recalls{r, {}}})
		}
		got := m.scaleFor(c.recall, 10)
		if math.Abs(got.radius-c.want.radius) > 1e-6 || math.Abs(got.residual-c.want.residual) > 1e-6 || math.Abs(got.firstResidual-c.want.firstResidual) > 1e-6 {
			t.Errorf("%s: %v, want %v", c.name, got, c.want)
		}
	}
}
