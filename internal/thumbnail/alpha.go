package thumbnail

import (
	"image"
	"image/color"
)

// shrinkAlpha is shrink for a picture with alpha: a colour counts as much as it is seen.
func shrinkAlpha(pix, alpha []byte, width, height, factor int) image.Image {
	if factor < 2 {
		return &rgba{rgb{pix: pix, rect: image.Rect(0, 0, width, height)}, alpha}
	}
	out := image.NewRGBA64(image.Rect(0, 0, width/factor, height/factor))
	for y := range out.Rect.Dy() {
		for x := range out.Rect.Dx() {
			var r, g, b, a int
			for line := range factor {
				from := (y*factor+line)*width + x*factor
				for i := from; i < from+factor; i++ {
					weight := int(alpha[i])
					r, g, b = r+weight*int(pix[3*i]), g+weight*int(pix[3*i+1]), b+weight*int(pix[3*i+2])
					a += weight
				}
			}
			n := factor * factor
			out.SetRGBA64(x, y, color.RGBA64{
				R: uint16(r * 257 / 255 / n), G: uint16(g * 257 / 255 / n), B: uint16(b * 257 / 255 / n), A: uint16(a * 257 / n),
			})
		}
	}
	return out
}

// rgba is an image whose colours are not multiplied by alpha.
type rgba struct {
	rgb
	alpha []byte
}

func (p *rgba) At(x, y int) color.Color { return p.RGBA64At(x, y) }

func (p *rgba) RGBA64At(x, y int) color.RGBA64 {
	c := p.rgb.RGBA64At(x, y)
	a := uint32(p.alpha[y*p.rect.Dx()+x])
	times := func(v uint16) uint16 { return uint16(uint32(v) * a / 255) }
	return color.RGBA64{R: times(c.R), G: times(c.G), B: times(c.B), A: uint16(257 * a)}
}
