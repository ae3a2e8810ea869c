package geometry

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/akin-search/akin/internal/golden"
	"github.com/akin-search/akin/internal/parallel"
	"github.com/akin-search/akin/internal/picture"
)

// texture is a made photograph: blurred noise of many sizes under discs.
func texture(seed uint64, width, height int) *picture.Picture {
	r := rand.New(rand.NewPCG(seed, 2))
	p := picture.New(width, height)
	sum := make([]float64, width*height)
	for size := 4; size <= 64; size *= 2 {
		columns := width/size + 2
		grid := make([]float64, columns*(height/size+2))
		for i := range grid {
			grid[i] = r.Float64() * math.Sqrt(float64(size)) * 10
		}
		for y := range height {
			for x := range width {
				c, d := x/size, y/size
				fx, fy := float64(x%size)/float64(size), float64(y%size)/float64(size)
				above := grid[d*columns+c]*(1-fx) + grid[d*columns+c+1]*fx
				below := grid[(d+1)*columns+c]*(1-fx) + grid[(d+1)*columns+c+1]*fx
				sum[y*width+x] += above*(1-fy) + below*fy
			}
		}
	}
	for range 150 {
		x, y, size, level := r.IntN(width), r.IntN(height), 3+r.IntN(14), r.Float64()*120-60
		for v := max(0, y-size); v < min(height, y+size); v++ {
			for u := max(0, x-size); u < min(width, x+size); u++ {
				if (u-x)*(u-x)+(v-y)*(v-y) < size*size {
					sum[v*width+u] += level
				}
			}
		}
	}
	for i, v := range sum {
		for c := range 3 {
			p.Pix[3*i+c] = byte(max(0, min(255, v*0.8)))
		}
	}
	return p
}

// seen draws into b what of a lies under a transform of a to b, with some light and noise.
func seen(a, b *picture.Picture, t Transform, inner func(x, y float64) bool, light float64, noise int) {
	inverse, _ := t.Inverse()
	l := newLevels(a)
	r := rand.New(rand.NewPCG(9, 9))
	for y := range b.Height {
		for x := range b.Width {
			u, v := inverse.At(float64(x)+0.5, float64(y)+0.5)
			if u < 0 || v < 0 || u >= float64(a.Width) || v >= float64(a.Height) || inner != nil && !inner(u, v) {
				continue
			}
			level := float64(l.at(u, v, l.of(1/t.scale(u, v))))*light + float64(r.IntN(2*noise+1)-noise)
			for c := range 3 {
				b.Pix[3*(y*b.Width+x)+c] = byte(max(0, min(255, level)))
			}
		}
	}
}

func turnedBy(degrees, scale, x, y float64) Transform {
	sin, cos := math.Sincos(degrees * math.Pi / 180)
	return Transform{{scale * cos, -scale * sin, x}, {scale * sin, scale * cos, y}, {0, 0, 1}}
}

// A picture that was turned, scaled, lit otherwise or seen from the side, in another one: its corners are found within two
// pixels.
func TestAPictureIsFoundInAnother(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		why   string
		t     Transform
		light float64
		noise int
	}{
		{"as it is", turnedBy(0, 1, 60, 40), 1, 0},
		{"small", turnedBy(0, 0.4, 200, 100), 1, 4},
		{"large, so that only a part is seen", turnedBy(0, 2.5, -300, -200), 1, 4},
		{"turned", turnedBy(33, 0.8, 300, 20), 1, 4},
		{"upside down", turnedBy(180, 0.9, 480, 400), 1, 4},
		{"dark and noisy", turnedBy(-10, 0.8, 40, 100), 0.5, 8},
		{"seen from the side", Transform{{0.9, 0.1, 60}, {0.05, 0.8, 40}, {0.0004, 0.0002, 1}}, 1, 4},
	} {
		a, b := texture(1, 480, 360), texture(2, 640, 480)
		seen(a, b, c.t, nil, c.light, c.noise)
		got := Compare(New(a), New(b), Options{})
		if len(got) != 1 {
			t.Errorf("%s: %d matches", c.why, len(got))
			continue
		}
		m := got[0]
		for _, p := range m.OutlineA {
			x, y := c.t.At(p[0], p[1])
			u, v := m.Transform.At(p[0], p[1])
			if off := math.Hypot(u-x, v-y); off > 2 {
				t.Errorf("%s: %.0f, %.0f is %.1f pixels off", c.why, p[0], p[1], off)
			}
		}
		if m.ExpectedFalse > 1e-6 || len(m.Inliers) < 10 {
			t.Errorf("%s: %g expected by chance, %d inliers", c.why, m.ExpectedFalse, len(m.Inliers))
		}
		if back := Compare(New(b), New(a), Options{}); len(back) != 1 || math.Abs(back[0].BoxA[2]-m.BoxB[2]) > 4 {
			t.Errorf("%s: the other way round: %+v", c.why, back)
		}
	}
}

