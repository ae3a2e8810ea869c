package evidence

import (
	"image"
	"math"
)

// Losses are standard deviations of the smoothed residual. They have three parts: a constant, in levels; a share of
// the contrast of a pixel and its neighbours, from sharpening and filters; and a share of the contrast of the blocks
// around, which JPEG, WebP and AVIF scatter. Each is measured on the picture, within these bounds.
var (
	leastLoss = losses{0.5, 0.02, 0.006}
	mostLoss  = losses{3.0, 0.055, 0.025}
	// If nearly all pixels are equal, nothing was compressed with losses: what differs was changed.
	noLoss = losses{0.5, 0.004, 0.0005}
)

type losses struct{ noise, near, around float64 }

// deviations is how many standard deviations no loss exceeds.
const deviations = 8

// blockSide is the side of JPEG's blocks.
const blockSide = 8

// local compares a channel of two pictures pixel by pixel, at one scale. It returns the largest difference,
// relative to what losses explain, over 2 x 2 pixels at once, and where it is. The edge is left out, where filters
// extrapolate.
func local(xv, yv view, channel, level int, floor float64, edge int) (worst float64, at image.Point) {
	x, y := xv[channel].smooth(), yv[channel].smooth()
	near := x.extent()
	for i, v := range y.extent().v {
		near.v[i] = max(near.v[i], v)
	}
	around := x.blocks().larger(y.blocks())
	if channel == 0 { // colours are saved at half the size; where they meet, what is out of range is cut off, and light with it
		for c := 1; c < 3; c++ {
			around = around.larger(xv[c].blocks()).larger(yv[c].blocks())
		}
	}
	n := len(x.v)
	left := newPlane(x.w, x.h)
	for i := range n {
		left.v[i] = max(x.v[i]-y.v[i], y.v[i]-x.v[i])
	}
	l := lossesOf(left, near, around, level)
	if l != noLoss {
		l.noise = max(l.noise, floor)
	}
	ratio := left // in place
	noise, perNear, perAround := float32(l.noise*l.noise), float32(l.near*l.near), float32(l.around*l.around)
	for j := range x.h {
		blocks, contrast, row := around.row(j/blockSide), near.row(j), ratio.row(j)
		for i, d := range row {
			b, c := blocks[i/blockSide], contrast[i]
			row[i] = d / (deviations * sqrt32(noise+perNear*c*c+perAround*b*b))
		}
	}
	for j := edge; j+1 < x.h-edge; j++ {
		a, b := ratio.row(j), ratio.row(j+1)
		for i := edge; i+1 < x.w-edge; i++ {
			if v := float64(min(a[i], a[i+1], b[i], b[i+1])); v > worst {
				worst, at = v, image.Pt(i, j)
			}
		}
	}
	return worst, at
}

func sqrt32(v float32) float32 { return float32(math.Sqrt(float64(v))) }

// larger returns the larger of both at each pixel, in p's memory.
func (p plane) larger(q plane) plane {
	for i, v := range q.v {
		p.v[i] = max(p.v[i], v)
	}
	return p
}

// lossesOf estimates the losses from the residual of the whole picture. Quantiles ignore what differs in few
// places; if much differs, the bounds hold.
func lossesOf(left, near, around plane, level int) losses {
	// Losses preserve the mean of a block, so that less of them is left at coarser scales.
	coarse := [...]float64{1, 1, 0.5, 0.25, 0.15}[level]
	most := losses{max(1, coarse*mostLoss.noise), mostLoss.near, coarse * mostLoss.around}
	least := losses{leastLoss.noise, leastLoss.near, coarse * leastLoss.around}
	var flat, drawn, scattered []float32
	stride := max(1, len(left.v)/60_000)
	for i := 0; i < len(left.v); i += stride {
		c, b := near.v[i], around.row(i / left.w / blockSide)[i%left.w/blockSide]
		switch {
		case c > 40:
			drawn = append(drawn, left.v[i]/c)
		case c < 16 && b > 60:
			scattered = append(scattered, left.v[i]/b)
		case c < 16:
			flat = append(flat, left.v[i])
		}
	}
	lost := len(flat)+len(drawn)+len(scattered) < 50
	of := func(v []float32, least, most float64) float64 {
		if len(v) < 50 {
			return (least + most) / 2
		}
		const q, normal = 0.9, 1.645 // a tenth of normal values is further than so many deviations
		measured := quantile(v, q, 8000, func(x float32) float32 { return x }) / normal
		lost = lost || measured > least/20
		return min(max(measured, least), most)
	}
	l := losses{
		of(flat, least.noise, most.noise),
		of(drawn, least.near, most.near),
		of(scattered, least.around, most.around),
	}
	if !lost {
		return noLoss
	}
	return l
}
