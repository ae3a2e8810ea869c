package layout

import "math"

// force has UMAP's attraction and repulsion by squared distance, in tables: math.Pow took three quarters of
// the time of a layout.
type force struct {
	pulls, pushes []float32 // at the squared distances of the table, in steps of the exponent
}

// The table has 64 steps for each power of two from 2^-24 to 2^24.
const (
	stepBits   = 6
	leastPower = -24
	mostPower  = 24
)

func newForce(o Options) *force {
	a, b := Curve(o.MinDist, o.Spread)
	f := &force{}
	for i := range (mostPower-leastPower)<<stepBits + 2 {
		d2 := float64(math.Float32frombits(uint32(127+leastPower)<<23 + uint32(i)<<(23-stepBits)))
		power := math.Pow(d2, b)
		f.pulls = append(f.pulls, float32(-2*a*b*power/d2/(1+a*power)))
		f.pushes = append(f.pushes, float32(2*b/((0.001+d2)*(1+a*power))))
	}
	return f
}

// at interpolates a table linearly.
func at(table []float32, d2 float32) float32 {
	const first = uint32(127+leastPower) << 23
	bits := max(math.Float32bits(d2), first) - first
	i := bits >> (23 - stepBits)
	if int(i) >= len(table)-1 {
		return table[len(table)-1]
	}
	part := float32(bits&(1<<(23-stepBits)-1)) / (1 << (23 - stepBits))
	return table[i] + part*(table[i+1]-table[i])
}

func (f *force) pull(p, q Point, step float32) Point { return shift(f.pulls, p, q, step) }

func (f *force) push(p, q Point, step float32) Point { return shift(f.pushes, p, q, step) }

// shift moves p along the line through q, by a table of forces.
func shift(table []float32, p, q Point, step float32) Point {
	dx, dy := p[0]-q[0], p[1]-q[1]
	d2 := dx*dx + dy*dy
	if d2 == 0 {
		return p
	}
	c := at(table, d2)
	return Point{p[0] + step*clip(c*dx), p[1] + step*clip(c*dy)}
}

// clip avoids min and max, whose handling of NaN took a fifth of the time of a layout.
func clip(v float32) float32 {
	if v > farthest {
		return farthest
	}
	if v < -farthest {
		return -farthest
	}
	return v
}

// Curve fits 1/(1 + a d^(2b)) to a membership that is 1 up to minDist and then falls exponentially on the scale
// of spread. It uses least squares at 300 distances up to three times spread, as UMAP does.
func Curve(minDist, spread float64) (a, b float64) {
	const samples = 300
	a, b = 1, 1
	damping := 1e-3
	loss := func(a, b float64) (sum float64) {
		for i := range samples {
			x := 3 * spread * float64(i) / (samples - 1)
			r := 1/(1+a*math.Pow(x, 2*b)) - wanted(x, minDist, spread)
			sum += r * r
		}
		return sum
	}
	best := loss(a, b)
	for range 200 { // Levenberg–Marquardt; about 10 are enough
		var haa, hab, hbb, ga, gb float64
		for i := 1; i < samples; i++ {
			x := 3 * spread * float64(i) / (samples - 1)
			power := math.Pow(x, 2*b)
			y := 1 / (1 + a*power)
			r := y - wanted(x, minDist, spread)
			da, db := -y*y*power, -y*y*a*power*2*math.Log(x)
			haa, hab, hbb, ga, gb = haa+da*da, hab+da*db, hbb+db*db, ga+da*r, gb+db*r
		}
		caa, cbb := haa*(1+damping), hbb*(1+damping)
		det := caa*cbb - hab*hab
		na, nb := a-(cbb*ga-hab*gb)/det, b-(caa*gb-hab*ga)/det
		if l := loss(na, nb); na > 0 && nb > 0 && l <= best {
			done := best-l <= 1e-16*best
			a, b, best, damping = na, nb, l, damping/10
			if done {
				break
			}
		} else if damping *= 10; damping > 1e12 {
			break
		}
	}
	return a, b
}

func wanted(x, minDist, spread float64) float64 {
	if x < minDist {
		return 1
	}
	return math.Exp(-(x - minDist) / spread)
}
