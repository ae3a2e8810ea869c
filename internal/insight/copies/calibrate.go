package copies

import (
	"math"
	"slices"

	"github.com/akin-search/akin/internal/insight/alter"
	"github.com/akin-search/akin/internal/picture"
	"github.com/akin-search/akin/internal/resample"
)

// Alterations returns what copies go through while people still take them for the same picture. Tolerances are
// measured on them.
func Alterations() []alter.Change {
	return []alter.Change{
		{Name: "half", Kind: "size", About: "half of each side", Apply: func(p *picture.Picture) *picture.Picture { return smaller(p, 2) }},
		{Name: "quarter", Kind: "size", About: "a quarter of each side", Apply: func(p *picture.Picture) *picture.Picture { return smaller(p, 4) }},
		{Name: "jpeg-50", Kind: "saved anew", About: "as JPEG of quality 50", Apply: func(p *picture.Picture) *picture.Picture { return alter.JPEG(p, 50) }},
		{Name: "half-jpeg-75", Kind: "both", About: "half of each side, as JPEG of quality 75", Apply: func(p *picture.Picture) *picture.Picture {
			half := smaller(p, 2)
			defer half.Release()
			return alter.JPEG(half, 75)
		}},
		{Name: "trimmed", Kind: "trimmed", About: "one part in 50 cut off at the left and at the top", Apply: func(p *picture.Picture) *picture.Picture {
			left, top := p.Width/50, p.Height/50
			return resample.Crop(p, left, top, p.Width-left, p.Height-top)
		}},
		{Name: "messenger", Kind: "both", About: "three quarters of each side, sharpened a little, as JPEG of quality 70", Apply: func(p *picture.Picture) *picture.Picture {
			longer := max(p.Width, p.Height)
			small := atLength(p, max(min(smallest, longer), 3*longer/4))
			defer small.Release()
			sharp := sharpened(small, 0.3)
			defer sharp.Release()
			return alter.JPEG(sharp, 70)
		}},
		{Name: "lighter", Kind: "colour", About: "a little lighter and with more contrast, as JPEG of quality 80", Apply: func(p *picture.Picture) *picture.Picture {
			light := picture.New(p.Width, p.Height)
			defer light.Release()
			for i, v := range p.Pix {
				light.Pix[i] = byte(min(255, (int(v)*106+50)/100+4))
			}
			return alter.JPEG(light, 80)
		}},
		{Name: "screenshot", Kind: "both", About: "one part in 100 cut off at each side, then seven tenths of the size", Apply: func(p *picture.Picture) *picture.Picture {
			x, y := p.Width/100, p.Height/100
			cut := resample.Crop(p, x, y, p.Width-2*x, p.Height-2*y)
			defer cut.Release()
			longer := max(cut.Width, cut.Height)
			return atLength(cut, max(min(smallest, longer), 7*longer/10))
		}},
	}
}

// sharpened adds twice amount times the difference to a 3 x 3 blur.
func sharpened(p *picture.Picture, amount float64) *picture.Picture {
	out := picture.New(p.Width, p.Height)
	for y := range p.Height {
		above, at, below := max(y-1, 0), y, min(y+1, p.Height-1)
		for x := range p.Width {
			left, right := max(x-1, 0), min(x+1, p.Width-1)
			for c := range 3 {
				v := func(x, y int) int { return int(p.Pix[3*(y*p.Width+x)+c]) }
				blurred := float64(v(left, above)+2*v(x, above)+v(right, above)+2*v(left, at)+4*v(x, at)+2*v(right, at)+v(left, below)+2*v(x, below)+v(right, below)) / 16
				own := float64(v(x, y))
				out.Pix[3*(y*p.Width+x)+c] = byte(min(max(math.Round(own+2*amount*(own-blurred)), 0), 255))
			}
		}
	}
	return out
}

// smallest is the longer side of a made copy, at least: a smaller one would show too little.
const smallest = 128

func smaller(p *picture.Picture, times int) *picture.Picture {
	longer := max(p.Width, p.Height)
	return atLength(p, max(min(smallest, longer), longer/times))
}

// Displacement is how far a copy is from its original.
type Displacement struct {
	SignatureDistance
	Embedding float64 // 1 - cosine; 0 without a model; NaN if unknown
	Blurred   float64 // the factor by which it is less sharp, or sharper: 1 or more
}

// Tolerance is how far copies are from their originals in each measure, except for the worst one in fifty.
type Tolerance struct {
	Bits       int
	Difference float64
	Cast       float64
	Aspect     float64
	Embedding  float64 // NaN if embeddings were not measured
	Blurred    float64
}

// within is the fraction of the made copies that a tolerance holds, in each measure.
const within = 0.98

// Calibrate returns the tolerance of made copies. Each measure has a minimum above 0, because the next copy may be
// the first that differs in it.
func Calibrate(made []Displacement, embedded bool) Tolerance {
	at := func(value func(Displacement) float64, least float64) float64 {
		values := make([]float64, len(made))
		for i, m := range made {
			values[i] = value(m)
		}
		slices.Sort(values)
		return max(least, values[min(len(values)-1, int(math.Ceil(within*float64(len(values))))-1)])
	}
	if len(made) == 0 {
		made = make([]Displacement, 1)
	}
	t := Tolerance{
		Bits:       int(at(func(m Displacement) float64 { return float64(m.Bits) }, 1)),
		Difference: at(func(m Displacement) float64 { return m.Difference }, 4),
		Cast:       at(func(m Displacement) float64 { return m.Cast }, 2),
		Aspect:     at(func(m Displacement) float64 { return m.Aspect }, 0.005),
		Blurred:    at(func(m Displacement) float64 { return m.Blurred }, 1.05),
		Embedding:  math.NaN(),
	}
	if embedded {
		t.Embedding = at(func(m Displacement) float64 { return m.Embedding }, 1e-5)
	}
	return t
}

// Distance returns how far a picture is from another, relative to the tolerance: the largest of the measures, each
// divided by its tolerance. 1 is the limit of copies.
func (t Tolerance) Distance(m Displacement) float64 {
	d := max(float64(m.Bits)/float64(t.Bits), m.Difference/t.Difference, m.Cast/t.Cast, m.Aspect/t.Aspect)
	if !math.IsNaN(t.Embedding) && !math.IsNaN(m.Embedding) {
		d = max(d, m.Embedding/t.Embedding)
	}
	return d
}
