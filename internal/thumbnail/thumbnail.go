// Package thumbnail makes small encoded pictures out of large ones, and caches them in a folder.
package thumbnail

import (
	"bytes"
	"fmt"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"
	"math"

	"golang.org/x/image/draw"
)

// Picture is a small picture, encoded.
type Picture struct {
	Type          string // "image/png" or "image/jpeg"
	Data          []byte
	Width, Height int
}

// Make scales pix, (height, width, 3) bytes, down to at most box pixels a side, and encodes it: as PNG or JPEG,
// whichever is smaller. With alpha, (height, width) bytes, by which pix is not multiplied, it is a PNG that has it;
// alpha is nil for an opaque picture. Make never enlarges.
func Make(width, height int, pix, alpha []byte, box int) (Picture, error) {
	if width <= 0 || height <= 0 || box <= 0 || len(pix)/3/width < height {
		return Picture{}, fmt.Errorf("make a thumbnail: %d bytes are not an RGB picture of %d x %d", len(pix), width, height)
	}
	if alpha != nil && len(alpha)/width < height {
		return Picture{}, fmt.Errorf("make a thumbnail: %d bytes are not the alpha of a picture of %d x %d", len(alpha), width, height)
	}
	ratio := min(1, float64(box)/float64(max(width, height)))
	small := image.NewRGBA(image.Rect(0, 0, max(1, int(math.Round(float64(width)*ratio))), max(1, int(math.Round(float64(height)*ratio)))))
	factor := blocks(width, height, small.Rect)
	if alpha == nil {
		scale(small, small.Rect, shrink(pix, width, height, factor))
	} else {
		scale(small, small.Rect, shrinkAlpha(pix, alpha, width, height, factor))
	}
	var asPNG, asJPEG bytes.Buffer
	if err := (&png.Encoder{CompressionLevel: png.BestCompression}).Encode(&asPNG, indexed(small)); err != nil {
		return Picture{}, fmt.Errorf("make a thumbnail: %w", err)
	}
	out := Picture{"image/png", asPNG.Bytes(), small.Rect.Dx(), small.Rect.Dy()}
	if alpha != nil {
		return out, nil
	}
	if err := jpeg.Encode(&asJPEG, small, &jpeg.Options{Quality: 85}); err != nil {
		return Picture{}, fmt.Errorf("make a thumbnail: %w", err)
	}
	if asJPEG.Len() < asPNG.Len() {
		out.Type, out.Data = "image/jpeg", asJPEG.Bytes()
	}
	return out, nil
}

// Draw scales a picture, (height, width, 3) bytes, to a rectangle and draws it there.
func Draw(onto *image.RGBA, at image.Rectangle, width, height int, pix []byte) {
	scale(onto, at, shrink(pix, width, height, blocks(width, height, at)))
}

func scale(onto *image.RGBA, at image.Rectangle, source image.Image) {
	if at.Size() == source.Bounds().Size() {
		draw.Draw(onto, at, source, image.Point{}, draw.Src)
	} else {
		draw.CatmullRom.Scale(onto, at, source, source.Bounds(), draw.Src, nil)
	}
}

// blocks is the side of the blocks of pixels that a picture may be averaged by before it is scaled.
func blocks(width, height int, at image.Rectangle) int {
	return min(width, height, max(width, height)/(3*max(at.Dx(), at.Dy())))
}

// shrink averages blocks of factor x factor pixels, so that the slower filter has less to
// read. A pixel of the thumbnail covers three or more blocks, so that what is cut off at the edges
// is less than a third of a pixel.
func shrink(pix []byte, width, height, factor int) *rgb {
	if factor < 2 {
		return &rgb{pix: pix, rect: image.Rect(0, 0, width, height)}
	}
	out := &rgb{rect: image.Rect(0, 0, width/factor, height/factor)}
	out.pix = make([]byte, 0, 3*out.rect.Dx()*out.rect.Dy())
	sums := make([]int, 3*out.rect.Dx())
	for y := range out.rect.Dy() {
		clear(sums)
		for line := range factor {
			row := pix[3*width*(y*factor+line):]
			for x := range out.rect.Dx() {
				var r, g, b int
				for i := 3 * x * factor; i < 3*(x+1)*factor; i += 3 {
					r, g, b = r+int(row[i]), g+int(row[i+1]), b+int(row[i+2])
				}
				sums[3*x], sums[3*x+1], sums[3*x+2] = sums[3*x]+r, sums[3*x+1]+g, sums[3*x+2]+b
			}
		}
		for _, sum := range sums {
			out.pix = append(out.pix, byte((sum+factor*factor/2)/(factor*factor)))
		}
	}
	return out
}

// rgb is an image of three bytes a pixel.
type rgb struct {
	pix  []byte
	rect image.Rectangle
}

func (p *rgb) ColorModel() color.Model { return color.RGBAModel }
func (p *rgb) Bounds() image.Rectangle { return p.rect }
func (p *rgb) At(x, y int) color.Color { return p.RGBA64At(x, y) }

func (p *rgb) RGBA64At(x, y int) color.RGBA64 {
	i := 3 * (y*p.rect.Dx() + x)
	return color.RGBA64{R: 257 * uint16(p.pix[i]), G: 257 * uint16(p.pix[i+1]), B: 257 * uint16(p.pix[i+2]), A: 0xffff}
}

// indexed converts a picture of at most 256 colours to one with a palette, whose PNG has a third of
// the size. It returns others as they are.
func indexed(p *image.RGBA) image.Image {
	index := map[color.RGBA]uint8{}
	var palette color.Palette
	out := image.NewPaletted(p.Rect, nil)
	for y := range p.Rect.Dy() {
		for x := range p.Rect.Dx() {
			c := p.RGBAAt(x, y)
			i, ok := index[c]
			if !ok {
				if len(palette) == 256 {
					return p
				}
				i = uint8(len(palette))
				index[c] = i
				palette = append(palette, c)
			}
			out.Pix[y*out.Stride+x] = i
		}
	}
	out.Palette = palette
	return out
}
