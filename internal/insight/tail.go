package insight

import "math"

// A tail is how the share of unlike pairs falls beyond a score, in Fisher's z, the inverse hyperbolic tangent of the
// cosine.
//
// It is drawn on by two curves through the same two points. Where the logarithm of a tail is concave, it lies below any
// of its chords drawn on: the exponential tail is a bound. The other is that of random directions, in as many
// dimensions as make them spread as the pairs do between the two points: exact for vectors without any structure,
// be they of three values or a thousand. What embeddings show lies between.
type tail struct {
	from       float64 // z where it begins
	share      float64 // of the pairs that reach from
	slope      float64 // of the exponential one: of the logarithm of the share, by z
	dimensions float64 // of the random directions
	z          float64 // that the same share of those reach
}

const (
	chord       = 8 // times as many pairs reach the other end of the chord
	chordMost   = 0.5
	exponential = 0.6 // weight of the exponential tail, in logarithms; that of random directions has the rest
	fewest      = 15  // pairs that reach from
)

// newTail draws the tail beyond the score that a share of the pairs reaches. So many pairs tell where it begins only
// to within their root: its slope is taken to be lower by as many standard errors of that.
func (l Null) newTail(share, errors float64) (t tail, ok bool) {
	reach := float64(len(l.pairs)) * share
	if reach < fewest {
		return t, false
	}
	far := min(chordMost, chord*share)
	from, start := fisher(l.quantile(share)), fisher(l.quantile(far))
	if !(from-start > 1e-6) {
		return t, false
	}
	way := (from - start) / max(0.1, 1-errors/math.Sqrt(reach))
	t = tail{from: from, share: share, slope: math.Log(far/share) / way}
	t.dimensions = dimensionsOf(share, far, way)
	t.z = zReached(share, t.dimensions)
	return t, true
}

// beyond is the share of unlike pairs that reach a z beyond from.
func (t tail) beyond(z float64) float64 {
	x := z - t.from
	return math.Exp(exponential*(math.Log(t.share)-t.slope*x) + (1-exponential)*logShare(t.z+x, t.dimensions))
}
