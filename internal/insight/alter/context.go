package alter

import (
	"math"
	"slices"

	"github.com/akin-search/akin/internal/picture"
	"github.com/akin-search/akin/internal/resample"
)

// Contexts returns the changes that remove something which can bring two embeddings close without
// the pictures' subjects looking alike.
func Contexts() []Change {
	return []Change{
		{"colour", "context", "lightness only (Rec. 601 luma)", false, Grey},
		{"background", "context", "the region connected to the border, in its colours, is blurred", false, WithoutBackground},
		{"lettering", "context", "what looks like a line of text is covered with its surroundings", false, WithoutLettering},
	}
}

// ContextNames returns the names of Contexts, in their order.
func ContextNames() []string {
	var names []string
	for _, c := range Contexts() {
		names = append(names, c.Name)
	}
	return names
}

const (
	lookAt       = 256 // pixels of the longer side at which a picture is analysed
	borderColors = 6
	likeBorder   = 40. // the largest distance of a background's colour from one of the border's, in RGB
)

// small returns a picture as it is analysed: its longer side has lookAt pixels at most.
func small(p *picture.Picture) *picture.Picture {
	side := max(p.Width, p.Height)
	if side <= lookAt {
		return moved(p, p.Width, p.Height, func(x, y int) (int, int) { return x, y })
	}
	return resample.Resize(p, max(1, p.Width*lookAt/side), max(1, p.Height*lookAt/side), resample.Bilinear)
}

// Background marks the pixels of a scaled-down picture that are background: those close to one of the
// six main colours of its border and connected to it. That finds studio paper, sky and blank
// pages, but no background of many colours.
func Background(p *picture.Picture) (mask []bool, width, height int) {
	s := small(p)
	defer s.Release()
	width, height = s.Width, s.Height
	var border []int
	for y := range height {
		for x := range width {
			if x == 0 || y == 0 || x == width-1 || y == height-1 {
				border = append(border, y*width+x)
			}
		}
	}
	colors := mainColors(s, border)
	mask = make([]bool, width*height)
	like := func(i int) bool {
		for _, c := range colors {
			d := 0.
			for k := range 3 {
				v := float64(s.Pix[3*i+k]) - c[k]
				d += v * v
			}
			if d <= likeBorder*likeBorder {
				return true
			}
		}
		return false
	}
	queue := border[:0:0]
	for _, i := range border {
		if like(i) && !mask[i] {
			mask[i] = true
			queue = append(queue, i)
		}
	}
	for len(queue) > 0 {
		i := queue[len(queue)-1]
		queue = queue[:len(queue)-1]
		x, y := i%width, i/width
		for _, n := range [4][2]int{{x - 1, y}, {x + 1, y}, {x, y - 1}, {x, y + 1}} {
			if n[0] < 0 || n[1] < 0 || n[0] >= width || n[1] >= height {
				continue
			}
			if j := n[1]*width + n[0]; !mask[j] && like(j) {
				mask[j] = true
				queue = append(queue, j)
			}
		}
	}
	return mask, width, height
}

// mainColors clusters the colours of some pixels, by k-means that starts from colours far apart, and returns the
// centres of the larger clusters.
func mainColors(p *picture.Picture, pixels []int) [][3]float64 {
	color := func(i int) (c [3]float64) {
		for k := range 3 {
			c[k] = float64(p.Pix[3*i+k])
		}
		return c
	}
	distance := func(a, b [3]float64) (d float64) {
		for k := range 3 {
			d += (a[k] - b[k]) * (a[k] - b[k])
		}
		return d
	}
	colors := [][3]float64{color(pixels[0])}
	nearest := func(c [3]float64) (at int, d float64) {
		d = math.Inf(1)
		for i, other := range colors {
			if e := distance(c, other); e < d {
				at, d = i, e
			}
		}
		return at, d
	}
	for len(colors) < borderColors {
		farthest, most := 0, 0.
		for _, i := range pixels {
			if _, d := nearest(color(i)); d > most {
				farthest, most = i, d
			}
		}
		if most < likeBorder*likeBorder {
			break
		}
		colors = append(colors, color(farthest))
	}
	for range 5 {
		sums, counts := make([][3]float64, len(colors)), make([]float64, len(colors))
		for _, i := range pixels {
			c := color(i)
			at, _ := nearest(c)
			for k := range 3 {
				sums[at][k] += c[k]
			}
			counts[at]++
		}
		for i := range colors {
			for k := range 3 {
				colors[i][k] = sums[i][k] / max(1, counts[i])
			}
		}
	}
	// A colour of few pixels belongs to an object that the border cuts off.
	counts := make([]int, len(colors))
	for _, i := range pixels {
		at, _ := nearest(color(i))
		counts[at]++
	}
	var main [][3]float64
	for i, n := range counts {
		if 12*n >= len(pixels) {
			main = append(main, colors[i])
		}
	}
	return main
}

