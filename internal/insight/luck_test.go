package insight

import (
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"text/tabwriter"

	"github.com/akin-search/akin/internal/simd"
)

// A noise makes unit vectors that have nothing to do with each other.
type noise struct {
	name string
	fill func(r *rand.Rand, v []float32, i int)
}

// Kinds of noise, each with a way of its own to be unlike what textbooks draw.
var noises = []noise{
	{"isotropic", func(r *rand.Rand, v []float32, _ int) { // what 40 000 made vectors are
		for i := range v {
			v[i] = float32(r.NormFloat64())
		}
	}},
	{"spectrum 1/k", func(r *rand.Rand, v []float32, _ int) { // a few directions have most of the variance, as in real embeddings
		for i := range v {
			v[i] = float32(r.NormFloat64() / math.Sqrt(float64(i+1)))
		}
	}},
	{"spectrum 1/k^2", func(r *rand.Rand, v []float32, _ int) { // as good as two dimensions
		for i := range v {
			v[i] = float32(r.NormFloat64() / float64(i+1))
		}
	}},
	{"three bands", func(r *rand.Rand, v []float32, _ int) { // clustered eigenvalues
		for i := range v {
			v[i] = float32(r.NormFloat64() * []float64{8, 3, 1}[min(2, i/max(1, len(v)/16))])
		}
	}},
	{"cone", func(r *rand.Rand, v []float32, _ int) { // all share a direction: cosines about 0.9
		for i := range v {
			v[i] = float32(3 + r.NormFloat64())
		}
	}},
	{"hubs", func(r *rand.Rand, v []float32, _ int) { // some lie much nearer to the middle: they come up for every query
		near := r.NormFloat64()
		for i := range v {
			v[i] = float32(near*near + r.NormFloat64())
		}
	}},
	{"sparse", func(r *rand.Rand, v []float32, _ int) { // activations after a ReLU
		for i := range v {
			v[i] = float32(max(0, r.NormFloat64()-0.5))
		}
	}},
	{"exponential", func(r *rand.Rand, v []float32, _ int) { // positive and skewed
		for i := range v {
			v[i] = float32(r.ExpFloat64())
		}
	}},
}

// told is what a simulation of searches found.
type told struct{ searches, related, near int }

// simulate makes n vectors of noise and searches with some of them; and with as many that are none of them.
func simulate(r *rand.Rand, kind noise, n, dim, searches int) told {
	rows := make([]float32, n*dim)
	row := func(i int) []float32 { return rows[i*dim : (i+1)*dim] }
	unit := func(v []float32, i int) {
		kind.fill(r, v, i)
		var sum float64
		for _, x := range v {
			sum += float64(x) * float64(x)
		}
		for j := range v {
			v[j] = float32(float64(v[j]) / math.Sqrt(sum))
		}
	}
	for i := range n {
		unit(row(i), i)
	}
	var pairs []float32
	if n <= 632 { // as a collection keeps them
		for i := range n {
			for j := range i {
				pairs = append(pairs, simd.Dot(row(i), row(j)))
			}
		}
	} else {
		for range 200_000 {
			i, j := r.IntN(n), r.IntN(n-1)
			if j >= i {
				j++
			}
			pairs = append(pairs, simd.Dot(row(i), row(j)))
		}
	}
	slices.Sort(pairs)
	l := NewLuck(pairs, n)
	var out told
	scores := make([]float32, n)
	q := make([]float32, dim)
	for k := range searches {
		self := -1
		if k%2 == 0 {
			self = r.IntN(n)
			copy(q, row(self))
		} else {
			unit(q, n+k)
		}
		simd.Dots(q, rows, scores)
		if self >= 0 {
			scores[self] = -1
		}
		best := make([]float64, 0, 31)
		for _, s := range scores {
			if len(best) == 30 && float64(s) <= best[29] {
				continue
			}
			at, _ := slices.BinarySearchFunc(best, float64(s), func(a, b float64) int {
				return map[bool]int{true: -1, false: 1}[a >= b]
			})
			best = slices.Insert(best, at, float64(s))
			best = best[:min(30, len(best))]
		}
		asked := n
		if self >= 0 {
			asked--
		}
		for i := range best {
			best[i] = l.Of(best[i], asked)
		}
		out.searches++
		if BeyondLuck(best, 0.05) > 0 {
			out.related++
		}
		if BeyondLuck(best, 0.01) > 0 {
			out.near++
		}
	}
	return out
}

