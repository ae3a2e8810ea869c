package geometry

import (
	"math"

	"github.com/akin-search/akin/internal/parallel"
)

// Two forms that are filled in otherwise agree from afar: what is written in them is too small to be seen there. So pictures that
// agree are laid on one another again, larger each time, up to the resolution of the coarser one.
var sides = [...]float64{384, 800, 1600} // pixels, the longest side

// writing is the least contrast, of 255, that both pictures must have in a window that denies a match when they are looked at
// closely: one of them may be blurred, or have noise, and paper has grain.
const writing = 24

// closely reports whether two pictures, which agree in a polygon of a from afar, agree when they are looked at closely.
func (g agreement) closely(a, b *Picture, t Transform, polygon []point) bool {
	c := g.common
	var off *offsets
	for _, side := range sides[1:] {
		off = c.offsets(off)
		size := c.size
		if c = lay(a, b, t, polygon, side); c.size > size*0.9 {
			return true // no larger than before
		}
		near := off
		if c.windowed(func(x, y int) verdict {
			if !c.whole(x, y, window+shifts) || min(c.deviation(c.a, x, y), c.deviation(c.b, x, y)) < writing {
				return silent
			}
			dx, dy := near.at(c.place(x, y), c.size)
			return c.judge(x, y, dx, dy)
		}).denies() {
			return false
		}
	}
	return true
}

// offsets is how far b lies beside a, around places on a grid: paper is not flat, and lenses bend.
type offsets struct {
	x, y, size    float64 // of a: where the first cell begins, and how large cells are
	columns, rows int
	dx, dy        []float32 // (rows, columns), in pixels of a
}

// at is how far b lies beside a at a place of a, in whole pixels of a size.
func (o *offsets) at(p point, size float64) (dx, dy int) {
	if o == nil {
		return 0, 0
	}
	column := max(0, min(o.columns-1, int((p.x-o.x)/o.size)))
	row := max(0, min(o.rows-1, int((p.y-o.y)/o.size)))
	i := row*o.columns + column
	return int(math.Round(float64(o.dx[i]) / size)), int(math.Round(float64(o.dy[i]) / size))
}

// offsets measures how far b lies beside a, beginning with what was measured from farther away.
func (c common) offsets(before *offsets) *offsets {
	const cell = 12 // pixels
	o := &offsets{x: c.x, y: c.y, size: cell * c.size, columns: (c.width + cell - 1) / cell, rows: (c.height + cell - 1) / cell}
	o.dx, o.dy = make([]float32, o.columns*o.rows), make([]float32, o.columns*o.rows)
	parallel.Each(o.rows, func(row int) {
		for column := range o.columns {
			x, y := column*cell+cell/2, row*cell+cell/2
			bestX, bestY := before.at(c.place(x, y), c.size)
			const reach = window + shifts
			if x >= reach && y >= reach && x < c.width-reach && y < c.height-reach && c.whole(x, y, reach) {
				fromX, fromY, best := bestX, bestY, c.correlation(x, y, bestX, bestY)
				for j := -shifts; j <= shifts; j++ {
					for i := -shifts; i <= shifts; i++ {
						if r := c.correlation(x, y, fromX+i, fromY+j); r > best {
							best, bestX, bestY = r, fromX+i, fromY+j
						}
					}
				}
			}
			i := row*o.columns + column
			o.dx[i], o.dy[i] = float32(float64(bestX)*c.size), float32(float64(bestY)*c.size)
		}
	})
	return o
}
