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
// relatives may be, fifteen a picture; beyond, the tail is drawn on (tail.go). docs/scores.md has the
// simulation that this is measured by.
type Null struct {
	pairs []float32 // ascending
	from  float64   // z from which the tail is drawn on; Inf where there are too few pairs
	tails []tail    // of which the one that explains more by luck is believed
}

const (
	relatives = 15  // pictures that each may have something to do with, on average
	tailPairs = 200 // that the beginning of the tail is told by, at least
	deepPairs = 50  // of a second tail, which begins where fewer pairs tell more
	tailMost  = 0.1 // share of the pairs at which the tail begins at most
)

// NewLuck learns from the scores of random pairs, ascending, of a collection of that many pictures.
func NewNull(pairs []float32, pictures int) Null {
	l := Null{pairs: pairs, from: math.Inf(1)}
	n := float64(len(pairs))
	if pictures < 2 || n == 0 {
		return l
	}
	related := relatives / float64(pictures-1)
	errors := 2.
	if related > tailPairs/n {
		errors = 1 // so many pairs that the tail begins where it should
	}
	begin := min(tailMost, max(related, tailPairs/n))
	t, ok := l.newTail(begin, errors)
	if !ok {
		return l // fewer than twenty pictures, or as good as all score the same
	}
	l.from, l.tails = t.from, []tail{t}
	// Of many pictures fewer pairs tell of what lies further out, where a tail that is no longer concave shows.
	if deep := max(related, deepPairs/n); deep < begin {
		if t, ok := l.newTail(deep, 1); ok {
			l.tails = append(l.tails, t)
		}
	}
	return l
}

// quantile is the score that a share of the pairs reaches.
func (l Null) quantile(share float64) float64 {
	n := len(l.pairs)
	return float64(l.pairs[max(0, min(n-1, n-int(math.Ceil(share*float64(n)))))])
}

// Of is how many of asked pictures score at least that high by luck: an expected number.
func (l Null) Expected(score float64, asked int) float64 {
	z := fisher(score)
	if z <= l.from {
		return float64(asked) * l.share(score)
	}
	most := 0.
	for _, t := range l.tails {
		if z > t.from {
			most = max(most, t.beyond(z))
		} else {
			most = max(most, l.share(score))
		}
	}
	return float64(asked) * most
}

// seen is the share of the pairs that score at least that high; none of few pairs is not never.
func (l Null) share(score float64) float64 {
	n := len(l.pairs)
	reach := n - sort.Search(n, func(i int) bool { return float64(l.pairs[i]) >= score })
	return float64(reach+1) / float64(n+1)
}

// fisher is Fisher's z of a cosine; that of 1 is finite.
func fisher(cosine float64) float64 {
	const most = 1 - 0x1p-24
	return math.Atanh(max(-most, min(most, cosine)))
}

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
func Discoveries(luck []float64, rate float64) int {
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
