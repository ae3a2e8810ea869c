package model

import (
	"fmt"
	"math"

	"github.com/akin-search/akin/internal/onnx"
	"github.com/akin-search/akin/internal/resample"
	"github.com/akin-search/akin/internal/tokenizer"
)

// TIPSv2 (Google DeepMind 2026), trained on captions and by its own views, so that patches mean
// something as well. Reference: transformers' Tipsv2Model; the embeddings are get_image_features (the
// first class token) and get_text_features.
func init() {
	register(family{
		name:     "tipsv2",
		language: true,
		version:  1,
		preprocess: Preprocess{
			Width: 448, Height: 448, Filter: resample.Bilinear,
			Std: [3]float64{1, 1, 1}, Scale: 1. / 255,
		},
		config: func() any {
			return &tipsv2Config{
				Vision: dinov2Config{
					Hidden: 768, Layers: 12, Heads: 12, Ratio: 4, Activation: "gelu",
					Epsilon: 1e-6, Image: 448, Patch: 14, Registers: 1,
				},
				Text: tipsv2TextConfig{
					clipTextConfig: clipTextConfig{
						Vocabulary: 32000, Positions: 64, Hidden: 768, Layers: 12, Heads: 12, Intermediate: 3072, Activation: "relu",
						Epsilon: 1e-5,
					},
					Scaled: true,
				},
			}
		},
		prefixes:   []string{""},
		matrices:   true,
		probe:      "vision_encoder.register_tokens",
		build:      buildTIPSv2,
		text:       buildTIPSv2Text,
		tokenizers: []textFile{{file: "tokenizer.model", open: func(dir string) (textEncoder, error) { return tokenizer.OpenTIPS(dir) }}},
		models: []Spec{
			{
				Name: "tipsv2-b14", Repository: "google/tipsv2-b14", Dim: 768, InputWidth: 448, InputHeight: 448,
				Params: 86_315_520, Bytes: 345_262_080,
				Speed: "slow", Licence: "Apache-2.0", About: "meaning and place: what a caption says, and where it is",
			},
		},
	})
}

type tipsv2Config struct {
	Vision dinov2Config     `json:"vision_config"`
	Text   tipsv2TextConfig `json:"text_config"`
}

type tipsv2TextConfig struct {
	clipTextConfig
	Scaled bool `json:"scale_sqrt_depth"`
}

// buildTIPSv2 is DINOv2 with one register, under other names.
func buildTIPSv2(n *network, config any, width, height int) (dim int) {
	c := config.(*tipsv2Config).Vision
	const root = "vision_encoder."
	x, rows, columns := n.patches(n.pixels(width, height), root+"patch_embed.proj", c.Patch, height, width, c.Hidden)
	if n.err != nil {
		return 0
	}
	side := c.Image / c.Patch
	class, positions := n.positionsOf(n.tensor(root+"pos_embed", 1, 1+side*side, c.Hidden))
	positions = n.bilinear(positions, side, rows, columns, c.Hidden)
	front := []onnx.Value{
		n.op("Add", n.tensor(root+"cls_token", 1, 1, c.Hidden), class),
		n.tensor(root+"register_tokens", 1, c.Registers, c.Hidden),
	}
	x = n.before(x, n.Node("Concat", append(front, positions), onnx.Int("axis", 1)), 1+c.Registers, c.Hidden)
	up, down, activation := "mlp.c_fc", "mlp.c_proj", c.Activation
	if c.SwiGLU {
		up, down, activation = "mlp.w12", "mlp.w3", "silu"
	}
	hidden := n.size(root+"blocks.0."+down+".weight", 1)
	x = n.encode(x, encoder{
		layers: c.Layers, dim: c.Hidden, heads: c.Heads, hidden: hidden,
		epsilon: c.Epsilon, activation: activation, gated: c.SwiGLU,
		layer: func(i int) layerNames {
			l := fmt.Sprintf("%sblocks.%d.", root, i)
			return layerNames{
				norm1: l + "norm1", norm2: l + "norm2", q: l + "attn.qkv", fused: true, out: l + "attn.proj",
				up: l + up, down: l + down, scale1: l + "ls1.gamma", scale2: l + "ls2.gamma",
			}
		},
	}, 1+c.Registers+rows*columns, "", n.wanted())
	n.tokenEmbedding(n.layerNorm(x, root+"norm", c.Hidden, c.Epsilon), c.Hidden, 1+c.Registers, rows, columns)
	return c.Hidden
}

