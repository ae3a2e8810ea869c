package model

import (
	"fmt"

	"github.com/akin-search/akin/internal/resample"
)

// The Vision Transformer (Dosovitskiy et al. 2020,
// https://arxiv.org/abs/2010.11929). Reference: transformers' ViTModel; the embedding
// is the class token of last_hidden_state, final layer norm included.
func init() {
	register(family{
		name:    "vit",
		version: 1,
		preprocess: Preprocess{
			Width: 224, Height: 224, Filter: resample.Bilinear,
			Mean: [3]float64{0.5, 0.5, 0.5}, Std: [3]float64{0.5, 0.5, 0.5}, Scale: 1. / 255,
		},
		config: func() any {
			return &vitConfig{
				Hidden: 768, Layers: 12, Heads: 12, Intermediate: 3072, Activation: "gelu",
				Epsilon: 1e-12, Image: 224, Patch: 16,
			}
		},
		prefixes: []string{"", "vit."},
		matrices: true,
		probe:    "encoder.layer.0.layernorm_before.weight",
		build:    buildViT,
		models: []Spec{
			{
				Name: "vit-large", Repository: "google/vit-large-patch16-224-in21k", Dim: 1024, InputWidth: 224, InputHeight: 224,
				Params: 303_301_632, Bytes: 1_213_206_528,
				Speed: "slow", Licence: "Apache-2.0", About: "objects and their parts",
			},
		},
	})
}

type vitConfig struct {
	Hidden       int     `json:"hidden_size"`
	Layers       int     `json:"num_hidden_layers"`
	Heads        int     `json:"num_attention_heads"`
	Intermediate int     `json:"intermediate_size"`
	Activation   string  `json:"hidden_act"`
	Epsilon      float64 `json:"layer_norm_eps"`
	Image        int     `json:"image_size"`
	Patch        int     `json:"patch_size"`
}

func buildViT(n *network, config any, width, height int) (dim int) {
	c := config.(*vitConfig)
	if width != c.Image || height != c.Image {
		n.fail("its pictures are %d x %d, and its positions are for %d x %d", width, height, c.Image, c.Image)
		return 0
	}
	x, rows, columns := n.patches(n.pixels(width, height), "embeddings.patch_embeddings.projection", c.Patch, height, width, c.Hidden)
	count := rows * columns
	x = n.classToken(x, n.tensor("embeddings.cls_token", 1, 1, c.Hidden),
		n.tensor("embeddings.position_embeddings", 1, 1+count, c.Hidden), count, c.Hidden)
	x = n.encode(x, encoder{
		layers: c.Layers, dim: c.Hidden, heads: c.Heads, hidden: c.Intermediate,
		epsilon: c.Epsilon, activation: c.Activation, layer: vitLayer,
	}, 1+count, "", n.wanted())
	n.tokenEmbedding(n.layerNorm(x, "layernorm", c.Hidden, c.Epsilon), c.Hidden, 1, rows, columns)
	return c.Hidden
}

func vitLayer(i int) layerNames {
	l := fmt.Sprintf("encoder.layer.%d.", i)
	return layerNames{
		norm1: l + "layernorm_before", norm2: l + "layernorm_after",
		q: l + "attention.attention.query", k: l + "attention.attention.key", v: l + "attention.attention.value",
		out: l + "attention.output.dense", up: l + "intermediate.dense", down: l + "output.dense",
	}
}
