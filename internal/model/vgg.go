package model

import (
	"fmt"

	"github.com/akin-search/akin/internal/onnx"
	"github.com/akin-search/akin/internal/resample"
)

// VGG (Simonyan and Zisserman 2014, https://arxiv.org/abs/1409.1556), with 11,
// 13, 16 or 19 layers, with or without batch normalisation. Reference: torchvision's
// vgg, whose state dicts have no config: the layout is read off the tensors' names.
// The embedding is the logits.
func init() {
	register(family{
		name:    "vgg",
		version: 1,
		preprocess: Preprocess{
			Short: 256, Width: 224, Height: 224, Filter: resample.Bilinear,
			Mean: imageNetMean, Std: imageNetStd, Scale: 1. / 255, Torch: true,
		},
		config:   func() any { return &struct{}{} },
		prefixes: []string{""},
		packs:    true,
		probe:    "features.0.weight",
		build:    buildVGG,
		models: []Spec{
			{
				Name: "vgg16", File: "vgg16-397923af.pth", Dim: 1000, InputWidth: 224, InputHeight: 224,
				Params: 138_357_544, Bytes: 553_430_176,
				Speed: "medium", Licence: "BSD-3-Clause", About: "texture and colour",
			},
		},
	})
}

func buildVGG(n *network, _ any, width, height int) (dim int) {
	const epsilon = 1e-5 // torch's batch normalisation
	x, channels, side := n.pixels(width, height), 3, width
	pooled := func() {
		x = n.Node("MaxPool", []onnx.Value{x}, onnx.Ints("kernel_shape", 2, 2), onnx.Ints("strides", 2, 2))
		side /= 2
	}
	// features counts convolutions, normalisations, activations and poolings: where a
	// number is left over before the next convolution, it is a pooling.
	for i := 0; n.weights.Has(fmt.Sprintf("features.%d.weight", i)); {
		name := fmt.Sprintf("features.%d", i)
		out := n.size(name+".weight", 0)
		x = n.conv3(x, name, channels, out, side)
		channels = out
		i++
		if norm := fmt.Sprintf("features.%d", i); n.weights.Has(norm + ".running_mean") {
			x = n.batchNorm(x, norm, out, epsilon)
			i++
		}
		x = n.op("Relu", x)
		i++
		if !n.weights.Has(fmt.Sprintf("features.%d.weight", i)) {
			pooled()
			i++
		}
	}
	if width != height || side != 7 {
		n.fail("pictures of %d x %d reach the classifier as %d x %d, not 7 x 7", width, height, side, side)
	}
	in := channels * 49
	x = n.Node("Flatten", []onnx.Value{x}, onnx.Int("axis", 1))
	for _, layer := range []int{0, 3, 6} {
		name := fmt.Sprintf("classifier.%d", layer)
		out := n.size(name+".weight", 0)
		if x = n.linear(x, name, in, out); layer < 6 {
			x = n.op("Relu", x)
		}
		in = out
	}
	n.embedding(x, in)
	return in
}