// bilinear fits a square table of positions, (1, side², dim), to another number of patches, as torch's
// bilinear interpolation with antialias does.
func (n *network) bilinear(positions onnx.Value, side, rows, columns, dim int) onnx.Value {
	if rows == side && columns == side {
		return positions
	}
	down := n.Floats(triangleWeights(side, rows), int64(rows), int64(side))
	across := n.Floats(triangleWeights(side, columns), int64(columns), int64(side))
	return n.reshape(n.weighed(positions, down, across, side, dim), 1, int64(rows*columns), int64(dim))
}

// triangleWeights are the weights of an axis of side values resized to count values, (count, side), with
// antialias.
func triangleWeights(side, count int) []float32 {
	w := make([]float32, count*side)
	scale := float64(side) / float64(count)
	for i := range count {
		row := w[i*side : (i+1)*side]
		center := (float64(i)+0.5)*scale - 0.5
		sum := 0.
		for j := range row {
			v := math.Max(0, 1-math.Abs(float64(j)-center)/math.Max(1, scale))
			row[j] = float32(v)
			sum += v
		}
		for j := range row {
			row[j] = float32(float64(row[j]) / sum)
		}
	}
	return w
}

// buildTIPSv2Text reads all tokens at once; the embedding is their mean. A text without tokens is the
// zero vector.
func buildTIPSv2Text(n *network, config any) (tokens int) {
	t := config.(*tipsv2Config).Text
	if t.Positions < 1 || t.Positions > 4096 || t.Hidden < 4 || t.Hidden > 1<<16 || t.Hidden%2 != 0 {
		n.fail("its texts have %d tokens of %d values", t.Positions, t.Hidden)
		return 0
	}
	const root = "text_encoder."
	ids := n.tokens(anyLength)
	x := n.op("Gather", n.tensor(root+"token_embedding.weight", t.Vocabulary, t.Hidden), n.reshape(ids, -1))
	if t.Scaled {
		x = n.op("Mul", x, n.scalar(math.Sqrt(float64(t.Hidden))))
	}
	length := n.Node("Shape", []onnx.Value{ids}, onnx.Int("start", 1), onnx.Int("end", 2))
	table := n.Floats(sinusoids(t.Positions, t.Hidden), int64(t.Positions), int64(t.Hidden))
	x = n.op("Add", x, n.op("Slice", table, n.Int64s([]int64{0}, 1), length))
	e := t.encoder()
	e.layer = openCLIPLayer(root, false)
	x = n.encode(x, e, anyLength, "", all)
	x = n.layerNorm(x, root+"ln_final", t.Hidden, t.Epsilon)
	n.embedding(n.Node("ReduceMean", []onnx.Value{x, n.Int64s([]int64{0}, 1)}, onnx.Int("keepdims", 1)), t.Hidden)
	return t.Positions
}

// sinusoids are positions as tensor2tensor has them, (positions, dim): sines of falling frequencies, then
// cosines.
func sinusoids(positions, dim int) []float32 {
	table := make([]float32, positions*dim)
	half := dim / 2
	for p := range positions {
		for j := range half {
			angle := float64(p) * math.Exp(-float64(j)*math.Log(10000)/float64(half-1))
			table[p*dim+j], table[p*dim+half+j] = float32(math.Sin(angle)), float32(math.Cos(angle))
		}
	}
	return table
}
