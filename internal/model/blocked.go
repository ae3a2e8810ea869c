package model

import "github.com/akin-search/akin/internal/onnx"

// ONNX Runtime's convolutions compute in a blocked layout (NCHWc): (n, c, h, w) is stored as
// (n, c/block, h, w, block), with the eight or sixteen channels that fit into a register side by
// side. It converts a network by itself, but converts back and forth wherever each channel is
// multiplied by a value of its own. A blocked network uses the operators for blocks from the first
// convolution to the last, and multiplies by a convolution with one weight per channel. Those
// weights differ between pictures, so a blocked network takes one picture at a time.

// useBlocks makes the network a blocked one, if it is for throughput and all channels fill blocks.
func (n *network) useBlocks(channels []int) {
	if !n.throughput || n.ofPatches || n.blockSize == nil {
		return
	}
	size := n.blockSize()
	for _, c := range channels {
		if size == 0 || c%size != 0 {
			return
		}
	}
	n.block = size
}

// planes adds an operator on planes; in a blocked network its equivalent for blocks.
func (n *network) planes(op string, inputs []onnx.Value, attrs ...onnx.Attr) onnx.Value {
	if n.block > 0 {
		return n.InBlocks(op, inputs, attrs...)
	}
	return n.Node(op, inputs, attrs...)
}

// convNorm is a convolution of square kernels in groups, then batch normalisation, then the
// addition of plus, unless it is "".
func (n *network) convNorm(x onnx.Value, name, norm string, in, out, kernel, stride, groups int, pads [4]int, epsilon float64, plus onnx.Value) onnx.Value {
	if n.block == 0 {
		x = n.batchNorm(n.conv(x, name, in, out, kernel, stride, groups, pads), norm, out, epsilon)
		if plus != "" {
			x = n.op("Add", x, plus)
		}
		return x
	}
	scale := n.op("Div", n.tensor(norm+".weight", out), n.op("Sqrt", n.op("Add", n.tensor(norm+".running_var", out), n.scalar(epsilon))))
	mean := n.tensor(norm+".running_mean", out)
	if bias := n.optional(name+".bias", out); bias != "" {
		mean = n.op("Sub", mean, bias)
	}
	inputs := []onnx.Value{
		x, n.blockedKernels(name+".weight", scale, out, in/groups, kernel),
		n.op("Sub", n.tensor(norm+".bias", out), n.op("Mul", mean, scale)),
	}
	if plus != "" {
		inputs = append(inputs, plus)
	}
	return n.InBlocks("Conv", inputs, convolution(kernel, stride, groups, pads)...)
}

// blockedKernels are kernels, (out, in, kernel, kernel), times a scale for each output, in the layout
// (out/block, in·kernel², block). Kernels of one value take blocked inputs as well; larger ones have
// one input channel, or a picture's three. One operator scales and transposes, because the result of
// each operator on weights stays in memory until all are loaded.
func (n *network) blockedKernels(name string, scale onnx.Value, out, in, kernel int) onnx.Value {
	o, b, i, k := int64(out/n.block), int64(n.block), int64(in), int64(kernel)
	w := n.tensorAs([]int64{o, b, i * k * k}, name, out, in, kernel, kernel)
	w = n.Node("Einsum", []onnx.Value{w, n.reshape(scale, o, b)}, onnx.Text("equation", "obi,ob->oib"))
	return n.reshape(w, o*b, i, k, k)
}

// scaleChannels multiplies each channel of x by a value of its own, (n, channels, 1, 1).
func (n *network) scaleChannels(x, by onnx.Value, channels int) onnx.Value {
	if n.block == 0 {
		return n.op("Mul", x, by)
	}
	return n.InBlocks("Conv", []onnx.Value{x, n.reshape(by, int64(channels), 1, 1, 1)}, convolution(1, 1, channels, [4]int{})...)
}
