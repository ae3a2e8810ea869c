package evidence

import (
	"image"
	"math"

	"github.com/akin-search/akin/internal/picture"
	"github.com/akin-search/akin/internal/resample"
)

const (
	// Larger pictures are scaled down to so many pixels first. Writing on a scanned page is still
	// legible then.
	mostPixels = 3 << 19
	// The least side of a picture that can be compared.
	leastSide = 16
	// The least correlation of grain of a copy: a constant, and by the share of the grain's power that the copy has
	// retained. Below that, two pictures are two exposures.
	leastGrain, perKept = 0.06, 0.2
	// The fraction of the smaller picture that the larger one must show.
	leastOverlap = 0.88
	// The contrast that the smaller picture may fail to resolve: above that it may be writing.
	mostDetail = 90
)

// Most pictures that are no copies show that at these sizes already, in a place that differs by more than clearly,
// which losses do not explain: none of 567 copies of flags exceeded 1 there.
var roughPixels = [...]int{1 << 13, 1 << 16}

const clearly = 2.0

// look compares two opaque pictures.
func look(a, b *picture.Picture, ground string) Evidence {
	swapped := a.Width*a.Height > b.Width*b.Height
	small, large := a, b
	if swapped {
		small, large = b, a
	}
	e := lay(small, large)
	e.Ground, e.Same = ground, e.Verdict == Same
	if swapped { // lay returns that of the smaller one
		e = e.Swapped()
	}
	return e
}

func refused(why Reason) Evidence {
	return Evidence{Reason: why, Worst: math.Inf(1), Grain: math.NaN(), Transform: Transform{1, 1, 0, 0}}
}

// lay registers the larger picture with the smaller one, and compares them, at rough scales first.
func lay(small, large *picture.Picture) Evidence {
	if Blank(small) || Blank(large) {
		e := blank("")
		e.Transform = Transform{1, 1, 0, 0}
		return e
	}
	if small.Width == large.Width && small.Height == large.Height && string(small.Pix) == string(large.Pix) {
		return Evidence{Verdict: Same, Transform: Transform{1, 1, 0, 0}, Overlap: 1, Grain: math.NaN()}
	}
	if min(small.Width, small.Height) < leastSide {
		e := refused(TooSmall)
		e.Verdict = Unsure
		return e
	}
	for _, pixels := range roughPixels {
		if small.Width*small.Height < 2*pixels {
			break
		}
		if e := layAt(small, large, pixels); e.Reason == Place && e.Worst > clearly {
			return e
		}
	}
	return layAt(small, large, mostPixels)
}

// layAt compares at a scale at which the smaller picture has at most most pixels.
func layAt(small, large *picture.Picture, most int) Evidence {
	ratio := math.Log(float64(small.Width) * float64(large.Height) / (float64(small.Height) * float64(large.Width)))
	if math.Abs(ratio) > 0.1+1/float64(min(small.Width, small.Height)) {
		return refused(Shape)
	}
	// s is the smaller picture at the scale of the comparison, l the larger one.
	s := small
	if n := small.Width * small.Height; n > most {
		k := math.Sqrt(float64(most) / float64(n))
		s = resample.Resize(small, int(math.Round(k*float64(small.Width))), int(math.Round(k*float64(small.Height))), resample.Bilinear)
		defer s.Release()
	}
	sv := viewOf(s)
	levels := pyramid(sv[0])
	points := make([][]point, len(levels)) // the samples of each
	for i, p := range levels {
		points[i] = pick(p)
	}
	var best laid
	for _, h := range hypotheses(small, large, s) {
		l := large
		if h.width != large.Width || h.height != large.Height {
			l = resample.Resize(large, h.width, h.height, resample.Bilinear)
		}
		lv := viewOf(l)
		one := laid{large: lv, left: math.Inf(1)}
		ll := pyramid(lv[0])
		n := min(len(levels), len(ll))
		for i, start := range h.starts {
			if i > 0 && one.left < wellLaid {
				break
			}
			at, left := register(levels[n-1:n], points[n-1:n], ll[n-1:n], start)

			if left < one.left*0.98 {
				one.at, one.left = at, left
			}
		}
		if n > 1 {
			one.at, one.left = register(levels[:n-1], points[:n-1], ll[:n-1], one.at)
		}
		if one.at.nearly(h.starts[0], sv[0].w, sv[0].h) { // do not interpolate without need
			if _, exact := refine(levels[0], points[0], ll[0], h.starts[0], 1, 1); exact <= 1.03*one.left {
				one.at, one.left = h.starts[0], exact
			}
		}
		one.scaleX, one.scaleY = float64(large.Width)/float64(h.width), float64(large.Height)/float64(h.height)
		if best.large[0].v == nil || one.left < 0.95*best.left {
			best = one
		}
		if l != large {
			l.Release()
		}
	}
	return judge(small, large, sv, best)
}

