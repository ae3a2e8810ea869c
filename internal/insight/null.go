package insight

import (
	"math"
	"sort"
)

// Null is the null distribution of scores: how often unrelated pictures score as high as a hit. It is made
// from the scores of random pairs of a collection.
//
// Most random pairs are unrelated, but the closest ones may not be. So the empirical distribution counts only
// up to where related pairs may begin, at fifteen for each picture; beyond that the tail is extrapolated (tail.go).
// docs/explanation/scores.md describes the simulation that measures this.
type Null struct {
	pairs []float32 // scores, ascending
	from  float64   // z where the extrapolation begins; +Inf if there are too few pairs
	tails []tail    // the one that expects more unrelated pictures counts
}

const (
	relatives    = 15  // related pictures that a picture has on average, at most
	minTailPairs = 200 // that a tail is fitted to
	minDeepPairs = 50  // that a second, deeper tail is fitted to
	maxTail      = 0.1 // of the pairs: the largest share at which a tail begins
)

// NewNull fits a null distribution to the scores of random pairs, ascending, of a collection with that many
// pictures.
func NewNull(pairs []float32, pictures int) Null {
	l := Null{pairs: pairs, from: math.Inf(1)}
	n := float64(len(pairs))
	if pictures < 2 || n == 0 {
		return l
	}
	related := relatives / float64(pictures-1)
	errors := 2.
	if related > minTailPairs/n {
		errors = 1 // enough pairs for the tail to begin where related pairs may
	}
	begin := min(maxTail, max(related, minTailPairs/n))
	t, ok := l.newTail(begin, errors)
	if !ok {
		return l // fewer than twenty pictures, or nearly all pairs score the same
	}
	l.from, l.tails = t.from, []tail{t}
	// In a large collection, fewer pairs further out show where a tail stops being concave.
	if deep := max(related, minDeepPairs/n); deep < begin {
		if t, ok := l.newTail(deep, 1); ok {
			l.tails = append(l.tails, t)
		}
	}
	return l
}

// quantile returns the score that a share of the pairs reaches.
func (l Null) quantile(share float64) float64 {
	n := len(l.pairs)
	return float64(l.pairs[max(0, min(n-1, n-int(math.Ceil(share*float64(n)))))])
}

// Expected returns how many of n unrelated pictures are expected to score at least that high.
func (l Null) Expected(score float64, n int) float64 {
	z := fisher(score)
	if z <= l.from {
		return float64(n) * l.share(score)
	}
	most := 0.
	for _, t := range l.tails {
		if z > t.from {
			most = max(most, t.beyond(z))
		} else {
			most = max(most, l.share(score))
		}
	}
	return float64(n) * most
}

// share returns the fraction of the pairs that score at least that high. One more pair is counted, so that it is
// never 0.
func (l Null) share(score float64) float64 {
	n := len(l.pairs)
	reach := n - sort.Search(n, func(i int) bool { return float64(l.pairs[i]) >= score })
	return float64(reach+1) / float64(n+1)
}

// fisher returns Fisher's z of a cosine, which is finite also for 1.
func fisher(cosine float64) float64 {
	const most = 1 - 0x1p-24
	return math.Atanh(max(-most, min(most, cosine)))
}

// judgedTogether is the number of hits to which the step-up procedure is applied.
const judgedTogether = 10

// Discoveries returns how many hits at the head of a list are significant at a false discovery rate, by Benjamini
// and Hochberg's step-up procedure (1995). expected[i] is Null.Expected of hit i, the best first. In searches where
// nothing is related to the query, the fraction of searches with any discovery is at most rate.
//
// The procedure is applied to the first ten hits; after these, hits are added while each passes by itself. That never
// adds more than the procedure over the whole list, and a longer list does not change the verdict on a
// shorter one.
func Discoveries(expected []float64, rate float64) int {
	n := 0
	for i, e := range expected {
		if i >= judgedTogether && n < i {
			break
		}
		if e <= rate*float64(i+1) {
			n = i + 1
		}
	}
	return n
}
