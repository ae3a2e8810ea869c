package keypoint

import "math"

const bins = 36 // of a histogram of directions

// oriented returns a keypoint once for each direction that prevails around it.
func (o *octave) oriented(k Point) (out []Point) {
	var histogram, smooth [bins]float64
	g := o.levels[k.level]
	width := 1.5 * float64(k.sigma)
	radius := int(math.Round(3 * width))
	cx, cy := int(k.x), int(k.y)
	weights := bell(radius, 0, width)
	for dy := -radius; dy <= radius; dy++ {
		y := cy + dy
		if y < 1 || y >= g.height-1 {
			continue
		}
		above, row, below := g.row(y-1), g.row(y), g.row(y+1)
		for x := max(1, cx-radius); x <= min(g.width-2, cx+radius); x++ {
			gx, gy := row[x+1]-row[x-1], below[x]-above[x]
			weight := weights[x-cx+radius] * weights[dy+radius]
			bin := int(direction(gy, gx)*(bins/(2*math.Pi))+bins+0.5) % bins
			histogram[bin] += float64(weight * length(gx, gy))
		}
	}
	most := 0.
	for i := range histogram {
		at := func(d int) float64 { return histogram[(i+d+bins)%bins] }
		smooth[i] = (at(-2)+at(2))/16 + (at(-1)+at(1))*4/16 + at(0)*6/16
		most = max(most, smooth[i])
	}
	for i, v := range smooth {
		left, right := smooth[(i+bins-1)%bins], smooth[(i+1)%bins]
		if v <= left || v <= right || v < 0.8*most {
			continue
		}
		at := float64(i) + (left-right)/(2*(left-2*v+right))
		angle := at * 2 * math.Pi / bins
		if angle > math.Pi {
			angle -= 2 * math.Pi
		}
		k.Angle = float32(angle)
		out = append(out, k)
	}
	return out
}

// bell is a Gaussian of a width at whole places from -radius to radius, whose middle is at a place between.
func bell(radius int, middle, width float64) []float32 {
	out := make([]float32, 2*radius+1)
	for i := range out {
		d := float64(i-radius) - middle
		out[i] = float32(math.Exp(-d * d / (2 * width * width)))
	}
	return out
}

func length(x, y float32) float32 { return float32(math.Sqrt(float64(x*x + y*y))) }

// direction is atan2(y, x) but for two millionths of a radian, by a polynomial (Abramowitz and Stegun, 4.4.49, has its form).
func direction(y, x float32) float32 {
	ax, ay := float32(math.Abs(float64(x))), float32(math.Abs(float64(y)))
	less, more := ay, ax
	if ay > ax {
		less, more = ax, ay
	}
	z := less / (more + math.SmallestNonzeroFloat32) // of two zeros too
	q := z * z
	a := z * (0.99997726 + q*(-0.33262347+q*(0.19354346+q*(-0.11643287+q*(0.05265332-q*0.01172120)))))
	if ay > ax {
		a = math.Pi/2 - a
	}
	if x < 0 {
		a = math.Pi - a
	}
	if y < 0 {
		return -a
	}
	return a
}
