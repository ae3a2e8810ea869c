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
	radius := int(math.Round(cell * math.Sqrt2 * (cells + 1) / 2))
	radius = min(radius, int(math.Hypot(float64(g.width), float64(g.height))))
	cx, cy := int(k.x), int(k.y)
	fx, fy := float64(k.x)-0.5-float64(cx), float64(k.y)-0.5-float64(cy)
	across, down := bell(radius, fx, cell*cells/2), bell(radius, fy, cell*cells/2)
	sin64, cos64 := math.Sincos(float64(k.Angle))
	sin, cos := float32(sin64/cell), float32(cos64/cell)
	var h histogram
	for y := max(1, cy-radius); y <= min(g.height-2, cy+radius); y++ {
		above, row, below := g.row(y-1), g.row(y), g.row(y+1)
		dy := float32(float64(y-cy) - fy)
		weight := down[y-cy+radius]
		for x := max(1, cx-radius); x <= min(g.width-2, cx+radius); x++ {
			dx := float32(float64(x-cx) - fx)
			// In cells, from the middle of one before the first.
			c, r := dx*cos+dy*sin+(cells+1)/2., dy*cos-dx*sin+(cells+1)/2.
			if c <= 0 || c >= cells+1 || r <= 0 || r >= cells+1 {
				continue
			}
			gx, gy := row[x+1]-row[x-1], below[x]-above[x]
			turn := (direction(gy, gx)-k.Angle)*(directions/(2*math.Pi)) + 2*directions
			h.add(r, c, turn, length(gx, gy)*weight*across[x-cx+radius])
		}
	}
	sum := float32(0)
	i := 0
	for r := 1; r <= cells; r++ {
		for c := 1; c <= cells; c++ {
			for _, v := range h[(r*(cells+2)+c)*directions:][:directions] {
				out[i] = v
				sum += v * v
				i++
			}
		}
	}
	most := mostShare * float32(math.Sqrt(float64(sum)))
	total := float32(0)
	for i, v := range out {
		out[i] = min(v, most)
		total += out[i]
	}
	if total == 0 {
		return
	}
	for i, v := range out {
		out[i] = float32(math.Sqrt(float64(v / total)))
	}
}

// histogram is the gradients of cells and directions, with a border of cells that are not used.
type histogram [(cells + 2) * (cells + 2) * directions]float32

// add adds a gradient to the two rows, columns and directions nearest to it. turn is not negative.
func (h *histogram) add(r, c, turn, size float32) {
	r0, c0, t0 := int(r), int(c), int(turn)
	fr, fc, ft := r-float32(r0), c-float32(c0), turn-float32(t0)
	first, second := t0%directions, (t0+1)%directions
	at := (r0*(cells+2) + c0) * directions
	for _, w := range [2]float32{size * (1 - fr), size * fr} {
		left, right := (*[directions]float32)(h[at:]), (*[directions]float32)(h[at+directions:])
		a := w * (1 - fc)
		left[first] += a * (1 - ft)
		left[second] += a * ft
		a = w * fc
		right[first] += a * (1 - ft)
		right[second] += a * ft
		at += (cells + 2) * directions
	}
}
