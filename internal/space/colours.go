package space

import (
	"math"

	"github.com/akin-search/akin/internal/insight/evidence"
	"github.com/akin-search/akin/internal/picture"
	"github.com/akin-search/akin/internal/resample"
)

const (
	colourGrid   = 16   // cells a side in which colours are compared
	colourLevels = 10   // of 255: more than saving a picture again changes the mean colour of a cell
	colourShare  = 0.25 // of the cells may differ by more: edges that cross them are not aligned perfectly
)

// sameColours reports whether two pictures, aligned by t, have the same colours. evidence.Compare accepts a little more
// light or another tint as a duplicate. But two flags may differ in nothing else, and are not the same flag.
func sameColours(a, b *picture.Picture, t evidence.Transform) bool {
	grounds := []picture.Background{picture.White}
	if a.Alpha != nil && b.Alpha != nil {
		grounds = append(grounds, picture.Black)
	}
	for _, ground := range grounds {
		x, y := onGround(a, ground), onGround(b, ground)
		left, right, ok := shared(a.Width, b.Width, t.ScaleX, t.ShiftX)
		top, bottom, also := shared(a.Height, b.Height, t.ScaleY, t.ShiftY)
		same := ok && also
		if same {
			p, q := grid(x, left[0], top[0], right[0], bottom[0]), grid(y, left[1], top[1], right[1], bottom[1])
			different := 0
			for i := 0; i < len(p.Pix); i += 3 {
				for c := range 3 {
					if d := int(p.Pix[i+c]) - int(q.Pix[i+c]); d < -colourLevels || d > colourLevels {
						different++
						break
					}
				}
			}
			same = float64(different) <= colourShare*colourGrid*colourGrid
			p.Release()
			q.Release()
		}
		x.Release()
		y.Release()
		if !same {
			return false
		}
	}
	return true
}

// onGround returns a copy of a picture, flattened on a background.
func onGround(p *picture.Picture, ground picture.Background) *picture.Picture {
	out := picture.New(p.Width, p.Height)
	copy(out.Pix, p.Pix)
	if p.Alpha != nil {
		out.Alpha, out.OnWhite = append([]byte(nil), p.Alpha...), p.OnWhite
		out.Flatten(ground)
	}
	return out
}

// shared returns the part of a side of n pixels, and that of a side of m, that both pictures show, where x in the
// first is x·scale + shift in the second.
func shared(n, m int, scale, shift float64) (from, to [2]int, ok bool) {
	if !(scale > 0) {
		return from, to, false
	}
	first, last := max(0, -shift/scale), min(float64(n), (float64(m)-shift)/scale)
	from = [2]int{int(math.Round(first)), int(math.Round(first*scale + shift))}
	to = [2]int{int(math.Round(last)), int(math.Round(last*scale + shift))}
	for i, side := range []int{n, m} {
		from[i], to[i] = max(0, from[i]), min(side, to[i])
		if to[i] <= from[i] {
			return from, to, false
		}
	}
	return from, to, true
}

// grid returns the mean colours of a part of a picture.
func grid(p *picture.Picture, left, top, right, bottom int) *picture.Picture {
	part := resample.Crop(p, left, top, right-left, bottom-top)
	defer part.Release()
	return resample.Resize(part, colourGrid, colourGrid, resample.Bilinear)
}
