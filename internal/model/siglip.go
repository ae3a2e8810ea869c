package model

import (
	"github.com/akin-search/akin/internal/resample"
	"github.com/akin-search/akin/internal/tokenizer"
)

// SigLIP (Zhai et al. 2023, https://arxiv.org/abs/2303.15343) and, in pictures
// of one size, SigLIP 2 (Tschannen et al. 2025, https://arxiv.org/abs/2502.14786):
// trained on pictures with captions in many languages, each pair judged by itself.
// Reference: transformers' SiglipModel; the embeddings are get_image_features and
// get_text_features.
func init() {
	register(family{
		name:     "siglip",
		language: true,
		version:  1,
		preprocess: Preprocess{
			Width: 224, Height: 224, Filter: resample.Bicubic,
			Mean: [3]float64{0.5, 0.5, 0.5}, Std: [3]float64{0.5, 0.5, 0.5}, Scale: 1. / 255,
		},
		config:   func() any { return siglipDefaults() },
		prefixes: []string{""},
		matrices: true,
		probe:    "vision_model.head.probe",
		build:    buildSigLIP,
		text:     func(n *network, config any) int { return n.siglipText(config.(*siglipConfig).Text) },
		tokenizers: []textFile{
			// The first SigLIP's, whose folder has a tokenizer.json of another kind as well.
			{file: "spiece.model", open: func(dir string) (textEncoder, error) { return tokenizer.OpenSigLIP(dir) }, pad: 1},
			{file: "tokenizer.json", open: func(dir string) (textEncoder, error) { return tokenizer.OpenGemma(dir) }},
		},
		models: []Spec{
			{
				Name: "siglip2-base-patch16-224", Repository: "google/siglip2-base-patch16-224", Dim: 768, InputWidth: 224, InputHeight: 224,
				Params: 92_884_224, Bytes: 371_536_896,
				Speed: "medium", Licence: "Apache-2.0", About: "meaning as captions in many languages have it",
			},
		},
	})
}

func siglipDefaults() *siglipConfig {
	return &siglipConfig{
		Vision: clipVisionConfig{
			Hidden: 768, Layers: 12, Heads: 12, Intermediate: 3072, Activation: "gelu_pytorch_tanh",
			Epsilon: 1e-6, Image: 224, Patch: 16,
		},
		Text: siglipTextConfig{clipTextConfig: clipTextConfig{
			Vocabulary: 32000, Positions: 64, Hidden: 768, Layers: 12, Heads: 12, Intermediate: 3072, Activation: "gelu_pytorch_tanh",
			Epsilon: 1e-6,
		}},
	}
}

type siglipConfig struct {
	Vision clipVisionConfig `json:"vision_config"`
	Text   siglipTextConfig `json:"text_config"`
}

type siglipTextConfig struct {
	clipTextConfig
	Projection int `json:"projection_size"`
}

func buildSigLIP(n *network, config any, width, height int) (dim int) {
	v := config.(*siglipConfig).Vision
	if width != v.Image || height != v.Image {
		n.fail("its pictures are %d x %d, and its positions are for %d x %d", width, height, v.Image, v.Image)
		return 0
	}
	x, rows, columns := n.patches(n.pixels(width, height), "vision_model.embeddings.patch_embedding", v.Patch, height, width, v.Hidden)
	count := rows * columns
	x = n.op("Add", x, n.tensor("vision_model.embeddings.position_embedding.weight", count, v.Hidden))
	x = n.encode(n.reshape(x, -1, int64(v.Hidden)), v.encoder(), count, "", all)
	x = n.layerNorm(x, "vision_model.post_layernorm", v.Hidden, v.Epsilon)
	n.embedding(n.poolByAttention(x, siglipPool(v), count), v.Hidden)
	return v.Hidden
}

// siglipPool keeps the weights of queries, keys and values together, as torch's MultiheadAttention.
func siglipPool(v clipVisionConfig) attentionPool {
	of := func(i int) block {
		return block{"vision_model.head.attention.in_proj_weight", "vision_model.head.attention.in_proj_bias", i, 3}
	}
	return attentionPool{
		dim: v.Hidden, heads: v.Heads, hidden: v.Intermediate, epsilon: v.Epsilon, activation: v.Activation,
		probe: "vision_model.head.probe", query: of(0), key: of(1), value: of(2), out: "vision_model.head.attention.out_proj",
		norm: "vision_model.head.layernorm", up: "vision_model.head.mlp.fc1", down: "vision_model.head.mlp.fc2",
	}
}

// siglipText reads all tokens at once, what fills the text up included; the
// embedding is what the last has seen.
func (n *network) siglipText(t siglipTextConfig) (tokens int) {
	if t.Projection == 0 {
		t.Projection = t.Hidden
	}
	x, _ := n.tokenEmbeddings(t.clipTextConfig)
	x = n.encode(x, t.encoder(), t.Positions, "", t.Positions-1)
	x = n.layerNorm(x, "text_model.final_layer_norm", t.Hidden, t.Epsilon)
	n.embedding(n.linear(x, "text_model.head", t.Hidden, t.Projection), t.Projection)
	return t.Positions
}
