// Package resample resizes and crops pictures as Pillow's Image.resize and
// Image.crop do, to the bit, and as torch does in float32, to a few millionths.
//
// The definition is src/libImaging/Resample.c of Pillow 13: separable filters, widened
// when they shrink (so that they average), coefficients in 22-bit fixed point, the
// horizontal pass first with its result rounded to 8 bits, then the vertical one; or
// the other way round where Pillow 13 finds that cheaper (verticalFirst).
// Nearest is ImagingScaleAffine of Geometry.c.
package resample

import (
	"math"
	"sync"

	"github.com/akin-search/akin/internal/picture"
	"github.com/akin-search/akin/internal/simd"
)

// Filter is how pixels are weighed.
type Filter uint8

// The filters, as Pillow defines them.
const (
	Nearest  Filter = iota
	Bilinear        // triangle, support 1
	Bicubic         // Keys' cubic with a = -0.5, support 2
	Lanczos         // truncated sinc, support 3
)

// Region is a part of a resized picture.
type Region struct{ X, Y, Width, Height int }

// Resize returns src at another size, at least 1 x 1; it never shares memory with src.
func Resize(src *picture.Picture, width, height int, f Filter) *picture.Picture {
	return ResizeRegion(src, width, height, Region{0, 0, width, height}, f)
}

// ResizeRegion returns a region of what Resize returns, and makes nothing else of it: resized by its shorter side, a
// picture of one pixel by 100,000 becomes one of gigabytes. The region must lie inside.
func ResizeRegion(src *picture.Picture, width, height int, r Region, f Filter) *picture.Picture {
	if f == Nearest {
		return nearest(src, width, height, r)
	}
	if width == src.Width && height == src.Height {
		return columns(src.Pix[3*width*r.Y:3*width*(r.Y+r.Height)], width, r.X, r.Width)
	}
	across, down := coefficients(src.Width, width, r.X, r.Width, f), coefficients(src.Height, height, r.Y, r.Height, f)
	if verticalFirst(src.Width, src.Height, width, height) {
		middle := vertical(src.Pix, src.Width, 0, down)
		if width == src.Width && r.Width == width {
			return middle
		}
		defer middle.Release()
		if width == src.Width {
			return columns(middle.Pix, width, r.X, r.Width)
		}
		return horizontal(middle.Pix, src.Width, r.Width, across)
	}
	first, last := r.Y, r.Y+r.Height // the rows that the vertical pass reads
	if height != src.Height {
		first = down.First[0]
		last = down.First[r.Height-1] + down.Count[r.Height-1]
	}
	rows := src.Pix[first*src.Width*3 : last*src.Width*3]
	if width == src.Width && r.Width == width {
		return vertical(rows, width, first, down)
	}
	var middle *picture.Picture
	if width == src.Width {
		middle = columns(rows, width, r.X, r.Width)
	} else {
		middle = horizontal(rows, src.Width, r.Width, across)
	}
	if height == src.Height {
		return middle
	}
	defer middle.Release()
	return vertical(middle.Pix, r.Width, first, down)
}

// columns returns some columns of rows of RGB pixels.
func columns(rows []byte, width, x, count int) *picture.Picture {
	out := picture.New(count, len(rows)/(3*width))
	for y := range out.Height {
		copy(out.Pix[3*y*count:3*(y+1)*count], rows[3*(y*width+x):])
	}
	return out
}

// between is how many values lie between the passes of Floats, at most; a row of the result may need more.
const between = 1 << 25

// Floats resizes src in float32, from 0 to 255 and for Bicubic beyond, as torch's interpolate does with
// antialias: dst is a region of it, (r.Height, r.Width, 3). The filter is Bilinear or Bicubic.
//
// The definition is aten/src/ATen/native/cpu/UpSampleKernel.cpp of torch 2: coefficients in float32, the
// horizontal pass first. They are used in 22 bits of fixed point across, which is nearer than float32's own sums.
func Floats(dst []float32, src *picture.Picture, width, height int, r Region, f Filter) {
	across, down := floatCoefficients(src.Width, width, r.X, r.Width, f), floatCoefficients(src.Height, height, r.Y, r.Height, f)
	first := down.First[0]
	last := down.First[r.Height-1] + down.Count[r.Height-1]
	if r.Height > 1 && 3*r.Width*(last-first) > between { // of a picture that is long and narrow
		half := r.Height / 2
		Floats(dst[:3*r.Width*half], src, width, height, Region{r.X, r.Y, r.Width, half}, f)
		Floats(dst[3*r.Width*half:], src, width, height, Region{r.X, r.Y + half, r.Width, r.Height - half}, f)
		return
	}
	buffer := middles.Get().(*[]float32)
	defer middles.Put(buffer)
	if size := 3 * r.Width * (last - first); cap(*buffer) < size {
		*buffer = make([]float32, size)
	}
	middle := (*buffer)[:3*r.Width*(last-first)]
	simd.HorizontalFloats(middle, src.Pix[3*first*src.Width:3*last*src.Width], src.Width, across)
	simd.VerticalFloats(dst, middle, 3*r.Width, first, down)
}

