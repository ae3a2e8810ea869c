package model

import (
	"cmp"
	"encoding/json"
	"fmt"
	"math"
	"strings"

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

// readPreprocess reads preprocessor_config.json; what it leaves out is as in
// fallback.
func readPreprocess(read reader, fallback Preprocess) (Preprocess, error) {
	data, err := read("preprocessor_config.json")
	if err != nil {
		return Preprocess{}, err
	}
	p, err := parsePreprocess(data, fallback)
	if err != nil {
		return Preprocess{}, fmt.Errorf("its preprocessor_config.json: %w", err)
	}
	return p, nil
}

// side is a size as configs write it: an object, or, in older ones, a number.
type side struct {
	Width  int `json:"width"`
	Height int `json:"height"`
	Short  int `json:"shortest_edge"`
	number int
}

func (s *side) UnmarshalJSON(data []byte) error {
	type object side
	if json.Unmarshal(data, &s.number) == nil {
		return nil
	}
	return json.Unmarshal(data, (*object)(s))
}

func parsePreprocess(data []byte, fallback Preprocess) (Preprocess, error) {
	var c struct {
		Resize     *bool      `json:"do_resize"`
		Crop       *bool      `json:"do_center_crop"`
		Normalize  *bool      `json:"do_normalize"`
		Rescale    *bool      `json:"do_rescale"`
		Flip       bool       `json:"do_flip_channel_order"`
		Size       *side      `json:"size"`
		CropSize   *side      `json:"crop_size"`
		Resample   *int       `json:"resample"`
		Scale      *float64   `json:"rescale_factor"`
		Mean       *[]float64 `json:"image_mean"`
		Std        *[]float64 `json:"image_std"`
		Offset     bool       `json:"rescale_offset"`
		IncludeTop *bool      `json:"include_top"`
		CropPct    *float64   `json:"crop_pct"`
		Processor  string     `json:"image_processor_type"`
		Extractor  string     `json:"feature_extractor_type"` // what it was called
		MaxPatches *int       `json:"max_num_patches"`
		Patch      *int       `json:"patch_size"`
	}
	if err := unmarshal(data, &c); err != nil {
		return Preprocess{}, err
	}
	p := fallback
	if c.Resize != nil && !*c.Resize {
		return p, fmt.Errorf("it does not resize, and akin's pictures have all sizes")
	}
	if c.Flip {
		return p, fmt.Errorf("do_flip_channel_order is not supported")
	}
	if c.Offset {
		return p, fmt.Errorf("rescale_offset is not known to akin")
	}
	if isConvNeXt := strings.HasPrefix(cmp.Or(c.Processor, c.Extractor), "ConvNext"); isConvNeXt || p.cropPct > 0 && cmp.Or(c.Processor, c.Extractor) == "" {
		if err := p.convNeXtSize(c.Size, c.CropPct); err != nil {
			return p, err
		}
	} else if size := c.Size; size != nil {
		switch n := size.number; {
		case n == 0:
			p.Short, p.Width, p.Height = size.Short, size.Width, size.Height
		case fallback.Short > 0:
			p.Short = n
		default:
			p.Width, p.Height = n, n
		}
	}
	if crop := c.CropSize; crop != nil && (c.Crop == nil || *c.Crop) {
		if crop.number > 0 {
			crop.Width, crop.Height = crop.number, crop.number
		}
		if p.Short == 0 && (crop.Width != p.Width || crop.Height != p.Height) {
			return p, fmt.Errorf("it resizes to %d x %d and cuts %d x %d out of that, which akin does not know", p.Width, p.Height, crop.Width, crop.Height)
		}
		p.Width, p.Height = crop.Width, crop.Height
	} else if c.Crop != nil && !*c.Crop && p.Short > 0 {
		return p, fmt.Errorf("it resizes the shorter side alone, so that pictures have all shapes; akin needs a size or a crop")
	}
	if c.Resample != nil {
		filter, ok := map[int]resample.Filter{0: resample.Nearest, 1: resample.Lanczos, 2: resample.Bilinear, 3: resample.Bicubic}[*c.Resample]
		if !ok {
			return p, fmt.Errorf("the filter %d is not known to akin", *c.Resample)
		}
		p.Filter = filter
	}
	if c.Scale != nil {
		p.Scale = *c.Scale
	}
	if c.Rescale != nil && !*c.Rescale {
		p.Scale = 1
	}
	for _, x := range []struct {
		from *[]float64
		to   *[3]float64
	}{{c.Mean, &p.Mean}, {c.Std, &p.Std}} {
		if x.from == nil {
			continue
		}
		if len(*x.from) != 3 {
			return p, fmt.Errorf("image_mean and image_std have not 3 numbers")
		}
		*x.to = [3]float64(*x.from)
	}
	if c.Normalize != nil && !*c.Normalize {
		p.Mean, p.Std = [3]float64{}, [3]float64{1, 1, 1}
	}
	if c.IncludeTop != nil {
		p.Twice = *c.IncludeTop
	}
	p.cropPct = 0
	if fallback.MaxPatches > 0 {
		if c.MaxPatches != nil {
			p.MaxPatches = *c.MaxPatches
		}
		if c.Patch != nil {
			p.Patch = *c.Patch
		}
		if p.MaxPatches < 1 || p.Patch < 1 || p.MaxPatches > 1<<16 || p.Patch > 1<<10 || p.MaxPatches*p.Patch*p.Patch > 1<<26 {
			return p, fmt.Errorf("it makes %d patches of %d pixels", p.MaxPatches, p.Patch)
		}
		p.Width = int(math.Sqrt(float64(p.MaxPatches))) * p.Patch
		p.Height = p.Width
	}
	return p, p.check()
}

// convNeXtSize reads a size as transformers' ConvNextImageProcessor does: below 384, pictures are cut out of
// larger ones.
func (p *Preprocess) convNeXtSize(size *side, pct *float64) error {
	if size == nil {
		return nil
	}
	n, kept := cmp.Or(size.Short, size.number), cmp.Or(p.cropPct, convNeXtPct)
	if pct != nil {
		kept = *pct
	}
	if n < 1 || !(kept > 0 && kept <= 1) {
		return fmt.Errorf("it makes pictures with a shorter side of %d and crop_pct %g", n, kept)
	}
	p.Short, p.Width, p.Height = 0, n, n
	if n < 384 {
		p.Short = int(float64(n) / kept)
	}
	return nil
}

const convNeXtPct = 224. / 256

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
