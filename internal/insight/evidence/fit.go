package evidence

import "math"

// The kinds of pictures. In a drawing the few colours are the content; a photograph of many tones may be a little
// lighter as a whole.
const (
	drawing = iota // few colours, few textured places: a flag, a logo
	page           // few colours, many places: writing
	photograph
)

// tones is how many levels of 255 the brightness and colours of a copy may have been changed.
var tones = [...]float32{drawing: 22, page: 20, photograph: 40}

// kindOf returns the kind of a picture by its luma.
func kindOf(p plane) int {
	var histogram [64]int
	for _, v := range p.v {
		histogram[min(63, max(0, int(v/4)))]++
	}
	entropy := 0.
	for _, n := range histogram {
		if n > 0 {
			share := float64(n) / float64(len(p.v))
			entropy -= share * math.Log2(share)
		}
	}
	if entropy >= 3.6 {
		return photograph
	}
	const side = 16
	windows, drawn := 0, 0
	for y := 0; y+side <= p.h; y += side {
		for x := 0; x+side <= p.w; x += side {
			least, most := p.v[y*p.w+x], p.v[y*p.w+x]
			for j := range side {
				for _, v := range p.row(y + j)[x:][:side] {
					least, most = min(least, v), max(most, v)
				}
			}
			if windows++; most-least > 40 {
				drawn++
			}
		}
	}
	if drawn >= 120 && 20*drawn >= windows {
		return page
	}
	return drawing
}

// sharpness returns the mean square of the change from pixel to pixel, relative to the variance, so that more contrast does
// not count as sharper.
func sharpness(p plane) float64 {
	change, sum, square := 0., 0., 0.
	for y := 1; y < p.h; y++ {
		a, b := p.row(y-1), p.row(y)
		part, s, s2 := float32(0), float32(0), float32(0)
		for x := 1; x < len(b); x++ {
			across, down := b[x]-b[x-1], b[x]-a[x]
			part += across*across + down*down
			v := b[x] - 128
			s, s2 = s+v, s2+v*v
		}
		change, sum, square = change+float64(part), sum+float64(s), square+float64(s2)
	}
	n := float64(max(1, len(p.v)))
	return change / n / max(1, square/n-sum/n*sum/n)
}

// fit makes x as similar to y as changes of the whole picture can: a blur, or sharpening that y lacks; then a tone
// curve for each of red, green and blue, and a mixture of colours, within what the kind of picture allows. It
// also returns the largest change of a tone.
func fit(x, y view, kind int) (view, float64) {
	bases := basesOf(x[0])
	kernel := kernelOf(x[0], y[0], bases)
	out := view{kernel.apply(x[0], bases)}
	for c := 1; c < 3; c++ {
		out[c] = kernel.apply(x[c], basesOf(x[c]))
	}
	allowed := tones[kind]
	moved := float32(0)
	if kind != drawing {
		var curves [3][knots]float32
		for c := range curves {
			curves[c] = toneCurve(out, y, c, allowed)
			for _, d := range curves[c] {
				moved = max(moved, d, -d)
			}
		}
		out.tone(func(v float32, c int) float32 { return min(max(v+curveAt(&curves[c], v), 0), 255) })
	} else { // any curve would fit few colours: only one gain and offset for all
		gain, offset := evenTone(out, y)
		for _, v := range [2]float32{20, 235} {
			d := gain*v + offset - v
			moved = max(moved, d, -d)
		}
		if moved > allowed {
			gain, offset = 1, 0
		}
		out.tone(func(v float32, _ int) float32 { return min(max(gain*v+offset, 0), 255) })
		return out, float64(moved)
	}
	mixed := out
	for c := 1; c < 3; c++ {
		fitted, m := colours(out, y, c, allowed)
		mixed[c] = fitted
		moved = max(moved, m)
	}
	return mixed, float64(moved)
}

// tone applies of to red, green and blue (channels 0 to 2) of all pixels.
func (v view) tone(of func(v float32, channel int) float32) {
	for i := range v[0].v {
		r, g, b := v.rgb(i)
		v[0].v[i], v[1].v[i], v[2].v[i] = colour(of(r, 0), of(g, 1), of(b, 2))
	}
}