// wellLaid is the residual at the coarsest level, in levels of 255, below which no other start is tried.
const wellLaid = 8

// nearly reports whether two placements of a picture of w x h differ by less than an eighth of a pixel everywhere.
func (p placed) nearly(q placed, w, h int) bool {
	return math.Abs(p.dx-q.dx)+math.Abs(p.ex-q.ex)*float64(w)/2 < 0.125 && math.Abs(p.dy-q.dy)+math.Abs(p.ey-q.ey)*float64(h)/2 < 0.125
}

// laid is a larger picture registered with the smaller one.
type laid struct {
	large          view // at about the scale of the smaller one
	at             placed
	left           float64
	scaleX, scaleY float64 // the size of its pixels, in pixels of the larger picture
}

// hypothesis is how the larger picture may have become the smaller one.
type hypothesis struct {
	width, height int // of the larger one
	starts        []placed
}

// hypotheses returns the ways to try: the whole was scaled down, or it was trimmed without scaling.
func hypotheses(small, large, s *picture.Picture) []hypothesis {
	k := float64(s.Width) / float64(small.Width)
	sx, sy := float64(large.Width)/float64(small.Width), float64(large.Height)/float64(small.Height)
	w, h := float64(s.Width), float64(s.Height)
	whole := hypothesis{width: s.Width, height: s.Height}
	rounding := 1.01/float64(small.Width) + 1.01/float64(small.Height)
	if math.Abs(math.Log(sx/sy)) > rounding { // one side was trimmed more than the other
		r := math.Min(sx, sy)
		whole.width, whole.height = int(math.Round(float64(large.Width)*k/r)), int(math.Round(float64(large.Height)*k/r))
	}
	whole.starts = []placed{{}, {ex: -0.03, ey: -0.03}, {ex: 0.03, ey: 0.03}}
	for _, d := range [][2]float64{{-1, 0}, {1, 0}, {0, -1}, {0, 1}} {
		whole.starts = append(whole.starts, placed{dx: 0.02 * w * d[0], dy: 0.02 * h * d[1]})
	}
	all := []hypothesis{whole}
	if most := math.Max(sx, sy); k == 1 && most > 1 && most < 1.12 { // not scaled at all
		cut := hypothesis{width: large.Width, height: large.Height}
		mx, my := float64(large.Width-small.Width)/2, float64(large.Height-small.Height)/2
		for _, d := range [][2]float64{{0, 0}, {-1, -1}, {1, 1}, {-1, 1}, {1, -1}} {
			cut.starts = append(cut.starts, placed{dx: mx * d[0], dy: my * d[1]})
		}
		all = append(all, cut)
	}
	return all
}

func pyramid(p plane) []plane {
	levels := []plane{p}
	for max(p.w, p.h)/2 >= smallestLevel {
		p = p.halved()
		levels = append(levels, p)
	}
	return levels
}

