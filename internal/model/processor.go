package model

import (
	"cmp"
	"encoding/json"
	"fmt"
	"math"
	"strings"

	"github.com/akin-search/akin/internal/resample"
)

// processorConfig is transformers' preprocessor_config.json, in so far as it changes the pixels that a network is given.
type processorConfig struct {
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

// parsePreprocess reads a preprocessor_config.json.
func parsePreprocess(data []byte, fallback Preprocess) (Preprocess, error) {
	var c processorConfig
	if err := unmarshal(data, &c); err != nil {
		return Preprocess{}, err
	}
	p := fallback
	for _, step := range []func(*Preprocess) error{c.supported, c.size, c.crop, c.filter, c.values, c.patches} {
		if err := step(&p); err != nil {
			return p, err
		}
	}
	p.cropPct = 0
	return p, p.check()
}

// supported reports what akin cannot do.
func (c processorConfig) supported(*Preprocess) error {
	switch {
	case c.Resize != nil && !*c.Resize:
		return fmt.Errorf("it does not resize, and akin's pictures have all sizes")
	case c.Flip:
		return fmt.Errorf("do_flip_channel_order is not supported")
	case c.Offset:
		return fmt.Errorf("rescale_offset is not known to akin")
	}
	return nil
}

// size sets the size that pictures are resized to.
func (c processorConfig) size(p *Preprocess) error {
	kind := cmp.Or(c.Processor, c.Extractor)
	if strings.HasPrefix(kind, "ConvNext") || p.cropPct > 0 && kind == "" {
		return p.convNeXtSize(c.Size, c.CropPct)
	}
	if c.Size == nil {
		return nil
	}
	switch n := c.Size.number; {
	case n == 0:
		p.Short, p.Width, p.Height = c.Size.Short, c.Size.Width, c.Size.Height
	case p.Short > 0:
		p.Short = n
	default:
		p.Width, p.Height = n, n
	}
	return nil
}

// crop sets what is cut out of the middle.
func (c processorConfig) crop(p *Preprocess) error {
	crops := c.Crop == nil || *c.Crop
	switch {
	case c.CropSize != nil && crops:
		width, height := c.CropSize.Width, c.CropSize.Height
		if n := c.CropSize.number; n > 0 {
			width, height = n, n
		}
		if p.Short == 0 && (width != p.Width || height != p.Height) {
			return fmt.Errorf("it resizes to %d x %d and cuts %d x %d out of that, which akin does not know", p.Width, p.Height, width, height)
		}
		p.Width, p.Height = width, height
	case !crops && p.Short > 0:
		return fmt.Errorf("it resizes the shorter side alone, so that pictures have all shapes; akin needs a size or a crop")
	}
	return nil
}

func (c processorConfig) filter(p *Preprocess) error {
	if c.Resample == nil {
		return nil
	}
	filter, ok := map[int]resample.Filter{0: resample.Nearest, 1: resample.Lanczos, 2: resample.Bilinear, 3: resample.Bicubic}[*c.Resample]
	if !ok {
		return fmt.Errorf("the filter %d is not known to akin", *c.Resample)
	}
	p.Filter = filter
	return nil
}

// values sets what is done with a pixel's values.
func (c processorConfig) values(p *Preprocess) error {
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
			return fmt.Errorf("image_mean and image_std have not 3 numbers")
		}
		*x.to = [3]float64(*x.from)
	}
	if c.Normalize != nil && !*c.Normalize {
		p.Mean, p.Std = [3]float64{}, [3]float64{1, 1, 1}
	}
	if c.IncludeTop != nil {
		p.Twice = *c.IncludeTop
	}
	return nil
}

// patches sets how many patches keep a picture's shape, of a network that does.
func (c processorConfig) patches(p *Preprocess) error {
	if p.MaxPatches <= 0 {
		return nil
	}
	if c.MaxPatches != nil {
		p.MaxPatches = *c.MaxPatches
	}
	if c.Patch != nil {
		p.Patch = *c.Patch
	}
	if p.MaxPatches < 1 || p.Patch < 1 || p.MaxPatches > 1<<16 || p.Patch > 1<<10 || p.MaxPatches*p.Patch*p.Patch > 1<<26 {
		return fmt.Errorf("it makes %d patches of %d pixels", p.MaxPatches, p.Patch)
	}
	p.Width = int(math.Sqrt(float64(p.MaxPatches))) * p.Patch
	p.Height = p.Width
	return nil
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
