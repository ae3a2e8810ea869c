package model

import (
	"fmt"
	"math"

	"github.com/akin-search/akin/internal/picture"
	"github.com/akin-search/akin/internal/resample"
)

// Preprocess makes a network's input of a picture, as the image processors of
// transformers do: resize, cut out the middle, then (pixel·Scale - Mean) / Std.
type Preprocess struct {
	// Short is how long the shorter side becomes before Width x Height are cut out
	// of the middle; 0 resizes to Width x Height whatever shape the picture has.
	Short int `json:"short,omitempty"`
	// Squashed is the width and height that a picture gets, whatever its shape, before Width x Height
	// are cut out of the middle; or 0, 0.
	Squashed [2]int          `json:"squashed,omitzero"`
	Width    int             `json:"width"`
	Height   int             `json:"height"`
	Filter   resample.Filter `json:"filter"`
	Scale    float64         `json:"scale"`
	Mean     [3]float64      `json:"mean"`
	Std      [3]float64      `json:"std"`
	// Torch cuts the middle out as torchvision does: half a pixel goes to the even
	// side, where transformers rounds down.
	Torch bool `json:"torch,omitempty"`
	// MaxPatches keeps a picture's shape, in at most so many squares of Patch pixels (patchgrid.go);
	// Width x Height has as many pixels at most.
	MaxPatches int `json:"max_patches,omitempty"`
	Patch      int `json:"patch,omitempty"`
	// Float resizes in float32, after the division by 255 and without rounding to 8 bits.
	Float bool `json:"float,omitempty"`
	Twice bool `json:"twice,omitempty"` // divides by Std once more, as EfficientNet's does

	// cropPct is that of configs without crop_pct in families with ConvNeXt's processor (convNeXtSize); it
	// is 0 in others.
	cropPct float64
}

var (
	imageNetMean = [3]float64{0.485, 0.456, 0.406}
	imageNetStd  = [3]float64{0.229, 0.224, 0.225}
	clipMean     = [3]float64{0.48145466, 0.4578275, 0.40821073}
	clipStd      = [3]float64{0.26862954, 0.26130258, 0.27577711}
)

// Shape is that of what Apply fills.
func (p Preprocess) Shape() []int64 {
	if p.MaxPatches > 0 {
		return []int64{int64(p.MaxPatches*p.Patch*p.Patch*3 + 2)}
	}
	return []int64{3, int64(p.Height), int64(p.Width)}
}

// Size returns how many values Apply fills.
func (p Preprocess) Size() int {
	size := 1
	for _, side := range p.Shape() {
		size *= int(side)
	}
	return size
}

// Apply fills dst, (3, Height, Width), or what patchgrid.go describes.
func (p Preprocess) Apply(pic *picture.Picture, dst []float32) {
	if p.MaxPatches > 0 {
		p.applyPatches(pic, dst)
		return
	}
	width, height := p.resized(pic.Width, pic.Height)
	if p.Float {
		p.applyFloats(pic, dst, width, height)
		return
	}
	resized := resample.ResizeRegion(pic, width, height, p.cropped(width, height), p.Filter)
	defer resized.Release()
	table := p.table()
	resample.Planar(dst, resized, &table)
}

// applyFloats is Apply without rounding what is resized.
func (p Preprocess) applyFloats(pic *picture.Picture, dst []float32, width, height int) {
	resized := make([]float32, 3*p.Width*p.Height)
	resample.Floats(resized, pic, width, height, p.cropped(width, height), p.Filter)
	plane := p.Width * p.Height
	for c := range 3 {
		scale, shift := float32(p.Scale/p.Std[c]), float32(p.Mean[c]/p.Std[c])
		for y := range p.Height {
			row, to := resized[3*y*p.Width+c:], dst[c*plane+y*p.Width:][:p.Width]
			for x := range to {
				to[x] = row[3*x]*scale - shift
			}
		}
	}
}

// table is what each value of each channel becomes, in the reference's order and
// precision of operations.
func (p Preprocess) table() (table [3][256]float32) {
	for c := range table {
		mean, std := float32(p.Mean[c]), float32(p.Std[c])
		for v := range table[c] {
			x := (float32(float64(v)*p.Scale) - mean) / std
			if p.Twice {
				x /= std
			}
			table[c][v] = x
		}
	}
	return table
}

// check reports sizes and deviations that no picture can be prepared with.
func (p Preprocess) check() error {
	if p.Width < 1 || p.Height < 1 || max(p.Width, p.Height, p.Short) > 1<<14 || p.Short < 0 || p.Short > 0 && p.Short < max(p.Width, p.Height) {
		return fmt.Errorf("it makes pictures of %d x %d from a shorter side of %d", p.Width, p.Height, p.Short)
	}
	if s := p.Squashed; s != [2]int{} && (s[0] < p.Width || s[1] < p.Height || max(s[0], s[1]) > 1<<14 || p.Short > 0) {
		return fmt.Errorf("it makes pictures of %d x %d from %d x %d", p.Width, p.Height, s[0], s[1])
	}
	if p.Float && p.Filter != resample.Bilinear && p.Filter != resample.Bicubic {
		return fmt.Errorf("it resizes in floating point with a filter that is neither bilinear nor bicubic")
	}
	for _, s := range p.Std {
		if s == 0 {
			return fmt.Errorf("a standard deviation is 0")
		}
	}
	return p.checkScale()
}

// checkScale reports a mean and a standard deviation of another scale than the pixels': those of 0 to 255 with pixels of
// 0 to 1, or the other way round. The network would run, and see next to nothing.
func (p Preprocess) checkScale() error {
	const largest = 300 // values that no network takes; without normalisation they reach 255
	white := 255 * p.Scale
	for c := range p.Mean {
		if mean, std := p.Mean[c], math.Abs(p.Std[c]); mean < -white || mean > 2*white || white/std > largest {
			return fmt.Errorf("a mean of %g and a deviation of %g do not belong to pixels from 0 to %g: change image_mean and image_std, or rescale_factor", mean, p.Std[c], math.Round(1000*white)/1000)
		}
	}
	return nil
}
