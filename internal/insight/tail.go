package insight

import "math"

// A tail extrapolates how the share of unrelated pairs falls beyond a score, in Fisher's z (atanh of the cosine).
//
// It combines two curves through the same two points. If the logarithm of the true tail is concave, it lies below the
// extension of any of its chords, so an exponential tail is an upper bound. The other curve is that of random
// directions in as many dimensions as match the spread between the two points: it is exact for vectors without any
// structure, of three dimensions or a thousand. Embeddings lie between the two.
type tail struct {
	from       float64 // z where it begins
	share      float64 // of the pairs that reach from, at least
	slope      float64 // of the exponential tail: how fast the logarithm of the share falls with z
	directions         // the random ones
	z          float64 // that the same share of random directions reaches
}

const (
	chord       = 8   // the other end of the chord is reached by so many times as many pairs
	maxChord    = 0.5 // and by at most this share of all
	exponential = 0.6 // weight of the exponential tail, in logarithms; random directions have the rest
	minReach    = 15  // pairs that must reach from
)

// newTail fits the tail beyond the score that a share of the pairs reaches. The number of those pairs has a standard
// error of its square root; the slope is lowered by that many standard errors. ok is false if too few pairs reach
// it.
func (l Null) newTail(share, errors float64) (t tail, ok bool) {
	reach := float64(len(l.pairs)) * share
	if reach < minReach {
		return t, false
	}
	larger := min(maxChord, chord*share)
	from, start := fisher(l.quantile(share)), fisher(l.quantile(larger))
	if !(from-start > 1e-6) {
		return t, false
	}
	distance := (from - start) / max(0.1, 1-errors/math.Sqrt(reach))
	t = tail{from: from, share: share, slope: math.Log(larger/share) / distance}
	t.directions = inDimensions(dimensionsOf(share, larger, distance))
	t.z = t.zReached(share)
	return t, true
}

// beyond returns the share of unrelated pairs that reach a z beyond from.
func (t tail) beyond(z float64) float64 {
	x := z - t.from
	return math.Exp(exponential*(math.Log(t.share)-t.slope*x) + (1-exponential)*t.logShare(t.z+x))
}
