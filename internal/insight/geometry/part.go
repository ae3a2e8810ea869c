package geometry

import (
	"cmp"
	"slices"
)

const (
	partWindows  = 60   // that agree in a part,
	partNear     = 2    // that may lie between two of a part,
	partDiffers  = 0.02 // and that differ in it, of those that agree or differ
	partInliers  = 10
	levelsOfGrey = 48
	flatLevels   = 3   // the most common ones,
	mostFlat     = 0.5 // and how many of a photograph's pixels have one of them
)

// part returns where two pictures agree that differ elsewhere, as a polygon of a: a photograph that lies in both. Drawings and
// writing are not enough for that: a word, a sign or a form is drawn again and again, and a photograph is taken once.
func (g agreement) part(t Transform, a, b *Picture, inliers []pair) (polygon []point, kept []pair, ok bool) {
	groups := g.inner().groups(agreed, partNear)
	if len(groups) == 0 {
		return nil, nil, false
	}
	group := slices.MaxFunc(groups, func(x, y []int) int { return cmp.Compare(len(x), len(y)) })
	if len(group) < partWindows {
		return nil, nil, false
	}
	var middles []point // of the windows
	for _, i := range group {
		x, y := g.at(i%g.columns, i/g.columns)
		middles = append(middles, g.place(x, y))
	}
	polygon = hull(middles)
	around := edgesOf(polygon)
	same, different := g.count(func(column, row int) bool { return around.inside(g.place(g.at(column, row)), 0) })
	if float64(different) > partDiffers*float64(same+different) {
		return nil, nil, false
	}
	for _, p := range inliers {
		if around.inside(point{float64(p.a.X), float64(p.a.Y)}, 0) {
			kept = append(kept, p)
		}
	}
	return polygon, kept, len(kept) >= partInliers && a.photographed(polygon) && b.photographed(t.all(polygon))
}

// inner leaves out the windows that agree next to ones that differ: at the edge of a part, and by chance.
func (g agreement) inner() agreement {
	windows := slices.Clone(g.windows)
	for i, v := range g.windows {
		if v != differed {
			continue
		}
		for row := max(0, i/g.columns-partNear); row <= min(g.rows-1, i/g.columns+partNear); row++ {
			for column := max(0, i%g.columns-partNear); column <= min(g.columns-1, i%g.columns+partNear); column++ {
				windows[row*g.columns+column] = silent
			}
		}
	}
	g.windows = windows
	return g
}

// photographed reports whether a part of a picture has the many levels of brightness of a photograph, and not the few of a
// drawing or of writing.
func (p *Picture) photographed(polygon []point) bool {
	x0, y0, x1, y1 := bounds(polygon)
	var histogram [levelsOfGrey]int
	n := 0
	g := p.grey[0]
	for y := max(0, int(y0)); y < min(g.height, int(y1)); y++ {
		for _, v := range g.pix[y*g.width+max(0, int(x0)) : y*g.width+max(0, int(x0), min(g.width, int(x1)))] {
			histogram[int(v)*levelsOfGrey/256]++
			n++
		}
	}
	slices.SortFunc(histogram[:], func(a, b int) int { return b - a })
	most := 0
	for _, k := range histogram[:flatLevels] {
		most += k
	}
	return n > 0 && float64(most) < mostFlat*float64(n)
}

// hull is the convex hull of places (Andrew, "Another Efficient Algorithm for Convex Hulls in Two Dimensions", 1979).
func hull(places []point) []point {
	places = slices.Clone(places)
	slices.SortFunc(places, func(p, q point) int { return cmp.Or(cmp.Compare(p.x, q.x), cmp.Compare(p.y, q.y)) })
	half := func(places []point) (out []point) {
		for _, p := range places {
			for len(out) >= 2 {
				a, b := out[len(out)-2], out[len(out)-1]
				if (b.x-a.x)*(p.y-a.y)-(b.y-a.y)*(p.x-a.x) > 0 {
					break
				}
				out = out[:len(out)-1]
			}
			out = append(out, p)
		}
		return out[:max(0, len(out)-1)]
	}
	lower := half(places)
	slices.Reverse(places)
	return append(lower, half(places)...)
}
