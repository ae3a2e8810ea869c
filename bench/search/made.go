package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"
	"io"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"

	"github.com/akin-search/akin"
	"github.com/akin-search/akin/api"
	"github.com/akin-search/akin/internal/vector"
	"golang.org/x/sync/errgroup"
)

const (
	familySize = 8    // pictures that vary one theme
	chunkSize  = 2000 // pictures that are on disk at a time
)

// makePictures draws pictures, embeds them with the default model, and makes a set of
// their embeddings and of further pictures as queries: every second query is of a family
// that the rows know, the others are of families of their own. An interrupted run goes on
// where it was.
func (b *bench) makePictures(rows string) (set string, err error) {
	n, err := count(rows)
	if err != nil {
		return "", err
	}
	if found, err := filepath.Glob(b.rows("made-" + rows + "-*[0-9]")); err != nil {
		return "", err
	} else if len(found) > 0 {
		return strings.TrimSuffix(filepath.Base(found[0]), ".npy"), nil
	}
	libraries, err := filepath.Glob(".deps/lib/libonnxruntime*")
	if err != nil || len(libraries) == 0 {
		return "", errors.New("ONNX Runtime is absent: run make setup first")
	}
	if err := os.MkdirAll(b.work, 0o777); err != nil {
		return "", err
	}
	ctx := context.Background()
	c, err := akin.Open(ctx, filepath.Join(b.work, "made-"+rows+".akin"), akin.Options{
		Library: libraries[0], ModelDirs: []string{".deps/models"}, Threads: b.threads,
	})
	if err != nil {
		return "", err
	}
	defer c.Close()
	numbers := make([]int, n+queryCount)
	for i := range numbers {
		switch {
		case i < n:
			numbers[i] = i/(familySize-1)*familySize + i%(familySize-1) // the last of a family is left for a query
		case i%2 == 0:
			numbers[i] = (i-n)*(n/queryCount)/familySize*familySize + familySize - 1
		default:
			numbers[i] = (n + i) * familySize
		}
	}
	info, err := c.Info(ctx)
	if err != nil {
		return "", err
	}
	for first := info.Pictures / chunkSize * chunkSize; first < len(numbers); first += chunkSize {
		if err := b.indexChunk(ctx, c, first, numbers[first:min(first+chunkSize, len(numbers))]); err != nil {
			return "", err
		}
	}
	exported, err := c.Export(ctx, "")
	if err != nil {
		return "", err
	}
	return b.writeMade(rows, n, exported)
}

func (b *bench) indexChunk(ctx context.Context, c *akin.Collection, first int, numbers []int) error {
	dir, err := os.MkdirTemp(b.work, "pictures")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	var g errgroup.Group
	g.SetLimit(runtime.GOMAXPROCS(0))
	for i, number := range numbers {
		g.Go(func() error { return writePicture(filepath.Join(dir, fmt.Sprintf("%09d", first+i)), number) })
	}
	if err := g.Wait(); err != nil {
		return err
	}
	report, err := c.Index(ctx, []string{dir}, api.IndexOptions{})
	if err != nil {
		return err
	}
	if len(report.Failed) > 0 {
		return fmt.Errorf("index %s: %s", report.Failed[0].Source, report.Failed[0].Error)
	}
	fmt.Fprintf(os.Stderr, "\r%d pictures made and embedded", first+len(numbers))
	return nil
}

func (b *bench) writeMade(rows string, n int, e akin.Exported) (string, error) {
	dim := len(e.Vector(0))
	all := make([]float32, (n+queryCount)*dim)
	seen := 0
	for i, name := range e.Names {
		at, err := strconv.Atoi(name)
		if err != nil || at >= n+queryCount {
			return "", fmt.Errorf("the collection holds %q, which was not made here", name)
		}
		seen += copy(all[at*dim:(at+1)*dim], e.Vector(i)) / dim
	}
	if seen != n+queryCount {
		return "", fmt.Errorf("%d pictures were made, but %d are in the collection", n+queryCount, seen)
	}
	fmt.Fprintln(os.Stderr)
	set := fmt.Sprintf("made-%s-%d", rows, dim)
	queries := vector.Matrix{Dim: dim, Parts: [][]float32{all[n*dim:]}}
	return set, errors.Join(writeMatrix(b.queries(set), queries), writeMatrix(b.rows(set), vector.Matrix{Dim: dim, Parts: [][]float32{all[:n*dim]}}))
}

// writePicture writes a picture as PNG or, with an eye to photos, JPEG.
func writePicture(path string, number int) error {
	img := draw(number)
	encode, extension := png.Encode, ".png"
	if number/familySize%3 != 0 {
		encode, extension = encodeJPEG, ".jpg"
	}
	f, err := os.Create(path + extension)
	if err != nil {
		return err
	}
	w := bufio.NewWriter(f)
	return errors.Join(encode(w, img), w.Flush(), f.Close())
}

