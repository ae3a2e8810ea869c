// Package made draws pictures whose truth is known, to try the search for copies on: pages of one
// kind that differ in what is written on them, photographs in bursts, and copies as people
// come by them. All is drawn anew from numbers: the same ones give the same pixels.
package made

import (
	"fmt"
	"hash/fnv"
	"image"
	"image/color"
	"image/draw"
	"math"
	"math/rand/v2"
	"strings"
	"sync"

	"golang.org/x/image/font"
	"golang.org/x/image/font/gofont/gobold"
	"golang.org/x/image/font/gofont/gomono"
	"golang.org/x/image/font/gofont/goregular"
	"golang.org/x/image/font/opentype"
	"golang.org/x/image/math/fixed"
)

// Kinds are the kinds of pages: of one kind, all are laid out alike and no two say the same.
var Kinds = []string{"chat", "chart", "calendar", "invoice", "letter", "sudoku", "code", "music", "ticket", "form"}

// Page is the nth page of a kind, from 0.
func Page(kind string, n int) *image.RGBA {
	pages := map[string]func(*sheet){
		"chat": chat, "chart": chart, "calendar": calendar, "invoice": invoice, "letter": letter,
		"sudoku": sudoku, "code": code, "music": music, "ticket": ticket, "form": form,
	}
	page, ok := pages[kind]
	if !ok {
		panic(fmt.Sprintf("made: no kind of page is called %q", kind))
	}
	s := &sheet{r: random(kind, n)}
	page(s)
	return s.RGBA
}

// random is a source of its own for a name and a number.
func random(name string, n int) *rand.Rand {
	h := fnv.New64a()
	h.Write([]byte(name))
	return rand.New(rand.NewPCG(h.Sum64(), uint64(n)))
}

// sheet is a page that is being drawn.
type sheet struct {
	*image.RGBA
	r *rand.Rand
}

func (s *sheet) paper(width, height int, c color.Color) {
	s.RGBA = image.NewRGBA(image.Rect(0, 0, width, height))
	s.box(0, 0, width, height, c)
}

func (s *sheet) box(x, y, width, height int, c color.Color) {
	draw.Draw(s.RGBA, image.Rect(x, y, x+width, y+height), image.NewUniform(c), image.Point{}, draw.Src)
}

// frame is the outline of a box.
func (s *sheet) frame(x, y, width, height, line int, c color.Color) {
	s.box(x, y, width, line, c)
	s.box(x, y+height-line, width, line, c)
	s.box(x, y, line, height, c)
	s.box(x+width-line, y, line, height, c)
}

var (
	ink   = color.RGBA{25, 25, 28, 255}
	faint = color.RGBA{222, 222, 226, 255}
	grey  = color.RGBA{110, 110, 116, 255}
	white = color.RGBA{255, 255, 255, 255}
)

var faces sync.Map // of "regular 16", font.Face by name; a face is used by one at a time

type lockedFace struct {
	sync.Mutex
	font.Face
}

func face(name string, size int) *lockedFace {
	key := fmt.Sprint(name, " ", size)
	if f, ok := faces.Load(key); ok {
		return f.(*lockedFace)
	}
	parsed, err := opentype.Parse(map[string][]byte{"regular": goregular.TTF, "bold": gobold.TTF, "mono": gomono.TTF}[name])
	if err != nil {
		panic(err)
	}
	f, err := opentype.NewFace(parsed, &opentype.FaceOptions{Size: float64(size), DPI: 72, Hinting: font.HintingFull})
	if err != nil {
		panic(err)
	}
	kept, _ := faces.LoadOrStore(key, &lockedFace{Face: f})
	return kept.(*lockedFace)
}

// text writes a line whose base is at y.
func (s *sheet) text(x, y int, name string, size int, c color.Color, words string) {
	f := face(name, size)
	f.Lock()
	defer f.Unlock()
	(&font.Drawer{Dst: s.RGBA, Src: image.NewUniform(c), Face: f, Dot: fixed.P(x, y)}).DrawString(words)
}

// line draws a line of some width, smooth at its edges.
func (s *sheet) line(x0, y0, x1, y1, width float64, c color.RGBA) {
	dx, dy := x1-x0, y1-y0
	length := math.Hypot(dx, dy)
	if length == 0 {
		return
	}
	left, right := int(math.Min(x0, x1)-width-1), int(math.Max(x0, x1)+width+1)
	top, bottom := int(math.Min(y0, y1)-width-1), int(math.Max(y0, y1)+width+1)
	for y := top; y <= bottom; y++ {
		for x := left; x <= right; x++ {
			px, py := float64(x)-x0, float64(y)-y0
			t := min(max((px*dx+py*dy)/(length*length), 0), 1)
			away := math.Hypot(px-t*dx, py-t*dy)
			s.mix(x, y, c, min(max(width/2+0.5-away, 0), 1))
		}
	}
}

func (s *sheet) disc(cx, cy, rx, ry float64, c color.RGBA) {
	for y := int(cy - ry - 1); y <= int(cy+ry+1); y++ {
		for x := int(cx - rx - 1); x <= int(cx+rx+1); x++ {
			d := math.Hypot((float64(x)-cx)/rx, (float64(y)-cy)/ry)
			s.mix(x, y, c, min(max((1-d)*min(rx, ry)+0.5, 0), 1))
		}
	}
}

func (s *sheet) mix(x, y int, c color.RGBA, share float64) {
	if share <= 0 || !(image.Point{X: x, Y: y}).In(s.Rect) {
		return
	}
	i := s.PixOffset(x, y)
	for k, v := range [3]byte{c.R, c.G, c.B} {
		s.Pix[i+k] = byte(math.Round(float64(s.Pix[i+k])*(1-share) + float64(v)*share))
	}
}

const syllables = "ba be bo da de di do fa fi ga go ha he ka ki la le li lo ma me mi mo na ne no pa pe po ra re ri ro sa se si so ta te ti to va ve wa we"

func (s *sheet) word() string {
	all := strings.Fields(syllables)
	var b strings.Builder
	for range 1 + s.r.IntN(4) {
		b.WriteString(all[s.r.IntN(len(all))])
	}
	return b.String()
}

func (s *sheet) words(n int) string {
	out := make([]string, n)
	for i := range out {
		out[i] = s.word()
	}
	return strings.Join(out, " ")
}

func (s *sheet) number(digits int) string {
	var b strings.Builder
	for range digits {
		b.WriteByte(byte('0' + s.r.IntN(10)))
	}
	return b.String()
}

func (s *sheet) price() string { return fmt.Sprintf("%d.%02d", 1+s.r.IntN(900), s.r.IntN(100)) }
