package insight

import (
	"math"
	"slices"
	"testing"
)

// Where a tail is known, what is told of it lies above it, and not far.
func TestLuckOfANormalTail(t *testing.T) {
	t.Parallel()
	const n = 200_000
	pairs := make([]float32, n)
	for i := range pairs { // the quantiles of Fisher's z of standard deviation 1/20
		pairs[i] = float32(math.Tanh(normalReached(1-(float64(i)+0.5)/n) / 20))
	}
	for _, pictures := range []int{200, 20_000, 1_000_000} {
		l := NewNull(pairs, pictures)
		for _, c := range []struct{ expected float64 }{{100}, {15}, {1}, {0.05}, {0.001}} {
			score := math.Tanh(normalReached(c.expected/float64(pictures)) / 20)
			got := l.Expected(score, pictures)
			if got < 0.99*c.expected || got > 12*max(c.expected, 0.5*math.Sqrt(c.expected)) {
				t.Errorf("of %d pictures %g are as close: told %g", pictures, c.expected, got)
			}
		}
	}
}

// Relatives, up to fifteen a picture, are not taken for luck: families do not hide one another.
func TestRelativesAreNoLuck(t *testing.T) {
	t.Parallel()
	const n = 200_000
	pairs := make([]float32, n)
	for i := range pairs {
		pairs[i] = float32(math.Tanh(normalReached(1-(float64(i)+0.5)/n) / 20))
	}
	const pictures = 2000
	families := n * 4 / pictures // each has four relatives, which score 0.9
	for i := range families {
		pairs[n-1-i] = 0.9
	}
	l := NewNull(pairs, pictures)
	if got := l.Expected(0.9, pictures); got > 0.001 {
		t.Errorf("relatives are told to be luck: %g", got)
	}
	if share := float64(families) / n * pictures; share < 3.9 {
		t.Errorf("the case is none: %g", share)
	}
}

func TestLuckOfFewAndOfEqualPictures(t *testing.T) {
	t.Parallel()
	same := make([]float32, 4950)
	for i := range same {
		same[i] = 0.5
	}
	for _, c := range []struct {
		why      string
		pairs    []float32
		pictures int
		score    float64
		least    float64
	}{
		{"nothing is known", nil, 1, 0.9, 1},
		{"three pictures tell nothing", []float32{0.1, 0.2, 0.3}, 3, 0.99, 0.25},
		{"all pairs score the same", same, 100, 0.5, 100},
		{"all pairs score the same, and this one more", same, 100, 0.9, 0.01},
	} {
		if got := NewNull(c.pairs, c.pictures).Expected(c.score, c.pictures); got < c.least || math.IsNaN(got) {
			t.Errorf("%s: %g, want at least %g", c.why, got, c.least)
		}
	}
}

func TestBeyondLuckStepsUp(t *testing.T) {
	t.Parallel()
	long := slices.Repeat([]float64{0.01}, 14)
	for _, c := range []struct {
		why  string
		luck []float64
		want int
	}{
		{"no hits", nil, 0},
		{"the first is luck", []float64{0.06, 0.2}, 0},
		{"the first is more", []float64{0.05, 0.2}, 1},
		{"the third passes, and with it those before it", []float64{0.06, 0.12, 0.15, 0.3}, 3},
		{"as many as fifteen by luck are none", slices.Repeat([]float64{15}, 10), 0},
		{"after ten each passes by itself", append(slices.Clone(long), 0.76, 0.1), 14},
		{"nothing begins after ten", append(slices.Repeat([]float64{0.51}, 10), 0.51, 0.51), 0},
	} {
		if got := Discoveries(c.luck, 0.05); got != c.want {
			t.Errorf("%s: %d, want %d", c.why, got, c.want)
		}
	}
}

// However pairs lie, a higher score is never explained by more luck, and by no more than all that were asked.
func TestLuckFallsAsScoresRise(t *testing.T) {
	t.Parallel()
	spread := func(n int, score func(p float64) float64) []float32 {
		pairs := make([]float32, n)
		for i := range pairs {
			pairs[i] = float32(max(-1, min(1, score((float64(i)+0.5)/float64(n)))))
		}
		return pairs
	}
	for _, c := range []struct {
		why   string
		score func(p float64) float64
	}{
		{"all scores alike", func(p float64) float64 { return 2*p - 1 }},
		{"two kinds of pairs", func(p float64) float64 { return math.Floor(10*p)/10 + 0.001*p }},
		{"as good as one score", func(p float64) float64 { return 0.9999 + 2e-6*p }},
		{"opposite or equal", func(p float64) float64 { return math.Copysign(1, p-0.5) }},
		{"one in twenty equal", func(p float64) float64 { return max(0.1*p, math.Copysign(1, p-0.95)) }},
		{"a tail of powers", func(p float64) float64 { return math.Tanh(0.01 / math.Cbrt(1-p)) }},
		{"normal", func(p float64) float64 { return math.Tanh(normalReached(1-p) / 1000) }},
	} {
		for _, size := range []struct{ pairs, pictures int }{{45, 10}, {190, 20}, {18_915, 195}, {200_000, 1000}, {200_000, 40_000}, {200_000, 100_000_000}} {
			l := NewNull(spread(size.pairs, c.score), size.pictures)
			before := float64(size.pictures)
			for z := -9.; z < 9; z += 0.01 {
				got := l.Expected(math.Tanh(z), size.pictures)
				if math.IsNaN(got) || got < 0 || got > before*(1+1e-6) {
					t.Fatalf("%s, %d pictures, z of %.2f: %g, and %g before", c.why, size.pictures, z, got, before)
				}
				before = got
			}
		}
	}
}
