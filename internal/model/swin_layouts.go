package model

import (
	"fmt"
	"regexp"

	"github.com/akin-search/akin/internal/onnx"
	"github.com/akin-search/akin/internal/resample"
)

func init() {
	register(family{
		// Reference: transformers' SwinModel, pooler_output.
		name:    "swin",
		version: 1,
		preprocess: Preprocess{
			Width: 224, Height: 224, Filter: resample.Bicubic,
			Mean: imageNetMean, Std: imageNetStd, Scale: 1. / 255,
		},
		config:   func() any { return &swinConfig{Activation: "gelu", Epsilon: 1e-5, Window: 7} },
		prefixes: []string{"swin.", ""},
		matrices: true,
		probe:    "encoder.layers.0.blocks.0.attention.self.relative_position_bias_table",
		unused:   regexp.MustCompile(`\.relative_position_index$|^embeddings\.mask_token$`),
		build:    buildSwin,
		models: []Spec{
			{
				Name: "swin-tiny", Repository: "microsoft/swin-tiny-patch4-window7-224", Dim: 768, InputWidth: 224, InputHeight: 224,
				Params: 27_519_354, Bytes: 110_077_416,
				Speed: "medium", Licence: "Apache-2.0", About: "objects of photos and where they are",
			},
		},
	})
	register(family{
		// Reference: timm's SwinTransformer, with num_classes=0.
		name:          "timm-swin",
		layout:        timmLayout,
		architectures: []string{"swin_"},
		version:       1,
		preprocess:    Preprocess{Width: 224, Height: 224},
		config:        func() any { return &timmConfig{} },
		prefixes:      []string{"", "timm_model."},
		matrices:      true,
		probe:         "layers.0.blocks.0.attn.relative_position_bias_table",
		unused:        regexp.MustCompile(`\.relative_position_index$|\.attn_mask$|^head\.`),
		build:         buildTimm(timmSwin),
		trunk:         timmSwin,
	})
}

type swinConfig struct {
	Activation string  `json:"hidden_act"`
	Epsilon    float64 `json:"layer_norm_eps"`
	Window     int     `json:"window_size"`
	Heads      []int   `json:"num_heads"`
	Depths     []int   `json:"depths"`
}

func buildSwin(n *network, config any, width, height int) int {
	of := config.(*swinConfig)
	x, dim := n.swin(swin{
		patches: "embeddings.patch_embeddings.projection", patchNorm: "embeddings.norm", positions: "embeddings.position_embeddings",
		block: func(s, i int) swinNames {
			b := fmt.Sprintf("encoder.layers.%d.blocks.%d.", s, i)
			return swinNames{table: b + "attention.self.relative_position_bias_table", layerNames: layerNames{
				norm1: b + "layernorm_before", norm2: b + "layernorm_after",
				q: b + "attention.self.query", k: b + "attention.self.key", v: b + "attention.self.value",
				out: b + "attention.output.dense", up: b + "intermediate.dense", down: b + "output.dense",
			}}
		},
		merge: func(s int) [2]string {
			d := fmt.Sprintf("encoder.layers.%d.downsample.", s-1)
			return [2]string{d + "norm", d + "reduction"}
		},
		norm: "layernorm", activation: of.Activation, epsilon: of.Epsilon, padFirst: true,
		depths: of.Depths, heads: of.Heads, window: of.Window,
	}, width, height)
	n.end(x, dim)
	return dim
}

// swinArgs are the model_args that show in the tensors, or matter in training alone.
var swinArgs = []string{
	"img_size", "patch_size", "in_chans", "num_classes", "global_pool", "embed_dim", "depths", "num_heads", "window_size",
	"mlp_ratio", "qkv_bias", "strict_img_size", "dynamic_img_size",
	"drop_rate", "proj_drop_rate", "attn_drop_rate", "drop_path_rate", "weight_init",
}

func timmSwin(n *network, c *timmConfig, width, height int) (onnx.Value, int) {
	n.timmKnows(c, swinArgs, "avg")
	return n.swin(swin{
		patches: "patch_embed.proj", patchNorm: "patch_embed.norm",
		block: func(s, i int) swinNames {
			b := fmt.Sprintf("layers.%d.blocks.%d.", s, i)
			return swinNames{table: b + "attn.relative_position_bias_table", layerNames: layerNames{
				norm1: b + "norm1", norm2: b + "norm2", fused: true, q: b + "attn.qkv", out: b + "attn.proj",
				up: b + "mlp.fc1", down: b + "mlp.fc2",
			}}
		},
		merge: func(s int) [2]string {
			d := fmt.Sprintf("layers.%d.downsample.", s)
			return [2]string{d + "norm", d + "reduction"}
		},
		norm: "norm", activation: "gelu", epsilon: 1e-5, heads: c.Args.Heads, depths: c.Args.Depths,
	}, width, height)
}
