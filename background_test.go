package akin_test

import (
	"bytes"
	"errors"
	"image"
	"image/color"
	"image/draw"
	"image/png"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/akin-search/akin"
	"github.com/akin-search/akin/api"
	"github.com/akin-search/akin/internal/golden"
)

// icons are shapes that stand in the alpha channel alone, each in black and in white: "disc-black" …
// With alpha dropped all of a colour are the same plain square.
func icons(t *testing.T, dir string) {
	t.Helper()
	shapes := map[string]func(x, y int) bool{
		"disc":  func(x, y int) bool { return (x-48)*(x-48)+(y-48)*(y-48) < 40*40 },
		"ring":  func(x, y int) bool { d := (x-48)*(x-48) + (y-48)*(y-48); return d < 40*40 && d > 30*30 },
		"bars":  func(x, y int) bool { return x/12%2 == 0 },
		"cross": func(x, y int) bool { return abs(x-48) < 12 || abs(y-48) < 12 },
	}
	for name, inside := range shapes {
		for word, ink := range map[string]uint8{"black": 0, "white": 255} {
			m := image.NewNRGBA(image.Rect(0, 0, 96, 96))
			for i := range 96 * 96 {
				alpha := uint8(0)
				if inside(i%96, i/96) {
					alpha = 255
				}
				m.SetNRGBA(i%96, i/96, color.NRGBA{ink, ink, ink, alpha})
			}
			writePNG(t, filepath.Join(dir, name+"-"+word+".png"), m)
		}
	}
}

func abs(v int) int { return max(v, -v) }

func writePNG(t *testing.T, path string, m image.Image) {
	t.Helper()
	var b bytes.Buffer
	if err := png.Encode(&b, m); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, b.Bytes(), 0o644); err != nil {
		t.Fatal(err)
	}
}

