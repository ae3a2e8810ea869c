package term

import (
	"bytes"
	"encoding/base64"
	"image"
	"image/color"
	"image/png"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/mattn/go-sixel"
)

// tricolor is three vertical stripes.
func tricolor(width, height int, stripes ...color.NRGBA) image.Image {
	pix := make([]byte, 0, width*height*3)
	for range height {
		for x := range width {
			c := stripes[x*len(stripes)/width]
			pix = append(pix, c.R, c.G, c.B)
		}
	}
	return RGB(width, height, pix)
}

var (
	blue   = color.NRGBA{0, 38, 100, 255}
	yellow = color.NRGBA{254, 203, 0, 255}
	red    = color.NRGBA{198, 12, 48, 255}
	white  = color.NRGBA{255, 255, 255, 255}
	green  = color.NRGBA{0, 122, 61, 255}
)

func strip() Strip {
	return Strip{Cols: 12, Rows: 4, Tiles: []Tile{
		{tricolor(60, 40, blue, yellow, red), []Cell{{Text: "Chad", Style: Bold}, {Text: "the query"}}},
		{tricolor(60, 30, blue, yellow, red), []Cell{{Text: "Romania"}, {"0.998 same", GradeSame}}},
		{nil, []Cell{{Text: "gone"}}},
		{tricolor(30, 60, green, white), []Cell{{Text: "a\x1b[2J-name-that-is-long"}, {"0.310 weak", GradeWeak}}},
		{tricolor(40, 40, white, red), []Cell{{Text: "日本国旗の絵"}}},
	}}
}

func TestStripOfBlocks(t *testing.T) {
	t.Parallel()
	term, out := screen(60, modern)
	if err := strip().Write(term, Blocks); err != nil {
		t.Fatal(err)
	}
	golden(t, "strip_truecolor.txt", out.String())
	term, out = screen(60, map[string]string{"TERM": "xterm-256color", "LANG": "C.UTF-8"})
	if err := strip().Write(term, Auto); err != nil {
		t.Fatal(err)
	}
	golden(t, "strip_256.txt", out.String())
}

func TestAutoShowsNothingInAPipe(t *testing.T) {
	t.Parallel()
	var b bytes.Buffer
	if err := strip().Write(&Terminal{W: &b, Unicode: true}, Auto); err != nil || b.Len() > 0 {
		t.Errorf("wrote %q, %v", b.String(), err)
	}
}

// looksLike checks a decoded strip of four tiles at 10x20 pixels a cell.
func looksLike(t *testing.T, p image.Image, width, tolerance int) {
	t.Helper()
	if got, want := p.Bounds().Size(), image.Pt(width, 80); got != want {
		t.Fatalf("%v pixels, want %v", got, want)
	}
	for _, c := range []struct {
		x, y int
		want color.NRGBA
		why  string
	}{
		{20, 40, blue, "first stripe of Chad"},
		{60, 40, yellow, "second"},
		{100, 40, red, "third"},
		{140 + 60, 40, yellow, "Romania's second"},
		{3*140 + 10, 40, green, "the upright picture"},
	} {
		got := color.NRGBAModel.Convert(p.At(c.x, c.y)).(color.NRGBA)
		for _, d := range []int{int(got.R) - int(c.want.R), int(got.G) - int(c.want.G), int(got.B) - int(c.want.B)} {
			if d > tolerance || d < -tolerance || got.A != 255 {
				t.Errorf("%s: %v at %d,%d, want %v", c.why, got, c.x, c.y, c.want)
				break
			}
		}
	}
	if _, _, _, a := p.At(2*140+60, 40).RGBA(); a != 0 {
		t.Errorf("the missing picture's place is painted")
	}
}

func graphicStrip(t *testing.T, mode Mode) string {
	t.Helper()
	term, out := screen(60, modern)
	s := strip()
	s.Tiles = s.Tiles[:4]
	if err := s.Write(term, mode); err != nil {
		t.Fatal(err)
	}
	got := out.String()
	if !strings.Contains(got, "Romania") || strings.Contains(got, "\x1b[2J") {
		t.Errorf("captions are wrong: %q", got[max(0, len(got)-300):])
	}
	return got
}

func TestKittyGetsThePictureInChunks(t *testing.T) {
	t.Parallel()
	got := graphicStrip(t, Kitty)
	var data strings.Builder
	chunks := regexp.MustCompile("\x1b_G([^;]*);([^\x1b]*)\x1b\\\\").FindAllStringSubmatch(got, -1)
	if len(chunks) == 0 {
		t.Fatalf("no chunk in %q", got)
	}
	for i, c := range chunks {
		keys := map[string]string{}
		for _, pair := range strings.Split(c[1], ",") {
			key, value, _ := strings.Cut(pair, "=")
			keys[key] = value
		}
		if len(c[2]) > 4096 || (i < len(chunks)-1 && len(c[2])%4 != 0) {
			t.Errorf("chunk %d has %d bytes", i, len(c[2]))
		}
		if more := keys["m"] == "1"; more != (i < len(chunks)-1) {
			t.Errorf("chunk %d of %d says m=%s", i, len(chunks), keys["m"])
		}
		if i == 0 && (keys["a"] != "T" || keys["f"] != "100" || keys["c"] != "54" || keys["r"] != "4") {
			t.Errorf("control data %v", keys)
		}
		data.WriteString(c[2])
	}
	looksLike(t, decodePNG(t, data.String()), 540, 0)
}

