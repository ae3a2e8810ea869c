package model

import (
	"github.com/akin-search/akin/internal/onnx"
	"github.com/akin-search/akin/internal/resample"
)

// SSCD (Pizzi et al. 2022, https://arxiv.org/abs/2202.10261): a ResNet that was trained to find copies of
// a picture. Reference: its authors' model.py with torchvision's networks; the embedding is a projection of
// the last feature map's generalised mean, of length 1.
func init() {
	register(family{
		name:    "sscd",
		version: 1,
		preprocess: Preprocess{
			Width: 320, Height: 320, Filter: resample.Bilinear,
			Mean: imageNetMean, Std: imageNetStd, Scale: 1. / 255, Torch: true,
		},
		config:   func() any { return &struct{}{} },
		prefixes: []string{"backbone."},
		packs:    true,
		reorders: true,
		probe:    "layer1.0.conv1.weight",
		unused:   batches,
		build:    buildSSCD,
		models: []Spec{{
			Name: "sscd", Dim: 512, InputWidth: 320, InputHeight: 320, Params: 24_610_240, Bytes: 98_440_960,
			Addresses: []Address{{URL: "https://dl.fbaipublicfiles.com/sscd-copy-detection/sscd_disc_mixup.torchvision.pt", To: "sscd_disc_mixup.torchvision.pt"}},
			Speed:     "medium", Licence: "MIT", About: "copies: the same picture, edited; not what merely looks alike",
		}},
	})
}

func buildSSCD(n *network, _ any, width, height int) (dim int) {
	const exponent = 3 // of the mean, in all that its authors published
	x, channels, rows, columns := n.residual(torchResidual, width, height)
	dim = n.size("fc.weight", 0)
	if n.err != nil {
		return dim
	}
	n.grid = &Patches{Rows: rows, Columns: columns, Mean: true}
	if n.ofPatches { // the projection of a mean is the mean of projections
		x = n.reshape(n.transpose(n.gemParts(x, columns, exponent), 0, 2, 3, 1), -1, int64(channels))
		n.end(n.linear(x, "fc", channels, dim), dim)
		return dim
	}
	x = n.linear(n.Node("Flatten", []onnx.Value{n.gem(x, columns, exponent)}, onnx.Int("axis", 1)), "fc", channels, dim)
	n.end(n.unit(x), dim)
	return dim
}

// unit divides each row by its length.
func (n *network) unit(x onnx.Value) onnx.Value {
	const shortest = 1e-12
	length := n.Node("ReduceL2", []onnx.Value{x, n.Int64s([]int64{-1}, 1)}, onnx.Int("keepdims", 1))
	return n.op("Div", x, n.op("Max", length, n.scalar(shortest)))
}