// evenTone fits one gain and one offset that map x's red, green and blue to y's.
func evenTone(x, y view) (gain, offset float32) {
	n := len(x[0].v)
	stride := max(1, n/20_000)
	var from, to []float32
	for i := 0; i+x[0].w+1 < n; i += stride {
		v := y[0].v
		if d := v[i+1] - v[i]; d > 3 || d < -3 {
			continue
		}
		if d := v[i+x[0].w] - v[i]; d > 3 || d < -3 { // an edge
			continue
		}
		var a, b [3]float32
		a[0], a[1], a[2] = x.rgb(i)
		b[0], b[1], b[2] = y.rgb(i)
		for c := range a {
			if b[c] > 3 && b[c] < 252 { // else it may be clipped
				from, to = append(from, a[c]), append(to, b[c])
			}
		}
	}
	gain, offset = 1, 0
	if len(from) < 200 {
		return gain, offset
	}
	residuals := make([]float32, len(from))
	for range 6 {
		for i := range from {
			residuals[i] = gain*from[i] + offset - to[i]
		}
		sigma := max(0.5, 1.4826*medianAbs(residuals))
		a := make([][7]float64, 2)
		for i, v := range from {
			r := float64(residuals[i])
			wt := 1.
			if m := math.Abs(r); m > 2*sigma {
				wt = 2 * sigma / m
			}
			u := float64(v) - 128
			a[0][0] += wt * u * u
			a[0][1] += wt * u
			a[1][1] += wt
			a[0][6] -= wt * u * r
			a[1][6] -= wt * r
		}
		a[1][0] = a[0][1]
		m := float64(len(from))
		a[0][0] += 40 * m // if all values are alike, the gain stays 1
		a[0][6] -= 40 * m * float64(gain-1)
		d, ok := solve(a)
		if !ok {
			return 1, 0
		}
		gain += float32(d[0])
		offset += float32(d[1] - 128*d[0])
	}
	return gain, offset
}

// rgb returns a pixel's red, green and blue.
func (v view) rgb(i int) (r, g, b float32) {
	l, u, w := v[0].v[i], v[1].v[i], v[2].v[i]
	return l + 1.402*w, l - 0.344136*u - 0.714136*w, l + 1.772*u
}

// kernel is a small blur: a weighted sum of a plane and three increasingly blurred ones, with weights that sum to 1.
type kernel [3]float32

// basesOf returns the three blurred planes.
func basesOf(p plane) [3]plane { return [3]plane{p.smooth(), p.spread(1), p.spread(3)} }

// apply blurs a plane. The result overwrites the first of the bases.
func (k kernel) apply(p plane, bases [3]plane) plane {
	n := len(p.v)
	a, b, c := bases[0].v[:n], bases[1].v[:n], bases[2].v[:n]
	for i, v := range p.v {
		a[i] = v + k[0]*(a[i]-v) + k[1]*(b[i]-v) + k[2]*(c[i]-v)
	}
	return bases[0]
}

// kernelOf fits the kernel after which x is closest to y.
func kernelOf(x, y plane, bases [3]plane) kernel {
	points := pick(y)
	if len(points) < 16 {
		return kernel{}
	}
	cx, cy := float32(y.w-1)/2, float32(y.h-1)/2
	var c [6]float64
	c[3] = 1 // gain
	residuals := make([]float32, len(points))
	mean := 0.
	for _, p := range points {
		mean += float64(p.v)
	}
	mean /= float64(len(points))
	// The regressors of each point: how far the three bases are from x, x less the mean, and 1.
	terms := make([][4]float64, len(points))
	for k, p := range points {
		i := int(p.y+cy)*y.w + int(p.x+cx)
		v := float64(x.v[i])
		terms[k] = [4]float64{float64(bases[0].v[i]) - v, float64(bases[1].v[i]) - v, float64(bases[2].v[i]) - v, v - mean}
	}
	for range 4 {
		for k := range terms {
			t := &terms[k]
			residuals[k] = float32(t[3]*c[3]+mean+c[4]+c[0]*t[0]+c[1]*t[1]+c[2]*t[2]) - points[k].v
		}
		sigma := max(0.5, 1.4826*medianAbs(residuals))
		var a00, a01, a02, a03, a04, a11, a12, a13, a14, a22, a23, a24, a33, a34, a44, b0, b1, b2, b3, b4 float64
		for k := range terms {
			t, r := &terms[k], float64(residuals[k])
			wt := 1.
			if m := math.Abs(r); m > 2*sigma {
				wt = 2 * sigma / m
			}
			w0, w1, w2, w3, wr := wt*t[0], wt*t[1], wt*t[2], wt*t[3], wt*r
			a00, a01, a02, a03, a04, b0 = a00+w0*t[0], a01+w0*t[1], a02+w0*t[2], a03+w0*t[3], a04+w0, b0-wr*t[0]
			a11, a12, a13, a14, b1 = a11+w1*t[1], a12+w1*t[2], a13+w1*t[3], a14+w1, b1-wr*t[1]
			a22, a23, a24, b2 = a22+w2*t[2], a23+w2*t[3], a24+w2, b2-wr*t[2]
			a33, a34, b3 = a33+w3*t[3], a34+w3, b3-wr*t[3]
			a44, b4 = a44+wt, b4-wr
		}
		a := [5][7]float64{
			{a00, a01, a02, a03, a04, b0},
			{a01, a11, a12, a13, a14, b1},
			{a02, a12, a22, a23, a24, b2},
			{a03, a13, a23, a33, a34, b3},
			{a04, a14, a24, a34, a44, b4},
		}
		n := float64(len(points))
		for m := range 5 {
			a[m][m] += 0.05 * n
		}
		rows := make([][7]float64, 5)
		for m := range rows {
			rows[m] = a[m]
			rows[m][6], rows[m][5] = a[m][5], 0
		}
		d, ok := solve(rows)
		if !ok {
			return kernel{}
		}
		for m := range 5 {
			c[m] += d[m]
		}
		c[3] = min(max(c[3], 0.7), 1.4)
	}
	// Gain and offset are left to the tone curves, which are bounded: only the kernel is used.
	return kernel{float32(c[0] / c[3]), float32(c[1] / c[3]), float32(c[2] / c[3])}
}

