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
)

// In searches of noise a hit is told to be more than luck in at most 5 % of searches, and to be near in
// about 1 %, whatever the noise and however many were asked.
func TestNoiseIsLuck(t *testing.T) {
	t.Parallel()
	type size struct{ n, dim, seeds, searches int }
	sizes := []size{{50, 64, 40, 30}, {200, 3, 20, 60}, {200, 64, 20, 60}, {1000, 3, 10, 100}, {1000, 8, 10, 100}, {1000, 64, 10, 100}, {40_000, 8, 1, 300}, {40_000, 64, 1, 300}}
	if testing.Short() {
		sizes = sizes[:6]
	}
	for _, kind := range noises {
		for _, s := range sizes {
			if s.dim < kind.least || kind.families {
				continue
			}
			t.Run(fmt.Sprintf("%s/%d x %d", kind.name, s.n, s.dim), func(t *testing.T) {
				t.Parallel()
				var all told
				for seed := range s.seeds {
					all.add(simulate(rand.New(rand.NewPCG(uint64(seed), uint64(s.n))), kind, s.n, s.dim, s.searches, nil))
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

// Where values have heavy tails, some vectors have one value that outweighs all others, and those of the same value lie
// together. They are told as relatives, and are: nearly all hits beyond luck share the query's largest value, which
// one of 64 does by chance.
func TestHeavyTailsHaveFamilies(t *testing.T) {
	t.Parallel()
	largest := func(v []float32) int {
		at := 0
		for i, x := range v {
			if math.Abs(float64(x)) > math.Abs(float64(v[at])) {
				at = i
			}
		}
		return at
	}
	at := slices.IndexFunc(noises, func(n noise) bool { return n.name == "Student t3" })
	beyond, shared := 0, 0
	for seed := range 10 {
		simulate(rand.New(rand.NewPCG(uint64(seed), 3)), noises[at], 1000, 64, 100, func(is bool, query, best []float32) {
			if is {
				beyond++
				if largest(query) == largest(best) {
					shared++
				}
			}
		})
	}
	t.Logf("%d of %d hits beyond luck share the largest value", shared, beyond)
	if beyond < 20 || shared < beyond*9/10 {
		t.Errorf("%d of %d hits beyond luck share the largest value", shared, beyond)
	}
}

// A near duplicate stays near, in noise and among clusters, however many pictures there are.
func TestNearDuplicatesAreNear(t *testing.T) {
	t.Parallel()
	for _, kind := range noises {
		for _, s := range []struct{ n, dim int }{{200, 64}, {200, 768}, {1000, 64}, {1_000_000, 64}} {
			if slices.Contains([]string{"spectrum 1/k^2", "three bands", "hubs"}, kind.name) || kind.families {
				continue // where the closest by chance are as close: few directions, or vectors near to all
			}
			t.Run(fmt.Sprintf("%s/%d x %d", kind.name, s.n, s.dim), func(t *testing.T) {
				t.Parallel()
				r := rand.New(rand.NewPCG(1, 2))
				twins, near := 0, 0
				l := luckOf(r, kind, s.n, s.dim)
				fill := kind.source(r, s.dim)
				v, moved := make([]float32, s.dim), make([]float32, s.dim)
				for range 50 { // moved by a hundredth of what is between two vectors
					fill(v)
					fill(moved)
					for i := range moved {
						moved[i] = v[i] + 0.1*(moved[i]-v[i])
					}
					twins++
					if l.Expected(cosineOf(v, moved), s.n-1) <= 0.01 {
						near++
					}
				}
				if near < 49 {
					t.Errorf("%d of %d twins are near", near, twins)
				}
			})
		}
	}
}

// luckOf is that of a collection of noise.
func luckOf(r *rand.Rand, kind noise, n, dim int) Null {
	fill := kind.source(r, dim)
	a, b := make([]float32, dim), make([]float32, dim)
	pairs := make([]float32, min(200_000, n*(n-1)/2))
	for i := range pairs {
		fill(a)
		fill(b)
		pairs[i] = float32(cosineOf(a, b))
	}
	slices.Sort(pairs)
	return NewNull(pairs, n)
}

func cosineOf(a, b []float32) float64 {
	var ab, aa, bb float64
	for i := range a {
		x, y := float64(a[i]), float64(b[i])
		ab, aa, bb = ab+x*y, aa+x*x, bb+y*y
	}
	return ab / math.Sqrt(aa*bb)
}

// The table of docs/explanation/scores.md. AKIN_LUCK=200,1000 says how many vectors; AKIN_LUCK_VALUES=64,768 how many values they
// have, and AKIN_LUCK_NOISE=sparse,binary which noise, where not all.
func TestPrintTheSimulation(t *testing.T) {
	if os.Getenv("AKIN_LUCK") == "" {
		t.Skip("prints a table: set AKIN_LUCK to sizes, as 1000,40000")
	}
	numbers := func(text string) (out []int) {
		for _, f := range strings.Split(text, ",") {
			n, err := strconv.Atoi(f)
			if err != nil {
				t.Fatal(err)
			}
			out = append(out, n)
		}
		return out
	}
	dims := []int{3, 8, 64, 512, 768}
	if text := os.Getenv("AKIN_LUCK_VALUES"); text != "" {
		dims = numbers(text)
	}
	only := os.Getenv("AKIN_LUCK_NOISE")
	w := tabwriter.NewWriter(os.Stdout, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "noise\tvalues\tvectors\tsearches\tabove weak\t95 % interval\tnear")
	for _, n := range numbers(os.Getenv("AKIN_LUCK")) {
		searches := 100 // a seed
		if n > 5000 {
			searches = 50
		}
		if n > 500_000 {
			searches = 20
		}
		for _, dim := range dims {
			for _, kind := range noises {
				if dim < kind.least || only != "" && !slices.Contains(strings.Split(only, ","), kind.name) {
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
						got := simulate(rand.New(rand.NewPCG(uint64(seed), 7)), kind, n, dim, searches, nil)
						mu.Lock()
						defer mu.Unlock()
						all.add(got)
					})
				}
				wg.Wait()
				low, high := clopperPearson(all.related, all.searches)
				fmt.Fprintf(w, "%s\t%d\t%d\t%d\t%.1f %%\t%.1f–%.1f\t%.2f %%\n", kind.name, dim, n, all.searches,
					100*float64(all.related)/float64(all.searches), 100*low, 100*high, 100*float64(all.near)/float64(all.searches))
				w.Flush()
			}
		}
	}
}

// clopperPearson is the exact 95 % interval of a share of which k of n were seen (Clopper and Pearson 1934).
func clopperPearson(k, n int) (low, high float64) {
	atMost := func(k int, p float64) float64 { // the probability of at most k of n
		sum := 0.
		all, _ := math.Lgamma(float64(n + 1))
		for i := range k + 1 {
			in, _ := math.Lgamma(float64(i + 1))
			out, _ := math.Lgamma(float64(n - i + 1))
			sum += math.Exp(all - in - out + float64(i)*math.Log(p) + float64(n-i)*math.Log1p(-p))
		}
		return sum
	}
	find := func(above func(p float64) bool) float64 {
		low, high := 0., 1.
		for range 60 {
			if middle := (low + high) / 2; above(middle) {
				high = middle
			} else {
				low = middle
			}
		}
		return low
	}
	if k > 0 {
		low = find(func(p float64) bool { return 1-atMost(k-1, p) > 0.025 })
	}
	high = 1
	if k < n {
		high = find(func(p float64) bool { return atMost(k, p) < 0.025 })
	}
	return low, high
}

// What R's binom.test gives.
func TestClopperPearson(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		k, n      int
		low, high float64
	}{{0, 20, 0, 0.1684335}, {5, 100, 0.01643188, 0.1128349}, {20, 20, 0.8315665, 1}} {
		if low, high := clopperPearson(c.k, c.n); math.Abs(low-c.low) > 1e-6 || math.Abs(high-c.high) > 1e-6 {
			t.Errorf("%d of %d: %.7f to %.7f, want %.7f to %.7f", c.k, c.n, low, high, c.low, c.high)
		}
	}
}