func TestBigPicturesTakeSeveralKittyChunks(t *testing.T) {
	t.Parallel()
	noise := image.NewNRGBA(image.Rect(0, 0, 120, 80))
	seed := uint32(1)
	for i := range noise.Pix {
		seed = seed*1664525 + 1013904223
		noise.Pix[i] = byte(seed >> 24)
	}
	term, out := screen(80, modern)
	if err := (Strip{Tiles: []Tile{{Picture: noise}}}).Write(term, Kitty); err != nil {
		t.Fatal(err)
	}
	if n := strings.Count(out.String(), "\x1b_Gm=1;"); n < 2 {
		t.Errorf("%d middle chunks", n)
	}
	if n := strings.Count(out.String(), "\x1b_Gm=0;"); n != 1 {
		t.Errorf("%d last chunks", n)
	}
}

func TestITermGetsThePictureInline(t *testing.T) {
	t.Parallel()
	m := regexp.MustCompile("\x1b]1337;File=([^:]*):([^\a]*)\a").FindStringSubmatch(graphicStrip(t, ITerm))
	if m == nil {
		t.Fatal("no inline file")
	}
	raw, err := base64.StdEncoding.DecodeString(m[2])
	if err != nil {
		t.Fatal(err)
	}
	if want := "inline=1;size=" + strconv.Itoa(len(raw)) + ";width=54;height=4;preserveAspectRatio=0"; m[1] != want {
		t.Errorf("arguments %q, want %q", m[1], want)
	}
	looksLike(t, decodePNG(t, m[2]), 540, 0)
}

func decodePNG(t *testing.T, encoded string) image.Image {
	t.Helper()
	raw, err := base64.StdEncoding.DecodeString(encoded)
	if err != nil {
		t.Fatal(err)
	}
	p, err := png.Decode(bytes.NewReader(raw))
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func TestAnotherDecoderReadsTheSixels(t *testing.T) {
	t.Parallel()
	got := graphicStrip(t, Sixel)
	begin, end := strings.Index(got, "\x1bP"), strings.Index(got, "\x1b\\")
	if begin < 0 || end < begin {
		t.Fatalf("no sixels in %q", got)
	}
	var p image.Image
	if err := sixel.NewDecoder(strings.NewReader(got[begin : end+2])).Decode(&p); err != nil {
		t.Fatal(err)
	}
	// The decoder's picture ends with the last column that is painted. Colours
	// are percents.
	looksLike(t, p, 3*140+40, 2)
}

func TestQuantizeKeepsFewColoursAndBoundsMany(t *testing.T) {
	t.Parallel()
	flag := scale(tricolor(30, 20, blue, yellow, red), 30, 20)
	if palette, _ := quantize(flag, 256); len(palette) != 3 {
		t.Errorf("a flag of 3 colours has a palette of %d", len(palette))
	}
	ramp := image.NewNRGBA(image.Rect(0, 0, 256, 64))
	for y := range 64 {
		for x := range 256 {
			ramp.SetNRGBA(x, y, color.NRGBA{uint8(x), uint8(4 * y), 128, 255})
		}
	}
	palette, index := quantize(ramp, 256)
	if len(palette) != 256 {
		t.Errorf("a palette of %d colours", len(palette))
	}
	sum := 0
	for i, k := range index {
		c, p := ramp.NRGBAAt(i%256, i/256), palette[k]
		sum += max(int(c.R)-int(p.R), int(p.R)-int(c.R)) + max(int(c.G)-int(p.G), int(p.G)-int(c.G))
	}
	if mean := float64(sum) / float64(len(index)); mean > 8.5 { // a 16x16 grid of boxes is off by 8 on average
		t.Errorf("colours are off by %.1f on average", mean)
	}
}

func TestPaletteIndexIsTheNearestColour(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		in   color.NRGBA
		want int
	}{
		{color.NRGBA{0, 0, 0, 255}, 16},
		{color.NRGBA{255, 255, 255, 255}, 231},
		{color.NRGBA{255, 0, 0, 255}, 196},
		{color.NRGBA{95, 135, 175, 255}, 67},
		{color.NRGBA{128, 128, 128, 255}, 244},
		{color.NRGBA{8, 8, 8, 255}, 232},
	} {
		if got := paletteIndex(c.in); got != c.want {
			t.Errorf("paletteIndex(%v) = %d, want %d", c.in, got, c.want)
		}
	}
}

func TestModesAreReadByName(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"auto", "kitty", "iterm", "sixel", "blocks", "none"} {
		if m, err := ParseMode(name); err != nil || string(m) != name {
			t.Errorf("ParseMode(%q) = %q, %v", name, m, err)
		}
	}
	if _, err := ParseMode("ascii"); err == nil {
		t.Error("ParseMode took ascii")
	}
}
