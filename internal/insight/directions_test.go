package insight

import (
	"math"
	"testing"
)

// In three dimensions the cosine of two random directions is uniform (Archimedes), on a circle the angle is, and in five
// dimensions the density is 3/4 (1 - c²).
func TestSharesOfRandomDirections(t *testing.T) {
	t.Parallel()
	for _, c := range []float64{0, 0.1, 0.5, 0.9, 0.999, 1 - 1e-9} {
		for _, k := range []struct{ dimensions, want float64 }{
			{2, math.Acos(c) / math.Pi},
			{3, (1 - c) / 2},
			{5, (1 - c) * (1 - c) * (2 + c) / 4},
		} {
			if got := math.Exp(inDimensions(k.dimensions).logShare(math.Atanh(c))); math.Abs(got/k.want-1) > 1e-6 {
				t.Errorf("%g dimensions, cosine %g: %g, want %g", k.dimensions, c, got, k.want)
			}
		}
	}
}

func TestDimensionsAreFoundAgain(t *testing.T) {
	t.Parallel()
	for _, d := range []float64{1.5, 2, 3, 8, 64.5, 768, 20_000} {
		for _, s := range [][2]float64{{0.077, 0.5}, {0.001, 0.008}} {
			in := inDimensions(d)
			near, far := in.zReached(s[0]), in.zReached(s[1])
			if got := math.Exp(in.logShare(near)); math.Abs(got/s[0]-1) > 1e-8 {
				t.Errorf("%g dimensions: a share of %g reaches %g, of which %g", d, s[0], near, got)
			}
			if got := dimensionsOf(s[0], s[1], near-far); math.Abs(got-d) > 2e-4*d {
				t.Errorf("from %g to %g: %g dimensions, want %g", s[1], s[0], got, d)
			}
		}
	}
}

func BenchmarkNewLuck(b *testing.B) {
	pairs := make([]float32, 200_000)
	for i := range pairs {
		pairs[i] = float32(math.Tanh(normalReached(1-(float64(i)+0.5)/float64(len(pairs))) / 20))
	}
	for b.Loop() {
		NewNull(pairs, 1_000_000)
	}
}

// normalReached is what a normal variable exceeds with that probability.
func normalReached(p float64) float64 { return math.Sqrt2 * math.Erfcinv(2*p) }
