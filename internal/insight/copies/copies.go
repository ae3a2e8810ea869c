// Package copies finds which pictures are copies of one another: the same picture at another size, saved
// again, slightly trimmed, mirrored or turned.
//
// A picture becomes a Signature, which is small and changes little when the picture is copied in such a way. How
// much is not assumed but measured, on copies made of the caller's own pictures (Alterations, Calibrate). Signatures
// only propose candidates; package evidence decides by the pixels. Its error rate is measured on made pictures that
// differ in one place (Changed, Rate).
//
// The perceptual hash is goimagehash's pHash: the signs of the 64 lowest frequencies of a cosine transform of 64 x 64
// grey values, relative to their median.
package copies

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"math/bits"

	"github.com/corona10/goimagehash"

	"github.com/akin-search/akin/internal/insight/evidence"
	"github.com/akin-search/akin/internal/picture"
	"github.com/akin-search/akin/internal/resample"
)

// Turn is one of the eight orientations of a picture: mirrored or not (the lowest bit), then turned
// counterclockwise by quarter turns (the two bits above).
type Turn uint8

// Turns is the number of orientations.
const Turns = 8

// Mirrored exchanges left and right.
const Mirrored Turn = 1

// Mirror reports whether left and right are exchanged.
func (t Turn) Mirror() bool { return t&1 != 0 }

// Quarters returns the number of counterclockwise quarter turns, after mirroring.
func (t Turn) Quarters() int { return int(t >> 1) }

func (t Turn) String() string {
	turned := ""
	if q := t.Quarters(); q > 0 {
		turned = fmt.Sprintf("turned by %d°", 90*q)
	}
	switch {
	case t.Mirror() && turned != "":
		return "mirrored, " + turned
	case t.Mirror():
		return "mirrored"
	}
	return turned
}

// from returns where the pixel at x, y of a turned picture comes from. width and height are those of the
// unturned picture.
func (t Turn) from(x, y, width, height int) (int, int) {
	switch t.Quarters() {
	case 1:
		x, y = width-1-y, x
	case 2:
		x, y = width-1-x, height-1-y
	case 3:
		x, y = y, height-1-x
	}
	if t.Mirror() {
		x = width - 1 - x
	}
	return x, y
}

// Apply returns a turned copy of a picture.
func (t Turn) Apply(p *picture.Picture) *picture.Picture {
	width, height := p.Width, p.Height
	if t.Quarters()%2 == 1 {
		width, height = height, width
	}
	out := picture.New(width, height)
	if p.Alpha != nil {
		out.Alpha, out.OnWhite = make([]byte, width*height), p.OnWhite
	}
	for y := range height {
		for x := range width {
			fx, fy := t.from(x, y, p.Width, p.Height)
			copy(out.Pix[3*(y*width+x):][:3], p.Pix[3*(fy*p.Width+fx):])
			if p.Alpha != nil {
				out.Alpha[y*width+x] = p.Alpha[fy*p.Width+fx]
			}
		}
	}
	return out
}

const (
	side     = 32 // of the grid of colours
	hashSide = 64 // of the picture that is hashed
)

// sizes are the lengths of the longer side at which sharpness is measured. Pictures are compared at the largest one
// that both reach, so that an enlarged picture has no advantage.
var sizes = [...]int{128, 181, 256, 362, 512, 724, 1024}

// Signature is what is stored of a picture to find its copies.
type Signature struct {
	Width, Height int
	Hash          [Turns]uint64         // in each orientation
	Small         [side * side * 3]byte // the picture at 32 x 32
	Sharp         [len(sizes)]float32   // mean square of the change from pixel to pixel at each of sizes; 0 above the picture's own
	Alpha         bool                  // the picture has transparency
	Blank         bool                  // it has a single colour
}

// Of returns the signature of a picture as it is seen: transparency is flattened first, see [picture.Auto].
func Of(p *picture.Picture) (*Signature, error) {
	s := &Signature{Width: p.Width, Height: p.Height, Alpha: p.Alpha != nil}
	if p.Alpha != nil {
		p = Seen(p)
		defer p.Release()
	}
	s.Blank = evidence.Blank(p)
	if most := sizes[len(sizes)-1] * 3 / 2; max(p.Width, p.Height) > most { // once, rather than for each of the sizes below
		p = atLength(p, most)
		defer p.Release()
	}
	small := resample.Resize(p, side, side, resample.Bilinear)
	copy(s.Small[:], small.Pix)
	small.Release()
	middle := resample.Resize(p, hashSide, hashSide, resample.Bilinear)
	defer middle.Release()
	for t := range Turn(Turns) {
		turned := t.Apply(middle)
		hash, err := goimagehash.PerceptionHash(picture.RGBA(turned.Pix, turned.Width, turned.Height))
		turned.Release()
		if err != nil {
			return nil, fmt.Errorf("perceptual hash: %w", err)
		}
		s.Hash[t] = hash.GetHash()
	}
	s.measureSharpness(p)
	return s, nil
}