// A part of a photograph in another one, which shows other things beside it: both boxes are around the part.
func TestAPartOfAPhotographInAnother(t *testing.T) {
	t.Parallel()
	a, b := texture(3, 600, 450), texture(4, 640, 480)
	part := func(x, y float64) bool { return x > 150 && x < 450 && y > 100 && y < 350 }
	seen(a, b, turnedBy(0, 0.9, 30, 50), part, 0.9, 3)
	got := Compare(New(a), New(b), Options{})
	if len(got) != 1 {
		t.Fatalf("%d matches", len(got))
	}
	// What has no structure at the edges is left out.
	m := got[0]
	for _, c := range []struct{ got, part Box }{{m.BoxA, Box{150, 100, 300, 250}}, {m.BoxB, Box{165, 140, 270, 225}}} {
		const off = 10
		inside := c.got[0] > c.part[0]-off && c.got[1] > c.part[1]-off && c.got[0]+c.got[2] < c.part[0]+c.part[2]+off && c.got[1]+c.got[3] < c.part[1]+c.part[3]+off
		if !inside || c.got[2]*c.got[3] < 0.5*c.part[2]*c.part[3] {
			t.Errorf("found %.0f of %.0f", c.got, c.part)
		}
	}
}

// A logo on nothing is found where it lies on a photograph: what is around it says nothing.
func TestALogoOnNothingIsFoundInAPhotograph(t *testing.T) {
	t.Parallel()
	logo, photo := texture(11, 300, 300), texture(12, 640, 480)
	round := func(x, y float64) bool { return (x-150)*(x-150)+(y-150)*(y-150) < 140*140 }
	seen(logo, photo, turnedBy(15, 0.7, 250, 80), round, 1, 3)
	logo.Alpha = make([]byte, 300*300)
	for i := range logo.Alpha {
		if round(float64(i%300)+0.5, float64(i/300)+0.5) {
			logo.Alpha[i] = 255
		}
	}
	if got := Compare(New(logo), New(photo), Options{}); len(got) != 1 || math.Abs(got[0].Transform.scale(150, 150)-0.7) > 0.01 {
		t.Errorf("%+v", got)
	}
	if got := Compare(New(photo), New(logo), Options{}); len(got) != 1 {
		t.Errorf("the other way round: %d matches", len(got))
	}
	for i := range logo.Alpha {
		if i%300 < 150 {
			logo.Alpha[i] = 0
		}
	}
	// What is not to be seen is no part of what both show.
	if got := Compare(New(logo), New(photo), Options{}); len(got) != 1 || got[0].BoxA[0] < 148 || got[0].BoxA[2] > 142 {
		t.Errorf("half of it: %+v", got)
	}
}

// A collage has a picture twice: both places are found.
func TestAPictureTwiceInACollage(t *testing.T) {
	t.Parallel()
	a, b := texture(5, 300, 300), texture(6, 900, 500)
	first, second := turnedBy(0, 0.9, 40, 60), turnedBy(90, 0.8, 800, 120)
	seen(a, b, first, nil, 1, 2)
	seen(a, b, second, nil, 1, 2)
	var places []float64
	for _, m := range Compare(New(a), New(b), Options{}) {
		places = append(places, m.BoxB[0])
	}
	slices.Sort(places)
	if len(places) != 2 || math.Abs(places[0]-40) > 3 || math.Abs(places[1]-560) > 3 {
		t.Errorf("found at %.0f", places)
	}
}

// A place that shows something else denies a match: two prints of one form with other numbers.
func TestAPlaceThatDiffersDeniesAMatch(t *testing.T) {
	t.Parallel()
	a := texture(7, 500, 400)
	for _, size := range []int{30, 100} {
		b := picture.New(500, 400)
		copy(b.Pix, a.Pix)
		other := texture(8, 500, 400)
		for y := 200; y < 200+size; y++ {
			copy(b.Pix[3*(y*500+250):][:3*size], other.Pix[3*(y*500+250):])
		}
		got := Compare(New(a), New(b), Options{})
		// A photograph beside it is common to both, but not the whole.
		for _, m := range got {
			if m.BoxA[2]*m.BoxA[3] == 500*400 {
				t.Errorf("%d pixels differ, and all is proven", size*size)
			}
		}
	}
}

// form is a scanned page of signs of 15 x 21 pixels. Pages of one form have the same signs, but for those in the rows of other.
func form(other uint64, rows ...int) *picture.Picture {
	p := picture.New(1800, 2500)
	for i := range p.Pix {
		p.Pix[i] = 250
	}
	for row := range 50 {
		r := rand.New(rand.NewPCG(uint64(row), 5))
		if slices.Contains(rows, row) {
			r = rand.New(rand.NewPCG(uint64(row), other))
		}
		for column := range 60 {
			for cell := range 35 { // 5 across, 7 down
				if r.IntN(2) == 0 {
					continue
				}
				for y := range 3 {
					for x := range 3 {
						at := (100+row*46+cell/5*3+y)*p.Width + 100 + column*26 + cell%5*3 + x
						copy(p.Pix[3*at:], []byte{30, 30, 30})
					}
				}
			}
		}
	}
	return p
}

