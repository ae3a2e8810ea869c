package insight

import (
	"math"
	"slices"
)

// Heat is a heat map: a grid of values over a picture.
type Heat struct {
	Rows, Columns       int
	Values              []float64 // row by row
	X, Y, Width, Height float64   // the part of the picture under the grid, as fractions of its sides
	Low, High           float64   // the values at the ends of the colour scale
}

// Span returns the ends of a colour scale for several grids: the 2nd and the 98th percentile of their values.
func Span(grids ...[]float64) (low, high float64) {
	all := slices.Sorted(slices.Values(slices.Concat(grids...)))
	if len(all) == 0 {
		return 0, 1
	}
	low, high = quantile(all, 0.02), quantile(all, 0.98)
	if high <= low {
		high = low + 1
	}
	return low, high
}

// at interpolates the value at a point of the picture, in fractions of its sides. ok is false outside the
// grid.
func (h Heat) at(x, y float64) (value float64, ok bool) {
	x, y = (x-h.X)/h.Width, (y-h.Y)/h.Height
	if x < 0 || x > 1 || y < 0 || y > 1 {
		return 0, false
	}
	cell := func(v float64, n int) (int, int, float64) {
		v = min(max(v*float64(n)-0.5, 0), float64(n-1))
		low := int(v)
		return low, min(low+1, n-1), v - float64(low)
	}
	x0, x1, fx := cell(x, h.Columns)
	y0, y1, fy := cell(y, h.Rows)
	row := func(y int) float64 {
		return (1-fx)*h.Values[y*h.Columns+x0] + fx*h.Values[y*h.Columns+x1]
	}
	return (1-fy)*row(y0) + fy*row(y1), true
}

// inferno is matplotlib's perceptually uniform colour map, at five points. Its lightness rises evenly, also for
// the colour-blind.
var inferno = [5][3]float64{{0, 0, 4}, {87, 16, 110}, {188, 55, 84}, {249, 142, 9}, {252, 255, 164}}

// Paint returns the heat map alone, (height, width, 4), RGBA that is not premultiplied. Higher values are
// lighter. What the network does not see is hatched.
func (h Heat) Paint(width, height int) []byte {
	out := make([]byte, 4*width*height)
	for y := range height {
		for x := range width {
			pixel := out[4*(y*width+x):][:4]
			value, seen := h.at((float64(x)+0.5)/float64(width), (float64(y)+0.5)/float64(height))
			if !seen {
				if (x+y)/4%2 == 0 {
					pixel[3] = 200
				} else {
					pixel[0], pixel[1], pixel[2], pixel[3] = 90, 90, 90, 200
				}
				continue
			}
			v := 4 * min(max((value-h.Low)/(h.High-h.Low), 0), 1)
			low := min(int(v), 3)
			for c := range 3 {
				pixel[c] = byte(math.Round(inferno[low][c] + (v-float64(low))*(inferno[low+1][c]-inferno[low][c])))
			}
			pixel[3] = 170
		}
	}
	return out
}

// Overlay paints the heat map over a picture, (height, width, 3). The picture is turned grey first, or its
// colours would mix with those of the scale.
func (h Heat) Overlay(width, height int, pixels []byte) []byte {
	heat := h.Paint(width, height)
	out := make([]byte, len(pixels))
	for i := range width * height {
		alpha := int(heat[4*i+3])
		grey := (299*int(pixels[3*i]) + 587*int(pixels[3*i+1]) + 114*int(pixels[3*i+2])) / 1000
		for c := range 3 {
			out[3*i+c] = byte((int(heat[4*i+c])*alpha + grey*(255-alpha) + 127) / 255)
		}
	}
	return out
}