// middles are what lies between the passes of Floats: with a large picture some megabytes.
var middles = sync.Pool{New: func() any { return new([]float32) }}

// verticalFirst is the order that Pillow 13 chooses: the pass that takes away
// more, where a row counts half. Found by trying: Pillow 12 and its published
// sources always begin horizontally.
func verticalFirst(inWidth, inHeight, width, height int) bool {
	return inHeight-height > max(0, 2*(inWidth-width))
}

func horizontal(rows []byte, inWidth, width int, t *simd.Taps) *picture.Picture {
	out := picture.New(width, len(rows)/(3*inWidth))
	simd.Horizontal(out.Pix, rows, inWidth, t)
	return out
}

func vertical(rows []byte, width, first int, t *simd.Taps) *picture.Picture {
	out := picture.New(width, len(t.First))
	simd.Vertical(out.Pix, rows, 3*width, first, t)
	return out
}

// axis is a stretch of the values that one side of a picture becomes.
type axis struct {
	in, out     int
	from, count int // of out
	f           Filter
	torch       bool
}

// known keeps some weights: the pictures of a folder often share their size.
var known struct {
	sync.Mutex
	taps    map[axis]*simd.Taps
	weights int
}

// keep is how many weights known holds at most, 8 bytes each.
const keep = 1 << 20

func coefficients(in, out, from, count int, f Filter) *simd.Taps {
	return remembered(axis{in, out, from, count, f, false}, newTaps)
}

func floatCoefficients(in, out, from, count int, f Filter) *simd.Taps {
	return remembered(axis{in, out, from, count, f, true}, newFloatTaps)
}

func remembered(key axis, build func(axis) *simd.Taps) *simd.Taps {
	known.Lock()
	t := known.taps[key]
	known.Unlock()
	if t != nil {
		return t
	}
	t = build(key)
	n := len(t.Weight) + key.count
	if n > keep {
		return t
	}
	known.Lock()
	defer known.Unlock()
	if known.taps == nil || known.weights+n > keep {
		known.taps, known.weights = map[axis]*simd.Taps{}, 0
	}
	if known.taps[key] == nil {
		known.weights += n
	}
	known.taps[key] = t
	return t
}

// newTaps is precompute_coeffs and normalize_coeffs_8bpc. Products are converted
// so that no processor fuses them with the sums.
func newTaps(a axis) *simd.Taps {
	support, weigh := a.f.window()
	scale := float64(a.in) / float64(a.out)
	wide := max(scale, 1)
	support = float64(support * wide)
	size := int(math.Ceil(support))*2 + 1
	firsts, counts := make([]int, a.count), make([]int, a.count)
	weight := make([]int32, a.count*size)
	w := make([]float64, size)
	shrink := 1 / wide
	for i := range a.count {
		center := float64((float64(a.from+i) + 0.5) * scale)
		first := max(int(center-support+0.5), 0)
		count := min(int(center+support+0.5), a.in) - first
		sum := 0.0
		for j := range count {
			w[j] = weigh(float64((float64(j+first) - center + 0.5) * shrink))
			sum += w[j]
		}
		for j := range count {
			v := w[j]
			if sum != 0 {
				v /= sum
			}
			scaled := float64(v * (1 << simd.PrecisionBits))
			if v < 0 {
				weight[i*size+j] = int32(-0.5 + scaled)
			} else {
				weight[i*size+j] = int32(0.5 + scaled)
			}
		}
		firsts[i], counts[i] = first, count
	}
	return simd.NewTaps(size, firsts, counts, weight)
}

