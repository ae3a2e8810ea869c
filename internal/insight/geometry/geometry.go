// Package geometry proves that one picture shows a part of another: at which place, at what size, turned and seen from where.
//
// Keypoints of both are paired by their descriptors. A transform that many pairs agree with is a candidate, and how many as
// good are expected between pictures that have nothing in common is known in advance (estimate.go: a contrario, after Moisan and Stival, "A
// Probabilistic Criterion to Detect Rigid Point Matches Between Two Images and Estimate the Fundamental Matrix", IJCV 2004).
// That is not proof: two calendars share a form, two flags a star. So the pictures are laid on one another, and must agree
// wherever they overlap (agree.go), or show the same photograph in a part of each (part.go).
package geometry

import (
	"math"
	"slices"

	"github.com/akin-search/akin/internal/insight/keypoint"
	"github.com/akin-search/akin/internal/picture"
)

// Picture is what is seen of an upright picture, and its keypoints.
type Picture struct {
	width, height int
	set           *keypoint.Set
	grey          levels
	alpha         []byte // (height, width); nil where all is opaque
}

// New prepares a picture, which it does not keep.
func New(p *picture.Picture) *Picture {
	seen, _ := p.On(picture.Auto)
	out := &Picture{width: p.Width, height: p.Height, set: keypoint.Find(seen), grey: newLevels(seen), alpha: slices.Clone(p.Alpha)}
	if seen != p {
		seen.Release()
	}
	return out
}

// opaque reports whether a place shows something of the picture, and not what is behind it.
func (p *Picture) opaque(x, y float64) bool {
	if p.alpha == nil {
		return true
	}
	column, row := max(0, min(p.width-1, int(x))), max(0, min(p.height-1, int(y)))
	return p.alpha[row*p.width+column] > 250
}

func (p *Picture) frame() frame { return frame{float64(p.width), float64(p.height)} }

// Box is a rectangle: x, y, width and height, in pixels of an upright picture.
type Box [4]float64

// Inlier is a place of a, and the one of b that shows the same.
type Inlier struct{ A, B [2]float64 }

// Match is a part of a that b shows.
type Match struct {
	// ExpectedFalse is how many matches of this quality are expected between as many pairs of pictures as were compared, if none have
	// anything in common.
	ExpectedFalse float64
	Inliers       []Inlier
	Transform     Transform // from pixels of a to those of b
	BoxA, BoxB    Box       // around what both show

	OutlineA, OutlineB [][2]float64 // of what both show, corner by corner
}

// Options are options of Compare.
type Options struct {
	Pairs    float64 // of pictures that are compared, this one among them; 0 means 1
	MaxFalse float64 // the most expected false matches; 0 means 0.01
}

const (
	defaultFalse = 0.01
	mostTries    = 12    // transforms that are tried
	leastFalse   = -300. // its logarithm: JSON has no smaller numbers
	leastDrawn   = 10    // places that agree in a drawing: a cross or a star has fewer, and is drawn again and again
)

// limit is MaxFalse, or what it is by default.
func (o Options) limit() float64 {
	if o.MaxFalse <= 0 {
		return defaultFalse
	}
	return o.MaxFalse
}

// compared is the logarithm of Pairs.
func (o Options) compared() float64 { return math.Log10(max(1, o.Pairs)) }

// Compare returns the parts of a that b shows, the surest first.
func Compare(a, b *Picture, o Options) []Match {
	pairs := mutual(a.set, b.set)
	limit, compared := o.limit(), o.compared()
	var out []Match
	for range mostTries {
		e, ok := best(pairs, leastPairs, a.frame(), b.frame())
		if !ok || e.log10NFA+compared > math.Log10(limit) {
			break
		}
		pairs = without(pairs, e)
		if m, ok := prove(a, b, e, limit, compared); ok {
			out = append(out, m)
		}
	}
	return out
}

// without are the pairs that do not agree with a transform.
func without(pairs []pair, e estimate) (rest []pair) {
	limit := max(3*e.off, 4)
	for _, p := range pairs {
		u, v := e.transform.At(float64(p.a.X), float64(p.a.Y))
		if !(math.Hypot(u-float64(p.b.X), v-float64(p.b.Y)) <= limit) {
			rest = append(rest, p)
		}
	}
	if len(rest) == len(pairs) { // so that it ends
		return nil
	}
	return rest
}

// prove lays the pictures on one another.
func prove(a, b *Picture, e estimate, limit, compared float64) (m Match, ok bool) {
	polygon, ok := overlap(e.transform, a.frame(), b.frame())
	if !ok {
		return m, false
	}
	g := lay(a, b, e.transform, polygon, sides[0]).compare()
	if !g.everywhere() {
		polygon, e.inliers, ok = g.part(e.transform, a, b, e.inliers)
		if !ok {
			return m, false
		}
	} else if g.hidden {
		polygon = g.shown()
	}
	if !g.closely(a, b, e.transform, polygon) {
		return m, false
	}
	inB := e.transform.all(polygon)
	if len(e.inliers) < leastDrawn && !(a.photographed(polygon) && b.photographed(inB)) {
		return m, false
	}
	m = Match{Transform: e.transform, BoxA: boxOf(polygon, a.frame()), ExpectedFalse: math.Pow(10, max(leastFalse, e.log10NFA+compared))}
	for i, p := range polygon {
		m.OutlineA, m.OutlineB = append(m.OutlineA, [2]float64{p.x, p.y}), append(m.OutlineB, [2]float64{inB[i].x, inB[i].y})
	}
	m.BoxB = boxOf(inB, b.frame())
	for _, p := range e.inliers {
		m.Inliers = append(m.Inliers, Inlier{[2]float64{float64(p.a.X), float64(p.a.Y)}, [2]float64{float64(p.b.X), float64(p.b.Y)}})
	}
	return m, m.ExpectedFalse <= limit
}

// boxOf is the box around a polygon, within a picture.
func boxOf(polygon []point, in frame) Box {
	x0, y0, x1, y1 := bounds(polygon)
	x0, y0, x1, y1 = max(0, x0), max(0, y0), min(in.width, x1), min(in.height, y1)
	return Box{x0, y0, x1 - x0, y1 - y0}
}

// Keypoints are those of the picture, the ones of most contrast first.
func (p *Picture) Keypoints() *keypoint.Set { return p.set }

// Size is the width and height of a picture, in pixels.
func (p *Picture) Size() (width, height int) { return p.width, p.height }

// Share is the share of a picture's area that an outline has, 0 to 1.
func (p *Picture) Share(outline [][2]float64) float64 {
	var polygon []point
	for _, c := range outline {
		polygon = append(polygon, point{min(max(c[0], 0), float64(p.width)), min(max(c[1], 0), float64(p.height))})
	}
	return math.Abs(areaOf(polygon)) / p.frame().area()
}

// Inverse is the same match with the pictures exchanged.
func (m Match) Inverse() Match {
	out := Match{ExpectedFalse: m.ExpectedFalse, Transform: m.Transform, BoxA: m.BoxB, BoxB: m.BoxA, OutlineA: m.OutlineB, OutlineB: m.OutlineA}
	if t, ok := m.Transform.Inverse(); ok { // one without an inverse is no match
		out.Transform = t.normal()
	}
	for _, p := range m.Inliers {
		out.Inliers = append(out.Inliers, Inlier{p.B, p.A})
	}
	return out
}
