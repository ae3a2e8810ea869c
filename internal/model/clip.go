package model

import (
	"fmt"
	"math"

	"github.com/akin-search/akin/internal/onnx"
	"github.com/akin-search/akin/internal/resample"
	"github.com/akin-search/akin/internal/tokenizer"
)

// CLIP (Radford et al. 2021, https://arxiv.org/abs/2103.00020), trained on
// pictures with their captions. Reference: transformers' CLIPModel; the embedding is
// get_image_features.
func init() {
	register(family{
		name:     "clip",
		language: true,
		version:  1,
		preprocess: Preprocess{
			Short: 224, Width: 224, Height: 224, Filter: resample.Bicubic,
			Mean: clipMean, Std: clipStd, Scale: 1. / 255,
		},
		config: func() any {
			return &clipConfig{Projection: 512, Vision: clipVisionConfig{
				Hidden: 768, Layers: 12, Heads: 12, Intermediate: 3072, Activation: "quick_gelu",
				Epsilon: 1e-5, Image: 224, Patch: 32,
			}, Text: clipTextConfig{
				Vocabulary: 49408, Positions: 77, Hidden: 512, Layers: 12, Heads: 8, Intermediate: 2048, Activation: "quick_gelu",
				Epsilon: 1e-5,
			}}
		},
		prefixes:   []string{""},
		matrices:   true,
		probe:      "visual_projection.weight",
		build:      buildCLIP,
		text:       buildCLIPText,
		tokenizers: []textFile{{file: "vocab.json", open: func(dir string) (textEncoder, error) { return tokenizer.OpenCLIP(dir) }}},
		models: []Spec{
			{
				Name: "clip-vit-base-patch32", Repository: "openai/clip-vit-base-patch32", Dim: 512, InputWidth: 224, InputHeight: 224,
				Params: 87_849_216, Bytes: 351_396_864,
				Speed: "fast", Licence: "MIT", About: "meaning as captions have it",
			},
		},
	})
}

type clipConfig struct {
	Projection int              `json:"projection_dim"`
	Vision     clipVisionConfig `json:"vision_config"`
	Text       clipTextConfig   `json:"text_config"`
}

// clipVisionConfig is that of CLIP's and of BLIP-2's vision tower.
type clipVisionConfig struct {
	Hidden       int     `json:"hidden_size"`
	Layers       int     `json:"num_hidden_layers"`
	Heads        int     `json:"num_attention_heads"`
	Intermediate int     `json:"intermediate_size"`
	Activation   string  `json:"hidden_act"`
	Epsilon      float64 `json:"layer_norm_eps"`
	Image        int     `json:"image_size"`
	Patch        int     `json:"patch_size"`
}

type clipTextConfig struct {
	Vocabulary   int     `json:"vocab_size"`
	Positions    int     `json:"max_position_embeddings"`
	Hidden       int     `json:"hidden_size"`
	Layers       int     `json:"num_hidden_layers"`
	Heads        int     `json:"num_attention_heads"`
	Intermediate int     `json:"intermediate_size"`
	Activation   string  `json:"hidden_act"`
	Epsilon      float64 `json:"layer_norm_eps"`
}

func buildCLIP(n *network, config any, width, height int) (dim int) {
	c := config.(*clipConfig)
	v := c.Vision
	if width != v.Image || height != v.Image {
		n.fail("its pictures are %d x %d, and its positions are for %d x %d", width, height, v.Image, v.Image)
		return 0
	}
	x, rows, columns := n.patches(n.pixels(width, height), "vision_model.embeddings.patch_embedding", v.Patch, height, width, v.Hidden)
	count := rows * columns
	class := n.reshape(n.tensor("vision_model.embeddings.class_embedding", v.Hidden), 1, 1, int64(v.Hidden))
	positions := n.reshape(n.tensor("vision_model.embeddings.position_embedding.weight", 1+count, v.Hidden), 1, int64(1+count), int64(v.Hidden))
	x = n.classToken(x, class, positions, count, v.Hidden)
	x = n.layerNorm(x, "vision_model.pre_layrnorm", v.Hidden, v.Epsilon) // so spelled in every checkpoint
	x = n.encode(x, v.encoder(), 1+count, "", n.wanted())
	x = n.layerNorm(x, "vision_model.post_layernorm", v.Hidden, v.Epsilon)
	n.tokenEmbedding(n.linear(x, "visual_projection", v.Hidden, c.Projection), c.Projection, 1, rows, columns)
	return c.Projection
}

