package vector

import (
	"math"
	"slices"

	"github.com/akin-search/akin/internal/simd"
)

// preparedQuery is a query in the coordinates of one basis. Lengths are multiplied by the bound scale.
type preparedQuery struct {
	basis    *basis
	mean     float64 // score of the mean
	rounding float64 // error of a bound by rounding, for a row of unit length

	// By its coordinates.
	coordinates   []float32
	bytes         []int8 // in units of scale
	scale         float64
	bias          float64 // what the offset of panel bytes adds to a sum
	radius        float64 // their length, times the scale of lists' radii
	residual      residual
	firstResidual residual // for the lists that are scanned first

	// By all its dimensions.
	code       []int16 // in units of codeScale
	codeScale  float64
	codeBias   float64 // what the offset of full codes adds to a sum
	codeError  float64 // length of q minus its code
	length     float64
	boundShare float64 // scale of a bound in all dimensions
}

// residual holds the lengths that bound what coordinate codes leave out of a score.
type residual struct {
	size     float64 // length of the coordinates
	rounding float64 // length of the coordinates minus their bytes
	norm     float64 // distance from the subspace
}

// prepare makes t the query q in the coordinates of c's basis, in t's memory. It returns false where
// the query's length is out of the range that the bounds hold for.
func (c *Compact) prepare(t *preparedQuery, q []float32, scales boundScale) bool {
	b := c.basis
	length := norm(q)
	t.basis = b
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
	distance := math.Sqrt(max(0, length*length-size*size) + rounding*(2*size+rounding))
	t.rounding = 2*rounding + 1e-9*length
	lost := roundingError(t.coordinates, t.bytes, t.scale)
	residualOf := func(deviations float64) residual {
		within := share(deviations, b.width)
		return residual{size * within, lost * within, distance * share(deviations, c.Dim-b.width)}
	}
	t.radius, t.residual, t.firstResidual = size*scales.radius, residualOf(scales.residual), residualOf(scales.firstResidual)

	// No sum of two codes may overflow int32: their magnitudes add up to no more than
	// twice the product of the lengths.
	t.codeScale = max(float64(largest(q))/32767, length*127*math.Sqrt(float64(len(q)))/(1<<29))
	inverse := 1 / t.codeScale
	squares, bias := 0., 0
	for j, x := range q {
		v := math.RoundToEven(float64(x) * inverse)
		t.code[j] = int16(v)
		bias += int(v)
		left := float64(x) - v*t.codeScale
		squares += left * left
	}
	t.codeBias = float64(middleCode * bias)
	t.codeError = math.Sqrt(squares) + 1e-9*length
	t.boundShare = share(scales.residual, c.Dim)
	t.length = length * t.boundShare
	return true
}

// sized returns v with n elements, of any value.
func sized[T any](v []T, n int) []T { return slices.Grow(v[:0], n)[:n] }

// roundingError is the length of the difference between v and its bytes.
func roundingError(v []float32, bytes []int8, scale float64) float64 {
	sum := 0.
	for j, x := range v {
		left := float64(x) - scale*float64(bytes[j])
		sum += left * left
	}
	return math.Sqrt(sum)
}

// slack is the error of a bound by rounding, for c's rows.
func (t *preparedQuery) slack(c *Compact) float64 { return t.rounding * (c.longest + c.basis.length) }

// addProbes appends c's lists with the upper bounds of their rows' scores. sums is a buffer.
func (c *Compact) addProbes(to []probe, part int, t *preparedQuery, sums []int32) []probe {
	simd.PanelSums(t.bytes, c.centres.panels, sums)
	unit, slack := t.scale*float64(c.centres.scale), t.slack(c)
	to = slices.Grow(to, len(c.lists))
	for i := range c.lists {
		l := &c.lists[i]
		if l.count == 0 {
			continue
		}
		centre := unit * (float64(sums[i]) - t.bias)
		to = append(to, probe{
			part: int32(part), list: int32(i), centre: centre,
			bound: t.mean + centre + t.radius*float64(l.radius) + t.residual.norm*float64(l.maxResidual) + t.residual.rounding*float64(c.centres.length[i]) + slack,
		})
	}
	return to
}

// sumCoordinates sums up the coordinate codes of a list's rows.
func (c *Compact) sumCoordinates(t *preparedQuery, l *list, sums []int32) {
	first, end := l.span()
	simd.PanelSums(t.bytes, c.panels[first*c.basis.width:end*c.basis.width], sums)
}

// markByCoordinates marks the rows of a list that can reach limit, by their coordinate codes.
func (t *preparedQuery) markByCoordinates(c *Compact, l *list, left residual, centre float64, sums []int32, limit float64, out []uint16) {
	first, _ := l.span()
	scale := t.scale * float64(l.scale)
	upper := t.mean + centre - scale*t.bias + left.size*float64(l.maxRounding) + left.rounding*float64(l.maxNorm) + t.slack(c)
	mark(sums, c.residualNorm[first:], scale, left.norm, limit-upper, math.Abs(centre)+scale*math.Abs(t.bias)+t.radius*float64(l.radius), float64(l.maxResidual), out)
}

// markByCode marks the rows of a list that can reach limit, by their full codes.
func (t *preparedQuery) markByCode(c *Compact, l *list, sums []int32, limit float64, out []uint16) {
	first, _ := l.span()
	scale := t.codeScale * float64(l.codeScale)
	limit -= t.mean - scale*t.codeBias + t.codeError*c.longestCode
	mark(sums, c.codeError[first:], scale, t.length, limit, scale*math.Abs(t.codeBias)+2*t.length*c.longest, c.longest, out)
}

// mark is simd.Reach with a limit that is lowered by the rounding error of float32 sums of
// numbers of the given sizes.
func mark(sums []int32, slack []float32, scale, weight, limit, scores, slacks float64, out []uint16) {
	limit -= 1e-6 * (math.Abs(limit) + scores + weight*slacks)
	// Padding has a slack of -Inf, which reaches no finite limit.
	simd.Reach(sums, slack, float32(scale), float32(weight), max(float32(limit), -math.MaxFloat32), out)
}

// bounds returns the bounds of a row's score, by its full code.
func (t *preparedQuery) bounds(c *Compact, l *list, at int, sum int32) (lower, upper float64) {
	score := t.mean + float64(l.codeScale)*t.codeScale*(float64(sum)-t.codeBias)
	off := t.length*float64(c.codeError[at]) + t.codeError*c.longestCode
	return score - off, score + off
}
