package model

import "github.com/akin-search/akin/internal/onnx"

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
