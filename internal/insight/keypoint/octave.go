package keypoint

import (
	"math"
	"slices"

	"github.com/akin-search/akin/internal/parallel"
)

// octave is a picture at scales up to twice the first one.
type octave struct {
	levels      []plane // perOctave+3, each blurred more than the one before
	differences []plane // of neighbours
}

func newOctave(base plane) *octave {
	o := &octave{levels: []plane{base}}
	step := math.Pow(2, 1./perOctave)
	for i := 1; i < perOctave+3; i++ {
		before := firstBlur * math.Pow(step, float64(i-1))
		next := o.levels[i-1].blurred(before * math.Sqrt(step*step-1))
		o.differences = append(o.differences, next.minus(o.levels[i-1]))
		o.levels = append(o.levels, next)
	}
	return o
}

// next is the first level of the next octave. It leaves of this one what directions and descriptors are made of.
func (o *octave) next() plane {
	out := o.levels[perOctave].halved()
	o.differences = nil
	for i := range o.levels {
		if i < 1 || i > perOctave {
			o.levels[i] = plane{}
		}
	}
	return out
}

// points returns the octave's keypoints, without their directions, from top to bottom.
func (o *octave) points() []Point {
	height := o.levels[0].height
	rows := make([][]Point, max(0, height-2*border))
	parallel.Each(len(rows), func(i int) {
		for level := 1; level <= perOctave; level++ {
			rows[i] = append(rows[i], o.extrema(level, border+i)...)
		}
	})
	return slices.Concat(rows...)
}

// extrema returns the keypoints of a row of a level.
func (o *octave) extrema(level, y int) (out []Point) {
	const least = 0.5 * contrast / perOctave
	d := o.differences[level]
	row := d.row(y)
	for x := border; x < d.width-border; x++ {
		v, left, right := row[x], row[x-1], row[x+1]
		if (v > least && v >= left && v >= right || v < -least && v <= left && v <= right) && o.extreme(level, x, y, v) {
			if k, ok := o.refine(level, x, y); ok {
				out = append(out, k)
			}
		}
	}
	return out
}

// extreme reports whether no neighbour, in place or scale, is beyond a value.
func (o *octave) extreme(level, x, y int, v float32) bool {
	at := y*o.levels[0].width + x
	for l := level - 1; l <= level+1; l++ {
		pix := o.differences[l].pix
		for _, at := range [3]int{at, at - o.levels[0].width, at + o.levels[0].width} {
			near := pix[at-1 : at+2]
			if v > 0 && (near[0] > v || near[1] > v || near[2] > v) || v < 0 && (near[0] < v || near[1] < v || near[2] < v) {
				return false
			}
		}
	}
	return true
}

// refine finds the extremum of the quadratic through the values around a pixel, in place and scale, and refuses one that has little
// contrast or lies along an edge.
func (o *octave) refine(level, x, y int) (Point, bool) {
	var offset [3]float64
	var gradient [3]float64
	var h [3][3]float64
	var value float64
	for try := 0; ; try++ {
		if try == 5 {
			return Point{}, false
		}
		at := func(dl, dy, dx int) float64 { return float64(o.differences[level+dl].row(y + dy)[x+dx]) }
		value = at(0, 0, 0)
		gradient = [3]float64{(at(0, 0, 1) - at(0, 0, -1)) / 2, (at(0, 1, 0) - at(0, -1, 0)) / 2, (at(1, 0, 0) - at(-1, 0, 0)) / 2}
		h[0][0] = at(0, 0, 1) + at(0, 0, -1) - 2*value
		h[1][1] = at(0, 1, 0) + at(0, -1, 0) - 2*value
		h[2][2] = at(1, 0, 0) + at(-1, 0, 0) - 2*value
		h[0][1] = (at(0, 1, 1) - at(0, 1, -1) - at(0, -1, 1) + at(0, -1, -1)) / 4
		h[0][2] = (at(1, 0, 1) - at(1, 0, -1) - at(-1, 0, 1) + at(-1, 0, -1)) / 4
		h[1][2] = (at(1, 1, 0) - at(1, -1, 0) - at(-1, 1, 0) + at(-1, -1, 0)) / 4
		h[1][0], h[2][0], h[2][1] = h[0][1], h[0][2], h[1][2]
		var ok bool
		if offset, ok = solve(h, gradient); !ok {
			return Point{}, false
		}
		if max(math.Abs(offset[0]), math.Abs(offset[1]), math.Abs(offset[2])) < 0.5 {
			break
		}
		if max(math.Abs(offset[0]), math.Abs(offset[1]), math.Abs(offset[2])) > 1<<20 {
			return Point{}, false
		}
		x, y, level = x+int(math.Round(offset[0])), y+int(math.Round(offset[1])), level+int(math.Round(offset[2]))
		d := o.differences[0]
		if level < 1 || level > perOctave || x < border || x >= d.width-border || y < border || y >= d.height-border {
			return Point{}, false
		}
	}
	value += (gradient[0]*offset[0] + gradient[1]*offset[1] + gradient[2]*offset[2]) / 2
	if math.Abs(value)*perOctave < contrast {
		return Point{}, false
	}
	trace, det := h[0][0]+h[1][1], h[0][0]*h[1][1]-h[0][1]*h[0][1]
	if det <= 0 || trace*trace*edgeRatio >= (edgeRatio+1)*(edgeRatio+1)*det {
		return Point{}, false
	}
	scale := (float64(level) + offset[2]) / perOctave
	return Point{
		level: level, response: float32(math.Abs(value)),
		x: float32(float64(x) + offset[0] + 0.5), y: float32(float64(y) + offset[1] + 0.5),
		sigma: float32(firstBlur * math.Pow(2, scale)),
	}, true
}

// solve returns what solves h·v = -g.
func solve(h [3][3]float64, g [3]float64) (v [3]float64, ok bool) {
	det := func(a, b, c [3]float64) float64 {
		return a[0]*(b[1]*c[2]-b[2]*c[1]) - a[1]*(b[0]*c[2]-b[2]*c[0]) + a[2]*(b[0]*c[1]-b[1]*c[0])
	}
	d := det(h[0], h[1], h[2])
	if d == 0 {
		return v, false
	}
	for i := range v { // Cramer's rule; h is symmetric
		m := h
		m[i] = [3]float64{-g[0], -g[1], -g[2]}
		v[i] = det(m[0], m[1], m[2]) / d
	}
	return v, true
}