const knots = 17

// toneCurve returns what to add to a channel of x, by its value, to match y: at every 16 levels.
func toneCurve(x, y view, channel int, allowed float32) [knots]float32 {
	var bins [knots][]float32
	n := len(x[0].v)
	stride := max(1, n/40_000)
	for i := 0; i < n; i += stride {
		var from, to [3]float32
		from[0], from[1], from[2] = x.rgb(i)
		to[0], to[1], to[2] = y.rgb(i)
		b := min(knots-1, max(0, int(from[channel]/16+0.5)))
		bins[b] = append(bins[b], to[channel]-from[channel])
	}
	var at [knots]float32
	var weight [knots]float32
	for b, d := range bins {
		if len(d) >= 20 {
			at[b], weight[b] = nth(d, len(d)/2), min(1, float32(len(d))/200)
		}
	}
	var out [knots]float32
	for b := range out {
		sum, w := float32(0), float32(0)
		for k := range at {
			if weight[k] > 0 {
				d := float32(k - b)
				near := weight[k] / (0.02 + d*d*d*d)
				sum, w = sum+near*at[k], w+near
			}
		}
		if w > 0 {
			out[b] = min(max(sum/w, -allowed), allowed)
		}
	}
	return out
}

func curveAt(curve *[knots]float32, v float32) float32 {
	at := min(max(v/16, 0), knots-1.001)
	i := int(at)
	t := at - float32(i)
	return curve[i]*(1-t) + curve[i+1]*t
}

// colours fits a chroma channel as a weighted sum of both chroma channels and luma.
func colours(x, y view, c int, allowed float32) (plane, float32) {
	luma := x[0]
	n := len(luma.v)
	stride := max(1, n/20_000)
	var k [6]float64
	residuals := make([]float32, 0, n/stride+1)
	predict := func(i int) float64 {
		return k[0]*float64(x[1].v[i]) + k[1]*float64(x[2].v[i]) + k[2]*float64(luma.v[i]-128) + k[3]
	}
	k[c-1] = 1
	for range 3 {
		residuals = residuals[:0]
		for i := 0; i < n; i += stride {
			residuals = append(residuals, float32(predict(i))-y[c].v[i])
		}
		sigma := max(0.5, 1.4826*medianAbs(residuals))
		var a [4][7]float64
		count := 0.
		for m := range residuals {
			i, r := m*stride, float64(residuals[m])
			wt := 1.
			if v := math.Abs(r); v > 2*sigma {
				wt = 2 * sigma / v
			}
			j := [4]float64{float64(x[1].v[i]), float64(x[2].v[i]), float64(luma.v[i] - 128), 1}
			for p := range 4 {
				for q := range 4 {
					a[p][q] += wt * j[p] * j[q]
				}
				a[p][6] -= wt * j[p] * r
			}
			count++
		}
		for p := range 3 {
			a[p][p] += 4 * count
			want := 0.
			if p == c-1 {
				want = 1
			}
			a[p][6] -= 4 * count * (k[p] - want)
		}
		d, ok := solve(a[:])
		if !ok {
			break
		}
		for p := range 4 {
			k[p] += d[p]
		}
	}
	out := newPlane(luma.w, luma.h)
	moved := float32(0)
	blue, red, to := x[1].v[:n], x[2].v[:n], out.v[:n]
	for i, v := range x[c].v {
		d := float32(k[0]*float64(blue[i])+k[1]*float64(red[i])+k[2]*float64(luma.v[i]-128)+k[3]) - v
		if d < -allowed {
			d = -allowed
		} else if d > allowed {
			d = allowed
		}
		if d > moved {
			moved = d
		} else if -d > moved {
			moved = -d
		}
		to[i] = v + d
	}
	return out, moved
}
