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

// view is a picture as luma and two chroma channels, as in JPEG, centred on 0.
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

// colour converts red, green and blue to luma and chroma.
func colour(r, g, b float32) (luma, blue, red float32) {
	return 0.299*r + 0.587*g + 0.114*b, -0.168736*r - 0.331264*g + 0.5*b, 0.5*r - 0.418688*g - 0.081312*b
}

// halved scales a plane to half its size, by the mean of 2 x 2. An odd last row or column is dropped.
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

// smooth averages each pixel with those around it, by 1 2 1 across and down.
func (p plane) smooth() plane {
	out := newPlane(p.w, p.h)
	lines := make([]float32, 3*p.w) // the rows above, at and below, averaged across
	line := func(y int) []float32 { return lines[y%3*p.w:][:p.w] }
	across := func(y int) {
		in, to := p.row(y), line(y)
		last := len(in) - 1
		to[0], to[last] = (in[0]+2*in[0]+in[min(1, last)])/4, (in[max(last-1, 0)]+2*in[last]+in[last])/4
		for x := 1; x < last; x++ {
			three := in[x-1 : x+2 : x+2]
			to[x] = (three[0] + 2*three[1] + three[2]) / 4
		}
	}
	across(0)
	for y := range p.h {
		if y+1 < p.h {
			across(y + 1)
		}
		to := out.row(y)
		a, b, c := line(max(y-1, 0))[:len(to)], line(y)[:len(to)], line(min(y+1, p.h-1))[:len(to)]
		for x := range to {
			to[x] = (a[x] + 2*b[x] + c[x]) / 4
		}
	}
	return out
}

// spread blurs with three boxes of 2r+1, nearly a Gaussian of standard deviation sqrt(r(r+1)).
func (p plane) spread(r int) plane {
	in, out := p, newPlane(p.w, p.h)
	across := newPlane(p.w, p.h)
	sums := make([]float32, p.w)
	scale := 1 / float32(2*r+1)
	for range 3 {
		for y := range p.h {
			box(across.row(y), in.row(y), r)
		}
		// Down: all columns at once, a running sum of rows.
		clear(sums)
		for k := -r; k <= r; k++ {
			row := across.row(min(max(k, 0), p.h-1))[:len(sums)]
			for x := range sums {
				sums[x] += row[x]
			}
		}
		for y := range p.h {
			to := out.row(y)[:len(sums)]
			add, sub := across.row(min(y+r+1, p.h-1))[:len(sums)], across.row(max(y-r, 0))[:len(sums)]
			for x, s := range sums {
				to[x] = s * scale
				sums[x] = s + (add[x] - sub[x])
			}
		}
		in = out
	}
	return out
}

func box(to, from []float32, r int) {
	n := len(from)
	to = to[:n]
	sum := float32(0)
	for k := -r; k <= r; k++ {
		sum += from[min(max(k, 0), n-1)]
	}
	scale := 1 / float32(2*r+1)
	slow := func(first, last int) {
		for x := first; x < last; x++ {
			to[x] = sum * scale
			sum += from[min(x+r+1, n-1)] - from[max(x-r, 0)]
		}
	}
	inner, outer := min(r, n), max(min(r, n), n-r-1)
	slow(0, inner)
	if inner < outer {
		add, sub := from[inner+r+1:], from[inner-r:]
		middle := to[inner:outer]
		add, sub = add[:len(middle)], sub[:len(middle)]
		s := sum
		for x := range middle {
			middle[x] = s * scale
			s += add[x] - sub[x]
		}
		sum = s
	}
	slow(outer, n)
}

// at interpolates with the Catmull–Rom cubic at x, y, counted from the centre of the first pixel.
func (p plane) at(x, y float32) float32 {
	fx, fy := floor(x), floor(y)
	wx, wy := cubic(x-float32(fx)), cubic(y-float32(fy))
	if fx >= 1 && fy >= 1 && fx+2 < p.w && fy+2 < p.h {
		i := (fy-1)*p.w + fx - 1
		a, b, c, d := p.v[i:i+4:i+4], p.v[i+p.w:][:4:4], p.v[i+2*p.w:][:4:4], p.v[i+3*p.w:][:4:4]
		return wy[0]*(wx[0]*a[0]+wx[1]*a[1]+wx[2]*a[2]+wx[3]*a[3]) +
			wy[1]*(wx[0]*b[0]+wx[1]*b[1]+wx[2]*b[2]+wx[3]*b[3]) +
			wy[2]*(wx[0]*c[0]+wx[1]*c[1]+wx[2]*c[2]+wx[3]*c[3]) +
			wy[3]*(wx[0]*d[0]+wx[1]*d[1]+wx[2]*d[2]+wx[3]*d[3])
	}
	sum := float32(0)
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
