package evidence

import (
	"image"
	"math"
)

// Losses, as their deviation in what is left after smoothing: of the whole picture's, at least and
// at most so many levels where little is drawn; and such a share of the contrast around.
const (
	leastNoise, mostNoise = 0.7, 3.0
	leastShare, mostShare = 0.015, 0.05
	deviations            = 6 // that no loss goes beyond
)

// local compares two planes place by place, both of luma or both of a colour at one scale. It gives the
// largest difference, by what losses explain, over 2 x 2 places at once, and where it is.
func local(x, y plane, floor float64) (worst float64, at image.Point) {
	x, y = x.smooth(), y.smooth()
	ex, ey := x.extent(2), y.extent(2)
	n := len(x.v)
	left := make([]float32, n)
	for i := range left {
		left[i] = max(x.v[i]-y.v[i], y.v[i]-x.v[i])
	}
	noise, share := losses(left, ex.v, ey.v)
	noise = max(noise, floor)
	ratio := ex // in place
	for i, d := range left {
		contrast := float64(max(ex.v[i], ey.v[i]))
		allowed := deviations * math.Sqrt(noise*noise+share*share*contrast*contrast)
		ratio.v[i] = float32(float64(d) / allowed)
	}
	for j := 0; j+1 < x.h; j++ {
		a, b := ratio.row(j), ratio.row(j+1)
		for i := 0; i+1 < x.w; i++ {
			if v := float64(min(a[i], a[i+1], b[i], b[i+1])); v > worst {
				worst, at = v, image.Pt(i, j)
			}
		}
	}
	return worst, at
}

// losses estimates, from what is left of all of the picture, the deviation where little is drawn and
// the share of the contrast that is lost where much is. Medians do not see what differs in a
// place; where most differs, the bounds hold.
func losses(left, ex, ey []float32) (noise, share float64) {
	var flat, drawn []float32
	stride := max(1, len(left)/60_000)
	for i := 0; i < len(left); i += stride {
		switch c := max(ex[i], ey[i]); {
		case c < 12:
			flat = append(flat, left[i])
		case c > 40:
			drawn = append(drawn, left[i]/c)
		}
	}
	noise, share = mostNoise, mostShare
	if len(flat) >= 50 {
		noise = 1.4826 * medianAbs(flat)
	} else {
		noise = 1.5
	}
	if len(drawn) >= 50 {
		share = 1.4826 * medianAbs(drawn)
	}
	return min(max(noise, leastNoise), mostNoise), min(max(share, leastShare), mostShare)
}
