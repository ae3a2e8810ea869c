package picture

import (
	"bytes"
	"fmt"
	"image"
	"image/jpeg"
	"image/png"
	"math"
	"math/rand/v2"
	"sync"
	"testing"
)

// photo12 is a made photo of 12 megapixels (4000 x 3000) as a 4:2:0 JPEG of quality 85.
var photo12 = sync.OnceValue(func() []byte {
	const width, height = 4000, 3000
	random := rand.New(rand.NewPCG(1, 2))
	m := image.NewYCbCr(image.Rect(0, 0, width, height), image.YCbCrSubsampleRatio420)
	for y := range height {
		for x := range width {
			v := 128 + 60*math.Sin(float64(x)/97)*math.Cos(float64(y)/71) + 30*math.Sin(float64(x*y)/9000)
			m.Y[y*m.YStride+x] = byte(v + 12*random.NormFloat64())
		}
	}
	for y := range height / 2 {
		for x := range width / 2 {
			m.Cb[y*m.CStride+x] = byte(128 + 50*math.Sin(float64(x)/150))
			m.Cr[y*m.CStride+x] = byte(128 + 50*math.Cos(float64(y)/130))
		}
	}
	var out bytes.Buffer
	if err := jpeg.Encode(&out, m, &jpeg.Options{Quality: 85}); err != nil {
		panic(err)
	}
	return out.Bytes()
})

func BenchmarkJPEG12MP(b *testing.B) {
	data := photo12()
	for name, system := range map[string]bool{"libjpeg": true, "go": false} {
		b.Run(name, func(b *testing.B) {
			withSystemJPEG(b, system)
			b.SetBytes(3 * 4000 * 3000)
			for b.Loop() {
				p, _, err := Decode(b.Context(), data, Limits{})
				if err != nil {
					b.Fatal(err)
				}
				p.Release()
			}
		})
	}
}

func BenchmarkUpright12MP(b *testing.B) {
	for orientation := 2; orientation <= 8; orientation++ {
		b.Run(string(rune('0'+orientation)), func(b *testing.B) {
			p := New(4000, 3000)
			b.SetBytes(int64(len(p.Pix)))
			for b.Loop() {
				p = upright(p, orientation)
			}
			p.Release()
		})
	}
}

// photoPNG is a made photo of 12 megapixels as a PNG with the filters that encoders choose.
func photoPNG(b *testing.B, alpha bool) []byte {
	m := image.NewNRGBA(image.Rect(0, 0, 4000, 3000))
	p, _, err := Decode(b.Context(), photo12(), Limits{})
	if err != nil {
		b.Fatal(err)
	}
	for i := range 4000 * 3000 {
		copy(m.Pix[4*i:4*i+3], p.Pix[3*i:])
		m.Pix[4*i+3] = 255
		if alpha {
			m.Pix[4*i+3] = byte(i)
		}
	}
	p.Release()
	var out bytes.Buffer
	if err := (&png.Encoder{CompressionLevel: png.BestSpeed}).Encode(&out, m); err != nil {
		b.Fatal(err)
	}
	return out.Bytes()
}

func BenchmarkPNG12MP(b *testing.B) {
	for name, alpha := range map[string]bool{"rgb": false, "rgba": true} {
		data := photoPNG(b, alpha)
		b.Run(name, func(b *testing.B) {
			b.SetBytes(3 * 4000 * 3000)
			b.ReportAllocs()
			for b.Loop() {
				p, _, err := Decode(b.Context(), data, Limits{})
				if err != nil {
					b.Fatal(err)
				}
				p.Release()
			}
		})
		b.Run(name+" by image/png", func(b *testing.B) {
			b.SetBytes(3 * 4000 * 3000)
			b.ReportAllocs()
			for b.Loop() {
				m, err := png.Decode(bytes.NewReader(data))
				if err != nil {
					b.Fatal(err)
				}
				p, err := fromImage(m)
				if err != nil {
					b.Fatal(err)
				}
				p.Release()
			}
		})
	}
}

func BenchmarkReducedJPEG12MP(b *testing.B) {
	data := photo12()
	for name, system := range map[string]bool{"libjpeg": true, "go": false} {
		for _, scale := range []int{2, 4, 8} {
			b.Run(fmt.Sprintf("%s/%d", name, scale), func(b *testing.B) {
				withSystemJPEG(b, system)
				b.SetBytes(int64(len(data)))
				for b.Loop() {
					p, _, err := DecodeReduced(b.Context(), data, Limits{}, 4000/scale, 3000/scale)
					if err != nil {
						b.Fatal(err)
					}
					p.Release()
				}
			})
		}
	}
}
