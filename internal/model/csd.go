package model

import (
	"regexp"

	"github.com/akin-search/akin/internal/onnx"
	"github.com/akin-search/akin/internal/resample"
)

// CSD (Somepalli et al. 2024, https://arxiv.org/abs/2404.01292): CLIP's vision transformer, trained on to
// tell styles apart. Reference: CSD_CLIP of https://github.com/learn2phoenix/CSD, CSD/model.py; the embedding
// is its style output, of length 1. Its checkpoints come without a description: sizes are the tensors'.
func init() {
	register(family{
		name:    "csd",
		version: 1,
		preprocess: Preprocess{
			Short: 224, Width: 224, Height: 224, Filter: resample.Bicubic,
			Mean: clipMean, Std: clipStd, Scale: 1. / 255, Torch: true,
		},
		config:   func() any { return &struct{}{} },
		prefixes: []string{"", "module."},
		matrices: true,
		probe:    "last_layer_style",
		unused:   regexp.MustCompile(`^last_layer_content$|^backbone\.proj$`),
		build:    buildCSD,
		models: []Spec{
			{
				Name: "csd-vit-l", Repository: "tomg-group-umd/CSD-ViT-L", Dim: 768, InputWidth: 224, InputHeight: 224,
				Params: 303_966_208, Bytes: 1_215_864_832,
				Speed: "slow", Licence: "MIT", About: "style alone: the same hand or medium, whatever it shows",
			},
		},
	})
}

// clipHead is how wide a head of attention is in OpenAI's CLIP.
const clipHead = 64

func buildCSD(n *network, _ any, width, height int) (dim int) {
	const root = "backbone."
	w := n.size(root+"conv1.weight", 0)
	dim = n.size("last_layer_style", 1)
	x, pooled := n.clipTower(clipTower{
		root: root, patch: n.size(root+"conv1.weight", 2), pool: "tok",
		blocks: encoder{
			layers: n.count(root + "transformer.resblocks.%d.ln_1.weight"), dim: w, heads: w / clipHead,
			hidden:  n.size(root+"transformer.resblocks.0.mlp.c_fc.weight", 0),
			epsilon: clipEpsilon, activation: "quick_gelu", layer: openCLIPLayer(root, false),
		},
	}, width, height)
	x = n.times(x, "last_layer_style", pooled, dim)
	n.end(n.Node("LpNormalization", []onnx.Value{x}, onnx.Int("axis", -1), onnx.Int("p", 2)), dim)
	return dim
}
