// Package features is an index of local features: which of many pictures have places that look as some of another one's, at the same turn
// and size to one another. It finds what a model that sees a picture as a whole does not, and proves nothing: package geometry does.
//
// A picture is a few hundred keypoints of 22 bytes. A query's are compared with all of them, so there is nothing to train and nothing to
// be missed by it; a processor compares sixteen a nanosecond.
package features

import (
	"math"

	"github.com/akin-search/akin/internal/insight/geometry"
	"github.com/akin-search/akin/internal/insight/keypoint"
	"github.com/akin-search/akin/internal/picture"
	"github.com/akin-search/akin/internal/simd"
)

// Most is how many keypoints are kept of a picture, which take 7104 bytes.
const Most = 320

// Features are some keypoints of a picture, all over it.
type Features struct {
	geometry.Places
	Codes []keypoint.Code
}

// Of returns the features of what is seen of an upright picture.
func Of(p *picture.Picture) *Features { return OfSet(keypoint.FindSpread(p, Most)) }

// OfSet is Of for a picture whose keypoints were all found.
func OfSet(s *keypoint.Set) *Features {
	f := &Features{Places: geometry.Places{Width: s.Width, Height: s.Height}}
	for _, i := range s.Spread(Most) {
		f.Points = append(f.Points, s.Points[i])
		f.Codes = append(f.Codes, keypoint.CodeOf(s.Descriptor(i)))
	}
	return f
}

const (
	blockWords = 2 * simd.CodesPerBlock
	blockBytes = 8 * blockWords
	placeBytes = 6 // x and y as shares of the picture, of 65535; the scale and the angle in steps
	scaleSteps = 20
	scaleFirst = -2 // the logarithm of the least scale
	turn       = 2 * math.Pi
)

func blocksOf(codes int) int { return (codes + simd.CodesPerBlock - 1) / simd.CodesPerBlock }

// appendPlace writes a place in placeBytes.
func (f *Features) appendPlace(out []byte, p keypoint.Point) []byte {
	x, y := share(p.X, f.Width), share(p.Y, f.Height)
	scale := math.Round((math.Log2(max(float64(p.Scale), 1e-3)) - scaleFirst) * scaleSteps)
	angle := int(math.Round(float64(p.Angle)/turn*256)) & 255
	return append(out, byte(x), byte(x>>8), byte(y), byte(y>>8), byte(min(max(scale, 0), 255)), byte(angle))
}

func share(v float32, of int) uint16 {
	return uint16(math.Round(65535 * min(max(float64(v)/float64(max(1, of)), 0), 1)))
}

// place reads a place.
func (f *Features) place(b []byte) keypoint.Point {
	angle := float64(b[5]) / 256 * turn
	if angle > math.Pi {
		angle -= turn
	}
	return keypoint.Point{
		X:     float32(uint16(b[0])|uint16(b[1])<<8) / 65535 * float32(f.Width),
		Y:     float32(uint16(b[2])|uint16(b[3])<<8) / 65535 * float32(f.Height),
		Scale: float32(math.Exp2(float64(b[4])/scaleSteps + scaleFirst)),
		Angle: float32(angle),
	}
}