// judge compares registered pictures.
func judge(small, large *picture.Picture, sv view, l laid) Evidence {
	w, h := sv[0].w, sv[0].h
	// The part that the larger picture covers.
	left, right := shown(w, l.large[0].w, l.at.dx, l.at.ex)
	top, bottom := shown(h, l.large[0].h, l.at.dy, l.at.ey)
	e := Evidence{Grain: math.NaN()}
	kx, ky := float64(small.Width)/float64(w), float64(small.Height)/float64(h)
	// x of the small one at full size → x/kx of s → of l → of the large one.
	e.Transform.ScaleX = (1 + l.at.ex) / kx * l.scaleX
	e.Transform.ScaleY = (1 + l.at.ey) / ky * l.scaleY
	e.Transform.ShiftX = (float64(l.large[0].w)/2 - (1+l.at.ex)*float64(w)/2 + l.at.dx) * l.scaleX
	e.Transform.ShiftY = (float64(l.large[0].h)/2 - (1+l.at.ey)*float64(h)/2 + l.at.dy) * l.scaleY
	if right-left < leastSide || bottom-top < leastSide {
		e.Reason, e.Worst = Part, math.Inf(1)
		return e
	}
	e.Overlap = float64(right-left) * float64(bottom-top) / float64(w*h)
	covers := e.Overlap * float64(w*h) * (1 + l.at.ex) * (1 + l.at.ey) / float64(l.large[0].w*l.large[0].h)
	e.Overlap = min(e.Overlap, covers)
	var x, y view
	for c := range sv {
		warped := l.large[c].warp(l.at, w, h)
		x[c], y[c] = warped.part(left, top, right, bottom), sv[c].part(left, top, right, bottom)
	}
	if sharpness(y[0]) > 1.05*sharpness(x[0]) {
		x, y = y, x
	}
	kind, leastKept := kindOf(y[0]), 0.
	fitted, tone := fit(x, y, kind)
	e.Tone = tone
	e.compare(fitted, y)
	if kind == drawing && e.Worst <= seenAlready {
		e.cast(fitted, y)
	}
	otherWay := seenAlready
	if kind == drawing { // a change of brightness moves its white ground by up to twice that
		otherWay *= 2
	}
	if e.Worst > 1 && e.Worst < otherWay && e.Tone > 2 { // values clipped when one was lightened cannot be restored, but the other way round they can be clipped as well
		var other Evidence
		fitted, tone := fit(y, x, kind)
		other.compare(fitted, x)
		if kind == drawing && other.Worst <= seenAlready {
			other.cast(fitted, x)
		}
		if other.Worst < e.Worst {
			e.Worst, e.At, e.Level, e.Tone = other.Worst, other.At, other.Level, tone
		}
	}
	if kind == photograph && e.Worst <= 1 { // pages and drawings have no grain
		e.Grain, leastKept = grain(x[0], y[0])
	}
	if !e.At.Empty() {
		e.At = e.At.Add(image.Pt(left, top))
		e.At = image.Rect(int(float64(e.At.Min.X)*kx), int(float64(e.At.Min.Y)*ky), int(math.Ceil(float64(e.At.Max.X)*kx)), int(math.Ceil(float64(e.At.Max.Y)*ky)))
	}
	if kind != photograph {
		e.Detail = detail(small, large, e.Transform)
	}
	stretched := math.Abs(math.Log(e.Transform.ScaleX / e.Transform.ScaleY))
	switch {
	case e.Overlap < leastOverlap:
		e.Reason = Part
	case stretched > 0.004+1.5/float64(min(small.Width, small.Height)):
		e.Reason = Stretched
	case e.Worst > 1:
		e.Reason = Place
	case e.Grain < leastKept:
		e.Reason = Grain
	case kind != photograph && e.Detail > mostDetail:
		e.Verdict, e.Reason = Unsure, Writing
	default:
		e.Verdict = Same
	}
	return e
}

