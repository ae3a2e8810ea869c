package evidence

import (
	"math"
	"slices"
)

// placed is how the larger picture lies on the smaller one: pixel x of the smaller, counted from the
// middle of the picture, is at x·(1+ex) + dx from the middle of the larger one.
type placed struct {
	dx, dy float64 // pixels
	ex, ey float64 // shares of the size
}

const (
	// A copy is trimmed by so large a share of a side in all, at most.
	mostTrimmed = 0.09
	// Levels of the pyramid have a longer side of at least this.
	smallestLevel = 40
	// So many pixels of a level are looked at.
	sampled = 10_000
)

// register lays the larger picture on the smaller one: Gauss and Newton's steps on the square of what
// is left between their lumas, from a coarse level to the finest (Lucas and Kanade 1981), with weights
// that forget what does not fit at all (Huber 1964): a picture that is different in a place is to be
// laid on the other all the same, so that the difference is seen there and nowhere else.
func register(small, large []plane, start placed) (placed, float64) {
	at := start
	left := math.Inf(1)
	for level := len(small) - 1; level >= 0; level-- {
		steps := 8
		if level == len(small)-1 {
			steps = 25
		}
		at, left = refine(small[level], large[level], at, steps, float64(int(1)<<level))
	}
	return at, left
}

// point is a pixel of the smaller picture that is looked at.
type point struct {
	x, y   float32 // from the middle
	v      float32
	gx, gy float32 // how it changes
}

func refine(small, large plane, at placed, steps int, unit float64) (placed, float64) {
	points := pick(small)
	if len(points) < 16 {
		return at, math.Inf(1)
	}
	w, h := float64(small.w), float64(small.h)
	dx, dy, ex, ey := at.dx/unit, at.dy/unit, at.ex*w, at.ey*h // ex, ey in pixels over the whole side
	residuals := make([]float32, len(points))
	samples := make([]float32, len(points))
	cx, cy := float32(large.w-1)/2, float32(large.h-1)/2
	gain, offset := 1., 0.
	left := math.Inf(1)
	for range steps {
		for i, p := range points {
			x := cx + p.x*float32(1+ex/w) + float32(dx)
			y := cy + p.y*float32(1+ey/h) + float32(dy)
			samples[i] = large.at(x, y)
		}
		for i, p := range points {
			residuals[i] = float32(gain)*samples[i] + float32(offset) - p.v
		}
		sigma := max(0.5, 1.4826*medianAbs(residuals))
		var a [6][7]float64
		sum, weight := 0., 0.
		for i, p := range points {
			r := float64(residuals[i])
			wt := 1.
			if m := math.Abs(r); m > 2*sigma {
				wt = 2 * sigma / m
			}
			sum += wt * r * r
			weight += wt
			j := [6]float64{float64(p.gx), float64(p.gx) * float64(p.x) / w, float64(p.gy), float64(p.gy) * float64(p.y) / h, float64(samples[i]), 1}
			for m := range 6 {
				for n := m; n < 6; n++ {
					a[m][n] += wt * j[m] * j[n]
				}
				a[m][6] -= wt * j[m] * r
			}
		}
		left = math.Sqrt(sum / max(1, weight))
		for m := range 6 {
			for n := range m {
				a[m][n] = a[n][m]
			}
		}
		// Where nothing tells, all stays as it is: the picture as a whole lies on the whole other one.
		n := float64(len(points))
		ridge := 0.02 * n
		for m, d := range [4]float64{dx, ex, dy, ey} {
			a[m][m] += ridge
			a[m][6] -= ridge * d
		}
		// Both sides are trimmed alike, but for the rounding of sizes.
		alike := 0.5 * n
		a[1][1] += alike * (h / w) * (h / w)
		a[3][3] += alike
		a[1][3] -= alike * h / w
		a[3][1] -= alike * h / w
		apart := ex*h/w - ey
		a[1][6] -= alike * apart * h / w
		a[3][6] += alike * apart
		a[4][4] += 10 * n // the gain is near 1
		a[4][6] -= 10 * n * (gain - 1)
		d, ok := solve(a[:])
		if !ok {
			break
		}
		dx, ex, dy, ey = dx+d[0], ex+d[1], dy+d[2], ey+d[3]
		gain, offset = min(max(gain+d[4], 0.6), 1.6), offset+d[5]
		dx, dy = clamp(dx, mostTrimmed*w), clamp(dy, mostTrimmed*h)
		ex, ey = clamp(ex, 2*mostTrimmed*w), clamp(ey, 2*mostTrimmed*h)
		if math.Abs(d[0])+math.Abs(d[1])+math.Abs(d[2])+math.Abs(d[3]) < 0.01 {
			break
		}
	}
	return placed{dx * unit, dy * unit, ex / w, ey / h}, left
}

