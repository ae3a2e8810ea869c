package geometry

import "math"

// Transform maps pixels of one picture to those of another: x, y, 1 to a multiple of what they become.
type Transform [3][3]float64

// At maps a pixel.
func (t Transform) At(x, y float64) (u, v float64) {
	w := t[2][0]*x + t[2][1]*y + t[2][2]
	return (t[0][0]*x + t[0][1]*y + t[0][2]) / w, (t[1][0]*x + t[1][1]*y + t[1][2]) / w
}

// Inverse is the way back; ok is false where there is none.
func (t Transform) Inverse() (inverse Transform, ok bool) {
	minor := func(r, c int) float64 {
		a, b, d, e := (r+1)%3, (r+2)%3, (c+1)%3, (c+2)%3
		return t[a][d]*t[b][e] - t[a][e]*t[b][d]
	}
	det := t[0][0]*minor(0, 0) + t[0][1]*minor(0, 1) + t[0][2]*minor(0, 2)
	if det == 0 || math.IsNaN(det) || math.IsInf(det, 0) {
		return inverse, false
	}
	for r := range 3 {
		for c := range 3 {
			inverse[c][r] = minor(r, c) / det
		}
	}
	return inverse.normal(), true
}

// normal makes the last number 1.
func (t Transform) normal() Transform {
	w := t[2][2]
	if w == 0 {
		return t
	}
	for r := range t {
		for c := range t[r] {
			t[r][c] /= w
		}
	}
	return t
}

// scale is how many pixels a pixel becomes, in length, around a place.
func (t Transform) scale(x, y float64) float64 {
	u, v := t.At(x, y)
	ux, vx := t.At(x+1, y)
	uy, vy := t.At(x, y+1)
	return math.Sqrt(math.Abs((ux-u)*(vy-v) - (uy-u)*(vx-v)))
}

// similarityOf is the turn, size and shift that maps one keypoint to the other.
func similarityOf(p pair) Transform {
	s := float64(p.b.Scale / p.a.Scale)
	sin, cos := math.Sincos(float64(p.b.Angle) - float64(p.a.Angle))
	sin, cos = s*sin, s*cos
	x, y := float64(p.a.X), float64(p.a.Y)
	return Transform{{cos, -sin, float64(p.b.X) - cos*x + sin*y}, {sin, cos, float64(p.b.Y) - sin*x - cos*y}, {0, 0, 1}}
}

// Kinds of transforms, by the number of pairs that define one.
const (
	similarity = 2
	affine     = 3
	homography = 4
)

// fit is the transform of a kind that least squares gives for pairs; ok is false where they define none.
func fit(kind int, pairs []pair) (Transform, bool) {
	na, nb := normalizer(pairs, func(p pair) (x, y float64) { return float64(p.a.X), float64(p.a.Y) }),
		normalizer(pairs, func(p pair) (x, y float64) { return float64(p.b.X), float64(p.b.Y) })
	unknowns := map[int]int{similarity: 4, affine: 6, homography: 8}[kind]
	if len(pairs) < kind {
		return Transform{}, false
	}
	m := make([][]float64, unknowns) // normal equations, the right side last
	for i := range m {
		m[i] = make([]float64, unknowns+1)
	}
	add := func(row []float64, right float64) {
		for i, v := range row {
			for j, w := range row {
				m[i][j] += v * w
			}
			m[i][unknowns] += v * right
		}
	}
	for _, p := range pairs {
		x, y := na.at(float64(p.a.X), float64(p.a.Y))
		u, v := nb.at(float64(p.b.X), float64(p.b.Y))
		switch kind {
		case similarity:
			add([]float64{x, -y, 1, 0}, u)
			add([]float64{y, x, 0, 1}, v)
		case affine:
			add([]float64{x, y, 1, 0, 0, 0}, u)
			add([]float64{0, 0, 0, x, y, 1}, v)
		case homography:
			add([]float64{x, y, 1, 0, 0, 0, -u * x, -u * y}, u)
			add([]float64{0, 0, 0, x, y, 1, -v * x, -v * y}, v)
		}
	}
	s, ok := eliminate(m)
	if !ok {
		return Transform{}, false
	}
	var t Transform
	switch kind {
	case similarity:
		t = Transform{{s[0], -s[1], s[2]}, {s[1], s[0], s[3]}, {0, 0, 1}}
	case affine:
		t = Transform{{s[0], s[1], s[2]}, {s[3], s[4], s[5]}, {0, 0, 1}}
	case homography:
		t = Transform{{s[0], s[1], s[2]}, {s[3], s[4], s[5]}, {s[6], s[7], 1}}
	}
	back := Transform{{1 / nb.scale, 0, nb.x}, {0, 1 / nb.scale, nb.y}, {0, 0, 1}}
	to := Transform{{na.scale, 0, -na.scale * na.x}, {0, na.scale, -na.scale * na.y}, {0, 0, 1}}
	return back.after(t).after(to).normal(), true
}

// after is t applied to what s gives.
func (t Transform) after(s Transform) (out Transform) {
	for r := range 3 {
		for c := range 3 {
			for k := range 3 {
				out[r][c] += t[r][k] * s[k][c]
			}
		}
	}
	return out
}

// centred moves places around their mean, and scales them to a mean distance of √2 (Hartley, "In Defense of the Eight-Point
// Algorithm", 1997).
type centred struct{ x, y, scale float64 }

func (c centred) at(x, y float64) (u, v float64) { return (x - c.x) * c.scale, (y - c.y) * c.scale }

func normalizer(pairs []pair, place func(pair) (x, y float64)) centred {
	c := centred{scale: 1}
	n := float64(len(pairs))
	for _, p := range pairs {
		x, y := place(p)
		c.x, c.y = c.x+x/n, c.y+y/n
	}
	mean := 0.
	for _, p := range pairs {
		x, y := place(p)
		mean += math.Hypot(x-c.x, y-c.y) / n
	}
	if mean > 0 {
		c.scale = math.Sqrt2 / mean
	}
	return c
}

// eliminate solves linear equations, the right side last, by Gauss with the largest pivot.
func eliminate(m [][]float64) ([]float64, bool) {
	n := len(m)
	for c := range n {
		best := c
		for r := c; r < n; r++ {
			if math.Abs(m[r][c]) > math.Abs(m[best][c]) {
				best = r
			}
		}
		if !(math.Abs(m[best][c]) > 1e-12) {
			return nil, false
		}
		m[c], m[best] = m[best], m[c]
		for r := range n {
			if r == c {
				continue
			}
			f := m[r][c] / m[c][c]
			for k := c; k <= n; k++ {
				m[r][k] -= f * m[c][k]
			}
		}
	}
	out := make([]float64, n)
	for i := range out {
		out[i] = m[i][n] / m[i][i]
	}
	return out, true
}
