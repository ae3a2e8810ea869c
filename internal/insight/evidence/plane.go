package evidence

import (
	"github.com/akin-search/akin/internal/picture"
)

// plane is one channel of a picture, (h, w), row-major.
type plane struct {
	w, h int
	v    []float32
}

func newPlane(w, h int) plane { return plane{w, h, make([]float32, w*h)} }

func (p plane) row(y int) []float32 { return p.v[y*p.w:][:p.w] }

// view is a picture as luma and two differences of colour, as JPEG has them, about 0.
type view [3]plane

func viewOf(p *picture.Picture) view {
	var v view
	for c := range v {
		v[c] = newPlane(p.Width, p.Height)
	}
	for i := range p.Width * p.Height {
		r, g, b := float32(p.Pix[3*i]), float32(p.Pix[3*i+1]), float32(p.Pix[3*i+2])
		v[0].v[i], v[1].v[i], v[2].v[i] = colour(r, g, b)
	}
	return v
}

// colour is luma and the differences of colour of red, green and blue.
func colour(r, g, b float32) (luma, blue, red float32) {
	return 0.299*r + 0.587*g + 0.114*b, -0.168736*r - 0.331264*g + 0.5*b, 0.5*r - 0.418688*g - 0.081312*b
}

// halved is a plane of half the size: the mean of 2 x 2 each. An odd last row or column goes.
func (p plane) halved() plane {
	out := newPlane(max(1, p.w/2), max(1, p.h/2))
	if p.w < 2 || p.h < 2 {
		for y := range out.h {
			for x := range out.w {
				out.v[y*out.w+x] = p.v[min(2*y, p.h-1)*p.w+min(2*x, p.w-1)]
			}
		}
		return out
	}
	for y := range out.h {
		a, b, to := p.row(2*y), p.row(2*y+1), out.row(y)
		for x := range to {
			to[x] = (a[2*x] + a[2*x+1] + b[2*x] + b[2*x+1]) / 4
		}
	}
	return out
}

// smooth averages each place with those around, by 1 2 1 across and down.
func (p plane) smooth() plane {
	mid, out := newPlane(p.w, p.h), newPlane(p.w, p.h)
	for y := range p.h {
		in, to := p.row(y), mid.row(y)
		for x := range to {
			to[x] = (in[max(x-1, 0)] + 2*in[x] + in[min(x+1, p.w-1)]) / 4
		}
	}
	for y := range p.h {
		a, b, c, to := mid.row(max(y-1, 0)), mid.row(y), mid.row(min(y+1, p.h-1)), out.row(y)
		for x := range to {
			to[x] = (a[x] + 2*b[x] + c[x]) / 4
		}
	}
	return out
}

// spread blurs with three boxes of 2r+1, about a Gaussian of a deviation of sqrt(r(r+1)).
func (p plane) spread(r int) plane {
	out := plane{p.w, p.h, append([]float32(nil), p.v...)}
	line := make([]float32, max(p.w, p.h))
	sums := make([]float32, p.w)
	tmp := newPlane(p.w, p.h)
	for range 3 {
		for y := range p.h {
			row := out.row(y)
			box(line[:p.w], row, r)
			copy(row, line[:p.w])
		}
		// Down: all columns at once, a running sum of rows.
		clear(sums)
		for k := -r; k <= r; k++ {
			row := out.row(min(max(k, 0), p.h-1))
			for x := range sums {
				sums[x] += row[x]
			}
		}
		n := float32(2*r + 1)
		for y := range p.h {
			to := tmp.row(y)
			add, sub := out.row(min(y+r+1, p.h-1)), out.row(max(y-r, 0))
			for x := range to {
				to[x] = sums[x] / n
				sums[x] += add[x] - sub[x]
			}
		}
		out, tmp = tmp, out
	}
	return out
}

func box(to, from []float32, r int) {
	n := len(from)
	sum := float32(0)
	for k := -r; k <= r; k++ {
		sum += from[min(max(k, 0), n-1)]
	}
	scale := 1 / float32(2*r+1)
	for x := range from {
		to[x] = sum * scale
		sum += from[min(x+r+1, n-1)] - from[max(x-r, 0)]
	}
}

// extent is the difference between the largest and the least value within r places.
func (p plane) extent(r int) plane {
	most, least := newPlane(p.w, p.h), newPlane(p.w, p.h)
	for y := range p.h {
		in, hi, lo := p.row(y), most.row(y), least.row(y)
		for x := range in {
			a, b := in[x], in[x]
			for k := max(0, x-r); k <= min(p.w-1, x+r); k++ {
				a, b = max(a, in[k]), min(b, in[k])
			}
			hi[x], lo[x] = a, b
		}
	}
	out := newPlane(p.w, p.h)
	hi, lo := make([]float32, p.w), make([]float32, p.w)
	for y := range p.h {
		copy(hi, most.row(y))
		copy(lo, least.row(y))
		for k := max(0, y-r); k <= min(p.h-1, y+r); k++ {
			a, b := most.row(k), least.row(k)
			for x := range hi {
				hi[x], lo[x] = max(hi[x], a[x]), min(lo[x], b[x])
			}
		}
		to := out.row(y)
		for x := range to {
			to[x] = hi[x] - lo[x]
		}
	}
	return out
}

// at interpolates with Catmull and Rom's cubic at x, y, counted from the middle of the first pixel.
func (p plane) at(x, y float32) float32 {
	fx, fy := floor(x), floor(y)
	wx, wy := cubic(x-float32(fx)), cubic(y-float32(fy))
	sum := float32(0)
	if fx >= 1 && fy >= 1 && fx+2 < p.w && fy+2 < p.h {
		for j := range 4 {
			row := p.v[(fy-1+j)*p.w+fx-1:][:4]
			sum += wy[j] * (wx[0]*row[0] + wx[1]*row[1] + wx[2]*row[2] + wx[3]*row[3])
		}
		return sum
	}
	for j := range 4 {
		row := p.row(min(max(fy-1+j, 0), p.h-1))
		part := float32(0)
		for i := range 4 {
			part += wx[i] * row[min(max(fx-1+i, 0), p.w-1)]
		}
		sum += wy[j] * part
	}
	return sum
}

func floor(x float32) int {
	i := int(x)
	if float32(i) > x {
		i--
	}
	return i
}

func cubic(t float32) [4]float32 {
	t2, t3 := t*t, t*t*t
	return [4]float32{(-t3 + 2*t2 - t) / 2, (3*t3 - 5*t2 + 2) / 2, (-3*t3 + 4*t2 + t) / 2, (t3 - t2) / 2}
}