// Seen returns a copy of a picture as it is seen, with transparency flattened.
func Seen(p *picture.Picture) *picture.Picture {
	out := picture.New(p.Width, p.Height)
	copy(out.Pix, p.Pix)
	if p.Alpha != nil {
		out.Alpha, out.OnWhite = append([]byte(nil), p.Alpha...), p.OnWhite
		out.Flatten(picture.Auto)
	}
	return out
}

func (s *Signature) measureSharpness(p *picture.Picture) {
	longer := max(p.Width, p.Height)
	for i, length := range sizes {
		if length > longer {
			break
		}
		at := atLength(p, length)
		s.Sharp[i] = sharpness(at)
		at.Release()
	}
}

// atLength scales a picture to a longer side of that length.
func atLength(p *picture.Picture, length int) *picture.Picture {
	longer := max(p.Width, p.Height)
	scaled := func(n int) int { return max(1, (n*length+longer/2)/longer) }
	return resample.Resize(p, scaled(p.Width), scaled(p.Height), resample.Bilinear)
}

// sharpness returns the mean square of the change of grey from pixel to pixel, across and down.
func sharpness(p *picture.Picture) float32 {
	before, grey := make([]int32, p.Width), make([]int32, p.Width) // times 1000
	sum := 0.
	for y := range p.Height {
		before, grey = grey, before
		line := p.Pix[3*y*p.Width:][:3*p.Width]
		var across, down uint64
		for x := range grey {
			grey[x] = 299*int32(line[3*x]) + 587*int32(line[3*x+1]) + 114*int32(line[3*x+2])
			if x > 0 {
				d := int64(grey[x] - grey[x-1])
				across += uint64(d * d)
			}
			if y > 0 {
				d := int64(grey[x] - before[x])
				down += uint64(d * d)
			}
		}
		sum += float64(across + down)
	}
	steps := p.Height*(p.Width-1) + p.Width*(p.Height-1)
	return float32(sum / 1e6 / float64(max(1, steps)))
}

// Sharper returns how many times as sharp as b a is, at the largest size that both reach; 1 if there is none.
func Sharper(a, b *Signature) float64 {
	for i := len(sizes) - 1; i >= 0; i-- {
		if a.Sharp[i] > 0 && b.Sharp[i] > 0 {
			return math.Sqrt(float64(a.Sharp[i] / b.Sharp[i]))
		}
	}
	return 1
}

// SignatureDistance is how far one picture is from another, by their signatures.
type SignatureDistance struct {
	Bits       int     // that differ between the perceptual hashes, of 64
	Difference float64 // the largest difference of a colour channel in any cell of the grid, 0 to 255
	Cast       float64 // the difference that a fifth of the cells exceed: a cast or another brightness
	Aspect     float64 // see Aspect
}

// Compare returns how far b, turned by t, is from a. The difference in a cell is how far one picture leaves the
// range that the other has in that cell and those around it, in the channel where that is most. So an
// edge may move by a cell, as when a picture is trimmed, but the colours must be there.
func Compare(a, b *Signature, t Turn) SignatureDistance {
	c := SignatureDistance{Bits: bits.OnesCount64(a.Hash[0] ^ b.Hash[t]), Aspect: Aspect(a.Width, a.Height, b.Width, b.Height, t)}
	one, other := smooth(a, 0), smooth(b, t)
	var differences [side * side]byte
	leaves(one, other, &differences)
	leaves(other, one, &differences)
	var counts [256]int
	for _, d := range differences {
		counts[d]++
	}
	left := side * side / 5
	for d := 255; d >= 0; d-- {
		if counts[d] > 0 && c.Difference == 0 {
			c.Difference = float64(d)
		}
		if left -= counts[d]; left < 0 {
			c.Cast = float64(d)
			break
		}
	}
	return c
}

// Aspect returns the difference between the logarithms of width / height of two pictures, the second one turned by
// t, less what rounding the shortest side to a pixel explains.
func Aspect(aWidth, aHeight, bWidth, bHeight int, t Turn) float64 {
	if t.Quarters()%2 == 1 {
		bWidth, bHeight = bHeight, bWidth
	}
	d := math.Abs(math.Log(float64(aWidth) * float64(bHeight) / (float64(aHeight) * float64(bWidth))))
	return max(0, d-1/float64(min(aWidth, aHeight, bWidth, bHeight)))
}

