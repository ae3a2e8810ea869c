// Package keypoint finds places of a picture that are found again in another picture of the same thing, whatever its size and
// its turn, and describes what is around each.
//
// It is SIFT (Lowe, "Distinctive Image Features from Scale-Invariant Keypoints", IJCV 2004): extrema of differences of
// Gaussians, located between pixels, with the direction of the gradients around each. Descriptors are made RootSIFT
// (Arandjelović and Zisserman, "Three things everyone should know to improve object retrieval", CVPR 2012). Numbers that the
// paper leaves open are those of OpenCV's cv::SIFT, but for the reach of its Gaussians.
package keypoint

import (
	"cmp"
	"math"
	"slices"

	"github.com/akin-search/akin/internal/parallel"
	"github.com/akin-search/akin/internal/picture"
	"github.com/akin-search/akin/internal/resample"
)

const (
	// Width is the number of values of a descriptor: 4 x 4 cells of 8 directions.
	Width = cells * cells * directions
	// Side is the longest side, in pixels, that keypoints are looked for at: larger pictures are shrunk.
	Side = 1600
	// Most is how many keypoints are kept of a picture.
	Most = 5000

	perOctave = 3    // scales
	firstBlur = 1.6  // the standard deviation of an octave's first level, in its pixels
	hadBlur   = 0.5  // that a picture is taken to have
	contrast  = 0.04 // of an extremum, divided among the scales of an octave; grey is 0 to 1
	edgeRatio = 10   // of the curvatures along and across an edge
	border    = 5    // pixels
	leastSide = 12   // of an octave
)

// Point is a place of a picture.
type Point struct {
	X, Y  float32 // in pixels of the upright picture; the middle of the first one is 0.5, 0.5
	Scale float32 // the standard deviation of the Gaussian that it was found at, in those pixels
	Angle float32 // of the gradients around it, in radians from -π to π, clockwise on the screen from right

	response float32
	level    int // and where it is in its octave
	x, y     float32
	sigma    float32
}

// Set is the keypoints of a picture, the ones of most contrast first.
type Set struct {
	Width, Height int       // of the upright picture
	Points        []Point   //
	Descriptors   []float32 // (len(Points), Width), of length 1
}

// Descriptor returns the descriptor of the i-th point.
func (s *Set) Descriptor(i int) []float32 { return s.Descriptors[i*Width : (i+1)*Width] }

// Find finds the keypoints of what is seen of an upright picture. They are the same for any number of threads.
func Find(p *picture.Picture) *Set {
	f := locate(p, Most)
	all := make([]int, len(f.Points))
	for i := range all {
		all[i] = i
	}
	return f.describe(all)
}

// FindSpread finds as many keypoints at most, all over the picture: those of Find that Spread chooses, in a third of the time.
func FindSpread(p *picture.Picture, most int) *Set {
	f := locate(p, spreadOf)
	return f.describe(f.Spread(most))
}

// located are keypoints that are not described yet, the ones of most contrast first.
type located struct {
	Set
	octaves []*octave // of each
}

// locate finds the keypoints of a picture, at most so many.
func locate(p *picture.Picture, most int) *located {
	f := &located{Set: Set{Width: p.Width, Height: p.Height}}
	first, scale := firstLevel(p)
	for octave, base := 0, first; min(base.width, base.height) >= leastSide; octave++ {
		o := newOctave(base)
		unit := scale * float32(math.Pow(2, float64(octave))) // pixels of the picture in one of the octave
		for _, k := range o.points() {
			// The next octave's first pixel is this one's first, not the first two.
			k.X, k.Y, k.Scale = (k.x-0.5)*unit+scale/2, (k.y-0.5)*unit+scale/2, k.sigma*unit
			f.Points, f.octaves = append(f.Points, k), append(f.octaves, o)
		}
		base = o.next()
	}
	f.keep(f.byContrast(most))
	oriented := make([][]Point, len(f.Points))
	parallel.Each(len(f.Points), func(i int) { oriented[i] = f.octaves[i].oriented(f.Points[i]) })
	points, octaves := f.Points, f.octaves
	f.Points, f.octaves = nil, nil
	for i := range points {
		for _, k := range oriented[i] {
			f.Points, f.octaves = append(f.Points, k), append(f.octaves, octaves[i])
		}
	}
	f.Points = f.Points[:min(most, len(f.Points))]
	return f
}

// byContrast is the order of the points by contrast, up to so many of them.
func (f *located) byContrast(most int) []int {
	order := make([]int, len(f.Points))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(i, j int) int { return cmp.Compare(f.Points[j].response, f.Points[i].response) })
	return order[:min(most, len(order))]
}

// keep keeps some points, in that order.
func (f *located) keep(order []int) {
	points, octaves := make([]Point, len(order)), make([]*octave, len(order))
	for to, from := range order {
		points[to], octaves[to] = f.Points[from], f.octaves[from]
	}
	f.Points, f.octaves = points, octaves
}

// describe describes some points.
func (f *located) describe(which []int) *Set {
	f.keep(which)
	out := &Set{Width: f.Width, Height: f.Height, Points: f.Points, Descriptors: make([]float32, len(which)*Width)}
	parallel.Each(len(which), func(i int) { f.octaves[i].describe(&out.Points[i], out.Descriptor(i)) })
	return out
}

// firstLevel is the picture in grey, 0 to 1, twice as large as it is or as Side allows, and blurred as the first level of an
// octave is. scale is how many of the picture's pixels one of its pixels is.
func firstLevel(p *picture.Picture) (g plane, scale float32) {
	seen, _ := p.On(picture.Auto)
	long := max(seen.Width, seen.Height)
	if long > Side {
		w, h := max(1, seen.Width*Side/long), max(1, seen.Height*Side/long)
		small := resample.Resize(seen, w, h, resample.Lanczos)
		if seen != p {
			seen.Release()
		}
		seen = small
	}
	g = grey(seen)
	scale = float32(p.Width) / float32(g.width)
	if seen != p {
		seen.Release()
	}
	had := hadBlur
	if 2*long <= Side*3/2 {
		g, scale, had = g.doubled(), scale/2, 2*hadBlur
	}
	return g.blurred(math.Sqrt(firstBlur*firstBlur - had*had)), scale
}
