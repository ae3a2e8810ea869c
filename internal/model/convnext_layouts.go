package model

import (
	"fmt"
	"regexp"
	"strings"

	"github.com/akin-search/akin/internal/onnx"
	"github.com/akin-search/akin/internal/resample"
)

func init() {
	for _, f := range []family{
		{
			// Reference: transformers' ConvNextModel, pooler_output.
			name: "convnext", preprocess: convNeXtPreprocess,
			config:   func() any { return &convNeXtConfig{Activation: "gelu", Epsilon: 1e-12} },
			prefixes: []string{"convnext.", ""},
			probe:    "encoder.stages.0.layers.0.dwconv.weight",
			without:  "encoder.stages.0.layers.0.grn.weight",
			unused:   nothing,
			build:    buildConvNeXt(transformersConvNeXt),
			models: []Spec{
				{
					Name: "convnext-tiny", Repository: "facebook/convnext-tiny-224", Dim: 768, InputWidth: 224, InputHeight: 224,
					Params: 27_820_128, Bytes: 111_280_512,
					Speed: "medium", Licence: "Apache-2.0", About: "objects of photos; less of style and layout",
				},
			},
		},
		{
			// Reference: transformers' ConvNextV2Model.
			name: "convnextv2", preprocess: convNeXtPreprocess,
			config:   func() any { return &convNeXtConfig{Activation: "gelu", Epsilon: 1e-12} },
			prefixes: []string{"convnextv2.", ""},
			probe:    "encoder.stages.0.layers.0.grn.weight",
			unused:   nothing,
			build:    buildConvNeXt(transformersConvNeXt),
		},
		{
			// DINOv3's (Siméoni et al. 2025, https://arxiv.org/abs/2508.10104), trained without labels.
			// Reference: transformers' DINOv3ConvNextModel, pooler_output.
			name: "dinov3_convnext",
			preprocess: Preprocess{
				Width: 224, Height: 224, Filter: resample.Bilinear, Float: true,
				Mean: imageNetMean, Std: imageNetStd, Scale: 1. / 255,
			},
			config:   func() any { return &convNeXtConfig{Activation: "gelu", Epsilon: 1e-6} },
			prefixes: []string{""},
			probe:    "stages.0.layers.0.depthwise_conv.weight",
			unused:   nothing,
			build:    buildConvNeXt(dinov3ConvNeXt),
			models: []Spec{
				{
					Name: "dinov3-convnext-tiny", Repository: "facebook/dinov3-convnext-tiny-pretrain-lvd1689m", Dim: 768, InputWidth: 224, InputHeight: 224,
					Params: 27_820_128, Bytes: 111_280_512,
					Speed: "medium", Licence: "DINOv3", About: "looks alone, as dinov3-base, in a third of its parameters",
				},
			},
		},
		{
			// Reference: timm's ConvNeXt, with num_classes=0.
			name: "timm-convnext", layout: timmLayout,
			architectures: []string{"convnext_", "convnextv2_", "test_convnext"},
			preprocess:    Preprocess{Width: 224, Height: 224},
			config:        func() any { return &timmConfig{} },
			prefixes:      []string{"", "timm_model."},
			probe:         "stages.0.blocks.0.conv_dw.weight",
			unused:        regexp.MustCompile(`^head\.fc\.`),
			build:         buildTimm(timmConvNeXt),
			trunk:         timmConvNeXt,
		},
	} {
		f.version, f.matrices = 1, true
		register(f)
	}
}

// nothing matches no name: a network uses all of its tensors.
var nothing = regexp.MustCompile(`$^`)

type convNeXtConfig struct {
	Depths     []int   `json:"depths"`
	Activation string  `json:"hidden_act"`
	Epsilon    float64 `json:"layer_norm_eps"`
}

var transformersConvNeXt = convNeXt{
	stems: [2]string{"embeddings.patch_embeddings"}, stemNorm: "embeddings.layernorm",
	down: func(s int) [2]string {
		d := fmt.Sprintf("encoder.stages.%d.downsampling_layer.", s)
		return [2]string{d + "0", d + "1"}
	},
	block:     func(s, i int) string { return fmt.Sprintf("encoder.stages.%d.layers.%d.", s, i) },
	depthwise: "dwconv", norm: "layernorm", mlp: [2]string{"pwconv1", "pwconv2"}, response: "grn", scale: "layer_scale_parameter",
	pooledNorm: "layernorm",
	epsilon:    1e-6, // whatever the config says
}