func TestBackgroundIsPartOfASpace(t *testing.T) {
	t.Parallel()
	golden.Deps(t)
	dir := t.TempDir()
	icons(t, dir)
	at := filepath.Join(t.TempDir(), "icons.akin")
	dropped := open(t, at, akin.Options{})
	r, err := dropped.Index(t.Context(), []string{dir}, api.IndexOptions{})
	if err != nil {
		t.Fatal(err)
	}
	if r.Decoded != 8 || r.Transparent != 8 || len(r.Blank) != 8 || r.Background != "drop" {
		t.Errorf("with alpha dropped all eight are blank, and it is said: %+v", r)
	}
	seen := open(t, at, akin.Options{Background: "auto"})
	if r, err = seen.Index(t.Context(), []string{dir}, api.IndexOptions{}); err != nil {
		t.Fatal(err)
	}
	if r.Embedded != 8 || len(r.Blank) != 0 || r.Background != "auto" {
		t.Errorf("on a background they are embedded anew, and none is blank: %+v", r)
	}
	info, err := dropped.Info(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	var grounds []string
	for _, s := range info.Spaces {
		grounds = append(grounds, s.Background)
		if (s.Background == "auto") != strings.Contains(s.Fingerprint, "auto+") {
			t.Errorf("the fingerprint does not tell the background: %+v", s)
		}
	}
	if slices.Sort(grounds); !slices.Equal(grounds, []string{"auto", "drop"}) {
		t.Errorf("backgrounds %v", grounds)
	}

	// What is indexed and asked later goes on with the newest, without being told.
	extra := t.TempDir()
	flat := image.NewRGBA(image.Rect(0, 0, 96, 96)) // the ring as any other program shows it on white
	draw.Draw(flat, flat.Rect, image.White, image.Point{}, draw.Src)
	draw.Draw(flat, flat.Rect, readPNG(t, filepath.Join(dir, "ring-black.png")), image.Point{}, draw.Over)
	writePNG(t, filepath.Join(extra, "flat.png"), flat)
	if r, err = dropped.Index(t.Context(), []string{extra}, api.IndexOptions{}); err != nil || r.Background != "auto" {
		t.Fatalf("a second index takes the background of the first: %q %v", r.Background, err)
	}
	found, err := dropped.Search(t.Context(), akin.Indexed("flat"), api.SearchOptions{Top: 1})
	if err != nil {
		t.Fatal(err)
	}
	if h := found.Hits[0]; h.Name != "ring-black" || h.Score < 0.99999 {
		t.Errorf("a picture is the one that was flattened elsewhere: %+v", h)
	}

	// A query file is flattened as the space was, or as the options say; it is told when it is blank.
	white := filepath.Join(dir, "ring-white.png")
	for background, blank := range map[string]bool{"": false, "white": true, "#336699": false} {
		c := open(t, at, akin.Options{Background: background})
		r, err := c.Search(t.Context(), akin.Like(white).Cropped(api.Crop{Width: 96, Height: 95}), api.SearchOptions{Top: 2})
		if err != nil {
			t.Fatal(err)
		}
		if r.Query[0].Blank != blank || r.Query[0].Ground == "" {
			t.Errorf("background %q: ground %q, blank %v", background, r.Query[0].Ground, r.Query[0].Blank)
		}
	}
	if _, err := open(t, at, akin.Options{Background: "bleu"}).Index(t.Context(), []string{dir}, api.IndexOptions{}); !errors.Is(err, akin.ErrInvalid) {
		t.Errorf("a wrong background: %v", err)
	}
}

func readPNG(t *testing.T, path string) image.Image {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	m, err := png.Decode(f)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// A thumbnail shows what is seen: no hidden colour comes out, and what is transparent stays so.
func TestThumbnailsShowWhatIsSeen(t *testing.T) {
	t.Parallel()
	m := image.NewNRGBA(image.Rect(0, 0, 40, 40))
	for i := range 40 * 40 {
		m.SetNRGBA(i%40, i/40, color.NRGBA{255, 0, 200, 0}) // hidden and garish
	}
	for _, ink := range []uint8{0, 255} {
		for y := range 20 {
			for x := range 20 {
				m.SetNRGBA(10+x, 10+y, color.NRGBA{ink, ink, ink, 255})
			}
		}
		var file bytes.Buffer
		if err := png.Encode(&file, m); err != nil {
			t.Fatal(err)
		}
		small, err := akin.MakeThumbnail(t.Context(), file.Bytes(), 40, akin.Options{})
		if err != nil {
			t.Fatal(err)
		}
		shown, _, err := image.Decode(bytes.NewReader(small.Data))
		if err != nil {
			t.Fatal(err)
		}
		if _, _, _, alpha := shown.At(2, 2).RGBA(); alpha != 0 {
			t.Errorf("ink %d: alpha %d of %d where nothing is", ink, alpha, 0xffff)
		}
		for y := range 40 {
			for x := range 40 { // with rings of the edge, which a filter sharpens
				got := color.NRGBAModel.Convert(shown.At(x, y)).(color.NRGBA)
				if got.A > 0 && (abs(int(got.R)-int(ink)) > 6 || abs(int(got.G)-int(ink)) > 6) {
					t.Errorf("ink %d: %v at (%d,%d)", ink, got, x, y)
				}
			}
		}
		if got := color.NRGBAModel.Convert(shown.At(20, 20)).(color.NRGBA); got.A != 255 {
			t.Errorf("ink %d: alpha %d of what is there", ink, got.A)
		}
	}
}

func TestInspectTellsTransparency(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	icons(t, dir)
	i, pixels, err := akin.Inspect(t.Context(), filepath.Join(dir, "bars-white.png"), akin.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if i.SeeThrough != 0.5 || i.Ground != "black" || i.Blank || pixels[3*14] != 255 {
		t.Errorf("%+v, and pixels without a background are those with alpha dropped: %d", i, pixels[3*14])
	}
	i, pixels, err = akin.Inspect(t.Context(), filepath.Join(dir, "bars-white.png"), akin.Options{Background: "white"})
	if err != nil {
		t.Fatal(err)
	}
	if i.Ground != "white" || !i.Blank {
		t.Errorf("white on white is blank: %+v", i)
	}
	if slices.ContainsFunc(pixels, func(v byte) bool { return v != 255 }) {
		t.Error("white on white has other pixels than white ones")
	}
}