func clamp(v, most float64) float64 { return min(max(v, -most), most) }

// pick takes pixels with some change about them first, and not too near the edge.
func pick(p plane) []point {
	margin := 1
	area := (p.w - 2*margin) * (p.h - 2*margin)
	if area <= 0 {
		return nil
	}
	stride := 1
	for area/(stride*stride) > 16*sampled {
		stride++
	}
	type scored struct {
		i int
		g float32
	}
	var all []scored
	for y := margin; y < p.h-margin; y += stride {
		for x := margin; x < p.w-margin; x += stride {
			i := y*p.w + x
			gx, gy := p.v[i+1]-p.v[i-1], p.v[i+p.w]-p.v[i-p.w]
			all = append(all, scored{i, gx*gx + gy*gy})
		}
	}
	if len(all) > sampled { // half of those that are taken are the strongest, the others any
		strength := make([]float32, 0, 4000)
		for i := 0; i < len(all); i += len(all)/4000 + 1 {
			strength = append(strength, all[i].g)
		}
		slices.Sort(strength)
		limit := strength[min(len(strength)-1, len(strength)-len(strength)*(sampled/2)/len(all))]
		every := max(1, len(all)/(sampled/2))
		k := 0
		kept := all[:0]
		for i, s := range all {
			if s.g > limit || i%every == 0 {
				kept = append(kept, s)
				k++
			}
		}
		all = kept
	}
	cx, cy := float32(p.w-1)/2, float32(p.h-1)/2
	points := make([]point, len(all))
	for k, s := range all {
		points[k] = point{float32(s.i%p.w) - cx, float32(s.i/p.w) - cy, p.v[s.i], (p.v[s.i+1] - p.v[s.i-1]) / 2, (p.v[s.i+p.w] - p.v[s.i-p.w]) / 2}
	}
	return points
}

// solve gives the solution of a·x = b, the rows being a with b behind, by Gauss's elimination.
func solve(a [][7]float64) ([6]float64, bool) {
	n := len(a)
	var x [6]float64
	for c := range n {
		best := c
		for r := c + 1; r < n; r++ {
			if math.Abs(a[r][c]) > math.Abs(a[best][c]) {
				best = r
			}
		}
		a[c], a[best] = a[best], a[c]
		if math.Abs(a[c][c]) < 1e-12 {
			return x, false
		}
		for r := c + 1; r < n; r++ {
			f := a[r][c] / a[c][c]
			for k := c; k < 7; k++ {
				a[r][k] -= f * a[c][k]
			}
		}
	}
	for r := n - 1; r >= 0; r-- {
		v := a[r][6]
		for k := r + 1; k < n; k++ {
			v -= a[r][k] * x[k]
		}
		x[r] = v / a[r][r]
	}
	return x, true
}

// medianAbs is the median of the magnitudes, of about a thousand of them.
func medianAbs(v []float32) float64 {
	return quantile(v, 0.5, 2000, func(x float32) float32 { return max(x, -x) })
}

// quantile is that of about so many of the values.
func quantile(v []float32, q float64, most int, of func(float32) float32) float64 {
	stride := max(1, len(v)/most)
	some := make([]float32, 0, len(v)/stride+1)
	for i := 0; i < len(v); i += stride {
		some = append(some, of(v[i]))
	}
	if len(some) == 0 {
		return 0
	}
	slices.Sort(some)
	return float64(some[min(len(some)-1, int(q*float64(len(some))))])
}

// warp lays a plane of the larger picture on the grid of the smaller one.
func (p plane) warp(at placed, w, h int) plane {
	if at == (placed{}) && p.w == w && p.h == h {
		return p
	}
	out := newPlane(w, h)
	cx, cy := float64(p.w-1)/2, float64(p.h-1)/2
	for y := range h {
		ly := float32(cy + (float64(y)-float64(h-1)/2)*(1+at.ey) + at.dy)
		row := out.row(y)
		for x := range row {
			row[x] = p.at(float32(cx+(float64(x)-float64(w-1)/2)*(1+at.ex)+at.dx), ly)
		}
	}
	return out
}