// What is filled into a form is a few pixels high when a whole page is looked at, and legible when it is looked at closely.
func TestFormsThatAreFilledInOtherwiseAreNoMatch(t *testing.T) {
	t.Parallel()
	a := New(form(0))
	for _, rows := range [][]int{{20}, {3, 17, 30, 31, 32, 40}} {
		if got := Compare(a, New(form(9, rows...)), Options{}); len(got) > 0 {
			t.Errorf("rows %v differ: %g expected by chance", rows, got[0].ExpectedFalse)
		}
	}
	photo := picture.New(900, 1300)
	seen(form(0), photo, Transform{{0.5, 0.02, 3}, {-0.01, 0.5, 20}, {0.00001, 0, 1}}, nil, 0.8, 6)
	if got := Compare(a, New(photo), Options{}); len(got) != 1 {
		t.Errorf("a photo of the page itself: %d matches", len(got))
	}
}

func TestUnrelatedPicturesHaveNoMatch(t *testing.T) {
	t.Parallel()
	var all []*Picture
	for seed := range uint64(10) {
		all = append(all, New(texture(100+seed, 400, 300)))
	}
	for _, blank := range []*picture.Picture{picture.New(1, 1), picture.New(300, 200), picture.New(2000, 1)} {
		all = append(all, New(blank))
	}
	for i, a := range all {
		for j, b := range all {
			if i != j {
				if got := Compare(a, b, Options{MaxFalse: 1}); len(got) > 0 {
					t.Errorf("%d and %d: %+v", i, j, got[0])
				}
			}
		}
	}
}

// Stated expectations grow with the pairs that are compared.
func TestExpectedFalseMatchesGrowWithPairs(t *testing.T) {
	t.Parallel()
	a, b := texture(1, 300, 300), texture(2, 400, 400)
	seen(a, b, turnedBy(5, 0.3, 100, 100), nil, 0.8, 12)
	x, y := New(a), New(b)
	one := Compare(x, y, Options{})
	if len(one) != 1 {
		t.Skipf("%d matches", len(one))
	}
	million := Compare(x, y, Options{Pairs: 1e6, MaxFalse: 1})
	if len(million) != 1 || math.Abs(math.Log10(million[0].ExpectedFalse/one[0].ExpectedFalse)-6) > 1e-6 {
		t.Errorf("%g, among a million pairs %+v", one[0].ExpectedFalse, million)
	}
}

// Of the 18,915 pairs of 195 flags none is proven: neither Chad and Romania, nor those that have a star or a cross in common. The flag
// of the United Kingdom does lie in four others, but seven places of a drawing are too few.
func TestFlagsProveNothing(t *testing.T) {
	dir := golden.Flags(t)
	files, err := filepath.Glob(filepath.Join(dir, "images", "*.png"))
	if err != nil || len(files) < 150 {
		t.Fatalf("%d flags, %v", len(files), err)
	}
	all := make([]*Picture, len(files))
	parallel.Each(len(files), func(i int) { all[i] = open(t, files[i]) })
	var proven []string
	for i, a := range all {
		for j, b := range all[i+1:] {
			for range Compare(a, b, Options{}) {
				proven = append(proven, fmt.Sprint(nameOf(files[i]), " ", nameOf(files[i+1+j])))
			}
		}
	}
	if len(proven) > 0 {
		t.Errorf("proven are %q", proven)
	}
}

// Letters, sheets of music, charts and chats of one form have much in common, and none shows a part of another.
func TestPagesOfOneFormAreNoMatch(t *testing.T) {
	files, err := filepath.Glob(filepath.Join(golden.Dir(t), "..", "cases", "dupes_text_pages", "in", "*.png"))
	if err != nil || len(files) < 10 {
		t.Fatalf("%d pages, %v", len(files), err)
	}
	var all []*Picture
	for _, f := range files {
		all = append(all, open(t, f))
	}
	for i, a := range all {
		for j, b := range all[i+1:] {
			if got := Compare(a, b, Options{}); len(got) > 0 {
				t.Errorf("%s and %s: %g expected by chance, %.0f", files[i], files[i+1+j], got[0].ExpectedFalse, got[0].BoxA)
			}
		}
	}
}

func open(t *testing.T, path string) *Picture {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	p, _, err := picture.Decode(context.Background(), data, picture.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	defer p.Release()
	return New(p)
}

func nameOf(path string) string { return strings.TrimSuffix(filepath.Base(path), filepath.Ext(path)) }
