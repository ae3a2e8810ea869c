package picture

import (
	"fmt"
	"image"
	"image/color"
)

// fromImage takes a picture as Go's decoders give it. No value is multiplied by alpha on the way.
func fromImage(img image.Image) (*Picture, error) {
	b := img.Bounds()
	width, height := b.Dx(), b.Dy()
	p := New(width, height)
	// every takes the first or the given bytes of pixels that are size bytes long.
	every := func(pix []byte, stride, size, red, green, blue int) {
		bands(height, 1+1<<18/max(width, 1), func(from, to int) {
			for y := from; y < to; y++ {
				src, dst := pix[y*stride:][:width*size], p.Pix[3*y*width:][:3*width]
				for i, j := 0, 0; j+2 < len(dst); i, j = i+size, j+3 {
					s := src[i : i+size : i+size]
					dst[j], dst[j+1], dst[j+2] = s[red], s[green], s[blue]
				}
			}
		})
	}
	alpha := func(pix []byte, stride, size, at int) {
		p.Alpha = make([]byte, width*height)
		for y := range height {
			src, dst := pix[y*stride:][:width*size], p.Alpha[y*width:][:width]
			for x := range dst {
				dst[x] = src[x*size+at]
			}
		}
	}
	switch m := img.(type) {
	case *image.Gray:
		every(m.Pix[m.PixOffset(b.Min.X, b.Min.Y):], m.Stride, 1, 0, 0, 0)
	case *image.Gray16:
		every(m.Pix[m.PixOffset(b.Min.X, b.Min.Y):], m.Stride, 2, 0, 0, 0)
	case *image.NRGBA:
		every(m.Pix[m.PixOffset(b.Min.X, b.Min.Y):], m.Stride, 4, 0, 1, 2)
		alpha(m.Pix[m.PixOffset(b.Min.X, b.Min.Y):], m.Stride, 4, 3)
	case *image.RGBA: // decoders use it for opaque pictures, and TIFF for premultiplied ones
		every(m.Pix[m.PixOffset(b.Min.X, b.Min.Y):], m.Stride, 4, 0, 1, 2)
		unpremultiply(p.Pix, m.Pix[m.PixOffset(b.Min.X, b.Min.Y):], width, m.Stride)
		alpha(m.Pix[m.PixOffset(b.Min.X, b.Min.Y):], m.Stride, 4, 3)
	case *image.NRGBA64:
		every(m.Pix[m.PixOffset(b.Min.X, b.Min.Y):], m.Stride, 8, 0, 2, 4)
		alpha(m.Pix[m.PixOffset(b.Min.X, b.Min.Y):], m.Stride, 8, 6)
	case *image.RGBA64:
		every(m.Pix[m.PixOffset(b.Min.X, b.Min.Y):], m.Stride, 8, 0, 2, 4)
		alpha(m.Pix[m.PixOffset(b.Min.X, b.Min.Y):], m.Stride, 8, 6)
	case *image.Paletted:
		palette := paletteRGB(m.Palette)
		for y := range height {
			src, dst := m.Pix[y*m.Stride:][:width], p.Pix[3*y*width:][:3*width]
			for x, index := range src {
				copy(dst[3*x:3*x+3], palette[index][:])
			}
		}
		if see := paletteAlpha(m.Palette); see != nil {
			p.Alpha = make([]byte, width*height)
			for y := range height {
				src, dst := m.Pix[y*m.Stride:][:width], p.Alpha[y*width:][:width]
				for x, index := range src {
					dst[x] = see[index]
				}
			}
		}
	case *image.CMYK:
		cmykToRGB(p.Pix, m.Pix, width, m.Stride)
	default:
		p.Release()
		return nil, fmt.Errorf("%w: pixels of type %T", ErrFormat, img)
	}
	return p, nil
}

func paletteRGB(palette color.Palette) (rgb [256][3]byte) {
	for i, c := range palette[:min(len(palette), 256)] {
		switch c := c.(type) {
		case color.NRGBA:
			rgb[i] = [3]byte{c.R, c.G, c.B}
		case color.RGBA:
			rgb[i] = [3]byte{c.R, c.G, c.B}
		default:
			r, g, b, _ := c.RGBA()
			rgb[i] = [3]byte{byte(r >> 8), byte(g >> 8), byte(b >> 8)}
		}
	}
	return rgb
}

// paletteAlpha is nil where every colour is opaque.
func paletteAlpha(palette color.Palette) *[256]byte {
	var alpha [256]byte
	opaque := true
	for i := range alpha {
		alpha[i] = 255
		if i < len(palette) {
			_, _, _, a := palette[i].RGBA()
			alpha[i] = byte(a >> 8)
			opaque = opaque && alpha[i] == 255
		}
	}
	if opaque {
		return nil
	}
	return &alpha
}

// unpremultiply divides the colours of see-through pixels by their alpha.
func unpremultiply(rgb, rgba []byte, width, stride int) {
	for y := 0; 3*y*width < len(rgb); y++ {
		src, dst := rgba[y*stride:][:4*width], rgb[3*y*width:][:3*width]
		for x := range width {
			a := int(src[4*x+3])
			if a == 0 || a == 255 {
				continue
			}
			for c := range 3 {
				dst[3*x+c] = byte(min(255, 255*int(src[4*x+c])/a))
			}
		}
	}
}

// cmykToRGB is Pillow's conversion of ink amounts (0 is no ink).
func cmykToRGB(rgb, cmyk []byte, width, stride int) {
	for y := 0; 3*y*width < len(rgb); y++ {
		src, dst := cmyk[y*stride:][:4*width], rgb[3*y*width:][:3*width]
		for x := range width {
			light := 255 - int(src[4*x+3])
			for c := range 3 {
				t := int(src[4*x+c])*light + 128
				dst[3*x+c] = byte(max(0, light-((t>>8+t)>>8)))
			}
		}
	}
}
