package alter

import (
	"bytes"
	"slices"
	"testing"

	"github.com/akin-search/akin/internal/picture"
)

// of is a picture of a width, of pixels.
func of(width int, pixels ...[3]byte) *picture.Picture {
	p := picture.New(width, len(pixels)/width)
	for i, v := range pixels {
		copy(p.Pix[3*i:], v[:])
	}
	return p
}

var (
	red, green, blue = [3]byte{255, 0, 0}, [3]byte{0, 255, 0}, [3]byte{0, 0, 255}
	cyan, yellow     = [3]byte{0, 255, 255}, [3]byte{255, 255, 0}
	white, black     = [3]byte{255, 255, 255}, [3]byte{}
)

func TestPixels(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		why       string
		got, want *picture.Picture
	}{
		// Pillow: Image.new("RGB", (1, 1), c).convert("L") gives 76, 150, 29 and 104.
		{"grey", Grey(of(4, red, green, blue, [3]byte{40, 130, 140})), of(4, [3]byte{76, 76, 76}, [3]byte{150, 150, 150}, [3]byte{29, 29, 29}, [3]byte{104, 104, 104})},
		{"hue of pure colours", Hue(of(4, red, green, blue, white), 60), of(4, yellow, cyan, [3]byte{255, 0, 255}, white)},
		{"hue by half", Hue(of(2, red, [3]byte{200, 100, 50}), 180), of(2, cyan, [3]byte{50, 150, 200})},
		{"hue all around", Hue(of(2, [3]byte{12, 200, 77}, [3]byte{90, 3, 250}), 360), of(2, [3]byte{12, 200, 77}, [3]byte{90, 3, 250})},
		{"permuted", Permute(of(1, [3]byte{1, 2, 3})), of(1, [3]byte{3, 1, 2})},
		{"lighter", Lightness(of(3, black, white, [3]byte{55, 155, 5}), 0.4), of(3, [3]byte{102, 102, 102}, white, [3]byte{135, 195, 105})},
		{"darker", Lightness(of(2, black, white), -0.4), of(2, black, [3]byte{153, 153, 153})},
		{"mirror", Mirror(of(2, red, green, blue, white)), of(2, green, red, white, blue)},
		{"turn", Turn(of(2, red, green, blue, white)), of(2, green, white, red, blue)},
		{"turn of a wide one", Turn(of(3, red, green, blue)), of(1, blue, green, red)},
		{"middle", Middle(of(4, red, green, blue, white), 0.5), of(2, green, blue)},
		{"middle of one pixel", Middle(of(1, red), 0.5), of(1, red)},
		{"cover", Cover(of(3, red, red, red, red, red, red, red, red, red)), of(3, red, red, red, red, [3]byte{127, 127, 127}, red, red, red, red)},
		{"shuffle", Shuffle(of(3, [3]byte{0}, [3]byte{1}, [3]byte{2}, [3]byte{3}, [3]byte{4}, [3]byte{5}, [3]byte{6}, [3]byte{7}, [3]byte{8})),
			of(3, [3]byte{4}, [3]byte{8}, [3]byte{3}, [3]byte{7}, [3]byte{0}, [3]byte{6}, [3]byte{2}, [3]byte{5}, [3]byte{1})},
	} {
		if c.got.Width != c.want.Width || c.got.Height != c.want.Height || !bytes.Equal(c.got.Pix, c.want.Pix) {
			t.Errorf("%s: %d x %d %v, want %d x %d %v", c.why, c.got.Width, c.got.Height, c.got.Pix, c.want.Width, c.want.Height, c.want.Pix)
		}
	}
}

func TestNoTileStays(t *testing.T) {
	t.Parallel()
	seen := slices.Sorted(slices.Values(tiles[:]))
	for i, from := range tiles {
		if from == i || seen[i] != i {
			t.Errorf("%v", tiles)
		}
	}
}

// A blur keeps what is even, and the sum of what is not; its deviation is what it says.
func TestBlur(t *testing.T) {
	t.Parallel()
	even := of(2, red, red, red, red)
	if got := Blur(even, 0.5); !bytes.Equal(got.Pix, even.Pix) {
		t.Errorf("%v", got.Pix)
	}
	const n = 101
	point := picture.New(n, n)
	clear(point.Pix)
	for y := 47; y <= 53; y++ { // 7 x 7, so that rounding does not eat it
		for x := 47; x <= 53; x++ {
			point.Pix[3*(y*n+x)] = 255
		}
	}
	got := Blur(point, 0.04)
	sum, squares := 0., 0.
	for y := range n {
		for x := range n {
			v := float64(got.Pix[3*(y*n+x)])
			sum += v
			squares += v * float64((x-50)*(x-50))
		}
	}
	// The variance of seven in a row is 4, that of the blur 4.04 squared.
	if variance := squares / sum; variance < 18.3 || variance > 20.6 || sum < 12000 || sum > 13000 {
		t.Errorf("variance %v, want %v; sum %v", variance, 4+4.04*4.04, sum)
	}
}

// Every change takes every size, and leaves the picture that it is given as it was.
func TestEverySize(t *testing.T) {
	t.Parallel()
	for _, size := range [][2]int{{1, 1}, {1, 7}, {5, 2}, {64, 48}} {
		p := picture.New(size[0], size[1])
		for i := range p.Pix {
			p.Pix[i] = byte(37*i + i/7)
		}
		before := bytes.Clone(p.Pix)
		for _, c := range Changes() {
			out := c.Apply(p)
			if len(out.Pix) != 3*out.Width*out.Height || out.Width == 0 || out.Height == 0 {
				t.Errorf("%s of %v: %d x %d, %d bytes", c.Name, size, out.Width, out.Height, len(out.Pix))
			}
			if !bytes.Equal(p.Pix, before) {
				t.Fatalf("%s changes what it is given", c.Name)
			}
			if size[0] == 64 && out.Width == 64 && bytes.Equal(out.Pix, before) {
				t.Errorf("%s changes nothing", c.Name)
			}
		}
	}
}
