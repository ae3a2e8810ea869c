package geometry

import "math"

type point struct{ x, y float64 }

// overlap returns what two pictures have in common under a transform of a to b: a convex polygon of a, in its pixels; ok is false
// where they have nothing in common, or the transform turns a part of it inside out.
func overlap(t Transform, a, b frame) (polygon []point, ok bool) {
	inverse, ok := t.Inverse()
	if !ok {
		return nil, false
	}
	polygon = []point{{0, 0}, {a.width, 0}, {a.width, a.height}, {0, a.height}}
	// What lies beyond the horizon of a homography has no place.
	for _, p := range polygon {
		if t[2][0]*p.x+t[2][1]*p.y+t[2][2] <= 0 {
			return nil, false
		}
	}
	corners := []point{{0, 0}, {b.width, 0}, {b.width, b.height}, {0, b.height}}
	for i, p := range corners {
		if inverse[2][0]*p.x+inverse[2][1]*p.y+inverse[2][2] <= 0 {
			return nil, false
		}
		x, y := inverse.At(p.x, p.y)
		corners[i] = point{x, y}
	}
	turn := 1.
	if areaOf(corners) < 0 {
		turn = -1
	}
	for i, from := range corners {
		polygon = cut(polygon, from, corners[(i+1)%len(corners)], turn)
	}
	return polygon, len(polygon) >= 3 && math.Abs(areaOf(polygon)) > 0
}

// cut keeps what of a polygon lies on the inner side of a line (Sutherland and Hodgman, "Reentrant Polygon Clipping", 1974).
func cut(polygon []point, from, to point, turn float64) (out []point) {
	side := func(p point) float64 { return turn * ((to.x-from.x)*(p.y-from.y) - (to.y-from.y)*(p.x-from.x)) }
	for i, p := range polygon {
		q := polygon[(i+1)%len(polygon)]
		sp, sq := side(p), side(q)
		if sp >= 0 {
			out = append(out, p)
		}
		if sp >= 0 != (sq >= 0) {
			f := sp / (sp - sq)
			out = append(out, point{p.x + f*(q.x-p.x), p.y + f*(q.y-p.y)})
		}
	}
	return out
}

// all maps a polygon.
func (t Transform) all(polygon []point) []point {
	out := make([]point, len(polygon))
	for i, p := range polygon {
		out[i].x, out[i].y = t.At(p.x, p.y)
	}
	return out
}

// areaOf is a polygon's area, negative where it turns the other way.
func areaOf(polygon []point) (area float64) {
	for i, p := range polygon {
		q := polygon[(i+1)%len(polygon)]
		area += (p.x*q.y - q.x*p.y) / 2
	}
	return area
}

// bounds is the smallest box around places.
func bounds(places []point) (x0, y0, x1, y1 float64) {
	x0, y0, x1, y1 = math.Inf(1), math.Inf(1), math.Inf(-1), math.Inf(-1)
	for _, p := range places {
		x0, y0, x1, y1 = min(x0, p.x), min(y0, p.y), max(x1, p.x), max(y1, p.y)
	}
	return x0, y0, x1, y1
}

// edges are the lines around a convex polygon: how far inside of each a place lies is x·p.x + y·p.y + at.
type edges []struct{ x, y, at float64 }

func edgesOf(polygon []point) (out edges) {
	turn := 1.
	if areaOf(polygon) < 0 {
		turn = -1
	}
	for i, from := range polygon {
		to := polygon[(i+1)%len(polygon)]
		length := math.Hypot(to.x-from.x, to.y-from.y)
		if length == 0 {
			continue
		}
		x, y := -turn*(to.y-from.y)/length, turn*(to.x-from.x)/length
		out = append(out, struct{ x, y, at float64 }{x, y, -x*from.x - y*from.y})
	}
	return out
}

// inside reports whether a place lies inside, at least so far from the edges.
func (e edges) inside(p point, margin float64) bool {
	for _, l := range e {
		if l.x*p.x+l.y*p.y+l.at < margin {
			return false
		}
	}
	return true
}
