package picture

import (
	"bytes"
	"errors"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/akin-search/akin/internal/golden"
)

func TestReducedJPEGsArePillowsDrafts(t *testing.T) {
	dir := filepath.Join("testdata", "draft")
	expected := golden.NPZ(t, filepath.Join(dir, "expected.npz"))
	for _, system := range []bool{true, false} {
		for name, want := range expected {
			file, digits, _ := strings.Cut(name, "@")
			if filepath.Ext(file) != ".jpg" {
				continue
			}
			scale, err := strconv.Atoi(digits)
			if err != nil {
				t.Fatal(err)
			}
			data := readGolden(t, filepath.Join(dir, file))
			t.Run(name+map[bool]string{true: "", false: " in Go"}[system], func(t *testing.T) {
				withSystemJPEG(t, system)
				info, err := Inspect(data, Limits{})
				if err != nil {
					t.Fatal(err)
				}
				p, reduced, err := DecodeReduced(t.Context(), data, Limits{}, info.Width/scale, info.Height/scale)
				if err != nil {
					t.Fatal(err)
				}
				if reduced != info {
					t.Errorf("info %+v, want that of the whole picture, %+v", reduced, info)
				}
				compare(t, p, want, exact)
			})
		}
	}
	if len(expected) != 3*(4*3+7+7)+5 {
		t.Errorf("%d expected pictures", len(expected))
	}
}

func TestReducedPicturesAreLargeEnough(t *testing.T) {
	for _, c := range []struct {
		why                  string
		format               string
		width, height        int
		leastWidth, leastTop int
		wantWidth, wantTop   int
	}{
		{"a photo for a network of 224", "jpeg", 4000, 3000, 448, 448, 1000, 750},
		{"the shorter side decides", "jpeg", 8000, 1800, 448, 448, 2000, 450},
		{"just large enough", "jpeg", 3584, 3584, 448, 448, 448, 448},
		{"one pixel too few", "jpeg", 3583, 3584, 448, 448, 895, 896},
		{"all of it is needed", "jpeg", 895, 600, 448, 448, 895, 600},
		{"more than there is", "jpeg", 100, 100, 448, 448, 100, 100},
		{"no less than an eighth", "jpeg", 4000, 3000, 1, 1, 500, 375},
		{"a side of less than eight pixels", "jpeg", 4000, 7, 1, 1, 1000, 1},
		{"another format", "png", 4000, 3000, 448, 448, 4000, 3000},
	} {
		w, h := Enough(Info{Format: c.format, Width: c.width, Height: c.height}, c.leastWidth, c.leastTop)
		if w != c.wantWidth || h != c.wantTop {
			t.Errorf("%s: %d x %d, want %d x %d", c.why, w, h, c.wantWidth, c.wantTop)
		}
		if again, top := Enough(Info{Format: c.format, Width: c.width, Height: c.height}, w, h); again != w || top != h {
			t.Errorf("%s: %d x %d once more, want the same", c.why, again, top)
		}
	}
}

// The decoders agree on damaged files, too, where both give a picture.
func FuzzReducedJPEG(f *testing.F) {
	for _, pattern := range []string{"*.jpg", "cases/*.jpg", "draft/*.jpg", "reported/*.jpg"} {
		files, _ := filepath.Glob(filepath.Join("testdata", filepath.FromSlash(pattern)))
		for _, file := range files {
			data, err := os.ReadFile(file)
			if err != nil {
				f.Fatal(err)
			}
			for scale := range uint8(3) {
				f.Add(data, scale)
			}
		}
	}
	lim := Limits{Pixels: 1 << 18, Time: 5 * time.Second}
	f.Fuzz(func(t *testing.T, data []byte, which uint8) {
		info, err := Inspect(data, lim)
		if err != nil || info.Format != "jpeg" {
			return
		}
		scale := 2 << (which % 3)
		p, _, err := DecodeReduced(t.Context(), data, lim, info.Width/scale, info.Height/scale)
		if err != nil {
			return
		}
		if p.Width < info.Width/scale || p.Height < info.Height/scale || len(p.Pix) != 3*p.Width*p.Height {
			t.Errorf("%d x %d with %d bytes of a picture of %d x %d at 1/%d", p.Width, p.Height, len(p.Pix), info.Width, info.Height, scale)
		}
		sameAhead(t, data, scale, lim)
	})
}

