package term

import (
	"bufio"
	"cmp"
	"fmt"
	"image"
	"image/color"
	"slices"
)

// sixelColors is the number of colour registers of nearly every sixel terminal.
const sixelColors = 256

// writeSixel sends a picture as sixels (VT330/VT340 Programmer Reference, chapter
// 14): bands six pixels high, a pass over each band for every colour in it, a
// character for six pixels of a column. Transparent pixels are not drawn.
func writeSixel(out *bufio.Writer, p *image.NRGBA) error {
	width, height := p.Rect.Dx(), p.Rect.Dy()
	palette, index := quantize(p, sixelColors)
	// P2=1: what is not drawn keeps its colour. Raster attributes: square pixels, size.
	fmt.Fprintf(out, "\x1bP0;1;0q\"1;1;%d;%d", width, height)
	for i, c := range palette {
		percent := func(v uint8) int { return (int(v)*100 + 127) / 255 }
		fmt.Fprintf(out, "#%d;2;%d;%d;%d", i, percent(c.R), percent(c.G), percent(c.B))
	}
	bits := make([][]byte, len(palette)) // of the band: a column's six pixels in a colour
	var used []int                       // colours of the band
	seen := make([]bool, len(palette))
	for top := 0; top < height; top += 6 {
		for _, c := range used {
			clear(bits[c])
			seen[c] = false
		}
		used = used[:0]
		for y := top; y < min(top+6, height); y++ {
			for x := range width {
				c := int(index[y*width+x])
				if c < 0 {
					continue
				}
				if bits[c] == nil {
					bits[c] = make([]byte, width)
				}
				if !seen[c] {
					seen[c] = true
					used = append(used, c)
				}
				bits[c][x] |= 1 << (y - top)
			}
		}
		for i, c := range used {
			if i > 0 {
				out.WriteByte('$') // back to the band's beginning
			}
			fmt.Fprintf(out, "#%d", c)
			writeSixelRuns(out, bits[c])
		}
		if top+6 < height {
			out.WriteByte('-') // next band
		}
	}
	_, err := out.WriteString("\x1b\\")
	return err
}

func writeSixelRuns(out *bufio.Writer, columns []byte) {
	end := len(columns)
	for end > 0 && columns[end-1] == 0 {
		end--
	}
	for x := 0; x < end; {
		run := 1
		for x+run < end && columns[x+run] == columns[x] {
			run++
		}
		char := '?' + columns[x]
		if run > 3 {
			fmt.Fprintf(out, "!%d%c", run, char)
		} else {
			for range run {
				out.WriteByte(char)
			}
		}
		x += run
	}
}

// quantize returns at most n colours and, for every pixel, which it is; -1 where
// the picture is transparent. Pictures of few colours keep them; others are cut
// at the median of the widest channel, again and again (Heckbert 1982).
func quantize(p *image.NRGBA, n int) ([]color.NRGBA, []int16) {
	width, height := p.Rect.Dx(), p.Rect.Dy()
	counts := map[color.NRGBA]int{}
	for y := range height {
		for x := range width {
			if c := p.NRGBAAt(x, y); c.A >= 128 {
				c.A = 255
				counts[c]++
			}
		}
	}
	all := make([]color.NRGBA, 0, len(counts))
	for c := range counts {
		all = append(all, c)
	}
	slices.SortFunc(all, func(a, b color.NRGBA) int { // maps have no order; output must
		return cmp.Or(cmp.Compare(a.R, b.R), cmp.Compare(a.G, b.G), cmp.Compare(a.B, b.B))
	})
	boxes := []box{newBox(all)}
	for len(boxes) < min(n, len(all)) {
		best := 0
		for i, b := range boxes {
			if b.spread > boxes[best].spread {
				best = i
			}
		}
		low, high := boxes[best].split(counts)
		boxes[best] = low
		boxes = append(boxes, high)
	}
	var palette []color.NRGBA
	of := make(map[color.NRGBA]int16, len(all))
	for _, box := range boxes {
		if len(box.colors) == 0 {
			continue
		}
		var r, g, b, total int
		for _, c := range box.colors {
			k := counts[c]
			r, g, b, total = r+k*int(c.R), g+k*int(c.G), b+k*int(c.B), total+k
			of[c] = int16(len(palette))
		}
		palette = append(palette, color.NRGBA{uint8((r + total/2) / total), uint8((g + total/2) / total), uint8((b + total/2) / total), 255})
	}
	index := make([]int16, width*height)
	for y := range height {
		for x := range width {
			index[y*width+x] = -1
			if c := p.NRGBAAt(x, y); c.A >= 128 {
				c.A = 255
				index[y*width+x] = of[c]
			}
		}
	}
	return palette, index
}

func channelOf(c color.NRGBA, channel int) int {
	return int([3]uint8{c.R, c.G, c.B}[channel])
}

// box is colours that share one entry of the palette, unless it is split.
type box struct {
	colors  []color.NRGBA
	channel int // in which they differ most
	spread  int // by how much
}

func newBox(colors []color.NRGBA) box {
	b := box{colors: colors}
	for k := range 3 {
		low, high := 255, 0
		for _, c := range colors {
			v := channelOf(c, k)
			low, high = min(low, v), max(high, v)
		}
		if high-low > b.spread {
			b.channel, b.spread = k, high-low
		}
	}
	return b
}

// split halves a box of at least two colours by their pixels.
func (b box) split(counts map[color.NRGBA]int) (low, high box) {
	slices.SortStableFunc(b.colors, func(x, y color.NRGBA) int {
		return cmp.Compare(channelOf(x, b.channel), channelOf(y, b.channel))
	})
	total := 0
	for _, c := range b.colors {
		total += counts[c]
	}
	at, seen := 1, counts[b.colors[0]]
	for at < len(b.colors)-1 && seen < total/2 {
		seen += counts[b.colors[at]]
		at++
	}
	return newBox(b.colors[:at]), newBox(b.colors[at:])
}