func encodeJPEG(w io.Writer, img image.Image) error {
	return jpeg.Encode(w, img, &jpeg.Options{Quality: 88})
}

const side = 256 // pixels

// theme is what the pictures of a family share.
type theme struct {
	ground  func(u, v float64) (at float64) // 0 to 1: where in the palette
	palette []rgb
	shapes  []figure
	grain   float64
	marks   int // lines of text-like marks
	seed    uint64
}

type rgb [3]float64

// draw gives picture number, always the same: a theme by its family, seen from a place
// and in a light of its own.
func draw(number int) *image.RGBA {
	family := uint64(number / familySize)
	t := newTheme(rand.New(rand.NewPCG(family, 11)))
	r := rand.New(rand.NewPCG(uint64(number), 13))
	// How far a picture is from its theme: hardly, or so that one must look.
	far := 0.02 + 0.3*r.Float64()*r.Float64()
	turn, size := far*r.NormFloat64(), math.Exp(0.5*far*r.NormFloat64())
	du, dv := far*r.NormFloat64(), far*r.NormFloat64()
	light := rgb{}
	for i := range light {
		light[i] = 1 + 0.5*far*r.NormFloat64()
	}
	drawn := len(t.shapes)
	if far > 0.15 && drawn > 1 {
		drawn--
	}
	sin, cos := math.Sincos(turn)
	img := image.NewRGBA(image.Rect(0, 0, side, side))
	for y := range side {
		for x := range side {
			px, py := 2*float64(x)/side-1, 2*float64(y)/side-1
			u, v := size*(cos*px-sin*py)+du, size*(sin*px+cos*py)+dv
			c := t.colour(t.ground(u, v))
			for _, s := range t.shapes[:drawn] {
				if s.covers(u, v) {
					c = s.colour
				}
			}
			if t.marks > 0 && t.mark(u, v) {
				c = t.palette[0]
			}
			noise := t.grain * (r.Float64() - 0.5)
			img.SetRGBA(x, y, color.RGBA{level(c[0]*light[0] + noise), level(c[1]*light[1] + noise), level(c[2]*light[2] + noise), 255})
		}
	}
	return img
}

func level(v float64) uint8 { return uint8(255 * max(0, min(1, v))) }

func newTheme(r *rand.Rand) theme {
	t := theme{seed: r.Uint64()}
	for range 2 + r.IntN(5) {
		t.palette = append(t.palette, rgb{r.Float64(), r.Float64(), r.Float64()})
	}
	t.ground = grounds[r.IntN(len(grounds))](r)
	for range r.IntN(3) * r.IntN(4) {
		t.shapes = append(t.shapes, newShape(r))
	}
	if r.IntN(4) == 0 {
		t.marks = 1 + r.IntN(12)
	}
	if r.IntN(3) == 0 {
		t.grain = 0.4 * r.Float64()
	}
	return t
}

// colour is the palette's at a place from 0 to 1, blended.
func (t *theme) colour(at float64) rgb {
	at = max(0, min(0.9999, at)) * float64(len(t.palette)-1)
	i := int(at)
	var c rgb
	for j := range c {
		c[j] = t.palette[i][j] + (at-float64(i))*(t.palette[i+1][j]-t.palette[i][j])
	}
	return c
}

// mark reports whether a place is ink of text-like marks: lines of words of strokes.
func (t *theme) mark(u, v float64) bool {
	lines := float64(t.marks)
	line, within := math.Floor((v+1)/2*lines), math.Mod((v+1)/2*lines, 1)
	if line < 0 || line >= lines || within < 0.25 || within > 0.75 || math.Abs(u) > 0.85 {
		return false
	}
	column := math.Floor(u * 9 * math.Sqrt(lines))
	h := hash(t.seed, int64(line), int64(column))
	if h%5 == 0 { // between words
		return false
	}
	inside := u*9*math.Sqrt(lines) - column
	return inside < 0.25 && h&64 != 0 || inside > 0.55 && inside < 0.8 && h&128 != 0 || math.Abs(within-0.3-float64(h>>8%3)*0.17) < 0.06
}

func hash(seed uint64, x, y int64) uint64 {
	h := seed ^ uint64(x)*0x9e3779b97f4a7c15 ^ uint64(y)*0xc2b2ae3d27d4eb4f
	h ^= h >> 29
	h *= 0xbf58476d1ce4e5b9
	return h ^ h>>32
}

