package evidence

import "math"

// placed is how the larger picture lies over the smaller one: pixel x of the smaller one, counted from its
// centre, is at x·(1+ex) + dx from the centre of the larger one.
type placed struct {
	dx, dy float64 // pixels
	ex, ey float64 // relative stretch
}

const (
	// The largest share of a side that is trimmed from a copy, in all.
	mostTrimmed = 0.09
	// The least longer side of a level of the pyramid.
	smallestLevel = 40
	// Pixels that are sampled of a level.
	sampled = 10_000
)

// register aligns the larger picture with the smaller one: Gauss–Newton steps on the squared residual of their
// lumas, from a coarse level to the finest (Lucas and Kanade 1981), with robust weights (Huber 1964). A
// picture that differs in one place is aligned all the same, so that the difference shows there and nowhere else.
func register(small []plane, points [][]point, large []plane, start placed) (placed, float64) {
	at := start
	left := math.Inf(1)
	for level := len(small) - 1; level >= 0; level-- {
		steps := 8
		if level == len(small)-1 {
			steps = 25
		}
		at, left = refine(small[level], points[level], large[level], at, steps, float64(int(1)<<level))
	}
	return at, left
}

// point is a sampled pixel of the smaller picture.
type point struct {
	x, y   float32 // from the centre
	v      float32
	gx, gy float32 // gradient
}

// refine takes some steps at one level, on points of the smaller picture. unit is the size of a pixel of the level, in
// pixels of the finest one.
func refine(small plane, points []point, large plane, at placed, steps int, unit float64) (placed, float64) {
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
		sx, sy, x0, y0 := float32(1+ex/w), float32(1+ey/h), cx+float32(dx), cy+float32(dy)
		for i := range points {
			p := &points[i]
			samples[i] = large.at(x0+p.x*sx, y0+p.y*sy)
			residuals[i] = float32(gain)*samples[i] + float32(offset) - p.v
		}
		sigma := max(0.5, 1.4826*medianAbs(residuals))
		a, sum, weight := normal(points, residuals, samples, w, h, sigma)
		left = math.Sqrt(sum / max(1, weight))
		// Without evidence the parameters stay at 0: the whole picture lies over the whole other one.
		n := float64(len(points))
		ridge := 0.02 * n
		for m, d := range [4]float64{dx, ex, dy, ey} {
			a[m][m] += ridge
			a[m][6] -= ridge * d
		}
		// Both sides are trimmed equally, up to the rounding of sizes.
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

// normal returns the normal equations of the residuals with Huber's weights, and the sums of the weighted squares and of the
// weights.
func normal(points []point, residuals, samples []float32, w, h, sigma float64) (a [6][7]float64, sum, weight float64) {
	var a00, a01, a02, a03, a04, a05, a06, a11, a12, a13, a14, a15, a16, a22, a23, a24, a25, a26, a33, a34, a35, a36, a44, a45, a46, a55, a56 float64
	residuals, samples = residuals[:len(points)], samples[:len(points)]
	for i := range points {
		p, r := &points[i], float64(residuals[i])
		wt := 1.
		if m := math.Abs(r); m > 2*sigma {
			wt = 2 * sigma / m
		}
		j0, j2, j4 := float64(p.gx), float64(p.gy), float64(samples[i])
		j1, j3 := j0*float64(p.x)/w, j2*float64(p.y)/h
		w0, w1, w2, w3, w4, wr := wt*j0, wt*j1, wt*j2, wt*j3, wt*j4, wt*r
		sum += wr * r
		weight += wt
		a00, a01, a02, a03, a04, a05, a06 = a00+w0*j0, a01+w0*j1, a02+w0*j2, a03+w0*j3, a04+w0*j4, a05+w0, a06-wr*j0
		a11, a12, a13, a14, a15, a16 = a11+w1*j1, a12+w1*j2, a13+w1*j3, a14+w1*j4, a15+w1, a16-wr*j1
		a22, a23, a24, a25, a26 = a22+w2*j2, a23+w2*j3, a24+w2*j4, a25+w2, a26-wr*j2
		a33, a34, a35, a36 = a33+w3*j3, a34+w3*j4, a35+w3, a36-wr*j3
		a44, a45, a46 = a44+w4*j4, a45+w4, a46-wr*j4
		a55, a56 = a55+wt, a56-wr
	}
	return [6][7]float64{
		{a00, a01, a02, a03, a04, a05, a06},
		{a01, a11, a12, a13, a14, a15, a16},
		{a02, a12, a22, a23, a24, a25, a26},
		{a03, a13, a23, a33, a34, a35, a36},
		{a04, a14, a24, a34, a44, a45, a46},
		{a05, a15, a25, a35, a45, a55, a56},
	}, sum, weight
}

func clamp(v, most float64) float64 { return min(max(v, -most), most) }

// pick samples pixels away from the edge, half of them those with the strongest gradients.
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
	if len(all) > sampled { // half of the sample are the strongest, the others evenly spaced
		strength := make([]float32, 0, 4000)
		for i := 0; i < len(all); i += len(all)/4000 + 1 {
			strength = append(strength, all[i].g)
		}
		limit := nth(strength, min(len(strength)-1, len(strength)-len(strength)*(sampled/2)/len(all)))
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

// solve solves a·x = b, with b in the last column of the rows, by Gaussian elimination.
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

// warp resamples a plane of the larger picture on the grid of the smaller one.
func (p plane) warp(at placed, w, h int) plane {
	if at == (placed{}) && p.w == w && p.h == h {
		return p
	}
	out := newPlane(w, h)
	cx, cy := float64(p.w-1)/2, float64(p.h-1)/2
	type column struct { // its first source column, and the weights of four
		first int
		by    [4]float32
	}
	columns := make([]column, w)
	from, to := w, 0 // the columns that lie within
	for x := range columns {
		lx := float32(cx + (float64(x)-float64(w-1)/2)*(1+at.ex) + at.dx)
		f := floor(lx)
		columns[x] = column{f - 1, cubic(lx - float32(f))}
		if f >= 1 && f+2 < p.w {
			from, to = min(from, x), x+1
		}
	}
	for y := range h {
		ly := float32(cy + (float64(y)-float64(h-1)/2)*(1+at.ey) + at.dy)
		row := out.row(y)
		f := floor(ly)
		inside := f >= 1 && f+2 < p.h
		for x := 0; x < w; x++ {
			if inside && x == from {
				x = to - 1
				continue
			}
			row[x] = p.at(float32(cx+(float64(x)-float64(w-1)/2)*(1+at.ex)+at.dx), ly)
		}
		if !inside {
			continue
		}
		wy := cubic(ly - float32(f))
		a, b, c, d := p.row(f-1), p.row(f), p.row(f+1), p.row(f+2)
		for x := from; x < to; x++ {
			k := &columns[x]
			i, by := k.first, &k.by
			a, b, c, d := a[i:i+4:i+4], b[i:i+4:i+4], c[i:i+4:i+4], d[i:i+4:i+4]
			row[x] = wy[0]*(by[0]*a[0]+by[1]*a[1]+by[2]*a[2]+by[3]*a[3]) +
				wy[1]*(by[0]*b[0]+by[1]*b[1]+by[2]*b[2]+by[3]*b[3]) +
				wy[2]*(by[0]*c[0]+by[1]*c[1]+by[2]*c[2]+by[3]*c[3]) +
				wy[3]*(by[0]*d[0]+by[1]*d[1]+by[2]*d[2]+by[3]*d[3])
		}
	}
	return out
}
