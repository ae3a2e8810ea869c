package made

import (
	"fmt"
	"image"
	"image/color"
	"math"
	"strings"
)

func chat(s *sheet) {
	s.paper(540, 960, color.RGBA{236, 229, 221, 255})
	s.box(0, 0, 540, 70, color.RGBA{7, 94, 84, 255})
	s.text(20, 46, "regular", 26, white, strings.ToUpper(s.word()[:1])+s.word())
	for i := range 8 {
		x, c := 20, color.RGBA{255, 255, 255, 255}
		if i%2 == 1 {
			x, c = 140, color.RGBA{220, 248, 198, 255}
		}
		y := 95 + 100*i
		s.box(x, y, 380, 80, c)
		for l := range 3 {
			s.text(x+15, y+24+22*l, "regular", 16, ink, s.words(4))
		}
	}
}

func chart(s *sheet) {
	s.paper(800, 500, white)
	for i := range 5 {
		s.box(60, 60+80*i, 720, 1, faint)
		s.text(20, 66+80*i, "regular", 15, ink, fmt.Sprint(100-20*i))
	}
	s.box(60, 20, 2, 442, ink)
	s.box(60, 460, 722, 2, ink)
	y := 200 + 100*s.r.Float64()
	for i := range 59 {
		next := min(max(y+40*(s.r.Float64()-0.5), 60), 440)
		s.line(60+12*float64(i), y, 72+12*float64(i), next, 2, color.RGBA{31, 119, 180, 255})
		y = next
	}
}

func calendar(s *sheet) {
	s.paper(700, 560, white)
	months := strings.Fields("January February March April May June July August September October November December")
	s.text(30, 50, "bold", 30, ink, fmt.Sprintf("%s %d", months[s.r.IntN(12)], 1950+s.r.IntN(150)))
	first, days := s.r.IntN(7), 28+s.r.IntN(4)
	for i, d := range strings.Fields("Mon Tue Wed Thu Fri Sat Sun") {
		s.text(45+92*i, 95, "regular", 16, grey, d)
	}
	for i := range 42 {
		x, y := 30+92*(i%7), 110+72*(i/7)
		s.frame(x, y, 92, 72, 1, faint)
		if day := i - first + 1; day >= 1 && day <= days {
			s.text(x+8, y+22, "regular", 16, ink, fmt.Sprint(day))
			if s.r.IntN(3) == 0 {
				s.text(x+8, y+48, "regular", 11, color.RGBA{170, 40, 40, 255}, s.word())
			}
		}
	}
}

func invoice(s *sheet) {
	s.paper(700, 990, white)
	s.text(50, 80, "bold", 34, ink, "INVOICE")
	s.text(50, 120, "regular", 15, grey, "No. "+s.number(8))
	s.text(50, 142, "regular", 15, grey, fmt.Sprintf("20%s-%02d-%02d", s.number(2), 1+s.r.IntN(12), 1+s.r.IntN(28)))
	for i := range 4 {
		s.text(430, 90+22*i, "regular", 15, ink, s.words(3))
	}
	s.box(50, 250, 600, 30, color.RGBA{235, 238, 244, 255})
	for i, t := range []string{"Item", "Quantity", "Price", "Sum"} {
		s.text([]int{60, 330, 440, 560}[i], 271, "bold", 14, ink, t)
	}
	for i := range 12 {
		y := 310 + 36*i
		s.text(60, y, "regular", 14, ink, s.words(2))
		s.text(330, y, "regular", 14, ink, fmt.Sprint(1+s.r.IntN(20)))
		s.text(440, y, "regular", 14, ink, s.price())
		s.text(560, y, "regular", 14, ink, s.price())
		s.box(50, y+12, 600, 1, faint)
	}
	s.text(440, 790, "bold", 16, ink, "Total")
	s.text(560, 790, "bold", 16, ink, s.price())
	s.text(50, 940, "regular", 12, grey, "Payable within 30 days. Thank you.")
}

func letter(s *sheet) {
	s.paper(620, 877, white)
	s.text(60, 90, "regular", 14, ink, "Dear "+s.word()+",")
	for i := range 32 {
		if i%8 != 7 {
			s.text(60, 125+20*i, "regular", 14, ink, s.words(9))
		}
	}
	s.text(60, 800, "regular", 14, ink, "Yours sincerely")
}

func sudoku(s *sheet) {
	s.paper(560, 560, white)
	for i := range 10 {
		line := 1
		if i%3 == 0 {
			line = 3
		}
		s.box(10+60*i, 10, line, 543, ink)
		s.box(10, 10+60*i, 543, line, ink)
	}
	for i := range 81 {
		if s.r.IntN(3) == 0 {
			s.text(30+60*(i%9), 51+60*(i/9), "regular", 34, ink, fmt.Sprint(1+s.r.IntN(9)))
		}
	}
}

