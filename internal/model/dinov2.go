package model

import (
	"fmt"
	"math"

	"github.com/akin-search/akin/internal/onnx"
	"github.com/akin-search/akin/internal/resample"
)

// dinov2 is DINOv2 (Oquab et al. 2023, https://arxiv.org/abs/2304.07193), a vision
// transformer trained without labels. Reference: transformers' Dinov2Model; the
// embedding is the class token of last_hidden_state.
var dinov2 = family{
	name:    "dinov2",
	version: 1,
	preprocess: Preprocess{
		Short: 256, Width: 224, Height: 224, Filter: resample.Bicubic,
		Mean: imageNetMean, Std: imageNetStd, Scale: 1. / 255,
	},
	config: func() any {
		return &dinov2Config{
			Hidden: 768, Layers: 12, Heads: 12, Ratio: 4, Activation: "gelu",
			Epsilon: 1e-6, Image: 224, Patch: 14,
		}
	},
	prefixes: []string{"", "dinov2."},
	matrices: true,
	probe:    "encoder.layer.0.layer_scale1.lambda1",
	without:  "embeddings.register_tokens",
	build:    buildDINOv2,
	models: []Spec{
		{
			Name: "dinov2-base", Repository: "facebook/dinov2-base", Dim: 768, InputWidth: 224, InputHeight: 224,
			Params: 86_579_712, Bytes: 346_318_848,
			Speed: "medium", Licence: "Apache-2.0", About: "looks alone: shape and structure, learned without labels",
		},
	},
}

// dinov2Registers is DINOv2 with registers (Darcet et al. 2023,
// https://arxiv.org/abs/2309.16588): tokens of no place, which take over what the
// network would else keep in patches of plain background. Reference: transformers'
// Dinov2WithRegistersModel.
var dinov2Registers = family{
	name:       "dinov2_with_registers",
	version:    2,
	preprocess: dinov2.preprocess,
	config: func() any {
		c := dinov2.config().(*dinov2Config)
		c.Patch, c.Registers = 16, 4
		return c
	},
	prefixes: []string{"", "dinov2_with_registers."},
	matrices: true,
	probe:    "embeddings.register_tokens",
	without:  "embeddings.patch_embeddings.weight", // DINOv3's
	build:    buildDINOv2,
	models: []Spec{
		{
			Name: "dinov2-with-registers-base", Repository: "facebook/dinov2-with-registers-base", Dim: 768, InputWidth: 224, InputHeight: 224,
			Params: 86_582_784, Bytes: 346_331_136,
			Speed: "medium", Licence: "Apache-2.0", About: "as dinov2-base, steadier on plain backgrounds",
		},
	},
}

func init() {
	register(dinov2)
	register(dinov2Registers)
}

type dinov2Config struct {
	Hidden     int     `json:"hidden_size"`
	Layers     int     `json:"num_hidden_layers"`
	Heads      int     `json:"num_attention_heads"`
	Ratio      float64 `json:"mlp_ratio"`
	Activation string  `json:"hidden_act"`
	Epsilon    float64 `json:"layer_norm_eps"`
	Image      int     `json:"image_size"`
	Patch      int     `json:"patch_size"`
	SwiGLU     bool    `json:"use_swiglu_ffn"`
	Registers  int     `json:"num_register_tokens"`
}

