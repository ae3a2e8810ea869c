package model

import (
	"fmt"
	"math"
	"slices"

	"github.com/akin-search/akin/internal/onnx"
	"github.com/akin-search/akin/internal/resample"
)

// EfficientNet (Tan and Le 2019, https://arxiv.org/abs/1905.11946),
// B0 to B7. Reference: transformers' EfficientNetModel; the embedding is the mean
// over height and width of the last block's output, before the top convolution.
func init() {
	register(family{
		name:    "efficientnet",
		version: 1,
		preprocess: Preprocess{
			Width: 600, Height: 600, Filter: resample.Nearest,
			// The reference divides by the deviation twice: its configs have the root of
			// ImageNet's.
			Mean: imageNetMean, Std: [3]float64{0.47853944, 0.4732864, 0.47434163}, Twice: true, Scale: 1. / 255,
		},
		config: func() any {
			return &efficientNetConfig{
				Width: 2, Depth: 3.1, Divisor: 8, Squeeze: 0.25, Activation: "swish", Epsilon: 1e-3,
				Kernels: []int{3, 3, 5, 3, 5, 5, 3}, In: []int{32, 16, 24, 40, 80, 112, 192}, Out: []int{16, 24, 40, 80, 112, 192, 320},
				Strides: []int{1, 2, 2, 2, 1, 2, 1}, Repeats: []int{1, 2, 2, 3, 3, 4, 1}, Expand: []int{1, 6, 6, 6, 6, 6, 6},
			}
		},
		prefixes: []string{"efficientnet.", ""},
		packs:    true,
		blocks:   true,
		probe:    "embeddings.convolution.weight",
		build:    buildEfficientNet,
		models: []Spec{
			{
				Name: "efficientnet-b7", Repository: "google/efficientnet-b7", Dim: 640, InputWidth: 600, InputHeight: 600,
				Params: 62_449_040, Bytes: 249_796_160,
				Speed: "slow", Licence: "Apache-2.0", About: "fine detail",
			},
		},
	})
}

type efficientNetConfig struct {
	Width      float64 `json:"width_coefficient"`
	Depth      float64 `json:"depth_coefficient"`
	Divisor    int     `json:"depth_divisor"`
	Squeeze    float64 `json:"squeeze_expansion_ratio"`
	Activation string  `json:"hidden_act"`
	Epsilon    float64 `json:"batch_norm_eps"`
	Kernels    []int   `json:"kernel_sizes"`
	In         []int   `json:"in_channels"`
	Out        []int   `json:"out_channels"`
	Strides    []int   `json:"strides"`
	Repeats    []int   `json:"num_block_repeats"`
	Expand     []int   `json:"expand_ratios"`
	Padded     []int   `json:"depthwise_padding"` // blocks whose input has an odd size, padded on all sides
}

// channels scales a number of channels, to a multiple of the divisor.
func (c *efficientNetConfig) channels(n int) int {
	scaled, d := float64(n)*c.Width, c.Divisor
	rounded := max(d, int(scaled+float64(d)/2)/d*d)
	if float64(rounded) < 0.9*scaled {
		rounded += d
	}
	return rounded
}

// widths are the numbers of channels between blocks.
func (c *efficientNetConfig) widths(stem int) []int {
	widths := []int{stem}
	for s := range c.In {
		widths = append(widths, c.channels(c.In[s]), c.channels(c.Out[s]))
	}
	return widths
}

func buildEfficientNet(n *network, config any, width, height int) (dim int) {
	c := config.(*efficientNetConfig)
	stages := len(c.Kernels)
	for _, list := range [][]int{c.In, c.Out, c.Strides, c.Repeats, c.Expand} {
		if len(list) != stages {
			n.fail("the config's lists tell of %d and of %d stages", stages, len(list))
			return 0
		}
		if stages == 0 || slices.Min(list) < 1 {
			n.fail("the config's stages have the numbers %v", list)
			return 0
		}
	}
	if c.Depth <= 0 || c.Depth > 1000 {
		n.fail("the config has the depth coefficient %g", c.Depth)
		return 0
	}
	if c.Divisor < 1 {
		n.fail("the config has the depth divisor %d", c.Divisor)
		return 0
	}
	// A kernel that halves its input has one pixel of padding more to the right and
	// to the bottom.
	halving := func(kernel int) [4]int { p := kernel / 2; return [4]int{p - 1, p - 1, p, p} }

	stem := c.channels(32)
	n.useBlocks(c.widths(stem))
	x := n.convNorm(n.pixels(width, height), "embeddings.convolution", "embeddings.batchnorm", 3, stem, 3, 2, 1, halving(3), c.Epsilon, "")
	x = n.activation(x, c.Activation)
	rows, columns := afterConv(height, 3, 2, 0, 1), afterConv(width, 3, 2, 0, 1)
	block := 0
	for s := range stages {
		for i := 0; i < int(math.Ceil(c.Depth*float64(c.Repeats[s]))) && n.err == nil; i++ {
			in, out, stride, kernel := c.channels(c.In[s]), c.channels(c.Out[s]), c.Strides[s], c.Kernels[s]
			if i > 0 {
				in, stride = out, 1
			}
			pads := around(kernel)
			if stride == 2 && !slices.Contains(c.Padded, block) {
				pads = halving(kernel)
			}
			rows, columns = afterConv(rows, kernel, stride, pads[0], pads[2]), afterConv(columns, kernel, stride, pads[1], pads[3])
			before := x
			if i == 0 {
				before = ""
			}
			x = n.mobileBlock(x, c, fmt.Sprintf("encoder.blocks.%d.", block), in, out, in*c.Expand[s], columns, kernel, stride, pads, before)
			block++
			dim = out
		}
	}
	n.meanEmbedding(x, dim, rows, columns)
	return dim
}

// mobileBlock widens, convolves each channel by itself, weighs the channels (Hu et
// al. 2017, https://arxiv.org/abs/1709.01507) and narrows, and adds plus, or "" for nothing;
// columns is how wide its planes are after the convolution.
func (n *network) mobileBlock(x onnx.Value, c *efficientNetConfig, name string, in, out, wide, columns, kernel, stride int, pads [4]int, plus onnx.Value) onnx.Value {
	if wide != in {
		x = n.convNorm(x, name+"expansion.expand_conv", name+"expansion.expand_bn", in, wide, 1, 1, 1, [4]int{}, c.Epsilon, "")
		x = n.activation(x, c.Activation)
	}
	x = n.convNorm(x, name+"depthwise_conv.depthwise_conv", name+"depthwise_conv.depthwise_norm", wide, wide, kernel, stride, wide, pads, c.Epsilon, "")
	x = n.activation(x, c.Activation)

	narrow := max(1, int(float64(in)*c.Squeeze))
	weight := n.conv(n.meanOfPlane(x, columns), name+"squeeze_excite.reduce", wide, narrow, 1, 1, 1, [4]int{})
	weight = n.conv(n.activation(weight, c.Activation), name+"squeeze_excite.expand", narrow, wide, 1, 1, 1, [4]int{})
	x = n.scaleChannels(x, n.op("Sigmoid", weight), wide)

	return n.convNorm(x, name+"projection.project_conv", name+"projection.project_bn", wide, out, 1, 1, 1, [4]int{}, c.Epsilon, plus)
}
