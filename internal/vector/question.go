package vector

import (
	"math"
	"slices"

	"github.com/akin-search/akin/internal/simd"
)

// question is a query as one basis sees it. Lengths are as far as they are believed.
type question struct {
	mean     float64 // score of the mean
	rounding float64 // what rounding may add to a bound, for a row of unit length

	// The query's coordinates.
	bytes  []int8  // in units of scale
	scale  float64 //
	bias   float64 // what the bytes' zero adds to a sum over panels
	size   float64 // their length
	radius float64 // the same, as far as it is believed of lists' radii
	slip   float64 // length of what bytes leave out
	far    float64 // distance from the subspace

	// The query itself.
	words     []int16 // in units of wordScale
	wordScale float64
	wordBias  float64 // what the codes' middle adds to a sum
	wordSlip  float64 // length of what words leave out
	length    float64
	share     float64 // of a bound in all dimensions that is believed

	near *question // the same for lists near the query, or nil where it is no other
}

// ask gives the query as c's basis sees it; it fails where the query is too long or too
// short to be reckoned with.
func (c *Compact) ask(q []float32, believe trust) (*question, bool) {
	b := c.basis
	length := norm(q)
	if !(length > 1e-9 && length < 1e9) {
		return nil, false
	}
	t := &question{bytes: make([]int8, b.width), words: make([]int16, c.stride)}
	place := make([]float32, b.width)
	b.project(q, false, place)
	scale, sum := signed(place, 127, t.bytes)
	t.scale, t.bias = float64(scale), float64(zero*sum)
	size := norm(place)
	for j, x := range q {
		t.mean += float64(x) * float64(b.mean[j])
	}
	rounding := b.rounding() * length
	far := math.Sqrt(max(0, length*length-size*size) + rounding*(2*size+rounding))
	t.rounding = 2*rounding + 1e-9*length
	left := leftOut(place, t.bytes, t.scale)
	ofPlaces := func(t *question, believe trust) {
		within := believe.share(b.width)
		t.size, t.slip, t.far = size*within, left*within, far*believe.share(c.Dim-b.width)
	}
	ofPlaces(t, believe)
	t.radius = size * believe.radius

	// No sum of words and codes may leave int32: their magnitudes add up to no more than
	// the product of lengths, twice.
	t.wordScale = max(float64(largest(q))/32767, length*127*math.Sqrt(float64(len(q)))/(1<<29))
	slip, bias := 0., 0
	for j, x := range q {
		v := int(math.RoundToEven(float64(x) / t.wordScale))
		t.words[j] = int16(v)
		bias += v
		left := float64(x) - float64(v)*t.wordScale
		slip += left * left
	}
	t.wordBias = float64(middleCode * bias)
	t.wordSlip = math.Sqrt(slip) + 1e-9*length
	t.share = believe.share(c.Dim)
	t.length = length * t.share
	if believe.near {
		near := *t
		ofPlaces(&near, trust{rest: nearRest})
		t.near = &near
	}
	return t, true
}

// leftOut is the length of what bytes leave out of v.
func leftOut(v []float32, bytes []int8, scale float64) float64 {
	sum := 0.
	for j, x := range v {
		left := float64(x) - scale*float64(bytes[j])
		sum += left * left
	}
	return math.Sqrt(sum)
}

// slack is what rounding may add to a bound for c's rows.
func (t *question) slack(c *Compact) float64 { return t.rounding * (c.longest + c.basis.length) }

// addVisits adds c's lists, with what their rows can score at most.
func (c *Compact) addVisits(to []visit, part int, t *question) []visit {
	sums := make([]int32, len(c.centres.panels)/c.basis.width)
	simd.PanelSums(t.bytes, c.centres.panels, sums)
	unit, slack := t.scale*float64(c.centres.scale), t.slack(c)
	to = slices.Grow(to, len(c.lists))
	for i := range c.lists {
		l := &c.lists[i]
		if l.count == 0 {
			continue
		}
		middle := unit * (float64(sums[i]) - t.bias)
		to = append(to, visit{
			part: int32(part), list: int32(i), middle: middle,
			bound: t.mean + middle + t.radius*float64(l.radius) + t.far*float64(l.far) + t.slip*float64(c.centres.length[i]) + slack,
		})
	}
	return to
}

// reachPlaces tells by their coordinates which rows of a list can reach limit.
func (t *question) reachPlaces(c *Compact, l *list, middle float64, sums []int32, limit float64, out []uint16) {
	first, _ := l.positions()
	scale := t.scale * float64(l.scale)
	most := t.mean + middle - scale*t.bias + t.size*float64(l.rough) + t.slip*float64(l.reach) + t.slack(c)
	reach(sums, c.far[first:], scale, t.far, limit-most, math.Abs(middle)+scale*math.Abs(t.bias)+t.radius*float64(l.radius), float64(l.far), out)
}

// reachWhole tells by their whole codes which rows of a list can reach limit.
func (t *question) reachWhole(c *Compact, l *list, sums []int32, limit float64, out []uint16) {
	first, _ := l.positions()
	scale := t.wordScale * float64(l.whole)
	limit -= t.mean - scale*t.wordBias + t.wordSlip*c.widest
	reach(sums, c.off[first:], scale, t.length, limit, scale*math.Abs(t.wordBias)+2*t.length*c.longest, c.longest, out)
}

// reach is simd.Reach with a limit that is lowered by what float32 sums of numbers of the
// given sizes may be off.
func reach(sums []int32, slack []float32, scale, weight, limit, scores, slacks float64, out []uint16) {
	limit -= 1e-6 * (math.Abs(limit) + scores + weight*slacks)
	// Filling has a slack of -Inf, which no finite limit is reached by.
	simd.Reach(sums, slack, float32(scale), float32(weight), max(float32(limit), -math.MaxFloat32), out)
}

// bounds are what a row scores at least and at most, by its whole code.
func (t *question) bounds(c *Compact, l *list, at int, sum int32) (least, most float64) {
	score := t.mean + float64(l.whole)*t.wordScale*(float64(sum)-t.wordBias)
	off := t.length*float64(c.off[at]) + t.wordSlip*c.widest
	return score - off, score + off
}
