package model

import "github.com/akin-search/akin/internal/onnx"

// plane is a feature map on its way through a convolutional network, (n, channels, rows, columns).
type plane struct {
	n                       *network
	x                       onnx.Value
	channels, rows, columns int
}

// convNorm is conv, padded by half a kernel on each side, then its norm and an activation, or "".
func (p *plane) convNorm(name, norm string, stride int, activation string) {
	n := p.n
	p.conv(name, stride, n.size(name+".weight", 2)/2)
	if n.err != nil {
		return
	}
	if n.has(norm + ".running_mean") {
		p.x = n.batchNorm(p.x, norm, p.channels, residualEpsilon)
	} else {
		p.x = n.groupNorm(p.x, norm, p.channels, residualEpsilon)
	}
	if activation != "" {
		p.x = n.activation(p.x, activation)
	}
}

// conv is a convolution whose channels, groups and kernel are those of its weight.
func (p *plane) conv(name string, stride, pad int) {
	n := p.n
	out, in, kernel := n.size(name+".weight", 0), n.size(name+".weight", 1), n.size(name+".weight", 2)
	switch {
	case n.err != nil:
		return
	case p.channels%in != 0 || out%(p.channels/in) != 0:
		n.fail("its convolution %s does not fit the %d channels before it", name, p.channels)
		return
	case min(p.rows, p.columns)+2*pad < kernel:
		n.fail("its convolution %s of %d x %d has planes of %d x %d", name, kernel, kernel, p.columns, p.rows)
		return
	}
	p.x = n.conv(p.x, name, p.channels, out, kernel, stride, p.channels/in, [4]int{pad, pad, pad, pad})
	p.channels = out
	p.rows, p.columns = afterConv(p.rows, kernel, stride, pad, pad), afterConv(p.columns, kernel, stride, pad, pad)
}

// pool is a pooling of squares.
func (p *plane) pool(op string, kernel, stride, pad int) {
	k, s, d := int64(kernel), int64(stride), int64(pad)
	p.x = p.n.planes(op, []onnx.Value{p.x}, onnx.Ints("kernel_shape", k, k), onnx.Ints("strides", s, s), onnx.Ints("pads", d, d, d, d))
	p.rows, p.columns = afterConv(p.rows, kernel, stride, pad, pad), afterConv(p.columns, kernel, stride, pad, pad)
}

// halve makes every other row and column of a plane's smoothed values.
func (p *plane) halve(by smoothing) {
	if by == averaged {
		p.pool("AveragePool", 2, 2, 0)
		return
	}
	n := p.n
	filter := n.floats([]float32{1. / 16, 2. / 16, 1. / 16, 2. / 16, 4. / 16, 2. / 16, 1. / 16, 2. / 16, 1. / 16}, 1, 1, 3, 3)
	filter = n.op("Expand", filter, n.Int64s([]int64{int64(p.channels), 1, 3, 3}, 4))
	x := n.Node("Pad", []onnx.Value{p.x, n.Int64s([]int64{0, 0, 1, 1, 0, 0, 1, 1}, 8)}, onnx.Text("mode", "reflect"))
	p.x = n.Node("Conv", []onnx.Value{x, filter}, convolution(3, 2, p.channels, [4]int{})...)
	p.rows, p.columns = afterConv(p.rows, 3, 2, 1, 1), afterConv(p.columns, 3, 2, 1, 1)
}

// halveWhole is the mean of squares of 2 x 2; at odd edges, of what there is of a square.
func (p *plane) halveWhole() {
	p.x = p.n.Node("AveragePool", []onnx.Value{p.x}, onnx.Ints("kernel_shape", 2, 2), onnx.Ints("strides", 2, 2), onnx.Int("ceil_mode", 1))
	p.rows, p.columns = (p.rows+1)/2, (p.columns+1)/2
}

// groupNorm normalises 32 groups of channels (Wu and He 2018, https://arxiv.org/abs/1803.08494).
func (n *network) groupNorm(x onnx.Value, name string, channels int, epsilon float64) onnx.Value {
	const groups = 32
	if channels%groups != 0 {
		n.fail("its norm %s has %d channels, which do not make %d groups", name, channels, groups)
		return ""
	}
	one, zero := make([]float32, groups), make([]float32, groups)
	for i := range one {
		one[i] = 1
	}
	scale, shift := n.floats(one, groups), n.floats(zero, groups)
	shape := n.op("Shape", x)
	x = n.Node("InstanceNormalization", []onnx.Value{n.reshape(x, 0, groups, -1), scale, shift}, onnx.Float("epsilon", float32(epsilon)))
	c := int64(channels)
	x = n.op("Mul", n.op("Reshape", x, shape), n.reshape(n.tensor(name+".weight", channels), c, 1, 1))
	return n.op("Add", x, n.reshape(n.tensor(name+".bias", channels), c, 1, 1))
}
