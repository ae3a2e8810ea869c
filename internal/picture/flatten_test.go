package picture

import (
	"bytes"
	"image"
	"image/color"
	"image/png"
	"testing"
)

// over is a picture of one row; pixels are red, green, blue, alpha.
func row(pixels ...[4]byte) *Picture {
	p := New(len(pixels), 1)
	p.Alpha = make([]byte, len(pixels))
	for i, v := range pixels {
		copy(p.Pix[3*i:], v[:3])
		p.Alpha[i] = v[3]
	}
	return p
}

// The expected values are those of Pillow 13: Image.alpha_composite(Image.new("RGBA", size, ground + (255,)), image).
func TestFlattenBlendsAsPillow(t *testing.T) {
	t.Parallel()
	pixels := [][4]byte{{200, 100, 50, 255}, {200, 100, 50, 128}, {200, 100, 50, 1}, {7, 8, 9, 0}, {255, 255, 255, 200}}
	for _, c := range []struct {
		on   Background
		want []byte
	}{
		{White, []byte{200, 100, 50, 227, 177, 152, 255, 254, 254, 255, 255, 255, 255, 255, 255}},
		{Black, []byte{200, 100, 50, 100, 50, 25, 1, 0, 0, 0, 0, 0, 200, 200, 200}},
		{Colour(10, 200, 30), []byte{200, 100, 50, 105, 150, 40, 11, 200, 30, 10, 200, 30, 202, 243, 206}},
		{Drop, []byte{200, 100, 50, 200, 100, 50, 200, 100, 50, 7, 8, 9, 255, 255, 255}},
	} {
		p := row(pixels...)
		p.Flatten(c.on)
		for i, want := range c.want {
			if got := p.Pix[i]; apart(got, want) > 1 {
				t.Errorf("on %v: value %d is %d, want %d", c.on, i, got, want)
			}
		}
		if p.Alpha != nil {
			t.Errorf("on %v: alpha is left", c.on)
		}
	}
}

// What Pillow blends over white (the values above) has its own colours again afterwards.
func TestStraightenUndoesWhite(t *testing.T) {
	t.Parallel()
	p := row([4]byte{200, 100, 50, 255}, [4]byte{227, 177, 152, 128}, [4]byte{255, 255, 255, 200}, [4]byte{255, 255, 255, 0})
	p.OnWhite = true
	p.Straighten()
	for i, want := range []byte{200, 100, 50, 200, 100, 50, 255, 255, 255} {
		if got := p.Pix[i]; apart(got, want) > 1 {
			t.Errorf("value %d is %d, want %d", i, got, want)
		}
	}
	if p.OnWhite || p.Alpha[1] != 128 {
		t.Errorf("on white: %v, alpha %v", p.OnWhite, p.Alpha)
	}
	p.Flatten(Black)
	if got := p.Pix[3:6]; apart(got[0], 100) > 1 || apart(got[1], 50) > 1 || apart(got[2], 25) > 1 {
		t.Errorf("on black it is %v, want 100 50 25", got)
	}
}

func TestGroundShowsThePicture(t *testing.T) {
	t.Parallel()
	clear, white, black := [4]byte{0, 0, 0, 0}, [4]byte{255, 255, 255, 255}, [4]byte{0, 0, 0, 255}
	opaque := New(1, 1)
	opaque.Pix[0] = 9
	for _, c := range []struct {
		name  string
		p     *Picture
		b     Background
		word  string
		blank bool
	}{
		{"opaque", opaque, Auto, "opaque", false},
		{"black shape", row(clear, black, black), Auto, "white", false},
		{"white shape", row(clear, white, white), Auto, "black", false},
		{"white shape on white is blank", row(clear, white), White, "white", true},
		{"white shape with a garish hidden colour", row([4]byte{255, 0, 0, 0}, white), Auto, "black", false},
		{"half white, half black: white comes first", row(white, black, clear), Auto, "white", false},
		{"white letters with a small dark dot are seen on black", row(white, white, white, white, white, white, white, black, clear), Auto, "black", false},
		{"a shadow that is hardly there needs a checker", row([4]byte{128, 128, 128, 20}, clear), Auto, "checker", true},
		{"nothing is drawn", row(clear, clear), Auto, "white", true},
		{"dropped alpha leaves one colour", row(clear, black), Drop, "drop", true},
		{"dropped alpha leaves a shape", row([4]byte{255, 255, 255, 0}, black), Drop, "drop", false},
	} {
		g := c.p.Ground(c.b)
		if g.String() != c.word || g.Blank != c.blank {
			t.Errorf("%s: on %v, blank %v; want %s, %v", c.name, g, g.Blank, c.word, c.blank)
		}
		seen, on := c.p.On(c.b)
		if on != g {
			t.Errorf("%s: On tells %+v, Ground %+v", c.name, on, g)
		}
		if seen != c.p && c.p.Alpha == nil {
			t.Errorf("%s: On changed the picture", c.name)
		}
	}
}