// sameAhead decodes a file by jpegAhead and block by block.
func sameAhead(t *testing.T, data []byte, scale int, lim Limits) {
	t.Helper()
	before := aheadWorth
	defer func() { aheadWorth = before }()
	var pictures [2]*Picture
	var errs [2]error
	for i, worth := range []int{1 << 30, 0} {
		aheadWorth = worth
		src := &source{ctx: t.Context(), data: data, lim: lim.filled(), format: "jpeg"}
		pictures[i], errs[i] = decodeJPEGInGo(src, scale)
	}
	if errs[0] != nil || errs[1] != nil {
		if errs[0] == nil || errs[1] == nil || errs[0].Error() != errs[1].Error() {
			t.Errorf("1/%d: %v block by block, %v ahead", scale, errs[0], errs[1])
		}
		return
	}
	if !bytes.Equal(pictures[0].Pix, pictures[1].Pix) {
		t.Errorf("1/%d: the pictures differ", scale)
	}
	for _, p := range pictures {
		p.Release()
	}
}

func TestCodesReadAheadGiveTheSamePicture(t *testing.T) {
	var files [][]byte
	for _, pattern := range []string{"*.jpg", "cases/*.jpg", "draft/*.jpg", "reported/*.jpg"} {
		names, _ := filepath.Glob(filepath.Join("testdata", filepath.FromSlash(pattern)))
		for _, name := range names {
			files = append(files, readGolden(t, name))
		}
	}
	photo := photo12()
	files = append(files, photo)
	r := rand.New(rand.NewPCG(5, 6))
	for range 200 { // damaged ones, and ones that end early
		damaged := slices.Clone(files[r.IntN(len(files)-1)])
		for range 1 + r.IntN(4) {
			damaged[r.IntN(len(damaged))] = byte(r.Uint32())
		}
		if r.IntN(3) == 0 {
			damaged = damaged[:r.IntN(len(damaged))]
		}
		files = append(files, damaged)
	}
	for range 3 {
		damaged := slices.Clone(photo)
		damaged[len(photo)/10+r.IntN(len(photo)/2)] ^= byte(1 + r.IntN(255))
		files = append(files, damaged)
	}
	for _, data := range files {
		for scale := 1; scale <= 8; scale *= 2 {
			sameAhead(t, data, scale, Limits{})
		}
	}
}

func TestPreviewsStandInForHEICPictures(t *testing.T) {
	dir := filepath.Join("testdata", "draft")
	expected := golden.NPZ(t, filepath.Join(dir, "expected.npz"))
	for _, c := range []struct {
		why, file     string
		width, height int
		want          string // the name of the expected pixels; "" is the whole picture
	}{
		{"the smallest that is enough", "previews.heic", 50, 35, "80x60"},
		{"just large enough", "previews.heic", 80, 60, "80x60"},
		{"the next one", "previews.heic", 81, 60, "160x120"},
		{"none is", "previews.heic", 160, 121, ""},
		{"upright, as the picture", "previews_turned.heic", 100, 150, "120x160"},
		{"across, of an upright one", "previews_turned.heic", 150, 100, ""},
		{"of tiles", "previews_tiles.heic", 150, 100, "160x120"},
		{"it would lose the transparency", "previews_alpha.heic", 50, 35, ""},
	} {
		t.Run(c.why, func(t *testing.T) {
			data := readGolden(t, filepath.Join(dir, c.file))
			info, err := Inspect(data, Limits{})
			if errors.Is(err, ErrNoDecoder) {
				t.Skip(err)
			}
			if err != nil {
				t.Fatal(err)
			}
			p, reduced, err := DecodeReduced(t.Context(), data, Limits{}, c.width, c.height)
			if err != nil {
				t.Fatal(err)
			}
			if reduced != info {
				t.Errorf("info %+v, want that of the whole picture, %+v", reduced, info)
			}
			if c.want != "" {
				compare(t, p, expected[c.file+"@"+c.want], tolerance{3, 1})
				return
			}
			whole, _, err := Decode(t.Context(), data, Limits{})
			if err != nil {
				t.Fatal(err)
			}
			if p.Width != whole.Width || p.Height != whole.Height || !bytes.Equal(p.Pix, whole.Pix) || !bytes.Equal(p.Alpha, whole.Alpha) {
				t.Errorf("%d x %d, want the whole picture", p.Width, p.Height)
			}
		})
	}
}
