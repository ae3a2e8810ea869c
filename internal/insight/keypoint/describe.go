package keypoint

import "math"

const (
	cells      = 4   // of a descriptor, along each side
	directions = 8   // of each cell
	cellWidth  = 3   // standard deviations of the keypoint's scale
	mostShare  = 0.2 // that one value has of a descriptor's length
)

// describe writes the descriptor of a point of the octave: gradients in cells and directions around it, turned by its angle,
// each shared among the nearest cells and directions; of length 1 as RootSIFT.
func (o *octave) describe(k *Point, out []float32) {
	g := o.levels[k.level]
	cell := cellWidth * float64(k.sigma)
	sin, cos := math.Sincos(float64(k.Angle))
	sin, cos = sin/cell, cos/cell
	radius := int(math.Round(cell * math.Sqrt2 * (cells + 1) / 2))
	radius = min(radius, int(math.Hypot(float64(g.width), float64(g.height))))
	cx, cy := int(k.x), int(k.y)
	fx, fy := float64(k.x)-0.5-float64(cx), float64(k.y)-0.5-float64(cy)
	var histogram [cells + 2][cells + 2][directions]float64
	for y := max(1, cy-radius); y <= min(g.height-2, cy+radius); y++ {
		above, row, below := g.row(y-1), g.row(y), g.row(y+1)
		for x := max(1, cx-radius); x <= min(g.width-2, cx+radius); x++ {
			dx, dy := float64(x-cx)-fx, float64(y-cy)-fy
			u, v := dx*cos+dy*sin, -dx*sin+dy*cos // in cells from the middle
			c, r := u+cells/2-0.5, v+cells/2-0.5
			if c <= -1 || c >= cells || r <= -1 || r >= cells {
				continue
			}
			gx, gy := float64(row[x+1]-row[x-1]), float64(below[x]-above[x])
			size := math.Sqrt(gx*gx+gy*gy) * math.Exp(-(u*u+v*v)/(cells*cells/2))
			turn := (math.Atan2(gy, gx) - float64(k.Angle)) * directions / (2 * math.Pi)
			share(&histogram, r, c, turn, size)
		}
	}
	sum := 0.
	i := 0
	for r := 1; r <= cells; r++ {
		for c := 1; c <= cells; c++ {
			for _, v := range histogram[r][c] {
				out[i] = float32(v)
				sum += v * v
				i++
			}
		}
	}
	most := float32(mostShare * math.Sqrt(sum))
	total := 0.
	for i, v := range out {
		out[i] = min(v, most)
		total += float64(out[i])
	}
	if total == 0 {
		return
	}
	for i, v := range out {
		out[i] = float32(math.Sqrt(float64(v) / total))
	}
}

// share adds a gradient to the two rows, columns and directions nearest to it.
func share(histogram *[cells + 2][cells + 2][directions]float64, r, c, turn, size float64) {
	r0, c0, t0 := math.Floor(r), math.Floor(c), math.Floor(turn)
	fr, fc, ft := r-r0, c-c0, turn-t0
	row, column := int(r0)+1, int(c0)+1
	first := (int(t0)%directions + directions) % directions
	second := (first + 1) % directions
	for i, wr := range [2]float64{size * (1 - fr), size * fr} {
		for j, w := range [2]float64{wr * (1 - fc), wr * fc} {
			h := &histogram[row+i][column+j]
			h[first] += w * (1 - ft)
			h[second] += w * ft
		}
	}
}
