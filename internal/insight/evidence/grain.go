package evidence

import (
	"math"
	"slices"
)

// grain correlates the fine structure of two registered pictures, in the windows with the least texture. The correlation is
// NaN if too few windows have grain in both. least is the smallest correlation of a copy: one that has retained most of
// the grain's power has retained its pattern, and one that has lost most may have little of it.
func grain(x, y plane) (correlation, least float64) {
	x, y = x.smooth(), y.smooth()
	bx, by := x.spread(2), y.spread(2)
	const side = 16
	type window struct{ drawn, correlation, kept float64 }
	var windows []window
	for wy := 4; wy+side <= x.h-4; wy += side {
		for wx := 4; wx+side <= x.w-4; wx += side {
			var sxx, syy, sxy, slow, slow2 float64
			clipped := 0
			for j := range side {
				at := (wy+j)*x.w + wx
				for i := at; i < at+side; i++ {
					if v := x.v[i]; v < 4 || v > 251 {
						clipped++
					}
					a, b := float64(x.v[i]-bx.v[i]), float64(y.v[i]-by.v[i])
					sxx, syy, sxy = sxx+a*a, syy+b*b, sxy+a*b
					s := float64(bx.v[i])
					slow, slow2 = slow+s, slow2+s*s
				}
			}
			const n = side * side
			if clipped > n/20 || sxx < 0.12*n || syy < 0.12*n {
				continue
			}
			windows = append(windows, window{sxx / n, sxy / math.Sqrt(sxx*syy), min(sxx, syy) / max(sxx, syy)})
		}
	}
	if len(windows) < 24 {
		return math.NaN(), 0
	}
	slices.SortFunc(windows, func(a, b window) int {
		switch {
		case a.drawn < b.drawn:
			return -1
		case a.drawn > b.drawn:
			return 1
		}
		return 0
	})
	windows = windows[:max(24, len(windows)/4)]
	if windows[len(windows)-1].drawn > 60 { // hardly grain
		return math.NaN(), 0
	}
	c, kept := make([]float64, len(windows)), make([]float64, len(windows))
	for i, w := range windows {
		c[i], kept[i] = w.correlation, w.kept
	}
	slices.Sort(c)
	slices.Sort(kept)
	return c[len(c)/2], leastGrain + perKept*kept[len(kept)/2]
}
