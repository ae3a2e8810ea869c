package geometry

import (
	"cmp"
	"math"
	"slices"

	"github.com/akin-search/akin/internal/parallel"
)

const (
	hypotheses = 12  // that are refined, those that most pairs agree with
	turnOff    = 0.6 // radians that a pair's own turn may differ
	sizeOff    = 0.8 // and its own size, as a power of 2
	nearOff    = 6   // pixels of b, or of a where that is the larger, that a pair may be off at first
	farOff     = 0.1 // and more, by distance from the pair that a hypothesis was made of
	leastPairs = 5   // that a transform is made of
)

// estimate is a transform, the pairs that agree with it, and how many as good are expected between pictures that have
// nothing in common.
type estimate struct {
	transform Transform
	inliers   []pair
	log10NFA  float64
	off       float64 // pixels of b
}

// frame is the size of a picture.
type frame struct{ width, height float64 }

func (f frame) area() float64 { return f.width * f.height }

// best returns the transform of least expected false matches; ok is false where too few pairs agree with any.
//
// Each pair, with its own turn and size, is a hypothesis, so that nothing is drawn at random. Those that most pairs agree
// with are refined: least squares over the pairs that are near, ever nearer, first a similarity, then an affine map, then a
// homography while that lowers the expected number.
func best(pairs []pair, least int, a, b frame) (out estimate, ok bool) {
	if len(pairs) < least {
		return out, false
	}
	type vote struct{ at, n int }
	votes := make([]vote, len(pairs))
	parallel.Each(len(pairs), func(i int) { votes[i] = vote{i, len(agreeing(pairs, pairs[i]))} })
	slices.SortStableFunc(votes, func(x, y vote) int { return cmp.Compare(y.n, x.n) })
	out.log10NFA = math.Inf(1)
	used := map[int]bool{}
	for tried := 0; len(votes) > 0 && tried < hypotheses; votes = votes[1:] {
		v := votes[0]
		if v.n < least {
			break
		}
		if used[v.at] {
			continue
		}
		tried++
		near := agreeing(pairs, pairs[v.at])
		e := refine(pairs, least, near, a, b)
		if e.log10NFA < out.log10NFA {
			out = e
		}
		for _, i := range near {
			used[i] = true
		}
	}
	return out, len(out.inliers) >= least
}

// agreeing returns the pairs that the turn, size and shift of one agree with, roughly.
func agreeing(pairs []pair, of pair) (out []int) {
	t := similarityOf(of)
	size := float64(of.b.Scale / of.a.Scale)
	turn := float64(of.b.Angle - of.a.Angle)
	unit := max(1, size)
	for i, p := range pairs {
		u, v := t.At(float64(p.a.X), float64(p.a.Y))
		off := math.Hypot(u-float64(p.b.X), v-float64(p.b.Y))
		far := math.Hypot(float64(p.b.X-of.b.X), float64(p.b.Y-of.b.Y))
		if off > nearOff*unit+farOff*far {
			continue
		}
		if math.Abs(math.Log2(float64(p.b.Scale/p.a.Scale)/size)) < sizeOff && apart(float64(p.b.Angle-p.a.Angle), turn) < turnOff {
			out = append(out, i)
		}
	}
	return out
}

// apart is how far two directions are apart, in radians up to π.
func apart(x, y float64) float64 {
	d := math.Mod(x-y, 2*math.Pi)
	if d < 0 {
		d += 2 * math.Pi
	}
	return min(d, 2*math.Pi-d)
}

// refine fits transforms to pairs that agree roughly, and returns the one of least expected false matches.
func refine(pairs []pair, least int, near []int, a, b frame) (best estimate) {
	best.log10NFA = math.Inf(1)
	chosen := make([]pair, len(near))
	for i, at := range near {
		chosen[i] = pairs[at]
	}
	for _, kind := range []int{similarity, affine, homography} {
		current := chosen
		if len(best.inliers) > 0 {
			current = best.inliers
		}
		for range 6 {
			t, ok := fit(kind, current)
			if !ok {
				break
			}
			e := significance(kind, t, pairs, a, b)
			if e.log10NFA < best.log10NFA-1e-9 {
				best = e
			}
			if len(e.inliers) < max(kind, least) || len(e.inliers) == len(current) && slices.Equal(indices(e.inliers), indices(current)) {
				break
			}
			current = e.inliers
		}
	}
	return best
}

func indices(pairs []pair) []int {
	out := make([]int, len(pairs))
	for i, p := range pairs {
		out[i] = p.i
	}
	slices.Sort(out)
	return out
}

// significance returns the expected number of transforms of a kind with which as many pairs agree as well, if each pair's
// place in b were drawn at random (Moisan, Moulon and Monasse, "Automatic Homographic Registration of a Pair of Images, with A
// Contrario Elimination of Outliers", IPOL 2012): (n-s) · C(n,k) · C(k,s) · α^(k-s) for the k pairs that are at most as far
// off as the k-th, where a random place is as near with the probability α. k is the one of least expectation.
//
// Pairs at one place of either picture show the same pixels: only one of them counts.
func significance(kind int, t Transform, pairs []pair, a, b frame) estimate {
	inverse, ok := t.Inverse()
	out := estimate{transform: t, log10NFA: math.Inf(1)}
	if !ok {
		return out
	}
	type residual struct {
		pair
		chance float64 // that a random place is as near
	}
	all := make([]residual, 0, len(pairs))
	for _, p := range pairs {
		u, v := t.At(float64(p.a.X), float64(p.a.Y))
		x, y := inverse.At(float64(p.b.X), float64(p.b.Y))
		inB := (square(u-float64(p.b.X)) + square(v-float64(p.b.Y))) * math.Pi / b.area()
		inA := (square(x-float64(p.a.X)) + square(y-float64(p.a.Y))) * math.Pi / a.area()
		chance := max(inA, inB, math.Pi*0.25/b.area(), math.Pi*0.25/a.area())
		if math.IsNaN(chance) {
			chance = 1
		}
		all = append(all, residual{p, min(1, chance)})
	}
	slices.SortStableFunc(all, func(x, y residual) int { return cmp.Compare(x.chance, y.chance) })
	n := len(all)
	var kept []residual // one of each place, the nearest
	for _, r := range all {
		if r.chance > mostChance {
			break
		}
		if !slices.ContainsFunc(kept, func(k residual) bool { return samePlace(k.a, r.a) || samePlace(k.b, r.b) }) {
			kept = append(kept, r)
		}
	}
	bestK := 0
	for k := kind + 1; k <= len(kept); k++ {
		nfa := math.Log10(float64(n-kind)) + log10Choose(n, k) + log10Choose(k, kind) + float64(k-kind)*math.Log10(kept[k-1].chance)
		if nfa < out.log10NFA {
			out.log10NFA, bestK = nfa, k
		}
	}
	for _, r := range kept[:bestK] {
		out.inliers = append(out.inliers, r.pair)
	}
	if bestK > 0 {
		out.off = math.Sqrt(kept[bestK-1].chance * b.area() / math.Pi)
	}
	return out
}

// mostChance is that of a place anywhere in a hundredth of a picture: what is farther off is no match.
const mostChance = 0.01

func square(v float64) float64 { return v * v }

// log10Choose is the logarithm of the number of ways to choose k of n.
func log10Choose(n, k int) float64 {
	a, _ := math.Lgamma(float64(n + 1))
	b, _ := math.Lgamma(float64(k + 1))
	c, _ := math.Lgamma(float64(n - k + 1))
	return (a - b - c) / math.Ln10
}
