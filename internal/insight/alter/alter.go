// Package alter changes pictures in controlled ways, so that the effect on an embedding can be
// measured. A change returns a new picture and leaves its argument as it was.
package alter

import (
	"bytes"
	"image"
	"image/color"
	"image/draw"
	"image/jpeg"
	"math"
	"slices"

	"golang.org/x/image/font"
	"golang.org/x/image/font/basicfont"
	"golang.org/x/image/math/fixed"

	"github.com/akin-search/akin/internal/picture"
	"github.com/akin-search/akin/internal/resample"
)

// Change is one way to change a picture.
type Change struct {
	Name  string
	Kind  string // colour, light, place, layout, detail or content
	About string
	// Benign means that people still take the result for the same picture: it happens to
	// pictures that are shared.
	Benign bool
	Apply  func(*picture.Picture) *picture.Picture
}

// Changes returns all changes, by kind.
func Changes() []Change {
	type P = picture.Picture
	return []Change{
		{"grey", "colour", "no colours: Rec. 601 luma", false, Grey},
		{"hue-60", "colour", "hue turned by 60 degrees", false, func(p *P) *P { return Hue(p, 60) }},
		{"hue-180", "colour", "hue turned by 180 degrees", false, func(p *P) *P { return Hue(p, 180) }},
		{"swap-colours", "colour", "red, green and blue exchanged in turn", false, Permute},
		{"lighter", "light", "two fifths of the way to white", true, func(p *P) *P { return Lightness(p, 0.4) }},
		{"darker", "light", "two fifths of the way to black", true, func(p *P) *P { return Lightness(p, -0.4) }},
		{"mirror", "place", "left and right exchanged", true, Mirror},
		{"upside-down", "place", "turned by 180 degrees", false, func(p *P) *P { return Turn(Turn(p)) }},
		{"quarter-turn", "place", "turned by 90 degrees", false, Turn},
		{"crop-80", "place", "the middle 80 % of each side", true, func(p *P) *P { return Middle(p, 0.8) }},
		{"crop-50", "place", "the middle 50 % of each side", false, func(p *P) *P { return Middle(p, 0.5) }},
		{"shuffle", "layout", "nine tiles, none in its place", false, Shuffle},
		{"small", "detail", "made four times smaller, and large again", true, func(p *P) *P { return Shrink(p, 4) }},
		{"blur", "detail", "blurred by 2 % of the shorter side", false, func(p *P) *P { return Blur(p, 0.02) }},
		{"blur-more", "detail", "blurred by 8 % of the shorter side", false, func(p *P) *P { return Blur(p, 0.08) }},
		{"jpeg-20", "detail", "saved as JPEG of quality 20", true, func(p *P) *P { return JPEG(p, 20) }},
		{"covered", "content", "the middle ninth covered in grey", false, Cover},
		{"lettered", "content", "a line of text across the middle", false, Letter},
	}
}

// Named returns the change of that name, among Changes and Contexts.
func Named(name string) (Change, bool) {
	for _, c := range slices.Concat(Changes(), Contexts()) {
		if c.Name == name {
			return c, true
		}
	}
	return Change{}, false
}

// each returns a picture of the same size, each pixel computed from the one in its place.
func each(p *picture.Picture, of func(r, g, b byte) (byte, byte, byte)) *picture.Picture {
	out := picture.New(p.Width, p.Height)
	for i := 0; i+2 < len(p.Pix); i += 3 {
		out.Pix[i], out.Pix[i+1], out.Pix[i+2] = of(p.Pix[i], p.Pix[i+1], p.Pix[i+2])
	}
	return out
}

// Grey removes the colours, as Pillow's conversion to L does: (19595 R + 38470 G + 7471 B + 32768) / 65536.
func Grey(p *picture.Picture) *picture.Picture {
	return each(p, func(r, g, b byte) (byte, byte, byte) {
		l := byte((19595*uint32(r) + 38470*uint32(g) + 7471*uint32(b) + 32768) >> 16)
		return l, l, l
	})
}

