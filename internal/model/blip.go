package model

import (
	"fmt"

	"github.com/akin-search/akin/internal/onnx"
	"github.com/akin-search/akin/internal/resample"
	"github.com/akin-search/akin/internal/tokenizer"
)

// BLIP (Li et al. 2022, https://arxiv.org/abs/2201.12086), as it was fine-tuned to find pictures by
// captions. Reference: transformers' BlipForImageTextRetrieval without its matching head; the
// embeddings are vision_proj and text_proj of the towers' first tokens.
func init() {
	register(family{
		name:     "blip",
		language: true,
		version:  1,
		preprocess: Preprocess{
			Width: 384, Height: 384, Filter: resample.Bicubic,
			Mean: clipMean, Std: clipStd, Scale: 1. / 255,
		},
		config: func() any {
			return &blipConfig{
				Dim: 256,
				Vision: clipVisionConfig{
					Hidden: 768, Layers: 12, Heads: 12, Intermediate: 3072, Activation: "gelu",
					Epsilon: 1e-5, Image: 384, Patch: 16,
				},
				Text: clipTextConfig{
					Vocabulary: 30524, Positions: 512, Hidden: 768, Layers: 12, Heads: 8, Intermediate: 3072, Activation: "gelu",
					Epsilon: 1e-12,
				},
			}
		},
		prefixes:   []string{""},
		matrices:   true,
		probe:      "vision_proj.weight",
		build:      buildBLIP,
		text:       buildBLIPText,
		tokenizers: []textFile{{file: "vocab.txt", open: func(dir string) (textEncoder, error) { return tokenizer.OpenBERT(dir) }}},
		models: []Spec{
			{
				Name: "blip-base", Repository: "Salesforce/blip-itm-base-coco", Dim: 256, InputWidth: 384, InputHeight: 384,
				Params: 86_287_360, Bytes: 345_149_440,
				Speed: "slow", Licence: "BSD-3-Clause", About: "scenes as captions describe them; not logos",
			},
		},
	})
}

type blipConfig struct {
	Dim    int              `json:"image_text_hidden_size"`
	Vision clipVisionConfig `json:"vision_config"`
	Text   clipTextConfig   `json:"text_config"`
}

func buildBLIP(n *network, config any, width, height int) (dim int) {
	c := config.(*blipConfig)
	v := c.Vision
	x, rows, columns := n.blipVision(v, width, height, n.wanted())
	if n.err != nil {
		return 0
	}
	n.tokenEmbedding(n.linear(x, "vision_proj", v.Hidden, c.Dim), c.Dim, 1, rows, columns)
	return c.Dim
}

// blipVision is the vision tower of BLIP and BLIP-2, its last layer norm included.
func (n *network) blipVision(v clipVisionConfig, width, height, wanted int) (x onnx.Value, rows, columns int) {
	if width != v.Image || height != v.Image {
		n.fail("its pictures are %d x %d, and its positions are for %d x %d", width, height, v.Image, v.Image)
		return "", 0, 0
	}
	x, rows, columns = n.patches(n.pixels(width, height), "vision_model.embeddings.patch_embedding", v.Patch, height, width, v.Hidden)
	count := rows * columns
	x = n.classToken(x, n.tensor("vision_model.embeddings.class_embedding", 1, 1, v.Hidden),
		n.tensor("vision_model.embeddings.position_embedding", 1, 1+count, v.Hidden), count, v.Hidden)
	e := v.encoder()
	e.layer = func(i int) layerNames {
		l := clipLayer("vision_model.")(i)
		at := fmt.Sprintf("vision_model.encoder.layers.%d.self_attn.", i)
		l.q, l.out, l.fused = at+"qkv", at+"projection", true
		return l
	}
	x = n.encode(x, e, 1+count, "", wanted)
	return n.layerNorm(x, "vision_model.post_layernorm", v.Hidden, v.Epsilon), rows, columns
}

// buildBLIPText is BERT without the cross attention that the matching head needs.
func buildBLIPText(n *network, config any) (tokens int) {
	c := config.(*blipConfig)
	t := c.Text
	if t.Positions < 1 || t.Positions > 4096 {
		n.fail("its texts have %d tokens", t.Positions)
		return 0
	}
	b := bert{dim: t.Hidden, heads: t.Heads, hidden: t.Intermediate, activation: t.Activation, epsilon: t.Epsilon}
	ids := n.tokens(anyLength)
	const in = "text_encoder.embeddings."
	x := n.op("Gather", n.tensor(in+"word_embeddings.weight", t.Vocabulary, t.Hidden), n.reshape(ids, -1))
	length := n.Node("Shape", []onnx.Value{ids}, onnx.Int("start", 1), onnx.Int("end", 2))
	x = n.op("Add", x, n.op("Slice", n.tensor(in+"position_embeddings.weight", t.Positions, t.Hidden), n.Int64s([]int64{0}, 1), length))
	x = n.layerNorm(x, in+"LayerNorm", t.Hidden, t.Epsilon)
	for i := 0; i < t.Layers && n.err == nil; i++ {
		l := fmt.Sprintf("text_encoder.encoder.layer.%d.", i)
		x = n.bertAttention(x, x, b, l+"attention.self.", l+"attention.output.", anyLength, anyLength, t.Hidden)
		x = n.bertMLP(x, b, l+"intermediate.dense", l+"output.")
	}
	n.embedding(n.linear(n.token(x, anyLength, t.Hidden, 0), "text_proj", t.Hidden, c.Dim), c.Dim)
	return t.Positions
}