// row is the number of values in a row of the grid.
const row = 3 * side

// wide is a grid with a border that repeats its outermost cells.
type wide [(side + 2) * (row + 6)]byte

func (w *wide) row(y int) []byte { return w[y*(row+6):][:row+6] }

// extend fills the border.
func (w *wide) extend() {
	for y := 1; y <= side; y++ {
		line := w.row(y)
		copy(line[:3], line[3:6])
		copy(line[row+3:], line[row:row+3])
	}
	copy(w.row(0), w.row(1))
	copy(w.row(side+1), w.row(side))
}

// smooth turns a grid and averages each cell with those around it, by 1 2 1 across and down. Otherwise a line thinner
// than a cell would be strong or weak depending on where it falls.
func smooth(s *Signature, t Turn) *wide {
	var in, out wide
	for y := range side {
		if t == 0 {
			copy(in.row(y + 1)[3:], s.Small[y*row:][:row])
			continue
		}
		for x := range side {
			fx, fy := t.from(x, y, side, side)
			copy(in.row(y + 1)[3+3*x:][:3], s.Small[fy*row+3*fx:])
		}
	}
	in.extend()
	var sums [row + 6]uint16
	for y := 1; y <= side; y++ {
		above, at, below, to := in.row(y-1), in.row(y), in.row(y+1), out.row(y)
		for i := range sums {
			sums[i] = uint16(above[i]) + 2*uint16(at[i]) + uint16(below[i])
		}
		for i := 3; i < row+3; i++ {
			to[i] = byte((sums[i-3] + 2*sums[i] + sums[i+3] + 8) / 16)
		}
	}
	out.extend()
	return &out
}

// leaves raises differences to how far b leaves the ranges of a.
func leaves(a, b *wide, differences *[side * side]byte) {
	var least, most [row + 6]byte
	for y := 1; y <= side; y++ {
		above, at, below := a.row(y-1), a.row(y), a.row(y+1)
		for i := range least {
			least[i], most[i] = min(above[i], at[i], below[i]), max(above[i], at[i], below[i])
		}
		line := b.row(y)
		to := differences[(y-1)*side:][:side]
		for i := 3; i < row+3; i++ {
			low, high, v := min(least[i-3], least[i], least[i+3]), max(most[i-3], most[i], most[i+3]), line[i]
			d := byte(0)
			if v < low {
				d = low - v
			} else if v > high {
				d = v - high
			}
			if x := i/3 - 1; d > to[x] {
				to[x] = d
			}
		}
	}
}

// Bytes is the length of an encoded signature.
const Bytes = 8 + 8*Turns + side*side*3 + 4*len(sizes) + 1

// AppendTo appends the encoded signature.
func (s *Signature) AppendTo(b []byte) []byte {
	b = binary.LittleEndian.AppendUint32(b, uint32(s.Width))
	b = binary.LittleEndian.AppendUint32(b, uint32(s.Height))
	for _, h := range s.Hash {
		b = binary.LittleEndian.AppendUint64(b, h)
	}
	b = append(b, s.Small[:]...)
	for _, v := range s.Sharp {
		b = binary.LittleEndian.AppendUint32(b, math.Float32bits(v))
	}
	flags := byte(0)
	if s.Alpha {
		flags |= 1
	}
	if s.Blank {
		flags |= 2
	}
	return append(b, flags)
}

// Parse decodes what AppendTo encoded.
func Parse(b []byte) (*Signature, error) {
	if len(b) != Bytes {
		return nil, fmt.Errorf("a signature has %d bytes, want %d", len(b), Bytes)
	}
	s := &Signature{Width: int(binary.LittleEndian.Uint32(b)), Height: int(binary.LittleEndian.Uint32(b[4:]))}
	if s.Width <= 0 || s.Height <= 0 {
		return nil, errors.New("a signature has no width or height")
	}
	b = b[8:]
	for t := range s.Hash {
		s.Hash[t] = binary.LittleEndian.Uint64(b[8*t:])
	}
	b = b[8*Turns:]
	copy(s.Small[:], b)
	b = b[len(s.Small):]
	for i := range s.Sharp {
		s.Sharp[i] = math.Float32frombits(binary.LittleEndian.Uint32(b[4*i:]))
	}
	flags := b[4*len(sizes)]
	s.Alpha, s.Blank = flags&1 != 0, flags&2 != 0
	return s, nil
}