// Hue rotates every hue, in HSV; saturation and value stay.
func Hue(p *picture.Picture, degrees float64) *picture.Picture {
	return each(p, func(r, g, b byte) (byte, byte, byte) {
		most, least := max(r, g, b), min(r, g, b)
		if most == least {
			return r, g, b
		}
		span := float64(most - least)
		var hue float64 // in sixths of a turn
		switch most {
		case r:
			hue = (float64(g) - float64(b)) / span
		case g:
			hue = 2 + (float64(b)-float64(r))/span
		default:
			hue = 4 + (float64(r)-float64(g))/span
		}
		hue = math.Mod(hue+degrees/60+6, 6)
		channel := func(n float64) byte {
			k := math.Mod(n+hue, 6)
			return byte(math.Round(float64(most) - span*max(0, min(k, 4-k, 1))))
		}
		return channel(5), channel(3), channel(1)
	})
}

// Permute moves red to green, green to blue, and blue to red.
func Permute(p *picture.Picture) *picture.Picture {
	return each(p, func(r, g, b byte) (byte, byte, byte) { return b, r, g })
}

// Lightness blends a picture with white by a share of 0 to 1, or with black by one of 0 to -1.
func Lightness(p *picture.Picture, share float64) *picture.Picture {
	var table [256]byte
	for v := range table {
		to := 255.
		if share < 0 {
			to = 0
		}
		table[v] = byte(math.Round(float64(v) + math.Abs(share)*(to-float64(v))))
	}
	return each(p, func(r, g, b byte) (byte, byte, byte) { return table[r], table[g], table[b] })
}

// moved returns a picture whose pixel at x, y is p's at from(x, y).
func moved(p *picture.Picture, width, height int, from func(x, y int) (int, int)) *picture.Picture {
	out := picture.New(width, height)
	for y := range height {
		for x := range width {
			fx, fy := from(x, y)
			copy(out.Pix[3*(y*width+x):][:3], p.Pix[3*(fy*p.Width+fx):])
		}
	}
	return out
}

// Mirror exchanges left and right.
func Mirror(p *picture.Picture) *picture.Picture {
	return moved(p, p.Width, p.Height, func(x, y int) (int, int) { return p.Width - 1 - x, y })
}

// Turn rotates by 90 degrees, counterclockwise.
func Turn(p *picture.Picture) *picture.Picture {
	return moved(p, p.Height, p.Width, func(x, y int) (int, int) { return p.Width - 1 - y, x })
}

// Middle crops a picture to the middle share of each side.
func Middle(p *picture.Picture, share float64) *picture.Picture {
	width, height := max(1, int(math.Round(share*float64(p.Width)))), max(1, int(math.Round(share*float64(p.Height))))
	return resample.Crop(p, (p.Width-width)/2, (p.Height-height)/2, width, height)
}

// tiles lists where each of nine tiles comes from. None stays in its place.
var tiles = [9]int{4, 8, 3, 7, 0, 6, 2, 5, 1}

// Shuffle cuts a picture into three by three tiles and moves each to another place. The columns and rows that
// remain at the right and at the bottom are cut off.
func Shuffle(p *picture.Picture) *picture.Picture {
	width, height := p.Width/3, p.Height/3
	if width == 0 || height == 0 {
		return Mirror(p)
	}
	return moved(p, 3*width, 3*height, func(x, y int) (int, int) {
		from := tiles[y/height*3+x/width]
		return from%3*width + x%width, from/3*height + y%height
	})
}

// Shrink scales a picture down, and back to its size.
func Shrink(p *picture.Picture, times int) *picture.Picture {
	small := resample.Resize(p, max(1, p.Width/times), max(1, p.Height/times), resample.Bilinear)
	defer small.Release()
	return resample.Resize(small, p.Width, p.Height, resample.Bilinear)
}