// newFloatTaps is compute_indices_min_size_weights_aa, in float32.
func newFloatTaps(a axis) *simd.Taps {
	width, _ := a.f.window()
	weigh := triangle32
	if a.f == Bicubic {
		weigh = cubic32
	}
	scale := float32(a.in) / float32(a.out)
	wide := max(scale, 1)
	support, shrink := float32(width)*wide, 1/wide
	size := int(math.Ceil(float64(support)))*2 + 1
	firsts, counts := make([]int, a.count), make([]int, a.count)
	weight, floats := make([]int32, a.count*size), make([]float32, a.count*size)
	for i := range a.count {
		center := float32(scale * (float32(a.from+i) + 0.5))
		first := max(int(center-support+0.5), 0)
		count := min(int(center+support+0.5), a.in) - first
		w := floats[i*size : i*size+count]
		var sum float32
		for j := range w {
			w[j] = weigh(float32((float32(j+first) - center + 0.5) * shrink))
			sum += w[j]
		}
		for j := range w {
			w[j] /= sum
			weight[i*size+j] = int32(math.RoundToEven(float64(w[j]) * (1 << simd.PrecisionBits)))
		}
		firsts[i], counts[i] = first, count
	}
	t := simd.NewTaps(size, firsts, counts, weight)
	t.Floats = floats
	return t
}

func triangle32(x float32) float32 {
	if x = max(x, -x); x < 1 {
		return 1 - x
	}
	return 0
}

func cubic32(x float32) float32 {
	const a = -0.5
	x = max(x, -x)
	if x < 1 {
		return float32(float32(float32(float32((a+2)*x)-(a+3))*x)*x) + 1
	}
	if x < 2 {
		return float32(float32(float32(float32(float32(x-5)*x)+8)*x)-4) * a
	}
	return 0
}

func (f Filter) window() (support float64, weigh func(float64) float64) {
	switch f {
	case Bilinear:
		return 1, triangle
	case Bicubic:
		return 2, cubic
	default:
		return 3, lanczos
	}
}

func triangle(x float64) float64 {
	if x = math.Abs(x); x < 1 {
		return 1 - x
	}
	return 0
}

func cubic(x float64) float64 {
	const a = -0.5
	x = math.Abs(x)
	if x < 1 {
		return float64(float64(float64(float64((a+2)*x)-(a+3))*x)*x) + 1
	}
	if x < 2 {
		return (float64((float64((x-5)*x)+8)*x) - 4) * a
	}
	return 0
}

func lanczos(x float64) float64 {
	if -3 <= x && x < 3 {
		return sinc(x) * sinc(x/3)
	}
	return 0
}

func sinc(x float64) float64 {
	if x == 0 {
		return 1
	}
	x *= math.Pi
	return math.Sin(x) / x
}

func nearest(src *picture.Picture, width, height int, r Region) *picture.Picture {
	out := picture.New(r.Width, r.Height)
	columns := steps(src.Width, width, r.X, r.Width)
	for y, from := range steps(src.Height, height, r.Y, r.Height) {
		row, in := out.Pix[3*y*r.Width:], src.Pix[3*from*src.Width:]
		for x, c := range columns {
			copy(row[3*x:3*x+3], in[3*c:])
		}
	}
	return out
}

// steps adds up, as Pillow does: a product would round otherwise.
func steps(in, out, from, count int) []int {
	at := make([]int, count)
	scale := float64(in) / float64(out)
	v := float64(scale * 0.5)
	for range from {
		v += scale
	}
	for i := range at {
		at[i] = min(int(v), in-1)
		v += scale
	}
	return at
}

// Crop returns a region of src, with its transparency; what lies outside of the picture is black.
func Crop(src *picture.Picture, x, y, width, height int) *picture.Picture {
	out := picture.New(width, height)
	clear(out.Pix)
	left, right := max(x, 0), min(x+width, src.Width)
	for row := max(y, 0); row < min(y+height, src.Height) && left < right; row++ {
		copy(out.Pix[3*((row-y)*width+left-x):], src.Pix[3*(row*src.Width+left):3*(row*src.Width+right)])
	}
	if src.Alpha == nil {
		return out
	}
	out.OnWhite, out.Alpha = src.OnWhite, make([]byte, width*height)
	for row := range height {
		for column := range width {
			i, alpha := row*width+column, byte(255)
			if sx, sy := x+column, y+row; sx >= 0 && sx < src.Width && sy >= 0 && sy < src.Height {
				alpha = src.Alpha[sy*src.Width+sx]
			}
			out.Alpha[i] = alpha
		}
	}
	return out
}

// Planar looks every byte of src up in its channel's table: dst is (3, H, W), as
// networks want it.
func Planar(dst []float32, src *picture.Picture, table *[3][256]float32) {
	plane := src.Width * src.Height
	red, green, blue := dst[:plane], dst[plane:2*plane], dst[2*plane:3*plane]
	green, blue = green[:len(red)], blue[:len(red)]
	pix := src.Pix
	for i := range red {
		if len(pix) < 3 {
			return
		}
		red[i], green[i], blue[i] = table[0][pix[0]], table[1][pix[1]], table[2][pix[2]]
		pix = pix[3:]
	}
}
