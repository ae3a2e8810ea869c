package made

import (
	"image"
	"image/color"
	"math"
	"math/rand/v2"
)

// grain is the deviation of a made photograph's noise, in levels of 255.
const grain = 3.5

// Photo is a picture with the statistics of a photograph: shading, texture at all scales whose power falls
// with the square of the frequency, objects that cover one another, and the grain of a sensor.
func Photo(n, width, height int) *image.RGBA {
	return scene(n, width, height, moment{}).developed(random("grain", n), 1)
}

// Burst is some frames of one scene, as a hand that holds a camera takes them: each a few pixels
// on, with an object that has moved, a little more or less light, and grain of its own.
func Burst(n, frames, width, height int) []*image.RGBA {
	out := make([]*image.RGBA, frames)
	r := random("burst", n)
	for i := range out {
		m := moment{shiftX: 6 * (r.Float64() - 0.5), shiftY: 6 * (r.Float64() - 0.5), moved: 0.012 * float64(i)}
		if i == 0 {
			m = moment{}
		}
		out[i] = scene(n, width, height, m).developed(rand.New(rand.NewPCG(r.Uint64(), 1)), 1+0.04*(r.Float64()-0.5))
	}
	return out
}

// Exposures are frames from a tripod: nothing has moved, only the grain is another.
func Exposures(n, frames, width, height int) []*image.RGBA {
	out := make([]*image.RGBA, frames)
	s := scene(n, width, height, moment{})
	for i := range out {
		out[i] = s.developed(random("exposure", 1000*n+i), 1)
	}
	return out
}

// moment is when a frame is taken.
type moment struct {
	shiftX, shiftY float64 // of the camera, in pixels
	moved          float64 // an object, by a share of the width
}

// light is a picture before it has grain, (h, w, 3).
type light struct {
	w, h int
	v    []float32
}

func scene(n, width, height int, m moment) light {
	r := random("photo", n)
	l := light{width, height, make([]float32, 3*width*height)}
	type object struct {
		x, y, rx, ry, tilt float64
		colour             [3]float64
		rough              float64
		texture            *noise
		square             bool
	}
	shade := newNoise(r)
	texture := newNoise(r)
	pick := func(least, most float64) [3]float64 {
		var c [3]float64
		for i := range c {
			c[i] = least + (most-least)*r.Float64()
		}
		return c
	}
	above, below := pick(110, 230), pick(40, 170)
	horizon := 0.3 + 0.4*r.Float64()
	var objects []object
	for range 7 + r.IntN(8) {
		objects = append(objects, object{r.Float64(), 0.2 + 0.8*r.Float64(), 0.03 + 0.15*r.Float64(), 0.03 + 0.18*r.Float64(), math.Pi * r.Float64(), pick(20, 235), 10 + 40*r.Float64(), newNoise(r), r.IntN(2) == 0})
	}
	smaller := float64(min(width, height))
	for y := range height {
		for x := range width {
			px, py := (float64(x)+m.shiftX)/smaller, (float64(y)+m.shiftY)/smaller
			v := py * smaller / float64(height)
			c, rough := above, 4.
			edge := min(max((v-horizon-0.03*shade.at(6*px, 0.3, 3))*smaller/1.5, 0), 1)
			for k := range c {
				c[k] = c[k]*(1-edge) + below[k]*edge
			}
			rough = rough*(1-edge) + 40*edge
			t := texture
			tx, ty := px, py
			for i, o := range objects {
				ox := o.x * float64(width) / smaller
				if i == len(objects)-1 {
					ox += m.moved
				}
				dx, dy := px-ox, py-o.y*float64(height)/smaller
				dx, dy = dx*math.Cos(o.tilt)+dy*math.Sin(o.tilt), dy*math.Cos(o.tilt)-dx*math.Sin(o.tilt)
				d := math.Hypot(dx/o.rx, dy/o.ry)
				if o.square {
					d = max(math.Abs(dx/o.rx), math.Abs(dy/o.ry))
				}
				in := min(max((1-d)*min(o.rx, o.ry)*smaller/1.5+0.5, 0), 1)
				if in > 0 {
					lit := 0.8 + 0.4*(dx/o.rx+1)/2
					for k := range c {
						c[k] = c[k]*(1-in) + o.colour[k]*lit*in
					}
					rough = rough*(1-in) + o.rough*in
					if in > 0.5 {
						t, tx, ty = o.texture, dx, dy
					}
				}
			}
			rude := rough * t.at(24*tx, 24*ty, 5)
			dark := 1 - 0.35*((px*smaller/float64(width)-0.5)*(px*smaller/float64(width)-0.5)+(v-0.5)*(v-0.5))
			for k := range c {
				l.v[3*(y*width+x)+k] = float32(min(max((c[k]+rude)*dark, 2), 253))
			}
		}
	}
	return l
}

