package model

import (
	"fmt"

	"github.com/akin-search/akin/internal/onnx"
	"github.com/akin-search/akin/internal/resample"
)

// BLIP-2 (Li et al. 2023, https://arxiv.org/abs/2301.12597) up to its
// Q-Former: queries that read what a vision transformer saw. Reference: transformers'
// Blip2Model.get_qformer_features; the embedding is the first query's row. The
// language model's tensors are never read.
func init() {
	register(family{
		name:     "blip-2",
		language: true,
		version:  1,
		preprocess: Preprocess{
			Width: 224, Height: 224, Filter: resample.Bicubic,
			Mean: clipMean, Std: clipStd, Scale: 1. / 255,
		},
		config: func() any {
			return &blip2Config{
				Queries: 32,
				Vision: clipVisionConfig{
					Hidden: 1408, Layers: 39, Heads: 16, Intermediate: 6144, Activation: "gelu",
					Epsilon: 1e-6, Image: 224, Patch: 14,
				},
				QFormer: qformerConfig{
					Hidden: 768, Layers: 12, Heads: 12, Intermediate: 3072, Activation: "gelu",
					Epsilon: 1e-12, Every: 2, Encoder: 1408,
				},
			}
		},
		prefixes: []string{""},
		matrices: true,
		probe:    "query_tokens",
		build:    buildBLIP2,
		models: []Spec{
			{
				Name: "blip2-opt-2.7b", Repository: "Salesforce/blip2-opt-2.7b", Dim: 768, InputWidth: 224, InputHeight: 224,
				Params: 1_091_114_496, Bytes: 4_364_457_984,
				Speed: "slowest", Licence: "MIT", About: "meaning, and what a caption would tell",
			},
		},
	})
}

type blip2Config struct {
	Queries int              `json:"num_query_tokens"`
	Vision  clipVisionConfig `json:"vision_config"`
	QFormer qformerConfig    `json:"qformer_config"`
}

type qformerConfig struct {
	Hidden       int     `json:"hidden_size"`
	Layers       int     `json:"num_hidden_layers"`
	Heads        int     `json:"num_attention_heads"`
	Intermediate int     `json:"intermediate_size"`
	Activation   string  `json:"hidden_act"`
	Epsilon      float64 `json:"layer_norm_eps"`
	Every        int     `json:"cross_attention_frequency"`
	Encoder      int     `json:"encoder_hidden_size"`
}

func buildBLIP2(n *network, config any, width, height int) (dim int) {
	c := config.(*blip2Config)
	v := c.Vision
	x, rows, columns := n.blipVision(v, width, height, all)
	if n.err != nil {
		return 0
	}
	n.embedding(n.qformer(x, c.QFormer, c.Queries, 1+rows*columns), c.QFormer.Hidden)
	return c.QFormer.Hidden
}

// qformer is BERT over the queries, with cross attention to what the vision tower
// saw, (n·seen, Encoder), in every c.Every-th layer: (n, Hidden), the first query.
func (n *network) qformer(saw onnx.Value, c qformerConfig, queries, seen int) onnx.Value {
	if c.Every < 1 {
		n.fail("the config has cross attention in every %d-th layer", c.Every)
		return ""
	}
	pictures := n.Node("Shape", []onnx.Value{"pixels"}, onnx.Int("start", 0), onnx.Int("end", 1))
	shape := n.Node("Concat", []onnx.Value{pictures, n.Int64s([]int64{1, 1}, 2)}, onnx.Int("axis", 0))
	x := n.op("Expand", n.tensor("query_tokens", 1, queries, c.Hidden), shape)                   // (n, queries, Hidden)
	x = n.layerNorm(n.reshape(x, -1, int64(c.Hidden)), "qformer.layernorm", c.Hidden, c.Epsilon) // (n·queries, Hidden)
	b := bert{dim: c.Hidden, heads: c.Heads, hidden: c.Intermediate, activation: c.Activation, epsilon: c.Epsilon}
	for i := 0; i < c.Layers && n.err == nil; i++ {
		l := fmt.Sprintf("qformer.encoder.layer.%d.", i)
		x = n.bertAttention(x, x, b, l+"attention.attention.", l+"attention.output.", queries, queries, c.Hidden)
		if i%c.Every == 0 {
			x = n.bertAttention(x, saw, b, l+"crossattention.attention.", l+"crossattention.output.", queries, seen, c.Encoder)
		}
		x = n.bertMLP(x, b, l+"intermediate_query.dense", l+"output_query.")
	}
	return n.token(x, queries, c.Hidden, 0)
}
