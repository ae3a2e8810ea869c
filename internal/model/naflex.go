package model

import (
	"math"

	"github.com/akin-search/akin/internal/onnx"
	"github.com/akin-search/akin/internal/resample"
	"github.com/akin-search/akin/internal/tokenizer"
)

// SigLIP 2 in the NaFlex variant (Tschannen et al. 2025, https://arxiv.org/abs/2502.14786), which keeps
// a picture's shape: as many patches as fit, and positions that are fitted to their grid. Reference:
// transformers' Siglip2Model; the embeddings are get_image_features and get_text_features.
func init() {
	register(family{
		name:     "siglip2",
		language: true,
		version:  1,
		preprocess: Preprocess{
			MaxPatches: 256, Patch: 16, Width: 256, Height: 256, Filter: resample.Bilinear,
			Mean: [3]float64{0.5, 0.5, 0.5}, Std: [3]float64{0.5, 0.5, 0.5}, Scale: 1. / 255,
		},
		config: func() any {
			c := siglipDefaults()
			return &naflexConfig{Vision: naflexVisionConfig{clipVisionConfig: c.Vision, Positions: 256}, Text: c.Text}
		},
		prefixes:   []string{""},
		matrices:   true,
		probe:      "vision_model.head.probe",
		without:    "vision_model.embeddings.class_embedding",
		build:      buildNaFlex,
		text:       func(n *network, config any) int { return n.siglipText(config.(*naflexConfig).Text) },
		tokenizers: []textFile{{file: "tokenizer.json", open: func(dir string) (textEncoder, error) { return tokenizer.OpenGemma(dir) }}},
		models: []Spec{
			{
				Name: "siglip2-naflex", Repository: "google/siglip2-base-patch16-naflex", Dim: 768, InputWidth: 256, InputHeight: 256,
				Params: 92_930_304, Bytes: 371_721_216,
				Speed: "medium", Licence: "Apache-2.0", About: "as siglip2, in each picture's own shape: flags, panoramas, pages",
			},
		},
	})
}

type naflexConfig struct {
	Vision naflexVisionConfig `json:"vision_config"`
	Text   siglipTextConfig   `json:"text_config"`
}

type naflexVisionConfig struct {
	clipVisionConfig
	Positions int `json:"num_patches"`
}

// buildNaFlex reads Preprocess.MaxPatches patches and how many of them there are, of one picture.
func buildNaFlex(n *network, config any, _, _ int) (dim int) {
	v := config.(*naflexConfig).Vision
	side := int(math.Sqrt(float64(v.Positions)))
	if v.Positions < 1 || side*side != v.Positions {
		n.fail("the config has %d positions, which are no square", v.Positions)
		return 0
	}
	p := n.preprocess
	if p.MaxPatches == 0 || p.Patch != v.Patch {
		n.fail("the config has patches of %d pixels, the preprocessing of %d", v.Patch, p.Patch)
		return 0
	}
	size, values := p.Size(), int64(3*v.Patch*v.Patch)
	x := n.Input("pixels", onnx.Float32, 1, size)
	from := func(i int) onnx.Value {
		return n.op("Slice", x, n.Int64s([]int64{int64(i)}, 1), n.Int64s([]int64{int64(i + 1)}, 1), n.Int64s([]int64{1}, 1))
	}
	rows, columns := from(size-2), from(size-1)
	used := n.op("Mul", n.cast(n.reshape(n.op("Mul", rows, columns), 1), onnx.Int64), n.Int64s([]int64{values}, 1))
	x = n.reshape(n.op("Slice", x, n.Int64s([]int64{0}, 1), used, n.Int64s([]int64{1}, 1)), -1, values) // (count, values)
	x = n.computed(x)
	const at = "vision_model.embeddings."
	x = n.gemm(x, n.tensor(at+"patch_embedding.weight", v.Hidden, int(values)), n.tensor(at+"patch_embedding.bias", v.Hidden), int(values))

	table := n.tensor(at+"position_embedding.weight", v.Positions, v.Hidden)
	positions := n.weighed(table, n.triangles(rows, side), n.triangles(columns, side), side, v.Hidden)
	x = n.encode(n.op("Add", x, positions), v.encoder(), anyLength, "", all)
	x = n.layerNorm(x, "vision_model.post_layernorm", v.Hidden, v.Epsilon)
	n.embedding(n.poolByAttention(x, siglipPool(v.clipVisionConfig), anyLength), v.Hidden)
	return v.Hidden
}

// triangles are the weights of an axis of side values resized to count values, a float32 (1, 1): (count,
// side). They are those of torch's bilinear interpolation with antialias. (ONNX Runtime's Resize with
// antialias has others where one axis shrinks and the other grows.)
func (n *network) triangles(count onnx.Value, side int) onnx.Value {
	float := func(v float64) onnx.Value { return n.Floats([]float32{float32(v)}) }
	number := n.Node("Squeeze", []onnx.Value{count})
	scale := n.op("Div", float(float64(side)), n.reshape(count, 1))
	to := n.op("Range", n.Node("Squeeze", []onnx.Value{float(0)}), number, n.Node("Squeeze", []onnx.Value{float(1)}))
	center := n.op("Sub", n.op("Mul", n.op("Add", to, float(0.5)), scale), float(0.5))
	source := make([]float32, side)
	for i := range source {
		source[i] = float32(i)
	}
	distance := n.op("Abs", n.op("Sub", n.Floats(source, 1, int64(side)), n.reshape(center, -1, 1)))
	w := n.op("Relu", n.op("Sub", float(1), n.op("Div", distance, n.op("Max", scale, float(1)))))
	return n.op("Div", w, n.op("ReduceSum", w, n.Int64s([]int64{1}, 1)))
}
