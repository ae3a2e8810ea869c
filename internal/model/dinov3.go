package model

import (
	"fmt"
	"regexp"

	"github.com/akin-search/akin/internal/onnx"
	"github.com/akin-search/akin/internal/resample"
)

// DINOv3 (Siméoni et al. 2025, https://arxiv.org/abs/2508.10104), trained without labels. Reference:
// transformers' DINOv3ViTModel; the embedding is pooler_output, the class token of last_hidden_state.
func init() {
	register(family{
		name:    "dinov3_vit",
		version: 1,
		preprocess: Preprocess{
			Width: 224, Height: 224, Filter: resample.Bilinear,
			Mean: imageNetMean, Std: imageNetStd, Scale: 1. / 255, Float: true,
		},
		config: func() any {
			return &dinov3Config{
				Patch: 16, Hidden: 384, Intermediate: 1536, Layers: 12, Heads: 6, Activation: "gelu", Epsilon: 1e-5, Theta: 100,
			}
		},
		prefixes: []string{"", "model.", "dinov3_vit."},
		matrices: true,
		probe:    "embeddings.patch_embeddings.weight",
		without:  "embeddings.layernorm.weight", // ConvNeXt's
		unused:   regexp.MustCompile(`^embeddings\.mask_token$|^rope_embeddings\.|^classifier\.`),
		build:    buildDINOv3,
		models: []Spec{
			{
				Name: "dinov3-small", Repository: "facebook/dinov3-vits16-pretrain-lvd1689m", Dim: 384, InputWidth: 224, InputHeight: 224,
				Params: 21_596_160, Bytes: 86_384_640,
				Speed: "fast", Licence: "DINOv3", About: "as dinov3-base, with a quarter of its parameters",
			},
			{
				Name: "dinov3-base", Repository: "facebook/dinov3-vitb16-pretrain-lvd1689m", Dim: 768, InputWidth: 224, InputHeight: 224,
				Params: 85_659_648, Bytes: 342_638_592,
				Speed: "medium", Licence: "DINOv3", About: "looks alone: shape, structure and parts; not words, not meaning",
			},
			{
				Name: "dinov3-large", Repository: "facebook/dinov3-vitl16-pretrain-lvd1689m", Dim: 1024, InputWidth: 224, InputHeight: 224,
				Params: 303_128_576, Bytes: 1_212_514_304,
				Speed: "slow", Licence: "DINOv3", About: "as dinov3-base, finer",
			},
		},
	})
}

type dinov3Config struct {
	Patch        squareSide `json:"patch_size"`
	Hidden       int        `json:"hidden_size"`
	Intermediate int        `json:"intermediate_size"`
	Layers       int        `json:"num_hidden_layers"`
	Heads        int        `json:"num_attention_heads"`
	Activation   string     `json:"hidden_act"`
	Epsilon      float64    `json:"layer_norm_eps"`
	Theta        float64    `json:"rope_theta"`
	Gated        bool       `json:"use_gated_mlp"`
	Registers    int        `json:"num_register_tokens"`
}

func buildDINOv3(n *network, config any, width, height int) (dim int) {
	c := config.(*dinov3Config)
	if c.Registers < 0 || !(c.Theta > 0) {
		n.fail("its config has num_register_tokens %d and rope_theta %g", c.Registers, c.Theta)
		return 0
	}
	x, rows, columns := n.patches(n.pixels(width, height), "embeddings.patch_embeddings", int(c.Patch), height, width, c.Hidden)
	if n.err != nil { // patches of no size
		return 0
	}
	front := []onnx.Value{n.tensor("embeddings.cls_token", 1, 1, c.Hidden)}
	if c.Registers > 0 {
		front = append(front, n.tensor("embeddings.register_tokens", 1, c.Registers, c.Hidden))
	}
	prefix := 1 + c.Registers
	table := n.padded(n.Node("Concat", front, onnx.Int("axis", 1)), 0, rows*columns)
	x = n.before(x, table, prefix, c.Hidden)
	turned := n.rotation(&rope{temperature: c.Theta, centered: true, halves: true}, prefix, rows, columns, c.Hidden, c.Heads)
	layers := "layer."
	if !n.has(layers + "0.norm1.weight") {
		layers = "model.layer."
	}
	x = n.encode(x, encoder{
		layers: c.Layers, dim: c.Hidden, heads: c.Heads, hidden: c.Intermediate,
		epsilon: c.Epsilon, activation: c.Activation, gated: c.Gated,
		rotation: func(int) *rotation { return turned },
		layer:    func(i int) layerNames { return dinov3Layer(fmt.Sprintf("%s%d.", layers, i), c.Gated) },
	}, prefix+rows*columns, "", n.wanted())
	n.tokenEmbedding(n.layerNorm(x, "norm", c.Hidden, c.Epsilon), c.Hidden, prefix, rows, columns)
	return c.Hidden
}

func dinov3Layer(at string, gated bool) layerNames {
	l := layerNames{
		norm1: at + "norm1", q: at + "attention.q_proj", k: at + "attention.k_proj", v: at + "attention.v_proj", out: at + "attention.o_proj",
		norm2: at + "norm2", up: at + "mlp.up_proj", down: at + "mlp.down_proj",
		scale1: at + "layer_scale1.lambda1", scale2: at + "layer_scale2.lambda1",
	}
	if gated {
		l.gate = at + "mlp.gate_proj"
	}
	return l
}
