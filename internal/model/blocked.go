package model

import "github.com/akin-search/akin/internal/onnx"

// ONNX Runtime's convolutions want channels in blocks of eight or sixteen, as many as a
// register holds: (n, c, h, w) lies as (n, c/block, h, w, block). It lays a network out like
// that by itself, but goes back to planes and forth again wherever each channel is multiplied
// by a value of its own. A blocked network is written in its operators for blocks from the
// first convolution to the last, and multiplies by a convolution of one weight a channel. That
// weight is a picture's own, so a blocked network takes one picture at a time.

// useBlocks decides that the network is a blocked one, where it is for many runs and all the
// channels fill blocks.
func (n *network) useBlocks(channels []int) {
	if !n.many || n.ofPlaces || n.blockSize == nil {
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

// planes adds an operator on planes: the one for blocks in a blocked network.
func (n *network) planes(op string, inputs []onnx.Value, attrs ...onnx.Attr) onnx.Value {
	if n.block > 0 {
		return n.InBlocks(op, inputs, attrs...)
	}
	return n.Node(op, inputs, attrs...)
}

// convNorm is a convolution of square kernels, by itself of each channel where there are as
// many groups, then batch normalisation, and then, unless it is "", plus.
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

// blockedKernels are kernels, (out, in, kernel, kernel), times a scale of each output, where a
// block of outputs lies side by side: (out/block, in·kernel², block). Inputs are in blocks as
// well where kernels have one value; a kernel of more meets one channel, or a picture's three.
// One operator does both, because what each makes of the weights is kept until all are loaded.
func (n *network) blockedKernels(name string, scale onnx.Value, out, in, kernel int) onnx.Value {
	o, b, i, k := int64(out/n.block), int64(n.block), int64(in), int64(kernel)
	w := n.tensorAs([]int64{o, b, i * k * k}, name, out, in, kernel, kernel)
	w = n.Node("Einsum", []onnx.Value{w, n.reshape(scale, o, b)}, onnx.Text("equation", "obi,ob->oib"))
	return n.reshape(w, o*b, i, k, k)
}

// weigh multiplies each channel of x by a value of its own, (n, channels, 1, 1).
func (n *network) weigh(x, by onnx.Value, channels int) onnx.Value {
	if n.block == 0 {
		return n.op("Mul", x, by)
	}
	return n.InBlocks("Conv", []onnx.Value{x, n.reshape(by, int64(channels), 1, 1, 1)}, convolution(1, 1, channels, [4]int{})...)
}
