package evidence

import (
	"bytes"
	"image"
	"image/color"
	"image/draw"
	"image/png"
	"math"
	"os"
	"path/filepath"
	"testing"

	"github.com/akin-search/akin/internal/golden"
	"github.com/akin-search/akin/internal/insight/copies/made"
	"github.com/akin-search/akin/internal/picture"
)

func decode(t testing.TB, data []byte) *picture.Picture {
	t.Helper()
	p, _, err := picture.Decode(t.Context(), data, picture.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func of(t testing.TB, m image.Image) *picture.Picture {
	t.Helper()
	var b bytes.Buffer
	if err := png.Encode(&b, m); err != nil {
		t.Fatal(err)
	}
	return decode(t, b.Bytes())
}

func flag(t testing.TB, name string) *picture.Picture {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(golden.Flags(t), "images", name+".png"))
	if err != nil {
		t.Fatal(err)
	}
	return decode(t, data)
}

// as is a picture as a copy of some name comes back; "" is itself.
func as(t testing.TB, m image.Image, name string) *picture.Picture {
	t.Helper()
	for _, c := range made.Copies {
		if c.Name == name {
			data, err := c.Make(m)
			if err != nil {
				t.Fatal(err)
			}
			return decode(t, data)
		}
	}
	if name != "" {
		t.Fatalf("no copy is called %s", name)
	}
	return of(t, m)
}

// Copies of photographs, pages and flags are the same picture, whatever was done to them that people do: 19 of 20 at
// least. Of a page at half or a quarter of its size it is said that writing is lost.
func TestCopiesAreTheSame(t *testing.T) {
	t.Parallel()
	originals := map[string]image.Image{
		"photograph": made.Photo(1, 640, 480), "chat": made.Page("chat", 0), "letter": made.Page("letter", 0), "music": made.Page("music", 1),
		"code": made.Page("code", 0), "invoice": made.Page("invoice", 0),
	}
	found, n := 0, 0
	for name, m := range originals {
		p := of(t, m)
		for _, c := range made.Copies {
			e := Compare(p, as(t, m, c.Name))
			small := c.Name == "quarter.png" || c.Name == "mail_half.jpg" || c.Name == "screenshot.png"
			if n++; e.Same || small && e.Verdict == Unsure && e.Reason == Writing {
				found++
			} else {
				t.Logf("%s, %s: %+v", name, c.Name, e)
			}
			if e.Same && e.Worst > 1 || e.Same != (e.Verdict == Same) {
				t.Errorf("%s: %+v", c.Name, e)
			}
		}
	}
	if 20*found < 19*n {
		t.Errorf("%d of %d copies are found", found, n)
	}
	t.Logf("%d of %d", found, n)
}

// One digit in another one's place is another page, whatever was done to it; where the smaller page is too small to
// show it, this is said.
func TestAChangedDigitIsSeen(t *testing.T) {
	t.Parallel()
	for _, how := range []string{"", "saved_40.jpg", "messenger_800.jpg", "mail_half.jpg", "quarter.png"} {
		missed, n := 0, 0
		for _, kind := range made.Kinds {
			a, b := made.OneDigit(kind, 1)
			n++
			if e := Compare(of(t, a), as(t, b, how)); e.Same {
				missed++
				t.Logf("%s %s: %+v", kind, how, e)
			}
		}
		if most := map[string]int{"mail_half.jpg": 1}[how]; missed > most {
			t.Errorf("%q: %d of %d changed digits are not seen", how, missed, n)
		}
	}
}

// The place that differs is told in the pixels of the first picture, whichever of the two is the smaller.
func TestWhereItDiffers(t *testing.T) {
	t.Parallel()
	page := made.Page("letter", 3)
	changed := image.NewRGBA(page.Rect)
	draw.Draw(changed, changed.Rect, page, image.Point{}, draw.Src)
	spot := image.Rect(300, 400, 312, 414)
	draw.Draw(changed, spot, image.NewUniform(color.RGBA{60, 60, 60, 255}), image.Point{}, draw.Src)
	half := as(t, changed, "mail_half.jpg")
	for _, c := range []struct {
		why  string
		e    Evidence
		spot image.Rectangle
	}{
		{"of one size", Compare(of(t, page), of(t, changed)), spot},
		{"in the larger", Compare(of(t, page), half), spot},
		{"in the smaller", Compare(half, of(t, page)), image.Rect(150, 200, 156, 207)},
	} {
		if c.e.Verdict != Different || c.e.Reason != Place || !c.e.At.Overlaps(c.spot.Inset(-4)) || c.e.At.Dx() > 160 {
			t.Errorf("%s: %+v, want it at %v", c.why, c.e, c.spot)
		}
	}
}

// Frames of a burst are not the same, nor are two exposures in which nothing moved: their grain is not.
func TestAnotherExposureIsNotTheSame(t *testing.T) {
	t.Parallel()
	burst, still := made.Burst(1, 2, 640, 480), made.Exposures(1, 2, 640, 480)
	for _, how := range []string{"", "saved_again.jpg", "messenger_1600.jpg"} {
		if e := Compare(of(t, burst[0]), as(t, burst[1], how)); e.Same {
			t.Errorf("burst, %q: %+v", how, e)
		}
		e := Compare(of(t, still[0]), as(t, still[1], how))
		if e.Same || e.Reason != Grain {
			t.Errorf("exposures, %q: %+v", how, e)
		}
		if copied := Compare(of(t, still[0]), as(t, still[0], how)); !copied.Same || !(how == "") == math.IsNaN(copied.Grain) {
			t.Errorf("itself, %q: %+v", how, copied)
		}
	}
}

func TestFlagsThatAreAlike(t *testing.T) {
	t.Parallel()
	for _, c := range [][2]string{{"Chad", "Romania"}, {"Indonesia", "Monaco"}, {"Ireland", "Ivory_Coast"}, {"Australia", "New_Zealand"}, {"Mali", "Senegal"}, {"Netherlands", "Luxembourg"}, {"Egypt", "Yemen"}} {
		for _, how := range []string{"", "saved_40.jpg", "quarter.png"} {
			b := flag(t, c[1])
			m := image.NewNRGBA(image.Rect(0, 0, b.Width, b.Height))
			for i := range b.Width * b.Height {
				copy(m.Pix[4*i:], b.Pix[3*i:3*i+3])
				if m.Pix[4*i+3] = 255; b.Alpha != nil {
					m.Pix[4*i+3] = b.Alpha[i]
				}
			}
			if e := Compare(flag(t, c[0]), as(t, m, how)); e.Same {
				t.Errorf("%v, %q: %+v", c, how, e)
			}
		}
		if e := Compare(flag(t, c[0]), flag(t, c[0])); !e.Same || e.Worst != 0 {
			t.Errorf("%s is not itself: %+v", c[0], e)
		}
	}
}

// Where a pixel lies is known to a fraction of one: the numbers are those by which the copy was made.
func TestTransform(t *testing.T) {
	t.Parallel()
	m := made.Photo(5, 600, 400)
	p := of(t, m)
	for _, c := range []struct {
		why  string
		copy image.Image
		want Transform
	}{
		{"itself", m, Transform{1, 1, 0, 0}},
		{"half", made.Scaled(m, 0.5), Transform{0.5, 0.5, 0, 0}},
		{"12 cut off at the left, 6 at the top", made.Trimmed(m, 0.02, 0.015, 0, 0), Transform{1, 1, -12, -6}},
		{"12 and 6 cut off, then half", made.Scaled(made.Trimmed(m, 0.02, 0.015, 0, 0), 0.5), Transform{0.5, 0.5, -6, -3}},
	} {
		e := Compare(p, of(t, c.copy))
		got := e.Transform
		if !e.Same || math.Abs(got.ScaleX-c.want.ScaleX) > 0.001 || math.Abs(got.ScaleY-c.want.ScaleY) > 0.001 || math.Abs(got.ShiftX-c.want.ShiftX) > 0.3 || math.Abs(got.ShiftY-c.want.ShiftY) > 0.3 {
			t.Errorf("%s: %+v", c.why, e)
		}
	}
}

func TestTransparency(t *testing.T) {
	t.Parallel()
	icon := func(n int, c color.NRGBA) *picture.Picture { return of(t, made.Icon(n, 96, c)) }
	on := func(m image.Image, c color.Color) *picture.Picture {
		out := image.NewRGBA(m.Bounds())
		draw.Draw(out, out.Rect, image.NewUniform(c), image.Point{}, draw.Src)
		draw.Draw(out, out.Rect, m, image.Point{}, draw.Over)
		return of(t, out)
	}
	black, white := color.NRGBA{0, 0, 0, 255}, color.NRGBA{255, 255, 255, 255}
	nothing := of(t, image.NewNRGBA(image.Rect(0, 0, 96, 96)))
	for _, c := range []struct {
		why  string
		a, b *picture.Picture
		same bool
	}{
		{"one shape", icon(0, black), icon(0, black), true},
		{"two shapes in one colour", icon(0, black), icon(1, black), false},
		{"two white shapes, which white hides", icon(0, white), icon(1, white), false},
		{"a shape in black and in white", icon(0, black), icon(0, white), false},
		{"a shape, and the same that was flattened on white", icon(5, black), on(made.Icon(5, 96, black), white), true},
		{"a white shape, and the same that was flattened on black", icon(5, white), on(made.Icon(5, 96, white), black), true},
		{"a white shape, and white paper", icon(5, white), on(made.Icon(5, 96, white), white), false},
		{"two that show nothing", nothing, of(t, image.NewNRGBA(image.Rect(0, 0, 96, 96))), false},
	} {
		if e := Compare(c.a, c.b); e.Same != c.same {
			t.Errorf("%s: %+v", c.why, e)
		}
		if e := Compare(c.b, c.a); e.Same != c.same {
			t.Errorf("%s, the other way round: %+v", c.why, e)
		}
	}
}

// A logo on white that was made lighter is the same: the white stays as it is, and what was nearly white is cut off.
func TestALighterDrawingIsTheSame(t *testing.T) {
	t.Parallel()
	for n := range made.Icons {
		logo := made.Icon(n, 256, color.NRGBA{190, 120, 40, 255})
		ground := image.NewNRGBA(logo.Rect)
		draw.Draw(ground, ground.Rect, image.White, image.Point{}, draw.Src)
		draw.Draw(ground, image.Rect(40, 150, 220, 180), image.NewUniform(color.NRGBA{70, 140, 90, 255}), image.Point{}, draw.Src)
		draw.Draw(ground, ground.Rect, logo, image.Point{}, draw.Over)
		for _, how := range []string{"lighter.jpg", "contrast.jpg"} {
			if e := Compare(of(t, ground), as(t, ground, how)); !e.Same {
				t.Errorf("%d, %s: %+v", n, how, e)
			}
		}
	}
}

// Whatever is compared, nothing panics, and what is the same is near.
func TestOddSizes(t *testing.T) {
	t.Parallel()
	for _, size := range [][2]int{{1, 1}, {1, 50}, {15, 15}, {16, 16}, {17, 300}, {40, 23}, {33, 33}} {
		m := made.Photo(7, size[0], size[1])
		p := of(t, m)
		for _, q := range []*picture.Picture{of(t, m), as(t, m, "saved_40.jpg"), of(t, made.Photo(8, size[1], size[0])), of(t, made.Scaled(m, 3))} {
			if e := Compare(p, q); math.IsNaN(e.Worst) || e.Same && e.Worst > 1 {
				t.Errorf("%v: %+v", size, e)
			}
		}
	}
}

func BenchmarkCompare(b *testing.B) {
	m := made.Photo(1, 1600, 1200)
	p, q := of(b, m), as(b, m, "messenger_1280.jpg")
	for b.Loop() {
		Compare(p, q)
	}
}
