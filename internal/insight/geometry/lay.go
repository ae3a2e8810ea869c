package geometry

import (
	"math"
	"slices"

	"github.com/akin-search/akin/internal/parallel"
	"github.com/akin-search/akin/internal/picture"
)

// levels is a picture's brightness, in full and in halves of the size before. Bytes are exact enough, and a large picture has many.
type levels []grey

type grey struct {
	width, height int
	pix           []byte
}

func newLevels(p *picture.Picture) levels {
	g := grey{p.Width, p.Height, make([]byte, p.Width*p.Height)}
	for i := range g.pix {
		c := p.Pix[3*i : 3*i+3 : 3*i+3]
		g.pix[i] = byte((299*int(c[0]) + 587*int(c[1]) + 114*int(c[2]) + 500) / 1000)
	}
	out := levels{g}
	for min(g.width, g.height) >= 4 {
		half := grey{g.width / 2, g.height / 2, make([]byte, (g.width/2)*(g.height/2))}
		for y := range half.height {
			above, below, to := g.pix[2*y*g.width:], g.pix[(2*y+1)*g.width:], half.pix[y*half.width:][:half.width]
			for x := range to {
				to[x] = byte((int(above[2*x]) + int(above[2*x+1]) + int(below[2*x]) + int(below[2*x+1]) + 2) / 4)
			}
		}
		out = append(out, half)
		g = half
	}
	return out
}

// of is the level that pixels of a size are read from.
func (l levels) of(size float64) int {
	return min(len(l)-1, max(0, int(math.Floor(math.Log2(max(1, size))+0.25))))
}

// at is the brightness around a place of the picture, at a level.
func (l levels) at(x, y float64, level int) float32 {
	g := l[level]
	f := float64(int(1) << level)
	x, y = max(0, min(float64(g.width-1), x/f-0.5)), max(0, min(float64(g.height-1), y/f-0.5))
	x0, y0 := int(x), int(y)
	x1, y1 := min(x0+1, g.width-1), min(y0+1, g.height-1)
	fx, fy := float32(x-float64(x0)), float32(y-float64(y0))
	mix := func(a, b byte, share float32) float32 { return float32(a) + share*(float32(b)-float32(a)) }
	above := mix(g.pix[y0*g.width+x0], g.pix[y0*g.width+x1], fx)
	below := mix(g.pix[y1*g.width+x0], g.pix[y1*g.width+x1], fx)
	return above + fy*(below-above)
}

// common is what two pictures have in common, laid on one another, at the resolution of the coarser one.
type common struct {
	width, height int
	a, b          []float32 // (height, width), brightness
	valid         []bool    // where both pictures show something
	hidden        bool      // somewhere within, one of them is transparent
	gaps          []int32   // (height+1, width+1): how many pixels to the left and above are not valid
	x, y, size    float64   // of a: where the first pixel begins, and how large pixels are
}

// place is where the middle of a pixel lies in a.
func (c common) place(x, y int) point {
	return point{c.x + (float64(x)+0.5)*c.size, c.y + (float64(y)+0.5)*c.size}
}

// lay lays two pictures on one another within a polygon of a, at most so many pixels long.
func lay(a, b *Picture, t Transform, polygon []point, side float64) common {
	x0, y0, x1, y1 := bounds(polygon)
	finer := t.scale((x0+x1)/2, (y0+y1)/2)
	c := common{x: x0, y: y0, size: max(1, 1/finer, max(x1-x0, y1-y0)/side)}
	c.width, c.height = max(1, int((x1-x0)/c.size)), max(1, int((y1-y0)/c.size))
	c.a, c.b, c.valid = make([]float32, c.width*c.height), make([]float32, c.width*c.height), make([]bool, c.width*c.height)
	const (
		margin = 2  // pixels: what lies there is mixed with what is outside
		near   = 16 // pixels that are read from one level
	)
	around, ofA := edgesOf(polygon), a.grey.of(c.size)
	hidden := make([]bool, c.height)
	parallel.Each(c.height, func(row int) {
		ofB := 0
		for column := range c.width {
			p, i := c.place(column, row), row*c.width+column
			if column%near == 0 {
				ofB = b.grey.of(t.scale(p.x, p.y) * c.size)
			}
			if !around.inside(p, margin*c.size) {
				continue
			}
			u, v := t.At(p.x, p.y)
			c.valid[i] = a.opaque(p.x, p.y) && b.opaque(u, v)
			hidden[row] = hidden[row] || !c.valid[i]
			c.a[i], c.b[i] = a.grey.at(p.x, p.y, ofA), b.grey.at(u, v, ofB)
		}
	})
	c.a, c.b = c.smooth(c.a), c.smooth(c.b)
	c.hidden, c.gaps = slices.Contains(hidden, true), c.countGaps()
	return c
}

// shown is the hull of where both pictures show something, as a polygon of a.
func (c common) shown() []point {
	var ends []point
	for y := range c.height {
		first, last := -1, 0
		for x := range c.width {
			if c.valid[y*c.width+x] {
				if first < 0 {
					first = x
				}
				last = x
			}
		}
		if first >= 0 {
			ends = append(ends, c.place(first, y), c.place(last, y))
		}
	}
	return hull(ends)
}

// countGaps sums up the pixels that are not valid.
func (c common) countGaps() []int32 {
	sums := make([]int32, (c.width+1)*(c.height+1))
	for y := range c.height {
		row := int32(0)
		for x := range c.width {
			if !c.valid[y*c.width+x] {
				row++
			}
			sums[(y+1)*(c.width+1)+x+1] = sums[y*(c.width+1)+x+1] + row
		}
	}
	return sums
}

// smooth takes out what sampling adds, by a binomial filter of 3 x 3.
func (c common) smooth(p []float32) []float32 {
	out := make([]float32, len(p))
	parallel.Each(c.height, func(y int) {
		above, below := max(0, y-1), min(c.height-1, y+1)
		for x := range c.width {
			left, right := max(0, x-1), min(c.width-1, x+1)
			row := func(y int) float32 { return p[y*c.width+left] + 2*p[y*c.width+x] + p[y*c.width+right] }
			out[y*c.width+x] = (row(above) + 2*row(y) + row(below)) / 16
		}
	})
	return out
}