// Blur applies a Gaussian whose standard deviation is a share of the shorter side. The pixels of the
// edge are repeated beyond it.
func Blur(p *picture.Picture, share float64) *picture.Picture {
	deviation := share * float64(min(p.Width, p.Height))
	if times := int(deviation / 3); times > 1 { // a strong blur is the same at a smaller size, and cheaper
		small := resample.Resize(p, max(1, p.Width/times), max(1, p.Height/times), resample.Bilinear)
		defer small.Release()
		blurred := Blur(small, share)
		defer blurred.Release()
		return resample.Resize(blurred, p.Width, p.Height, resample.Bilinear)
	}
	reach := int(math.Ceil(3 * deviation))
	if reach == 0 {
		return moved(p, p.Width, p.Height, func(x, y int) (int, int) { return x, y })
	}
	weights := make([]float64, 2*reach+1)
	sum := 0.
	for i := range weights {
		d := float64(i-reach) / deviation
		weights[i] = math.Exp(-d * d / 2)
		sum += weights[i]
	}
	pass := func(from []float64, n, lines, step, stride int) []float64 {
		out := make([]float64, len(from))
		for line := range lines {
			for i := range n {
				for c := range 3 {
					v := 0.
					for k, w := range weights {
						at := min(max(i+k-reach, 0), n-1)
						v += w * from[line*stride+at*step+c]
					}
					out[line*stride+i*step+c] = v / sum
				}
			}
		}
		return out
	}
	values := make([]float64, len(p.Pix))
	for i, v := range p.Pix {
		values[i] = float64(v)
	}
	values = pass(values, p.Width, p.Height, 3, 3*p.Width)
	values = pass(values, p.Height, p.Width, 3*p.Width, 3)
	out := picture.New(p.Width, p.Height)
	for i, v := range values {
		out.Pix[i] = byte(math.Round(v))
	}
	return out
}

// JPEG encodes a picture with Go's encoder, and decodes it.
func JPEG(p *picture.Picture, quality int) *picture.Picture {
	var b bytes.Buffer
	if err := jpeg.Encode(&b, picture.RGBA(p.Pix, p.Width, p.Height), &jpeg.Options{Quality: quality}); err != nil {
		return Shrink(p, 1) // a side above JPEG's 65 535 pixels: unchanged
	}
	decoded, err := jpeg.Decode(&b)
	if err != nil {
		return Shrink(p, 1)
	}
	return fromImage(decoded)
}

// Cover paints a grey rectangle over the middle ninth.
func Cover(p *picture.Picture) *picture.Picture {
	left, right, top, bottom := p.Width/3, p.Width-p.Width/3, p.Height/3, p.Height-p.Height/3
	out := moved(p, p.Width, p.Height, func(x, y int) (int, int) { return x, y })
	for y := top; y < bottom; y++ {
		for i := 3 * (y*p.Width + left); i < 3*(y*p.Width+right); i++ {
			out.Pix[i] = 127
		}
	}
	return out
}

// lettering is the word that Letter writes: no picture shows a "SAMPLE".
const lettering = "SAMPLE"

// Letter writes a word across the middle, white on black, as wide as three fifths of the picture.
func Letter(p *picture.Picture) *picture.Picture {
	face := basicfont.Face7x13
	small := image.NewRGBA(image.Rect(0, 0, 7*len(lettering)+4, 15))
	draw.Draw(small, small.Bounds(), image.Black, image.Point{}, draw.Src)
	d := font.Drawer{Dst: small, Src: image.White, Face: face, Dot: fixed.P(2, 12)}
	d.DrawString(lettering)
	label := fromImage(small)
	width := max(1, 3*p.Width/5)
	height := min(p.Height, max(1, width*label.Height/label.Width))
	scaled := resample.Resize(label, width, height, resample.Bilinear)
	out := moved(p, p.Width, p.Height, func(x, y int) (int, int) { return x, y })
	left, top := (p.Width-width)/2, (p.Height-height)/2
	for y := range height {
		copy(out.Pix[3*((top+y)*p.Width+left):][:3*width], scaled.Pix[3*y*width:])
	}
	return out
}

func fromImage(m image.Image) *picture.Picture {
	bounds := m.Bounds()
	out := picture.New(bounds.Dx(), bounds.Dy())
	for y := range out.Height {
		for x := range out.Width {
			c := color.RGBAModel.Convert(m.At(bounds.Min.X+x, bounds.Min.Y+y)).(color.RGBA)
			i := 3 * (y*out.Width + x)
			out.Pix[i], out.Pix[i+1], out.Pix[i+2] = c.R, c.G, c.B
		}
	}
	return out
}
