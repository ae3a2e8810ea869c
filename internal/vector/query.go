package vector

import (
	"math"
	"slices"

	"github.com/akin-search/akin/internal/simd"
)

// question is a query as one basis sees it. Lengths are as far as they are believed.
type preparedQuery struct {
	mean     float64 // score of the mean
	rounding float64 // what rounding may add to a bound, for a row of unit length

	// The query's coordinates.
	coordinates   []float32
	bytes         []int8  // in units of scale
	scale         float64 //
	bias          float64 // what the bytes' zero adds to a sum over panels
	radius        float64 // their length, as far as it is believed of lists' radii
	residual      residual
	firstResidual residual // of lists near the query, where trust says so

	// The query itself.
	code       []int16 // in units of wordScale
	codeScale  float64
	codeBias   float64 // what the codes' middle adds to a sum
	codeError  float64 // length of what words leave out
	length     float64
	boundShare float64 // of a bound in all dimensions that is believed
}

// rest is what bytes leave out of a query's coordinates, and coordinates of the query.
type residual struct {
	size     float64 // length of the coordinates, which lists' bytes leave something out of
	rounding float64 // length of what bytes leave out
	norm     float64 // distance from the subspace
}

// ask makes t the query as c's basis sees it, in t's memory; it fails where the query is too
// long or too short to be reckoned with.
func (c *Compact) prepare(t *preparedQuery, q []float32, believe boundScale) bool {
	b := c.basis
	length := norm(q)
	if !(length > 1e-9 && length < 1e9) {
		return false
	}
	t.coordinates, t.bytes, t.code = sized(t.coordinates, b.width), sized(t.bytes, b.width), sized(t.code, c.stride)
	clear(t.code[len(q):])
	b.project(q, false, t.coordinates)
	scale, sum := signed(t.coordinates, 127, t.bytes)
	t.scale, t.bias = float64(scale), float64(zero*sum)
	size := norm(t.coordinates)
	t.mean = dot64(q, b.mean)
	rounding := b.rounding() * length
	far := math.Sqrt(max(0, length*length-size*size) + rounding*(2*size+rounding))
	t.rounding = 2*rounding + 1e-9*length
	left := roundingError(t.coordinates, t.bytes, t.scale)
	restOf := func(believe float64) residual {
		within := share(believe, b.width)
		return residual{size * within, left * within, far * share(believe, c.Dim-b.width)}
	}
	t.radius, t.residual, t.firstResidual = size*believe.radius, restOf(believe.residual), restOf(believe.firstResidual)

	// No sum of words and codes may leave int32: their magnitudes add up to no more than
	// the product of lengths, twice.
	t.codeScale = max(float64(largest(q))/32767, length*127*math.Sqrt(float64(len(q)))/(1<<29))
	inverse := 1 / t.codeScale
	slip, bias := 0., 0
	for j, x := range q {
		v := math.RoundToEven(float64(x) * inverse)
		t.code[j] = int16(v)
		bias += int(v)
		left := float64(x) - v*t.codeScale
		slip += left * left
	}
	t.codeBias = float64(middleCode * bias)
	t.codeError = math.Sqrt(slip) + 1e-9*length
	t.boundShare = share(believe.residual, c.Dim)
	t.length = length * t.boundShare
	return true
}

// sized is v with n elements, of any value.
func sized[T any](v []T, n int) []T { return slices.Grow(v[:0], n)[:n] }

// leftOut is the length of what bytes leave out of v.
func roundingError(v []float32, bytes []int8, scale float64) float64 {
	sum := 0.
	for j, x := range v {
		left := float64(x) - scale*float64(bytes[j])
		sum += left * left
	}
	return math.Sqrt(sum)
}

// slack is what rounding may add to a bound for c's rows.
func (t *preparedQuery) slack(c *Compact) float64 { return t.rounding * (c.longest + c.basis.length) }

// addVisits adds c's lists, with what their rows can score at most; sums is a buffer.
func (c *Compact) addProbes(to []probe, part int, t *preparedQuery, sums []int32) []probe {
	simd.PanelSums(t.bytes, c.centres.panels, sums)
	unit, slack := t.scale*float64(c.centres.scale), t.slack(c)
	to = slices.Grow(to, len(c.lists))
	for i := range c.lists {
		l := &c.lists[i]
		if l.count == 0 {
			continue
		}
		middle := unit * (float64(sums[i]) - t.bias)
		to = append(to, probe{
			part: int32(part), list: int32(i), centre: middle,
			bound: t.mean + middle + t.radius*float64(l.radius) + t.residual.norm*float64(l.maxResidual) + t.residual.rounding*float64(c.centres.length[i]) + slack,
		})
	}
	return to
}

// sumPlaces sums up the coordinates of a list's rows.
func (c *Compact) sumCoordinates(t *preparedQuery, l *list, sums []int32) {
	first, end := l.span()
	simd.PanelSums(t.bytes, c.panels[first*c.basis.width:end*c.basis.width], sums)
}

// reachPlaces tells by their coordinates which rows of a list can reach limit.
func (t *preparedQuery) markByCoordinates(c *Compact, l *list, left residual, middle float64, sums []int32, limit float64, out []uint16) {
	first, _ := l.span()
	scale := t.scale * float64(l.scale)
	most := t.mean + middle - scale*t.bias + left.size*float64(l.maxRounding) + left.rounding*float64(l.maxNorm) + t.slack(c)
	mark(sums, c.residualNorm[first:], scale, left.norm, limit-most, math.Abs(middle)+scale*math.Abs(t.bias)+t.radius*float64(l.radius), float64(l.maxResidual), out)
}

// reachWhole tells by their whole codes which rows of a list can reach limit.
func (t *preparedQuery) markByCode(c *Compact, l *list, sums []int32, limit float64, out []uint16) {
	first, _ := l.span()
	scale := t.codeScale * float64(l.codeScale)
	limit -= t.mean - scale*t.codeBias + t.codeError*c.longestCode
	mark(sums, c.codeError[first:], scale, t.length, limit, scale*math.Abs(t.codeBias)+2*t.length*c.longest, c.longest, out)
}

// reach is simd.Reach with a limit that is lowered by what float32 sums of numbers of the
// given sizes may be off.
func mark(sums []int32, slack []float32, scale, weight, limit, scores, slacks float64, out []uint16) {
	limit -= 1e-6 * (math.Abs(limit) + scores + weight*slacks)
	// Filling has a slack of -Inf, which no finite limit is reached by.
	simd.Reach(sums, slack, float32(scale), float32(weight), max(float32(limit), -math.MaxFloat32), out)
}

// bounds are what a row scores at least and at most, by its whole code.
func (t *preparedQuery) bounds(c *Compact, l *list, at int, sum int32) (least, most float64) {
	score := t.mean + float64(l.codeScale)*t.codeScale*(float64(sum)-t.codeBias)
	off := t.length*float64(c.codeError[at]) + t.codeError*c.longestCode
	return score - off, score + off
}
