package insight

import (
	"math"
	"sort"
)

// Luck tells how many pictures score as high with a query as a hit does although they have
// nothing to do with it. It knows the scores of random pairs of a collection.
//
// Most random pairs are of pictures that have nothing to do with each other, but the closest of them may be
// relatives, and relatives are no luck. So the pairs are believed as they are only up to where
// relatives may be, a dozen a picture; beyond, the tail is drawn on. It is drawn in Fisher's z, the
// inverse hyperbolic tangent of the cosine, in which scores of what is unlike spread nearly normally
// wherever their middle lies (Fisher 1915, 1921). A tail whose logarithm is concave lies below any of its
// chords drawn on, and so below the exponential one; a normal tail is the other end of what
// embeddings show. What is told lies half way between, in logarithms: docs/scores.md has the
// simulation that this is measured by.
type Luck struct {
	pairs []float32 // ascending
	from  float64   // z from which the tail is drawn on; Inf where there are too few pairs
	share float64   // of the pairs that reach from
	slope float64   // of the logarithm of the share, by z
	sigma float64   // normal deviates by z
	at    float64   // the normal deviate of share
}

const (
	relatives   = 12  // pictures that each may have something to do with, on average
	tailPairs   = 200 // that the beginning of the tail is told by, at least
	tailMost    = 0.1 // share of the pairs at which the tail begins at most
	chord       = 8   // times as many pairs reach the other end of the chord
	chordMost   = 0.4
	exponential = 0.5 // weight of the exponential tail, in logarithms; the normal one has the rest
)

// NewLuck learns from the scores of random pairs, ascending, of a collection of that many pictures.
func NewLuck(pairs []float32, pictures int) Luck {
	l := Luck{pairs: pairs, from: math.Inf(1)}
	n := float64(len(pairs))
	if pictures < 2 || n == 0 {
		return l
	}
	share := min(tailMost, max(relatives/float64(pictures-1), tailPairs/n))
	far := min(chordMost, chord*share)
	if n*share < 15 {
		return l // fewer than twenty pictures: there is no tail to speak of
	}
	from, start := fisher(l.quantile(share)), fisher(l.quantile(far))
	if !(from-start > 1e-6) {
		return l // as good as all score the same
	}
	// So many pairs tell the tail's beginning only to within their root. The slope is taken to be lower
	// by twice that: they are pairs of fewer pictures, and what follows is far away.
	sure := max(0, 1-2/math.Sqrt(n*share))
	l.from, l.share = from, share
	l.at = deviate(share)
	l.slope = sure * math.Log(far/share) / (from - start)
	l.sigma = sure * (l.at - deviate(far)) / (from - start)
	return l
}

// quantile is the score that a share of the pairs reaches.
func (l Luck) quantile(share float64) float64 {
	n := len(l.pairs)
	return float64(l.pairs[max(0, min(n-1, n-int(math.Ceil(share*float64(n)))))])
}

// Of is how many of asked pictures score at least that high by luck: an expected number.
func (l Luck) Of(score float64, asked int) float64 {
	z := fisher(score)
	if z > l.from {
		x := z - l.from
		normal := math.Erfc((l.at+l.sigma*x)/math.Sqrt2) / 2
		return float64(asked) * math.Exp(exponential*(math.Log(l.share)-l.slope*x)+(1-exponential)*math.Log(normal))
	}
	n := len(l.pairs)
	reach := n - sort.Search(n, func(i int) bool { return float64(l.pairs[i]) >= score })
	return float64(asked) * float64(reach+1) / float64(n+1) // none of few pairs is not never
}

// fisher is Fisher's z of a cosine; that of 1 is finite.
func fisher(cosine float64) float64 {
	const most = 1 - 0x1p-24
	return math.Atanh(max(-most, min(most, cosine)))
}

// deviate is what a normal variable exceeds with that probability.
func deviate(p float64) float64 { return math.Sqrt2 * math.Erfcinv(2*p) }

// listed are how many hits are judged together.
const listed = 10

// BeyondLuck tells how many of the hits at the head of a list are more than luck, by Benjamini and
// Hochberg's procedure (1995): luck[i] is what Luck.Of gives for hit i, the best first. Of those that are
// told, the share that is luck after all is at most rate, on average over searches; in searches that nothing has to do
// with, the share of searches in which any is told is at most rate.
//
// The step up is made within the first ten, and goes on after them while each hit passes by itself:
// no more are told than by the procedure over all, and longer lists do not change what
// shorter ones said.
func BeyondLuck(luck []float64, rate float64) int {
	n := 0
	for i, expected := range luck {
		if i >= listed && n < i {
			break
		}
		if expected <= rate*float64(i+1) {
			n = i + 1
		}
	}
	return n
}
