package picture

import (
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"strings"
)

// Background is what shows through a picture where it is see-through. The zero value drops
// alpha, as the references of embeddings do: the colours that are hidden under it come out.
type Background struct {
	kind    backgroundKind
	R, G, B byte // of a colour
}

type backgroundKind uint8

const (
	drop backgroundKind = iota
	auto
	colour
)

// The backgrounds that are no colour that somebody chose.
var (
	Drop  = Background{}           // alpha is dropped
	Auto  = Background{kind: auto} // one on which the picture can be seen, see [Picture.Flatten]
	White = Colour(255, 255, 255)
	Black = Colour(0, 0, 0)
)

// Colour is a background of one colour.
func Colour(r, g, b byte) Background { return Background{colour, r, g, b} }

// Grey is the background that people call so.
var Grey = Colour(128, 128, 128)

// ErrBackground is what ParseBackground returns for a word that is no background.
var ErrBackground = errors.New("not a background: use drop, auto, white, black, grey or a colour as #aabbcc")

// ParseBackground reads "drop" (also ""), "auto", "white", "black", "grey", "#rgb" or "#rrggbb".
func ParseBackground(word string) (Background, error) {
	switch w := strings.ToLower(strings.TrimSpace(word)); w {
	case "", "drop":
		return Drop, nil
	case "auto":
		return Auto, nil
	case "white":
		return White, nil
	case "black":
		return Black, nil
	case "grey", "gray":
		return Grey, nil
	default:
		digits, ok := strings.CutPrefix(w, "#")
		if ok && len(digits) == 3 {
			digits = string([]byte{digits[0], digits[0], digits[1], digits[1], digits[2], digits[2]})
		}
		if c, err := hex.DecodeString(digits); ok && err == nil && len(c) == 3 {
			return Colour(c[0], c[1], c[2]), nil
		}
		return Drop, fmt.Errorf("%q: %w", word, ErrBackground)
	}
}

// String is the word that ParseBackground reads.
func (b Background) String() string {
	switch {
	case b.kind == drop:
		return "drop"
	case b.kind == auto:
		return "auto"
	case b == White:
		return "white"
	case b == Black:
		return "black"
	case b == Grey:
		return "grey"
	}
	return fmt.Sprintf("#%02x%02x%02x", b.R, b.G, b.B)
}

// Ground is what a picture was flattened on. The zero value is that of an opaque picture.
type Ground struct {
	Transparent bool       // the picture had transparency
	Background  Background // a colour, or Drop
	Checker     bool       // a checker of two greys: on no colour would it be seen
	// Blank says that next to nothing of the picture can be seen on it: all is see-through, or
	// has the colour of the ground. Pictures without transparency are never called so.
	Blank bool
}

// String is a word for people: "opaque", "drop", "checker", or the colour.
func (g Ground) String() string {
	switch {
	case !g.Transparent:
		return "opaque"
	case g.Checker:
		return "checker"
	}
	return g.Background.String()
}

const (
	// A pixel is seen where blending leaves it so many levels from the ground, in the channel
	// where that is most.
	seenLevels = 24
	// A picture can be seen where so large a share of what it draws, weighed by alpha, is seen.
	seenShare = 0.2
	// Below this share it is called blank.
	blankShare = 0.002
)

// Flatten makes Pix what a person sees: blended over a background, by alpha. Auto is white where the
// picture can be seen on it: where a fifth of what is drawn, weighed by alpha, differs from white by 24
// levels of 255 or more when blended. Else it is black, if it can be seen on that, else a
// checker of two greys. Drop leaves the colours as they are. Alpha is nil afterwards.
func (p *Picture) Flatten(b Background) Ground {
	if p.Alpha == nil {
		return Ground{}
	}
	defer func() { p.Alpha, p.OnWhite = nil, false }()
	g := p.Ground(b)
	if g.Background != Drop || g.Checker {
		p.blend(g)
	}
	return g
}

// On returns the picture as Flatten makes it, and leaves p as it is: p itself where there is nothing
// to blend, else a copy, which the caller may release.
func (p *Picture) On(b Background) (*Picture, Ground) {
	if p.Alpha == nil || b.kind == drop {
		return p, p.Ground(b)
	}
	q := New(p.Width, p.Height)
	copy(q.Pix, p.Pix)
	q.Alpha, q.OnWhite = p.Alpha, p.OnWhite
	return q, q.Flatten(b)
}