// grounds are kinds of backgrounds.
var grounds = []func(*rand.Rand) func(u, v float64) float64{
	func(r *rand.Rand) func(u, v float64) float64 { // a gradient
		sin, cos := math.Sincos(2 * math.Pi * r.Float64())
		return func(u, v float64) float64 { return 0.5 + 0.4*(cos*u+sin*v) }
	},
	func(r *rand.Rand) func(u, v float64) float64 { // rings of a centre
		cu, cv, rings := r.Float64()-0.5, r.Float64()-0.5, 1+10*r.Float64()*r.Float64()
		return func(u, v float64) float64 { return 0.5 + 0.5*math.Sin(rings*math.Hypot(u-cu, v-cv)*math.Pi) }
	},
	func(r *rand.Rand) func(u, v float64) float64 { // stripes, as flags have
		sin, cos := math.Sincos(math.Pi / 4 * float64(r.IntN(4)))
		number := float64(2 + r.IntN(14))
		return func(u, v float64) float64 {
			band := math.Floor((cos*u + sin*v + 1) / 2 * number)
			return math.Mod(band*0.37+10, 1)
		}
	},
	func(r *rand.Rand) func(u, v float64) float64 { // checks and tiles
		number, seed, loud := float64(2+r.IntN(12)), r.Uint64(), r.IntN(2) == 0
		return func(u, v float64) float64 {
			x, y := int64(math.Floor(u*number)), int64(math.Floor(v*number))
			if loud {
				return float64(hash(seed, x, y)%1000) / 1000
			}
			return float64((x + y) & 1)
		}
	},
	func(r *rand.Rand) func(u, v float64) float64 { // clouds, wood, marble: noise of several sizes
		seed, size, turbulent := r.Uint64(), 1+6*r.Float64(), 3*r.Float64()
		return func(u, v float64) float64 {
			sum, weight := 0., 0.5
			for octave := range int64(4) {
				scale := size * float64(int64(1)<<octave)
				sum += weight * smooth(seed+uint64(octave), u*scale, v*scale)
				weight /= 2
			}
			return math.Mod(sum*(1+turbulent), 1)
		}
	},
	func(r *rand.Rand) func(u, v float64) float64 { // a landscape: sky, hills, ground
		seed, horizon, rough := r.Uint64(), 0.8*(r.Float64()-0.5), 0.1+0.5*r.Float64()
		return func(u, v float64) float64 {
			hill := horizon + rough*(smooth(seed, u*2, 0)-0.5) + rough/3*(smooth(seed+1, u*9, 0)-0.5)
			if v < hill {
				return 0.3 * (v + 1)
			}
			return 0.5 + 0.3*smooth(seed+2, u*12, v*20) + 0.2*(v-hill)
		}
	},
	func(r *rand.Rand) func(u, v float64) float64 { // plaids: waves across one another
		a, b, c := 2+14*r.Float64(), 2+14*r.Float64(), 6*r.Float64()
		return func(u, v float64) float64 { return 0.5 + 0.25*math.Sin(a*u+c) + 0.25*math.Sin(b*v+c*u) }
	},
	func(r *rand.Rand) func(u, v float64) float64 { // dots
		number, radius := float64(2+r.IntN(10)), 0.15+0.3*r.Float64()
		return func(u, v float64) float64 {
			x, y := u*number, v*number
			if math.Hypot(x-math.Round(x), y-math.Round(y)) < radius {
				return 1
			}
			return 0
		}
	},
}

// smooth is noise between 0 and 1 that varies over lengths of 1.
func smooth(seed uint64, x, y float64) float64 {
	ix, iy := math.Floor(x), math.Floor(y)
	fx, fy := x-ix, y-iy
	fx, fy = fx*fx*(3-2*fx), fy*fy*(3-2*fy)
	at := func(dx, dy int64) float64 { return float64(hash(seed, int64(ix)+dx, int64(iy)+dy)%4096) / 4096 }
	top := at(0, 0) + fx*(at(1, 0)-at(0, 0))
	bottom := at(0, 1) + fx*(at(1, 1)-at(0, 1))
	return top + fy*(bottom-top)
}

// figure is a filled shape: an ellipse, a box, a star or a ring.
type figure struct {
	kind             int
	u, v, a, b, turn float64
	points           float64
	colour           rgb
}

func newShape(r *rand.Rand) figure {
	return figure{
		kind: r.IntN(4), u: 1.6*r.Float64() - 0.8, v: 1.6*r.Float64() - 0.8, a: 0.08 + 0.5*r.Float64()*r.Float64(), b: 0.08 + 0.5*r.Float64()*r.Float64(),
		turn: math.Pi * r.Float64(), points: float64(3 + r.IntN(6)), colour: rgb{r.Float64(), r.Float64(), r.Float64()},
	}
}

func (s *figure) covers(u, v float64) bool {
	u, v = u-s.u, v-s.v
	if far := s.a + s.b; math.Abs(u) > far || math.Abs(v) > far {
		return false
	}
	sin, cos := math.Sincos(s.turn)
	u, v = cos*u-sin*v, sin*u+cos*v
	switch s.kind {
	case 0:
		return u*u/(s.a*s.a)+v*v/(s.b*s.b) < 1
	case 1:
		return math.Abs(u) < s.a && math.Abs(v) < s.b
	case 2:
		return math.Hypot(u, v) < s.a*(0.65+0.35*math.Cos(s.points*math.Atan2(v, u)))
	}
	d := math.Hypot(u, v)
	return d < s.a && d > 0.6*s.a
}
