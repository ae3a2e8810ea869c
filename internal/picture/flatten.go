package picture

import (
	"errors"
	"fmt"
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

// ErrBackground is what ParseBackground gives for a word that is no background.
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
		return Colour(128, 128, 128), nil
	default:
		var r, g, b byte
		hex, ok := strings.CutPrefix(w, "#")
		if ok && len(hex) == 3 {
			hex = string([]byte{hex[0], hex[0], hex[1], hex[1], hex[2], hex[2]})
		}
		if n, err := fmt.Sscanf(hex, "%02x%02x%02x", &r, &g, &b); ok && len(hex) == 6 && n == 3 && err == nil {
			return Colour(r, g, b), nil
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
	}
	return fmt.Sprintf("#%02x%02x%02x", b.R, b.G, b.B)
}

// Ground is what a picture was flattened on.
type Ground struct {
	Background Background // a colour, or Drop
	Checker    bool       // a checker of two greys: on no colour would it be seen
	// Blank says that next to nothing of the picture can be seen on it: all is see-through, or
	// has the colour of the ground. Pictures without transparency are never called so.
	Blank bool
}

// String is "opaque" of a picture without transparency.
func (g Ground) String() string {
	switch {
	case g == Ground{}:
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
	if b.kind == drop {
		return Ground{Background: Drop}
	}
	g := Ground{Background: b}
	if b.kind == auto {
		white, black := p.seen(White), p.seen(Black)
		switch {
		case white >= seenShare || white == 0 && black == 0:
			g.Background, g.Blank = White, white == 0
		case black >= seenShare:
			g.Background = Black
		default:
			g = Ground{Checker: true, Blank: max(white, black) < blankShare}
		}
	} else {
		g.Blank = p.seen(b) < blankShare
	}
	p.blend(g)
	return g
}

// BlankOn tells whether next to nothing of the picture would be seen on a colour.
func (p *Picture) BlankOn(b Background) bool { return p.Alpha != nil && p.seen(b) < blankShare }

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