// WithoutBackground strongly blurs the background of a picture. A picture without one, or with
// nothing else, is returned unchanged.
func WithoutBackground(p *picture.Picture) *picture.Picture {
	mask, width, height := Background(p)
	n := 0
	for _, b := range mask {
		if b {
			n++
		}
	}
	same := moved(p, p.Width, p.Height, func(x, y int) (int, int) { return x, y })
	if n < len(mask)/50 || n > len(mask)*49/50 {
		return same
	}
	blurWhere(same, p, mask, width, height, 0.1)
	return same
}

// blurWhere replaces the pixels of out where the mask is set, a mask of width x height, by those of p after Blur.
func blurWhere(out, p *picture.Picture, mask []bool, width, height int, share float64) {
	blurred := Blur(p, share)
	defer blurred.Release()
	for y := range p.Height {
		for x := range p.Width {
			if mask[min(y*height/p.Height, height-1)*width+min(x*width/p.Width, width-1)] {
				i := 3 * (y*p.Width + x)
				copy(out.Pix[i:i+3], blurred.Pix[i:i+3])
			}
		}
	}
}

const (
	stroke     = 48 // the least change of luma at the edge of a stroke
	windowWide = 24 // pixels of the scaled-down picture
	windowHigh = 8
	strokes    = 5 // the fewest edges in a row of a window of text
)

// Lettering marks the lines of text in a scaled-down picture: windows in most of whose rows luma
// alternates several times.
func Lettering(p *picture.Picture) (mask []bool, width, height int) {
	s := small(p)
	defer s.Release()
	width, height = s.Width, s.Height
	luma := make([]int, width*height)
	for i := range luma {
		luma[i] = (299*int(s.Pix[3*i]) + 587*int(s.Pix[3*i+1]) + 114*int(s.Pix[3*i+2])) / 1000
	}
	mask = make([]bool, width*height)
	for top := 0; top+windowHigh <= height; top += windowHigh / 2 {
		for left := 0; left+windowWide <= width; left += windowWide / 4 {
			rows := 0
			for y := top; y < top+windowHigh; y++ {
				if changes(luma[y*width+left:][:windowWide]) >= strokes {
					rows++
				}
			}
			if 4*rows < 3*windowHigh {
				continue
			}
			for y := top; y < top+windowHigh; y++ {
				for x := left; x < left+windowWide; x++ {
					mask[y*width+x] = true
				}
			}
		}
	}
	return mask, width, height
}

// changes counts how often a row alternates between light and dark, by at least a stroke's contrast.
func changes(row []int) int {
	n, low, high, up := 0, row[0], row[0], 0
	for _, v := range row[1:] {
		low, high = min(low, v), max(high, v)
		switch {
		case up <= 0 && v-low >= stroke:
			n, up, high = n+1, 1, v
			low = v
		case up >= 0 && high-v >= stroke:
			n, up, low = n+1, -1, v
			high = v
		}
	}
	return n
}

// WithoutLettering covers lines of text with the mean colour of their surroundings.
func WithoutLettering(p *picture.Picture) *picture.Picture {
	mask, width, height := Lettering(p)
	out := moved(p, p.Width, p.Height, func(x, y int) (int, int) { return x, y })
	if !slices.Contains(mask, true) {
		return out
	}
	blurWhere(out, p, mask, width, height, 0.12)
	return out
}
