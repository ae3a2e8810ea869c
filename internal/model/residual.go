package model

import (
	"fmt"

	"github.com/akin-search/akin/internal/onnx"
)

// residual is a residual network (He et al. 2015, https://arxiv.org/abs/1512.03385) in the names that
// a layout has for its tensors. Widths, depths and the kinds of stem, block, shortcut and attention are
// in the tensors' names and shapes.
type residual struct {
	stem, stemNorm string                          // a convolution of 7 x 7; or stem.0, stem.3 and stem.6 of 3 x 3
	block          func(stage, i int) string       // what the names of a block's tensors begin with
	conv           func(i int) (conv, norm string) // of a block: 0 and 1, or, in a bottleneck, 0 to 2
	shortcut       [2]string                       // its convolution and norm
	pooled         [2]string                       // the same after a pooling, in ResNet-D, where a shortcut may have either
	stemPool       [2]string                       // a convolution for the pooling after the stem

	activation string // after the stem and after each block
	inner      string // within a block
	smooth     smoothing
	firstHalf  bool // the first stage halves its input as well
	early      bool // a bottleneck halves its input in its first convolution, not in its second
}

// smoothing is how a network halves its planes without aliasing (Zhang 2019,
// https://arxiv.org/abs/1904.11486).
type smoothing int

const (
	strided  smoothing = iota // it does not care
	averaged                  // by the mean of squares of 2 x 2
	blurred                   // by a binomial filter of 3 x 3
)

const residualEpsilon = 1e-5 // torch's batch normalisation

// residual writes the network up to its last feature map, (n, dim, rows, columns).
func (n *network) residual(r residual, width, height int) (x onnx.Value, dim, rows, columns int) {
	p := &plane{n: n, x: n.pixels(width, height), channels: 3, rows: height, columns: width}
	if n.has(r.stem + ".0.weight") { // ResNet-C and -D
		p.convNorm(r.stem+".0", r.stem+".1", 2, r.activation)
		p.convNorm(r.stem+".3", r.stem+".4", 1, r.activation)
		p.convNorm(r.stem+".6", r.stemNorm, 1, r.activation)
	} else {
		p.convNorm(r.stem, r.stemNorm, 2, r.activation)
	}
	switch {
	case r.stemPool[0] != "" && n.has(r.stemPool[0]+".weight"):
		p.convNorm(r.stemPool[0], r.stemPool[1], 2, r.activation)
	case r.smooth == averaged:
		p.halve(averaged)
	case r.smooth == blurred:
		p.pool("MaxPool", 3, 1, 1)
		p.halve(blurred)
	default:
		p.pool("MaxPool", 3, 2, 1)
	}
	for s := 0; n.err == nil && n.has(r.block(s, 0)+r.first()); s++ {
		for i := 0; n.err == nil && n.has(r.block(s, i)+r.first()); i++ {
			stride := 1
			if i == 0 && (s > 0 || r.firstHalf) {
				stride = 2
			}
			p.residualBlock(r, r.block(s, i), stride)
		}
	}
	return p.x, p.channels, p.rows, p.columns
}

// first is the tensor that every block has.
func (r residual) first() string {
	conv, _ := r.conv(0)
	return conv + ".weight"
}

// residualBlock is two or three convolutions, attention to channels where the checkpoint has it, and
// the shortcut around them.
func (p *plane) residualBlock(r residual, name string, stride int) {
	n, short := p.n, *p
	switch {
	case n.has(name + r.shortcut[0] + ".weight"):
		short.convNorm(name+r.shortcut[0], name+r.shortcut[1], stride, "")
	case r.pooled[0] != "" && n.has(name+r.pooled[0]+".weight"):
		if stride == 2 {
			short.halveWhole()
		}
		short.convNorm(name+r.pooled[0], name+r.pooled[1], 1, "")
	}
	last := 2
	if conv, _ := r.conv(2); !n.has(name + conv + ".weight") {
		last = 1
	}
	halving := last - 1 // the convolution of 3 x 3 that halves
	if r.early {
		halving = 0
	}
	for i := range last + 1 {
		conv, norm := r.conv(i)
		by, activation := 1, r.inner
		if i == halving && r.smooth == strided {
			by = stride
		}
		if i == last {
			activation = ""
		}
		p.convNorm(name+conv, name+norm, by, activation)
		if i == halving && stride == 2 && r.smooth != strided {
			p.halve(r.smooth)
		}
	}
	p.attend(name + "se.")
	if p.channels != short.channels || p.rows != short.rows || p.columns != short.columns {
		n.fail("its block %s turns %d channels of %d x %d into %d of %d x %d, without a convolution in its shortcut",
			name, short.channels, short.columns, short.rows, p.channels, p.columns, p.rows)
		return
	}
	p.x = n.activation(n.op("Add", p.x, short.x), r.activation)
}