var dinov3ConvNeXt = convNeXt{
	stems: [2]string{"stages.0.downsample_layers.0"}, stemNorm: "stages.0.downsample_layers.1",
	down: func(s int) [2]string {
		if s == 0 { // the stem
			return [2]string{}
		}
		d := fmt.Sprintf("stages.%d.downsample_layers.", s)
		return [2]string{d + "0", d + "1"}
	},
	block:     func(s, i int) string { return fmt.Sprintf("stages.%d.layers.%d.", s, i) },
	depthwise: "depthwise_conv", norm: "layer_norm", mlp: [2]string{"pointwise_conv1", "pointwise_conv2"}, scale: "gamma",
	pooledNorm: "layer_norm",
}

func buildConvNeXt(c convNeXt) func(n *network, config any, width, height int) int {
	return func(n *network, config any, width, height int) int {
		of, c := config.(*convNeXtConfig), c
		c.depths, c.activation, c.pooledEps = of.Depths, of.Activation, of.Epsilon
		if c.epsilon == 0 {
			c.epsilon = of.Epsilon
		}
		x, dim := n.convNeXt(c, width, height)
		n.end(x, dim)
		return dim
	}
}

// timmConvNeXtKinds are what timm's names of architectures stand for beyond what their tensors say: the first
// whose prefix they have.
var timmConvNeXtKinds = []struct {
	prefix     string
	activation string
	kind       normKind
	epsilon    float64
}{
	{"convnext_zepto_rms", "gelu", byDeviationOnly, 1e-6},
	{"convnext_atto_rms", "gelu", byRoot, 1e-6},
	{"convnext_xxlarge", "gelu", byDeviation, 1e-5},
	{"test_convnext3", "silu", byDeviation, 1e-5},
	{"test_convnext", "gelu_tanh", byDeviation, 1e-5},
	{"", "gelu", byDeviation, 1e-6},
}

// convNeXtArgs are the model_args that show in the tensors, or matter in training alone.
var convNeXtArgs = []string{
	"in_chans", "num_classes", "global_pool", "depths", "dims", "kernel_sizes", "ls_init_value", "stem_type", "patch_size",
	"head_init_scale", "head_norm_first", "head_hidden_size", "conv_mlp", "conv_bias", "use_grn", "act_layer", "norm_eps",
	"drop_rate", "drop_path_rate",
}

func timmConvNeXt(n *network, c *timmConfig, width, height int) (onnx.Value, int) {
	net := convNeXt{
		stems: [2]string{"stem.0"}, stemNorm: "stem.1",
		down: func(s int) [2]string {
			d := fmt.Sprintf("stages.%d.downsample.", s)
			return [2]string{d + "0", d + "1"}
		},
		block:     func(s, i int) string { return fmt.Sprintf("stages.%d.blocks.%d.", s, i) },
		depthwise: "conv_dw", norm: "norm", mlp: [2]string{"mlp.fc1", "mlp.fc2"}, response: "mlp.grn", scale: "gamma",
		mapNorm: "norm_pre", pooledNorm: "head.norm", hidden: "head.pre_logits.fc", bare: true,
	}
	var activation string
	for _, k := range timmConvNeXtKinds {
		if strings.HasPrefix(c.Architecture, k.prefix) {
			activation, net.normKind, net.epsilon = k.activation, k.kind, k.epsilon
			break
		}
	}
	if c.Args.Activation != "" {
		activation = c.Args.Activation
	}
	net.activation = n.timmActivation(activation)
	if c.Args.Epsilon > 0 {
		net.epsilon = c.Args.Epsilon
	}
	net.pooledEps = net.epsilon
	n.timmKnows(c, convNeXtArgs, "avg")
	switch { // stems of two convolutions that overlap
	case n.has("stem.3.weight"):
		net.stems[1], net.stemNorm, net.between = "stem.2", "stem.3", net.activation
	case n.has("stem.2.weight"):
		net.stems[1], net.stemNorm = "stem.1", "stem.2"
	}
	return n.convNeXt(net, width, height)
}