// In searches of noise a hit is told to be more than luck in at most 5 % of searches, and to be near in
// about 1 %, whatever the noise and however many were asked.
func TestNoiseIsLuck(t *testing.T) {
	t.Parallel()
	type size struct{ n, dim, seeds, searches int }
	sizes := []size{{50, 64, 40, 30}, {195, 64, 20, 60}, {1000, 64, 10, 100}, {20_000, 64, 1, 300}}
	if testing.Short() {
		sizes = sizes[:3]
	}
	for _, kind := range noises {
		for _, s := range sizes {
			t.Run(fmt.Sprintf("%s/%d", kind.name, s.n), func(t *testing.T) {
				t.Parallel()
				var all told
				for seed := range s.seeds {
					got := simulate(rand.New(rand.NewPCG(uint64(seed), uint64(s.n))), kind, s.n, s.dim, s.searches)
					all.searches += got.searches
					all.related += got.related
					all.near += got.near
				}
				// Twice the standard error of a share of 5 %.
				most := 0.05 + 2*math.Sqrt(0.05*0.95/float64(all.searches))
				if share := float64(all.related) / float64(all.searches); share > most {
					t.Errorf("%d of %d searches have a hit beyond luck: %.1f %%", all.related, all.searches, 100*share)
				}
				if share := float64(all.near) / float64(all.searches); share > 0.02 {
					t.Errorf("%d of %d searches have a near hit: %.1f %%", all.near, all.searches, 100*share)
				}
				t.Logf("%d searches: related %.2f %%, near %.2f %%", all.searches, 100*float64(all.related)/float64(all.searches), 100*float64(all.near)/float64(all.searches))
			})
		}
	}
}

// The table of docs/scores.md: AKIN_LUCK=1000,20000 says which sizes, 20 seeds each.
func TestPrintTheSimulation(t *testing.T) {
	if os.Getenv("AKIN_LUCK") == "" {
		t.Skip("prints a table: set AKIN_LUCK to sizes, as 1000,20000")
	}
	w := tabwriter.NewWriter(os.Stdout, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "noise\tvectors\tvalues\tsearches\trelated\tnear")
	for _, text := range strings.Split(os.Getenv("AKIN_LUCK"), ",") {
		n, err := strconv.Atoi(text)
		if err != nil {
			t.Fatal(err)
		}
		searches := 100 // a seed
		if n > 500_000 {
			searches = 25
		}
		for _, kind := range noises {
			for _, dim := range []int{64, 768} {
				if n*dim > 100_000_000 {
					continue
				}
				var all told
				var mu sync.Mutex
				var wg sync.WaitGroup
				room := make(chan bool, runtime.GOMAXPROCS(0))
				for seed := range 20 {
					wg.Go(func() {
						room <- true
						defer func() { <-room }()
						got := simulate(rand.New(rand.NewPCG(uint64(seed), 7)), kind, n, dim, searches)
						mu.Lock()
						defer mu.Unlock()
						all.searches += got.searches
						all.related += got.related
						all.near += got.near
					})
				}
				wg.Wait()
				fmt.Fprintf(w, "%s\t%d\t%d\t%d\t%.1f %%\t%.2f %%\n", kind.name, n, dim, all.searches, 100*float64(all.related)/float64(all.searches), 100*float64(all.near)/float64(all.searches))
				w.Flush()
			}
		}
	}
}

// Where a tail is known, what is told of it lies above it, and not far.
func TestLuckOfANormalTail(t *testing.T) {
	t.Parallel()
	const n = 200_000
	pairs := make([]float32, n)
	for i := range pairs { // the quantiles of Fisher's z of standard deviation 1/20
		pairs[i] = float32(math.Tanh(deviate(1-(float64(i)+0.5)/n) / 20))
	}
	for _, pictures := range []int{200, 20_000, 1_000_000} {
		l := NewLuck(pairs, pictures)
		for _, c := range []struct{ expected float64 }{{100}, {15}, {1}, {0.05}, {0.001}} {
			score := math.Tanh(deviate(c.expected/float64(pictures)) / 20)
			got := l.Of(score, pictures)
			if got < 0.99*c.expected || got > 12*max(c.expected, 0.5*math.Sqrt(c.expected)) {
				t.Errorf("of %d pictures %g are as close: told %g", pictures, c.expected, got)
			}
		}
	}
}

// Relatives, up to a dozen a picture, are not taken for luck: families do not hide one another.
func TestRelativesAreNoLuck(t *testing.T) {
	t.Parallel()
	const n = 200_000
	pairs := make([]float32, n)
	for i := range pairs {
		pairs[i] = float32(math.Tanh(deviate(1-(float64(i)+0.5)/n) / 20))
	}
	const pictures = 2000
	families := n * 4 / pictures // each has four relatives, which score 0.9
	for i := range families {
		pairs[n-1-i] = 0.9
	}
	l := NewLuck(pairs, pictures)
	if got := l.Of(0.9, pictures); got > 0.001 {
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
		if got := NewLuck(c.pairs, c.pictures).Of(c.score, c.pictures); got < c.least || math.IsNaN(got) {
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
		if got := BeyondLuck(c.luck, 0.05); got != c.want {
			t.Errorf("%s: %d, want %d", c.why, got, c.want)
		}
	}
}