// developed is what a sensor makes of light.
func (l light) developed(r *rand.Rand, exposure float64) *image.RGBA {
	out := image.NewRGBA(image.Rect(0, 0, l.w, l.h))
	for i := range l.w * l.h {
		for k := range 3 {
			v := float64(l.v[3*i+k])*exposure + grain*r.NormFloat64()
			out.Pix[4*i+k] = byte(min(max(math.Round(v), 0), 255))
		}
		out.Pix[4*i+3] = 255
	}
	return out
}

// noise is smooth noise about 0: values on a grid of integers, with a cubic between.
type noise struct{ grid [64 * 64]float32 }

func newNoise(r *rand.Rand) *noise {
	n := &noise{}
	for i := range n.grid {
		n.grid[i] = float32(r.Float64()*2 - 1)
	}
	return n
}

// at sums so many octaves, each twice as fine and of half the size.
func (n *noise) at(x, y float64, octaves int) float64 {
	sum, size := 0., 1.
	for range octaves {
		fx, fy := math.Floor(x), math.Floor(y)
		tx, ty := x-fx, y-fy
		tx, ty = tx*tx*(3-2*tx), ty*ty*(3-2*ty)
		i, j := int(fx), int(fy)
		v := func(i, j int) float64 { return float64(n.grid[(j&63)*64+i&63]) }
		sum += size * ((v(i, j)*(1-tx)+v(i+1, j)*tx)*(1-ty) + (v(i, j+1)*(1-tx)+v(i+1, j+1)*tx)*ty)
		x, y, size = 2*x+17.3, 2*y+9.1, size*0.55
	}
	return sum
}

// Icon is the nth of some small drawings that are made of alpha alone: all pixels have one
// colour, and what is drawn is what is not see-through.
func Icon(n, side int, c color.NRGBA) *image.NRGBA {
	out := image.NewNRGBA(image.Rect(0, 0, side, side))
	for y := range side {
		for x := range side {
			px, py := 2*(float64(x)+0.5)/float64(side)-1, 2*(float64(y)+0.5)/float64(side)-1
			out.SetNRGBA(x, y, color.NRGBA{c.R, c.G, c.B, byte(255 * min(max(shape(n, px, py)*float64(side)/2+0.5, 0), 1))})
		}
	}
	return out
}

// Icons is how many shapes there are.
const Icons = 16

// shape is above 0 within a drawing: about how far from its edge.
func shape(n int, x, y float64) float64 {
	r, a := math.Hypot(x, y), math.Atan2(y, x)
	box := func(w, h float64) float64 { return min(w-math.Abs(x), h-math.Abs(y)) }
	switch n % Icons {
	case 0:
		return 0.8 - r
	case 1:
		return box(0.7, 0.7)
	case 2:
		return min(r-0.55, 0.8-r)
	case 3:
		return max(box(0.8, 0.2), box(0.2, 0.8))
	case 4:
		return min(0.75-y, y+0.8-1.8*math.Abs(x))
	case 5:
		return 0.8*(0.65+0.35*math.Cos(5*a)) - r
	case 6:
		return max(min(0.2-math.Abs(x-y), 0.8-r), min(0.2-math.Abs(x+y), 0.8-r))
	case 7:
		return min(0.8-r, math.Hypot(x-0.35, y)-0.6)
	case 8:
		return max(min(box(0.8, 0.8), 0.12-math.Abs(y-0.5)), min(box(0.8, 0.8), 0.12-math.Abs(y)), min(box(0.8, 0.8), 0.12-math.Abs(y+0.5)))
	case 9:
		return min(box(0.8, 0.8), -min(box(0.55, 0.55), 1))
	case 10:
		return 0.8 - math.Abs(x) - math.Abs(y)
	case 11:
		return max(min(0.8-r, math.Abs(x)-0.25), min(0.4-math.Abs(x), 0.1-math.Abs(y)))
	case 12:
		return max(0.25-math.Hypot(x, y+0.5), box(0.15, 0.8)-max(0, -y-0.1))
	case 13:
		return min(0.8-r, math.Abs(math.Mod(a+math.Pi, math.Pi/3)-math.Pi/6)*r-0.1)
	case 14:
		return max(min(box(0.8, 0.8), x-0.5), min(box(0.8, 0.8), -x-0.5), box(0.8, 0.15))
	}
	return max(min(0.8-r, y), 0.3-math.Hypot(x, y+0.4))
}
