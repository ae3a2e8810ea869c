package model

import (
	"encoding/json"
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"

	"github.com/akin-search/akin/internal/onnx"
	"github.com/akin-search/akin/internal/resample"
)

// timmLayout is that of timm's save_for_hf: config.json has the architecture's name, and pretrained_cfg
// says how pictures are prepared. Sizes are in model_args where they are not the architecture's own;
// builders read the others from the tensors' shapes. Reference: timm/models/_hub.py.
var timmLayout = &layout{
	file: "config.json",
	architecture: func(description []byte) (string, error) {
		var c struct {
			Architecture string          `json:"architecture"`
			Pretrained   json.RawMessage `json:"pretrained_cfg"`
		}
		err := unmarshal(description, &c)
		if c.Pretrained == nil {
			return "", err
		}
		return c.Architecture, err
	},
	preprocess: func(_ reader, description []byte, fallback Preprocess) (Preprocess, error) {
		c := timmConfig{Pretrained: newTimmPretrained(fallback)}
		if err := unmarshal(description, &c); err != nil {
			return Preprocess{}, err
		}
		p, err := c.Pretrained.preprocess()
		if err != nil {
			return Preprocess{}, fmt.Errorf("its config.json: %w", err)
		}
		return p, nil
	},
}

// timmConfig is timm's description of a network.
type timmConfig struct {
	Architecture string         `json:"architecture"`
	Pool         string         `json:"global_pool"`
	Args         timmArgs       `json:"model_args"`
	Pretrained   timmPretrained `json:"pretrained_cfg"`
	tower        bool           // of OpenCLIP, which describes it
}

// timmArgs are what differs from the architecture of that name.
type timmArgs struct {
	Dim          int       `json:"embed_dim"`
	Heads        oneOrMany `json:"num_heads"`
	Depths       oneOrMany `json:"depths"`
	Pool         string    `json:"global_pool"`
	NoEmbedClass *bool     `json:"no_embed_class"`
	Reference    oneOrMany `json:"ref_feat_shape"`
	Activation   string    `json:"act_layer"`
	Epsilon      float64   `json:"norm_eps"`
	names        []string  // of all that there are, sorted
}

func (a *timmArgs) UnmarshalJSON(data []byte) error {
	type known timmArgs
	var all map[string]any
	if err := json.Unmarshal(data, &all); err != nil {
		return err
	}
	maps.DeleteFunc(all, func(_ string, v any) bool { return v == nil })
	a.names = slices.Sorted(maps.Keys(all))
	return json.Unmarshal(data, (*known)(a))
}

// pool is how the network's features become one: "token", "avg", "map" or what else the builder knows;
// fallback where the description does not say.
func (c *timmConfig) pool(fallback string) string {
	switch {
	case c.Args.Pool != "":
		return c.Args.Pool
	case c.Pool != "":
		return c.Pool
	}
	return fallback
}

// timmKnows fails for arguments and poolings that a builder does not know.
func (n *network) timmKnows(c *timmConfig, args []string, pools ...string) {
	n.timmKnowsArgs(c, args)
	if pool := c.pool(pools[0]); !slices.Contains(pools, pool) {
		n.fail("its global_pool is %.100q: akin knows %s of a %s", pool, strings.Join(pools, ", "), c.Architecture)
	}
}

func (n *network) timmKnowsArgs(c *timmConfig, args []string) {
	for _, name := range c.Args.names {
		if !slices.Contains(args, name) {
			n.fail("its model_args have %q, which akin does not know of a %s", name, c.Architecture)
		}
	}
}

// timmActivation is the activation that timm calls by that name.
func (n *network) timmActivation(name string) string {
	known := timmActivations[name]
	if known == "" {
		n.fail("its act_layer is %.100q, which akin does not know", name)
	}
	return known
}

// oneOrMany is a number, or one for each stage.
type oneOrMany []int

func (l *oneOrMany) UnmarshalJSON(data []byte) error {
	var one int
	if json.Unmarshal(data, &one) == nil {
		*l = oneOrMany{one}
		return nil
	}
	return json.Unmarshal(data, (*[]int)(l))
}

