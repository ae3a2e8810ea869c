package model

import (
	"math"

	"github.com/akin-search/akin/internal/resample"
)

// Region is the part of a picture that the network sees, as fractions of its width and height.
type Region struct {
	X, Y, Width, Height float64
}

// Region returns the part of a picture of that size that remains after Apply.
func (p Preprocess) Region(width, height int) Region {
	w, h := p.resized(width, height)
	x, y := p.middle(w, h)
	fw, fh := float64(w), float64(h)
	return Region{
		math.Max(0, float64(x)/fw), math.Max(0, float64(y)/fh),
		math.Min(1, float64(p.Width)/fw), math.Min(1, float64(p.Height)/fh),
	}
}

// resized returns the size of a picture before the center crop.
func (p Preprocess) resized(width, height int) (int, int) {
	switch {
	case p.Squashed != [2]int{}:
		return p.Squashed[0], p.Squashed[1]
	case p.Short == 0:
		return p.Width, p.Height
	case width <= height:
		return p.Short, p.Short * height / width
	}
	return p.Short * width / height, p.Short
}

// middle returns where the center crop of a resized picture begins.
func (p Preprocess) middle(width, height int) (x, y int) {
	if p.Torch {
		return int(math.RoundToEven(float64(width-p.Width) / 2)), int(math.RoundToEven(float64(height-p.Height) / 2))
	}
	return (width - p.Width) / 2, (height - p.Height) / 2
}

// cropped is the center crop as a region of a resized picture.
func (p Preprocess) cropped(width, height int) resample.Region {
	x, y := p.middle(width, height)
	return resample.Region{X: x, Y: y, Width: p.Width, Height: p.Height}
}