func TestParseBackgroundReadsWhatStringWrites(t *testing.T) {
	t.Parallel()
	for word, want := range map[string]Background{
		"": Drop, "drop": Drop, "auto": Auto, "White": White, "black": Black, "gray": Grey, "#abc": Colour(0xaa, 0xbb, 0xcc), "#0102fe": Colour(1, 2, 0xfe),
	} {
		got, err := ParseBackground(word)
		if again, _ := ParseBackground(got.String()); err != nil || got != want || again != want {
			t.Errorf("%q is %v (%v), want %v", word, got, err, want)
		}
	}
	for _, word := range []string{"blue", "#12", "#12345g", "#1234567", "123456", "#-1-1-1"} {
		if b, err := ParseBackground(word); err == nil {
			t.Errorf("%q is %v", word, b)
		}
	}
}

// Turning a picture upright turns its alpha with its colours, in all eight ways.
func TestAlphaTurnsWithThePicture(t *testing.T) {
	t.Parallel()
	for orientation := 1; orientation <= 8; orientation++ {
		p := New(3, 2)
		p.Alpha = make([]byte, 6)
		for i := range p.Alpha {
			p.Alpha[i], p.Pix[3*i] = byte(10*i+1), byte(10*i+1)
		}
		p = upright(p, orientation)
		for i, a := range p.Alpha {
			if p.Pix[3*i] != a {
				t.Errorf("orientation %d: alpha %v, red %d at %d", orientation, p.Alpha, p.Pix[3*i], i)
				break
			}
		}
	}
}

// Every kind of PNG that can hold transparency gives its alpha: palettes, one transparent colour, 8 and 16 bits.
func TestPNGGivesAlpha(t *testing.T) {
	t.Parallel()
	see := color.NRGBA{200, 100, 50, 64}
	palette := image.NewPaletted(image.Rect(0, 0, 2, 1), color.Palette{color.NRGBA{9, 9, 9, 255}, see})
	palette.SetColorIndex(1, 0, 1)
	eight := image.NewNRGBA(image.Rect(0, 0, 2, 1))
	eight.SetNRGBA(0, 0, color.NRGBA{9, 9, 9, 255})
	eight.SetNRGBA(1, 0, see)
	sixteen := image.NewNRGBA64(image.Rect(0, 0, 2, 1))
	sixteen.Set(0, 0, color.NRGBA{9, 9, 9, 255})
	sixteen.Set(1, 0, color.NRGBA64{200 * 257, 100 * 257, 50 * 257, 64 * 257})
	for name, m := range map[string]image.Image{"palette": palette, "8 bits": eight, "16 bits": sixteen} {
		var file bytes.Buffer
		if err := png.Encode(&file, m); err != nil {
			t.Fatal(err)
		}
		p, _, err := Decode(t.Context(), file.Bytes(), Limits{})
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(p.Alpha, []byte{255, 64}) || !bytes.Equal(p.Pix[3:6], []byte{200, 100, 50}) {
			t.Errorf("%s: alpha %v, colours %v", name, p.Alpha, p.Pix)
		}
	}
}
