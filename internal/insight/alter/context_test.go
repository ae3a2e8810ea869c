package alter

import (
	"bytes"
	"testing"

	"github.com/akin-search/akin/internal/picture"
)

// plain is a picture of one colour.
func plain(width, height int, c [3]byte) *picture.Picture {
	p := picture.New(width, height)
	for i := 0; i < len(p.Pix); i += 3 {
		copy(p.Pix[i:], c[:])
	}
	return p
}

func fill(p *picture.Picture, x0, y0, x1, y1 int, of func(x, y int) [3]byte) {
	for y := y0; y < y1; y++ {
		for x := x0; x < x1; x++ {
			c := of(x, y)
			copy(p.Pix[3*(y*p.Width+x):], c[:])
		}
	}
}

// A disc on a checked ground: the ground is background, also where it is of two colours, and the
// disc is not, though it has the ground's colour in its middle.
func TestBackground(t *testing.T) {
	t.Parallel()
	p := plain(120, 100, white)
	fill(p, 0, 0, 120, 100, func(x, y int) [3]byte {
		if (x/10+y/10)%2 == 0 {
			return [3]byte{40, 90, 200}
		}
		return white
	})
	disc := func(x, y int) bool { return (x-60)*(x-60)+(y-50)*(y-50) < 30*30 }
	eye := func(x, y int) bool { return (x-60)*(x-60)+(y-50)*(y-50) < 8*8 }
	fill(p, 20, 10, 100, 90, func(x, y int) [3]byte {
		switch {
		case eye(x, y):
			return white
		case disc(x, y):
			return [3]byte{220, 20, 30}
		case (x/10+y/10)%2 == 0:
			return [3]byte{40, 90, 200}
		}
		return white
	})
	mask, width, _ := Background(p)
	for y := range 100 {
		for x := range 120 {
			if mask[y*width+x] == disc(x, y) {
				t.Fatalf("at %d, %d: %v", x, y, mask[y*width+x])
			}
		}
	}
	out := WithoutBackground(p)
	for y := range 100 {
		for x := range 120 {
			i := 3 * (y*120 + x)
			if disc(x, y) != bytes.Equal(out.Pix[i:i+3], p.Pix[i:i+3]) {
				t.Fatalf("at %d, %d", x, y)
			}
		}
	}
	// Nothing but background: there is nothing to set off.
	if same := plain(50, 50, red); !bytes.Equal(WithoutBackground(same).Pix, same.Pix) {
		t.Error("a plain picture is changed")
	}
}

// A word is lettering; stripes and a disc are not.
func TestLettering(t *testing.T) {
	t.Parallel()
	p := plain(240, 120, [3]byte{250, 240, 230})
	fill(p, 0, 80, 240, 120, func(x, y int) [3]byte { return [3]byte{20, 80, 160} })
	fill(p, 0, 0, 40, 80, func(x, y int) [3]byte { return [3]byte{200, 30, 30} })
	mask, _, _ := Lettering(p)
	for _, is := range mask {
		if is {
			t.Fatal("stripes are taken for text")
		}
	}
	lettered := Letter(plain(240, 120, [3]byte{90, 160, 90}))
	mask, width, _ := Lettering(lettered)
	inside, outside := 0, 0
	for i, is := range mask {
		if x, y := i%width, i/width; is {
			if x > 44 && x < 196 && y > 30 && y < 90 {
				inside++
			} else {
				outside++
			}
		}
	}
	if inside < 1500 || outside > inside/5 {
		t.Errorf("%d pixels of the word, and %d elsewhere", inside, outside)
	}
	covered := WithoutLettering(lettered)
	if bytes.Equal(covered.Pix, lettered.Pix) {
		t.Error("nothing is covered")
	}
	if again, _, _ := Lettering(covered); count(again) > count(mask)/10 {
		t.Errorf("%d of %d are text still", count(again), count(mask))
	}
}

func count(mask []bool) (n int) {
	for _, is := range mask {
		if is {
			n++
		}
	}
	return n
}

func TestContextsTakeEverySize(t *testing.T) {
	t.Parallel()
	for _, size := range [][2]int{{1, 1}, {2, 9}, {30, 20}, {700, 300}} {
		p := picture.New(size[0], size[1])
		for i := range p.Pix {
			p.Pix[i] = byte(41*i + i/11)
		}
		before := bytes.Clone(p.Pix)
		for _, c := range Contexts() {
			if out := c.Apply(p); out.Width != p.Width || out.Height != p.Height || !bytes.Equal(p.Pix, before) {
				t.Errorf("%s of %v", c.Name, size)
			}
		}
	}
}