// Straighten takes the white out of colours that are blended over it, so that Pix is what alpha stands for. It does
// nothing to others.
func (p *Picture) Straighten() {
	if !p.OnWhite {
		return
	}
	p.OnWhite = false
	for i, a := range p.Alpha {
		if a == 0 || a == 255 {
			continue
		}
		for c := 3 * i; c < 3*i+3; c++ {
			own := 255*int(p.Pix[c]) - 255*(255-int(a)) // what is left of it without the white, times alpha
			p.Pix[c] = byte(min(255, (max(0, own)+int(a)/2)/int(a)))
		}
	}
}

// Ground reports what Flatten would put behind the picture.
func (p *Picture) Ground(b Background) Ground {
	g := Ground{Transparent: p.Alpha != nil, Background: b}
	switch {
	case p.Alpha == nil:
		return Ground{}
	case b.kind == drop:
		g.Blank = p.oneColour()
	case b.kind == auto:
		white, black := p.seen(White), p.seen(Black)
		switch {
		case white >= seenShare:
			g.Background = White
		case !p.draws():
			g.Background, g.Blank = White, true
		case black >= seenShare:
			g.Background = Black
		default:
			g.Background, g.Checker, g.Blank = Drop, true, max(white, black) < blankShare
		}
	default:
		g.Blank = p.seen(b) < blankShare
	}
	return g
}

// draws reports whether anything at all is not see-through.
func (p *Picture) draws() bool {
	return slices.ContainsFunc(p.Alpha, func(a byte) bool { return a > 0 })
}

// oneColour reports whether Pix, without alpha, is a plain area.
func (p *Picture) oneColour() bool {
	low, high := [3]byte{255, 255, 255}, [3]byte{}
	for i := 0; i+2 < len(p.Pix); i += 3 {
		for c := range 3 {
			low[c], high[c] = min(low[c], p.Pix[i+c]), max(high[c], p.Pix[i+c])
		}
	}
	return max(high[0]-low[0], high[1]-low[1], high[2]-low[2]) < seenLevels
}

// SeeThrough is the share of the picture's area that is more see-through than not, 0 to 1.
func (p *Picture) SeeThrough() float64 {
	n := 0
	for _, a := range p.Alpha {
		if a < 128 {
			n++
		}
	}
	return float64(n) / float64(max(1, len(p.Alpha)))
}

// seen is the share of what is drawn, weighed by alpha, that can be seen on a colour; 0 where nothing
// is drawn.
func (p *Picture) seen(b Background) float64 {
	drawn, seen := 0, 0
	for i, a := range p.Alpha {
		if a == 0 {
			continue
		}
		drawn += int(a)
		r, g, bl := p.over(i, b)
		if max(apart(r, b.R), apart(g, b.G), apart(bl, b.B)) >= seenLevels {
			seen += int(a)
		}
	}
	if drawn == 0 {
		return 0
	}
	return float64(seen) / float64(drawn)
}

// over blends pixel i over a colour.
func (p *Picture) over(i int, b Background) (red, green, blue byte) {
	a, c := int(p.Alpha[i]), p.Pix[3*i:3*i+3:3*i+3]
	through := func(under byte) int { return (255 - a) * int(under) }
	mix := func(c, under byte) byte {
		v := a * int(c)
		if p.OnWhite { // it has its share of white already
			v = 255*int(c) - through(255)
		}
		return byte((max(v, 0) + through(under) + 127) / 255)
	}
	return mix(c[0], b.R), mix(c[1], b.G), mix(c[2], b.B)
}

// checkerSide is the side of a field of the checker, in pixels.
const checkerSide = 8

func (p *Picture) blend(g Ground) {
	light, dark := Colour(204, 204, 204), Colour(102, 102, 102)
	for y := range p.Height {
		for x := range p.Width {
			i := y*p.Width + x
			if p.Alpha[i] == 255 {
				continue
			}
			under := g.Background
			if g.Checker {
				if under = light; (x/checkerSide+y/checkerSide)%2 == 1 {
					under = dark
				}
			}
			p.Pix[3*i], p.Pix[3*i+1], p.Pix[3*i+2] = p.over(i, under)
		}
	}
}

func apart(a, b byte) byte { return max(a, b) - min(a, b) }

// dropOpaque forgets an alpha that hides nothing.
func (p *Picture) dropOpaque() {
	for _, a := range p.Alpha {
		if a != 255 {
			return
		}
	}
	p.Alpha, p.OnWhite = nil, false
}