// detail returns the contrast that the larger picture has and the smaller one lacks: its 90th percentile over windows of
// 12 x 12 pixels of the smaller one.
func detail(small, large *picture.Picture, t Transform) float64 {
	if t.ScaleX < 1.25 {
		return 0
	}
	const side = 12
	extent := func(p *picture.Picture, left, top, right, bottom float64) float32 {
		x0, y0 := max(0, int(left)), max(0, int(top))
		x1, y1 := min(p.Width, int(right)), min(p.Height, int(bottom))
		step := max(1, (x1-x0)/48)
		least, most := 255, 0
		for y := y0; y < y1; y += step {
			for x := x0; x < x1; x += step {
				i := 3 * (y*p.Width + x)
				v := (299*int(p.Pix[i]) + 587*int(p.Pix[i+1]) + 114*int(p.Pix[i+2])) / 1000
				least, most = min(least, v), max(most, v)
			}
		}
		return float32(max(0, most-least))
	}
	var lost []float32
	for y := 0.; y+side <= float64(small.Height); y += side {
		for x := 0.; x+side <= float64(small.Width); x += side {
			of := extent(large, x*t.ScaleX+t.ShiftX, y*t.ScaleY+t.ShiftY, (x+side)*t.ScaleX+t.ShiftX, (y+side)*t.ScaleY+t.ShiftY)
			if of >= 24 { // something is there
				lost = append(lost, max(0, of-extent(small, x, y, x+side, y+side)))
			}
		}
	}
	if len(lost) < 20 {
		return 0
	}
	return quantile(lost, 0.9, len(lost), func(v float32) float32 { return v })
}

// shown returns the range of the n pixels of a side that lie within the m pixels of the larger picture.
func shown(n, m int, shift, stretch float64) (from, to int) {
	at := func(x int) float64 { return float64(m-1)/2 + (float64(x)-float64(n-1)/2)*(1+stretch) + shift }
	const slack = 0.51
	for from < n && at(from) < -slack {
		from++
	}
	to = n
	for to > from && at(to-1) > float64(m-1)+slack {
		to--
	}
	return from, to
}

// part returns a rectangle of a plane.
func (p plane) part(left, top, right, bottom int) plane {
	if left == 0 && top == 0 && right == p.w && bottom == p.h {
		return p
	}
	out := newPlane(right-left, bottom-top)
	for y := range out.h {
		copy(out.row(y), p.row(top + y)[left:])
	}
	return out
}

// mostCast is how much a quarter of a drawing may differ in colour, in levels.
const mostCast = 5

// cast compares the colours of a drawing: if a quarter of it has another colour, that is a difference, even a small one.
// A drawing may be too small to have the scales at which losses vanish.
func (e *Evidence) cast(x, y view) {
	for c := range x {
		d := newPlane(x[c].w, x[c].h)
		for i, v := range x[c].v {
			d.v[i] = v - y[c].v[i]
		}
		if d := quantile(d.spread(2).v, 0.75, 20_000, func(v float32) float32 { return max(v, -v) }) / mostCast; d > e.Worst {
			e.Worst, e.At = d, image.Rect(0, 0, x[0].w, x[0].h)
		}
	}
}

// compare finds the place that differs most, from the coarsest scale to the finest.
func (e *Evidence) compare(x, y view) {
	type scale struct{ x, y view }
	scales := []scale{{x, y}}
	for len(scales) < 5 && min(x[0].w, x[0].h) >= 24 {
		for c := range x {
			x[c], y[c] = x[c].halved(), y[c].halved()
		}
		scales = append(scales, scale{x, y})
	}
	for level := len(scales) - 1; level >= 0; level-- {
		s := scales[level]
		for c := range s.x {
			if c > 0 && level == 0 { // colours are saved at half the size
				continue
			}
			// Lossy compression preserves the mean of a large area within a level or two.
			floor, edge := [...]float64{0.8, 0.7, 0.55, 0.5, 0.5}[level], 0
			if c > 0 {
				floor = [...]float64{0, 2.2, 1, 0.7, 0.7}[level]
			}
			if min(s.x[c].w, s.x[c].h) >= 48 {
				edge = max(1, 3>>level)
			}
			worst, at := local(s.x, s.y, c, level, floor, edge)
			if c > 0 && level == 1 { // where chroma loses much
				worst /= 2.5
			}
			if worst > e.Worst {
				e.Worst, e.Level = worst, level
				e.At = image.Rect((at.X-1)<<level, (at.Y-1)<<level, (at.X+3)<<level, (at.Y+3)<<level).Intersect(image.Rect(0, 0, scales[0].x[0].w, scales[0].x[0].h))
			}
		}
		if e.Worst > seenAlready {
			return
		}
	}
}

// seenAlready is a difference at which finer scales need not be compared.
var seenAlready = 3.