func buildDINOv2(n *network, config any, width, height int) (dim int) {
	c := config.(*dinov2Config)
	x, rows, columns := n.patches(n.pixels(width, height), "embeddings.patch_embeddings.projection", c.Patch, height, width, c.Hidden)
	if c.Registers < 0 {
		n.fail("the config has %d registers", c.Registers)
	}
	if n.err != nil { // patches of no size
		return 0
	}
	side := c.Image / c.Patch
	class, positions := n.interpolated(n.tensor("embeddings.position_embeddings", 1, 1+side*side, c.Hidden), side, rows, columns, c.Hidden, c.Registers > 0)
	front := []onnx.Value{n.op("Add", n.tensor("embeddings.cls_token", 1, 1, c.Hidden), class)}
	if c.Registers > 0 {
		front = append(front, n.tensor("embeddings.register_tokens", 1, c.Registers, c.Hidden)) // they have no positions
	}
	table := n.Node("Concat", append(front, positions), onnx.Int("axis", 1))
	x = n.before(x, table, 1+c.Registers, c.Hidden)
	hidden, activation := int(float64(c.Hidden)*c.Ratio), c.Activation
	if c.SwiGLU {
		hidden, activation = (hidden*2/3+7)/8*8, "silu"
	}
	x = n.encode(x, encoder{
		layers: c.Layers, dim: c.Hidden, heads: c.Heads, hidden: hidden,
		epsilon: c.Epsilon, activation: activation, gated: c.SwiGLU,
		layer: func(i int) layerNames {
			l := vitLayer(i)
			at := fmt.Sprintf("encoder.layer.%d.", i)
			l.norm1, l.norm2 = at+"norm1", at+"norm2"
			l.scale1, l.scale2 = at+"layer_scale1.lambda1", at+"layer_scale2.lambda1"
			l.up, l.down = at+"mlp.fc1", at+"mlp.fc2"
			if c.SwiGLU {
				l.up, l.down = at+"mlp.weights_in", at+"mlp.weights_out"
			}
			return l
		},
	}, 1+c.Registers+rows*columns, "", n.wanted())
	n.tokenEmbedding(n.layerNorm(x, "layernorm", c.Hidden, c.Epsilon), c.Hidden, 1+c.Registers, rows, columns)
	return c.Hidden
}

// interpolated fits a square table of positions, (1, 1+side², dim), to another number of
// patches, as torch's bicubic interpolation does; the class token's position, the table's
// first, stays. torch's filter is another one when it smooths what it makes smaller.
func (n *network) interpolated(table onnx.Value, side, rows, columns, dim int, smooth bool) (class, positions onnx.Value) {
	class, positions = n.positionsOf(table)
	return class, n.resized(positions, side, rows, columns, dim, smooth)
}

// positionsOf returns the class token's position, a table's first, and those of the patches.
func (n *network) positionsOf(table onnx.Value) (class, patches onnx.Value) {
	axis := n.Int64s([]int64{1}, 1)
	cut := func(from, to int64) onnx.Value {
		return n.op("Slice", table, n.Int64s([]int64{from}, 1), n.Int64s([]int64{to}, 1), axis)
	}
	return cut(0, 1), cut(1, math.MaxInt64)
}

// resized is interpolated of a table without a class token, (1, side², dim).
func (n *network) resized(positions onnx.Value, side, rows, columns, dim int, smooth bool) onnx.Value {
	if rows == side && columns == side {
		return positions
	}
	a, antialias := float32(-0.75), int64(0)
	if smooth {
		a, antialias = -0.5, 1
	}
	if n.precision == Float16 { // the reference interpolates in float32
		positions = n.cast(positions, onnx.Float32)
	}
	grid := n.transpose(n.reshape(positions, 1, int64(side), int64(side), int64(dim)), 0, 3, 1, 2)
	grid = n.Node("Resize", []onnx.Value{grid, "", "", n.Int64s([]int64{1, int64(dim), int64(rows), int64(columns)}, 4)},
		onnx.Text("mode", "cubic"), onnx.Float("cubic_coeff_a", a), onnx.Int("antialias", antialias),
		onnx.Int("exclude_outside", antialias), onnx.Text("coordinate_transformation_mode", "half_pixel"))
	return n.computed(n.reshape(n.transpose(grid, 0, 2, 3, 1), 1, int64(rows*columns), int64(dim)))
}

// weighed fits a square table of positions, of side² rows, to a grid by float32 weights of its rows, (rows, side),
// and columns, (columns, side): (rows·columns, dim).
func (n *network) weighed(positions, down, across onnx.Value, side, dim int) onnx.Value {
	if n.precision == Float16 { // the reference interpolates in float32
		positions = n.cast(positions, onnx.Float32)
	}
	s, d := int64(side), int64(dim)
	positions = n.op("MatMul", down, n.reshape(positions, s, s*d)) // (rows, side·dim)
	positions = n.op("MatMul", across, n.reshape(positions, -1, s, d))
	return n.computed(n.reshape(positions, -1, d))
}