// timmPretrained says how pictures are prepared. Reference: timm/data/transforms_factory.py,
// transforms_imagenet_eval.
type timmPretrained struct {
	Input         []int     `json:"input_size"` // channels, height, width
	Interpolation string    `json:"interpolation"`
	Crop          float64   `json:"crop_pct"`
	Mode          string    `json:"crop_mode"`
	Mean          []float64 `json:"mean"`
	Std           []float64 `json:"std"`
}

// newTimmPretrained holds timm's own defaults, and the size of fallback, which is all that timm's families say.
func newTimmPretrained(fallback Preprocess) timmPretrained {
	return timmPretrained{
		Input: []int{3, fallback.Height, fallback.Width}, Interpolation: "bicubic", Crop: 0.875, Mode: "center",
		Mean: slices.Clone(imageNetMean[:]), Std: slices.Clone(imageNetStd[:]),
	}
}

func (c timmPretrained) preprocess() (Preprocess, error) {
	p := Preprocess{Scale: 1. / 255, Torch: true}
	if len(c.Input) != 3 || c.Input[0] != 3 || len(c.Mean) != 3 || len(c.Std) != 3 {
		return p, fmt.Errorf("input_size, mean and std are %v, %v and %v", c.Input, c.Mean, c.Std)
	}
	p.Height, p.Width = c.Input[1], c.Input[2]
	p.Mean, p.Std = [3]float64(c.Mean), [3]float64(c.Std)
	if !(c.Crop > 0 && c.Crop <= 1) {
		return p, fmt.Errorf("crop_pct is %g, not above 0 and up to 1", c.Crop)
	}
	switch c.Mode {
	case "center", "":
		if p.Height != p.Width {
			return p, fmt.Errorf("it crops %d x %d: akin knows crop_mode center for squares only", p.Width, p.Height)
		}
		p.Short = int(math.Floor(float64(p.Height) / c.Crop))
	case "squash":
		if c.Crop != 1 {
			p.Squashed = [2]int{int(math.Floor(float64(p.Width) / c.Crop)), int(math.Floor(float64(p.Height) / c.Crop))}
		}
	default:
		return p, fmt.Errorf("crop_mode %q is not known to akin", c.Mode)
	}
	var err error
	if p.Filter, err = filterOf(c.Interpolation); err != nil {
		return p, err
	}
	return p, p.check()
}

// filterOf is the filter that timm and OpenCLIP call by that name.
func filterOf(name string) (resample.Filter, error) {
	filter, ok := map[string]resample.Filter{
		"nearest": resample.Nearest, "bilinear": resample.Bilinear, "bicubic": resample.Bicubic, "lanczos": resample.Lanczos,
	}[name]
	if !ok {
		return 0, fmt.Errorf("the interpolation %q is not known to akin", name)
	}
	return filter, nil
}

// trunk is a network of timm up to its pooled features, (n, dim), or, for patches, all vectors of its
// grid, (n·vectors, dim). OpenCLIP's checkpoints have some as their vision towers.
type trunk func(n *network, c *timmConfig, width, height int) (x onnx.Value, dim int)

// buildTimm is family.build of a trunk that stands alone.
func buildTimm(t trunk) func(*network, any, int, int) int {
	return func(n *network, config any, width, height int) int {
		x, dim := t(n, config.(*timmConfig), width, height)
		n.end(x, dim)
		return dim
	}
}

// trunkOf returns the trunk of the family that has an architecture of timm.
func trunkOf(architecture string) (trunk, error) {
	for _, f := range families {
		if f.layout == timmLayout && f.trunk != nil && f.isNamed(architecture) {
			return func(n *network, c *timmConfig, width, height int) (onnx.Value, int) {
				of := *c
				of.tower = true
				return f.trunk(n, &of, width, height)
			}, nil
		}
	}
	return nil, &UnknownArchitectureError{File: openCLIPLayout.file, Architecture: architecture, Known: knownTo(timmLayout)}
}