// buildCLIPText reads tokens from the left to the right; the embedding is what the
// end of the text has seen: reference get_text_features.
func buildCLIPText(n *network, config any) (tokens int) {
	c := config.(*clipConfig)
	t := c.Text
	x, ids := n.tokenEmbeddings(t)
	x = n.encode(x, t.encoder(), t.Positions, n.backward(t.Positions), all)
	// The end of a text is its largest id, and the first of them its own.
	end := n.Node("ArgMax", []onnx.Value{ids}, onnx.Int("axis", 1)) // (n, 1)
	x = n.Node("GatherND", []onnx.Value{n.reshape(x, -1, int64(t.Positions), int64(t.Hidden)), end}, onnx.Int("batch_dims", 1))
	x = n.layerNorm(x, "text_model.final_layer_norm", t.Hidden, t.Epsilon)
	n.embedding(n.linear(x, "text_projection", t.Hidden, c.Projection), c.Projection)
	return t.Positions
}

// tokenEmbeddings embeds a text's tokens and their positions: (n·Positions, Hidden).
func (n *network) tokenEmbeddings(t clipTextConfig) (x, ids onnx.Value) {
	if t.Positions < 1 || t.Positions > 4096 {
		n.fail("its texts have %d tokens", t.Positions)
		return "", ""
	}
	ids = n.tokens(t.Positions)
	x = n.op("Gather", n.tensor("text_model.embeddings.token_embedding.weight", t.Vocabulary, t.Hidden), ids)
	x = n.op("Add", x, n.tensor("text_model.embeddings.position_embedding.weight", t.Positions, t.Hidden)) // (n, Positions, Hidden)
	return n.reshape(x, -1, int64(t.Hidden)), ids
}

func (v clipVisionConfig) encoder() encoder {
	return encoder{
		layers: v.Layers, dim: v.Hidden, heads: v.Heads, hidden: v.Intermediate,
		epsilon: v.Epsilon, activation: v.Activation, layer: clipLayer("vision_model."),
	}
}

func (t clipTextConfig) encoder() encoder {
	return encoder{
		layers: t.Layers, dim: t.Hidden, heads: t.Heads, hidden: t.Intermediate,
		epsilon: t.Epsilon, activation: t.Activation, layer: clipLayer("text_model."),
	}
}

// backward is the mask of attention that sees no later token, (1, 1, tokens, tokens).
func (n *network) backward(tokens int) onnx.Value {
	if n.err != nil { // as where the config has a billion tokens
		return ""
	}
	mask := make([]float32, tokens*tokens)
	for i := range tokens {
		for j := i + 1; j < tokens; j++ {
			mask[i*tokens+j] = -math.MaxFloat32
		}
	}
	return n.Floats(mask, 1, 1, int64(tokens), int64(tokens))
}

func clipLayer(tower string) func(int) layerNames {
	return func(i int) layerNames {
		l := fmt.Sprintf("%sencoder.layers.%d.", tower, i)
		return layerNames{
			norm1: l + "layer_norm1", norm2: l + "layer_norm2",
			q: l + "self_attn.q_proj", k: l + "self_attn.k_proj", v: l + "self_attn.v_proj",
			out: l + "self_attn.out_proj", up: l + "mlp.fc1", down: l + "mlp.fc2",
		}
	}
}