func code(s *sheet) {
	s.paper(760, 640, color.RGBA{30, 31, 38, 255})
	colours := []color.RGBA{{200, 205, 215, 255}, {120, 190, 250, 255}, {240, 180, 110, 255}, {150, 210, 130, 255}}
	depth := 0
	for i := range 30 {
		s.text(12, 28+20*i, "mono", 13, grey, fmt.Sprintf("%2d", i+1))
		x := 50 + 26*depth
		for range 1 + s.r.IntN(5) {
			w := s.word()
			s.text(x, 28+20*i, "mono", 13, colours[s.r.IntN(len(colours))], w)
			x += 8*len(w) + 10
		}
		depth = min(max(depth+s.r.IntN(3)-1, 0), 5)
	}
}

func music(s *sheet) {
	s.paper(700, 900, white)
	s.text(240, 60, "regular", 24, ink, "Sonata in "+string(rune('A'+s.r.IntN(7))))
	for row := range 7 {
		top := 110 + 108*row
		for l := range 5 {
			s.box(40, top+10*l, 620, 1, ink)
		}
		for bar := range 5 {
			s.box(40+155*bar, top, 1, 41, ink)
		}
		for n := range 16 {
			x, step := 62+float64(38*n), s.r.IntN(9)
			y := float64(top) + 5*float64(step)
			s.disc(x, y, 6, 4.5, ink)
			if s.r.IntN(4) > 0 {
				s.line(x+5.5, y, x+5.5, y-30, 1.5, ink)
			}
		}
	}
}

func ticket(s *sheet) {
	s.paper(720, 300, color.RGBA{250, 247, 236, 255})
	s.frame(10, 10, 700, 280, 2, grey)
	s.box(10, 10, 700, 50, color.RGBA{160, 30, 45, 255})
	s.text(30, 45, "bold", 26, white, "ADMIT ONE")
	s.text(30, 105, "regular", 22, ink, s.words(3))
	s.text(30, 150, "regular", 17, ink, fmt.Sprintf("Row %d   Seat %d", 1+s.r.IntN(40), 1+s.r.IntN(60)))
	s.text(30, 185, "regular", 17, ink, fmt.Sprintf("%02d.%02d.20%s  %02d:%02d", 1+s.r.IntN(28), 1+s.r.IntN(12), s.number(2), s.r.IntN(24), 5*s.r.IntN(12)))
	s.text(30, 260, "mono", 15, grey, s.number(14))
	for x := 470; x < 690; {
		w := 1 + s.r.IntN(4)
		s.box(x, 80, w, 190, ink)
		x += w + 1 + s.r.IntN(4)
	}
}

func form(s *sheet) {
	s.paper(640, 860, white)
	s.text(40, 60, "bold", 22, ink, "Application for a permit")
	for i, label := range strings.Fields("Name Surname Born Street Town Country Telephone Occupation Employer Since Purpose Remarks") {
		y := 110 + 56*i
		s.text(40, y, "regular", 12, grey, label)
		s.frame(40, y+6, 560, 32, 1, grey)
		what := s.words(2)
		if i%4 == 2 {
			what = s.number(8)
		}
		s.text(50, y+28, "regular", 16, color.RGBA{20, 30, 110, 255}, what)
	}
	for i := range 6 {
		x := 40 + 95*i
		s.frame(x, 800, 16, 16, 1, ink)
		if s.r.IntN(2) == 0 {
			s.line(float64(x+3), 803, float64(x+13), 813, 2, ink)
			s.line(float64(x+13), 803, float64(x+3), 813, 2, ink)
		}
		s.text(x+24, 814, "regular", 13, ink, string(rune('A'+i)))
	}
}

// OneDigit is the nth page of a kind, and the same one with a single digit or letter of 14 to 26
// pixels in another one's place, somewhere on it.
func OneDigit(kind string, n int) (page, changed *image.RGBA) {
	page = Page(kind, n)
	changed = &image.RGBA{Pix: append([]byte(nil), page.Pix...), Stride: page.Stride, Rect: page.Rect}
	s := &sheet{changed, random(kind+" digit", n)}
	size := 14 + s.r.IntN(4)
	x, y := 40+s.r.IntN(page.Rect.Dx()-80), 90+s.r.IntN(page.Rect.Dy()-110)
	other := &sheet{page, s.r}
	under := page.RGBAAt(x, y)
	c := ink
	if luma(under) < 100 {
		c = color.RGBA{215, 215, 220, 255}
	}
	one := s.r.IntN(10)
	two := (one + 1 + s.r.IntN(9)) % 10
	for _, w := range []struct {
		s     *sheet
		digit int
	}{{other, one}, {s, two}} {
		w.s.box(x-2, y-size, size, size+3, under)
		w.s.text(x, y, "regular", size, c, fmt.Sprint(w.digit))
	}
	return page, changed
}

func luma(c color.RGBA) float64 {
	return math.Round(0.299*float64(c.R) + 0.587*float64(c.G) + 0.114*float64(c.B))
}
