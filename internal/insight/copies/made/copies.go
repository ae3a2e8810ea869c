package made

import (
	"bytes"
	"image"
	"image/jpeg"
	"image/png"
	"math"

	"golang.org/x/image/draw"
)

// Copy is a way in which a picture comes back to its owner.
type Copy struct {
	Name string // with the ending of its files
	Make func(image.Image) ([]byte, error)
}

// Copies are what messengers, mail programs, galleries and people with an editor make of a
// picture; all would be called the same picture.
var Copies = []Copy{
	{"messenger_1600.jpg", func(p image.Image) ([]byte, error) { return asJPEG(Within(p, 1600), 75) }},
	{"messenger_1280.jpg", func(p image.Image) ([]byte, error) { return asJPEG(Sharpened(Within(p, 1280), 0.3), 70) }},
	{"messenger_800.jpg", func(p image.Image) ([]byte, error) { return asJPEG(Within(p, 800), 60) }},
	{"mail_half.jpg", func(p image.Image) ([]byte, error) { return asJPEG(Scaled(p, 0.5), 85) }},
	{"saved_40.jpg", func(p image.Image) ([]byte, error) { return asJPEG(p, 40) }},
	{"saved_again.jpg", func(p image.Image) ([]byte, error) {
		once, err := asJPEG(p, 80)
		if err != nil {
			return nil, err
		}
		q, err := jpeg.Decode(bytes.NewReader(once))
		if err != nil {
			return nil, err
		}
		return asJPEG(q, 65)
	}},
	{"quarter.png", func(p image.Image) ([]byte, error) { return asPNG(Scaled(p, 0.25)) }},
	{"lighter.jpg", func(p image.Image) ([]byte, error) { return asJPEG(Toned(p, 1.06, 4), 80) }},
	{"contrast.jpg", func(p image.Image) ([]byte, error) { return asJPEG(Stretched(p), 80) }},
	{"sharpened.jpg", func(p image.Image) ([]byte, error) { return asJPEG(Sharpened(p, 0.5), 85) }},
	{"trimmed.jpg", func(p image.Image) ([]byte, error) { return asJPEG(Trimmed(p, 0.02, 0.015, 0.01, 0.02), 80) }},
	{"screenshot.png", func(p image.Image) ([]byte, error) { return asPNG(Scaled(Trimmed(p, 0.01, 0.01, 0.01, 0.01), 0.7)) }},
}

func asJPEG(p image.Image, quality int) ([]byte, error) {
	var b bytes.Buffer
	err := jpeg.Encode(&b, p, &jpeg.Options{Quality: quality})
	return b.Bytes(), err
}

func asPNG(p image.Image) ([]byte, error) {
	var b bytes.Buffer
	err := (&png.Encoder{CompressionLevel: png.BestSpeed}).Encode(&b, p)
	return b.Bytes(), err
}

// Scaled makes a picture of so many times the sides.
func Scaled(p image.Image, times float64) *image.RGBA {
	w := max(1, int(math.Round(times*float64(p.Bounds().Dx()))))
	h := max(1, int(math.Round(times*float64(p.Bounds().Dy()))))
	out := image.NewRGBA(image.Rect(0, 0, w, h))
	draw.CatmullRom.Scale(out, out.Rect, p, p.Bounds(), draw.Src, nil)
	return out
}

// Within makes a picture whose longer side is at most so long.
func Within(p image.Image, length int) *image.RGBA {
	return Scaled(p, min(1, float64(length)/float64(max(p.Bounds().Dx(), p.Bounds().Dy()))))
}

func rgba(p image.Image) *image.RGBA {
	out := image.NewRGBA(image.Rect(0, 0, p.Bounds().Dx(), p.Bounds().Dy()))
	draw.Draw(out, out.Rect, p, p.Bounds().Min, draw.Src)
	return out
}

// Trimmed cuts shares of the sides off.
func Trimmed(p image.Image, left, top, right, bottom float64) *image.RGBA {
	q := rgba(p)
	w, h := float64(q.Rect.Dx()), float64(q.Rect.Dy())
	return rgba(q.SubImage(image.Rect(int(left*w), int(top*h), int(w-right*w), int(h-bottom*h))))
}

func each(p image.Image, of func(v float64) float64) *image.RGBA {
	out := rgba(p)
	var table [256]byte
	for v := range table {
		table[v] = byte(min(max(math.Round(of(float64(v))), 0), 255))
	}
	for i := range out.Pix {
		if i%4 != 3 {
			out.Pix[i] = table[out.Pix[i]]
		}
	}
	return out
}

// Toned multiplies all values, and adds to them.
func Toned(p image.Image, gain, offset float64) *image.RGBA {
	return each(p, func(v float64) float64 { return gain*v + offset })
}

// Stretched is the automatic contrast of editors: the darkest and lightest hundredth become black and white, at
// most 20 levels off.
func Stretched(p image.Image) *image.RGBA {
	q := rgba(p)
	var histogram [256]int
	for i := 1; i < len(q.Pix); i += 4 {
		histogram[q.Pix[i]]++
	}
	n := len(q.Pix) / 400
	low, high := 0, 255
	for sum := histogram[0]; sum < n && low < 20; sum += histogram[low] {
		low++
	}
	for sum := histogram[255]; sum < n && high > 235; sum += histogram[high] {
		high--
	}
	return each(q, func(v float64) float64 { return (v - float64(low)) * 255 / float64(high-low) })
}

// Sharpened adds so much of what a blur of 3 x 3 takes away.
func Sharpened(p image.Image, amount float64) *image.RGBA {
	q := rgba(p)
	out := rgba(p)
	w, h := q.Rect.Dx(), q.Rect.Dy()
	for y := range h {
		for x := range w {
			for c := range 3 {
				sum := 0
				for dy := -1; dy <= 1; dy++ {
					for dx := -1; dx <= 1; dx++ {
						sum += (2 - dx*dx) * (2 - dy*dy) * int(q.Pix[q.PixOffset(min(max(x+dx, 0), w-1), min(max(y+dy, 0), h-1))+c])
					}
				}
				v := float64(q.Pix[q.PixOffset(x, y)+c])
				out.Pix[out.PixOffset(x, y)+c] = byte(min(max(math.Round(v+amount*2*(v-float64(sum)/16)), 0), 255))
			}
		}
	}
	return out
}
