package keypoint

import (
	"math"

	"github.com/akin-search/akin/internal/parallel"
	"github.com/akin-search/akin/internal/picture"
	"github.com/akin-search/akin/internal/simd"
)

// plane is a grey picture.
type plane struct {
	width, height int
	pix           []float32
}

func newPlane(width, height int) plane { return plane{width, height, make([]float32, width*height)} }

func (p plane) row(y int) []float32 { return p.pix[y*p.width : (y+1)*p.width] }

// grey is the brightness of a picture, as ITU-R 601 weighs colours, from 0 to 1.
func grey(p *picture.Picture) plane {
	g := newPlane(p.Width, p.Height)
	for i := range g.pix {
		c := p.Pix[3*i : 3*i+3 : 3*i+3]
		g.pix[i] = (0.299*float32(c[0]) + 0.587*float32(c[1]) + 0.114*float32(c[2])) / 255
	}
	return g
}

// doubled is a plane of twice the size, interpolated linearly.
func (p plane) doubled() plane {
	out := newPlane(2*p.width, 2*p.height)
	for y := range out.height {
		y0, y1, fy := between(y, p.height)
		above, below, to := p.row(y0), p.row(y1), out.row(y)
		for x := range to {
			x0, x1, fx := between(x, p.width)
			a := above[x0] + fx*(above[x1]-above[x0])
			b := below[x0] + fx*(below[x1]-below[x0])
			to[x] = a + fy*(b-a)
		}
	}
	return out
}

// between returns the two places of n that the i-th of twice as many lies between, and how far it is from the first.
func between(i, n int) (a, b int, at float32) {
	place := float32(i)/2 - 0.25
	if place < 0 {
		return 0, 0, 0
	}
	a = int(place)
	return a, min(a+1, n-1), place - float32(a)
}

// halved takes every second pixel of every second row.
func (p plane) halved() plane {
	out := newPlane(p.width/2, p.height/2)
	for y := range out.height {
		from, to := p.row(2*y), out.row(y)
		for x := range to {
			to[x] = from[2*x]
		}
	}
	return out
}

// minus is the difference of two planes.
func (p plane) minus(q plane) plane {
	out := newPlane(p.width, p.height)
	a, b := p.pix[:len(out.pix)], q.pix[:len(out.pix)]
	for i := range out.pix {
		out.pix[i] = a[i] - b[i]
	}
	return out
}

// blurred is a plane convolved with a Gaussian, whose edge pixels go on beyond the edges.
func (p plane) blurred(sigma float64) plane {
	kernel := gaussian(sigma)
	radius := len(kernel) - 1
	across, out := newPlane(p.width, p.height+2*radius), newPlane(p.width, p.height)
	parallel.Each(p.height, func(y int) {
		row, padded := p.row(y), make([]float32, p.width+2*radius)
		copy(padded[radius:], row)
		for i := range radius {
			padded[i], padded[radius+p.width+i] = row[0], row[p.width-1]
		}
		simd.Symmetric(across.row(radius+y), padded, radius, 1, kernel)
	})
	for i := range radius {
		copy(across.row(i), across.row(radius))
		copy(across.row(radius+p.height+i), across.row(radius+p.height-1))
	}
	parallel.Each(p.height, func(y int) { simd.Symmetric(out.row(y), across.pix, (radius+y)*p.width, p.width, kernel) })
	return out
}

// gaussian is a Gaussian's weights from its middle to three standard deviations; they add up to 1 over both halves.
func gaussian(sigma float64) []float32 {
	radius := int(math.Ceil(3 * sigma))
	weights, sum := make([]float64, radius+1), 0.
	for i := range weights {
		weights[i] = math.Exp(-float64(i*i) / (2 * sigma * sigma))
		sum += weights[i]
		if i > 0 {
			sum += weights[i]
		}
	}
	out := make([]float32, radius+1)
	for i, w := range weights {
		out[i] = float32(w / sum)
	}
	return out
}