// attend weighs channels by what their planes' means say: squeeze and excitation (Hu et al. 2017,
// https://arxiv.org/abs/1709.01507), or a convolution over neighbouring channels (Wang et al. 2019,
// https://arxiv.org/abs/1910.03151).
func (p *plane) attend(name string) {
	n, c := p.n, p.channels
	switch {
	case n.has(name + "fc1.weight"):
		narrow := n.size(name+"fc1.weight", 0)
		w := n.op("Relu", n.conv(n.meanOfPlane(p.x, p.columns), name+"fc1", c, narrow, 1, 1, 1, [4]int{}))
		p.x = n.op("Mul", p.x, n.op("Sigmoid", n.conv(w, name+"fc2", narrow, c, 1, 1, 1, [4]int{})))
	case n.has(name + "conv.weight"):
		k := n.size(name+"conv.weight", 2)
		w := n.reshape(n.meanOfPlane(p.x, p.columns), -1, 1, int64(c))
		w = n.Node("Conv", []onnx.Value{w, n.tensor(name+"conv.weight", 1, 1, k)},
			onnx.Ints("kernel_shape", int64(k)), onnx.Ints("pads", int64(k/2), int64(k/2)))
		p.x = n.op("Mul", p.x, n.op("Sigmoid", n.reshape(w, -1, int64(c), 1, 1)))
	}
}

// plane is a feature map on its way through a convolutional network, (n, channels, rows, columns).
type plane struct {
	n                       *network
	x                       onnx.Value
	channels, rows, columns int
}

// convNorm is a convolution whose shape the checkpoint knows, padded by half a kernel on each side,
// then its norm and an activation, or "".
func (p *plane) convNorm(name, norm string, stride int, activation string) {
	n := p.n
	out, in, kernel := n.size(name+".weight", 0), n.size(name+".weight", 1), n.size(name+".weight", 2)
	if n.err != nil {
		return
	}
	if p.channels%in != 0 || out%(p.channels/in) != 0 {
		n.fail("its convolution %s does not fit the %d channels before it", name, p.channels)
		return
	}
	pad := kernel / 2
	if min(p.rows, p.columns)+2*pad < kernel {
		n.fail("its convolution %s of %d x %d has planes of %d x %d", name, kernel, kernel, p.columns, p.rows)
		return
	}
	p.x = n.conv(p.x, name, p.channels, out, kernel, stride, p.channels/in, around(kernel))
	if n.has(norm + ".running_mean") {
		p.x = n.batchNorm(p.x, norm, out, residualEpsilon)
	} else {
		p.x = n.groupNorm(p.x, norm, out, residualEpsilon)
	}
	p.channels = out
	p.rows, p.columns = afterConv(p.rows, kernel, stride, pad, pad), afterConv(p.columns, kernel, stride, pad, pad)
	if activation != "" {
		p.x = n.activation(p.x, activation)
	}
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
	filter := n.Floats([]float32{1. / 16, 2. / 16, 1. / 16, 2. / 16, 4. / 16, 2. / 16, 1. / 16, 2. / 16, 1. / 16}, 1, 1, 3, 3)
	if n.precision == Float16 {
		filter = n.cast(filter, onnx.Float16)
	}
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
	scale, shift := n.Floats(one, groups), n.Floats(zero, groups)
	if n.precision == Float16 {
		scale, shift = n.cast(scale, onnx.Float16), n.cast(shift, onnx.Float16)
	}
	shape := n.op("Shape", x)
	x = n.Node("InstanceNormalization", []onnx.Value{n.reshape(x, 0, groups, -1), scale, shift}, onnx.Float("epsilon", float32(epsilon)))
	c := int64(channels)
	x = n.op("Mul", n.op("Reshape", x, shape), n.reshape(n.tensor(name+".weight", channels), c, 1, 1))
	return n.op("Add", x, n.reshape(n.tensor(name+".bias", channels), c, 1, 1))
}

// numbered returns a function for names that count from one number on.
func numbered(format string, from int) func(i int) string {
	return func(i int) string { return fmt.Sprintf(format, from+i) }
}
