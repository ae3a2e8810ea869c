package model

import "github.com/akin-search/akin/internal/onnx"

// convNeXt is a ConvNeXt (Liu et al. 2022, https://arxiv.org/abs/2201.03545) or ConvNeXt V2 (Woo et al.
// 2023, https://arxiv.org/abs/2301.00808) in the names that a layout has for its tensors. Widths, depths and
// kernels are in their shapes; of names that stand for what only some networks have, those may be "".
type convNeXt struct {
	stems      [2]string             // its convolutions: of patches, or two that overlap
	stemNorm   string                //
	down       func(s int) [2]string // before a stage: norm, convolution
	block      func(s, i int) string // what the names of a block's tensors begin with
	depthwise  string                // of a block
	norm       string                //
	mlp        [2]string             //
	response   string                // global response norm
	scale      string                //
	mapNorm    string                // of the last feature map
	pooledNorm string                // of its mean
	bare       bool                  // a network without its weights has the norm all the same
	hidden     string                // a linear layer of that
	depths     []int                 // as the config has them, or nil

	activation string
	between    string // activation between the two convolutions of the stem
	normKind   normKind
	epsilon    float64 // of all norms
	pooledEps  float64 // but of the mean's
}

// normKind is what divides channels.
type normKind int

const (
	byDeviation     normKind = iota // layer norm: minus their mean
	byRoot                          // RMSNorm: by the root of their mean square
	byDeviationOnly                 // by their deviation, without their mean
)

// convNeXt writes the network up to its pooled features, (n, dim), or, for patches, all vectors.
// Feature maps are rows of channels, (n·rows·columns, channels), as linear layers and norms want them;
// convolutions of each channel by itself are of planes.
func (n *network) convNeXt(c convNeXt, width, height int) (x onnx.Value, dim int) {
	x, dim, rows, columns := n.convNeXtStem(c, width, height)
	n.sequence = rows * columns
	for s := 0; n.err == nil && n.has(c.block(s, 0)+c.depthwise+".weight"); s++ {
		if down := c.down(s); n.has(down[1] + ".weight") {
			x, dim, rows, columns = n.convNeXtDown(x, c, down, dim, rows, columns)
		}
		i := 0
		for ; n.err == nil && n.has(c.block(s, i)+c.depthwise+".weight"); i++ {
			x = n.convNeXtBlock(x, c, c.block(s, i), dim, rows, columns)
		}
		if c.depths != nil && (s >= len(c.depths) || i != c.depths[s]) {
			n.fail("its stage %d has %d blocks, and the config has the depths %v", s, i, c.depths)
		}
	}
	if n.err != nil {
		return "", dim
	}
	if n.has(c.mapNorm + ".weight") {
		return n.meanOfPatches(n.channelNorm(x, c, c.mapNorm, dim, c.epsilon), 0, rows, columns, dim), dim
	}
	// A patch's vector is what the mean's would be if all of the picture were as it is there.
	mean := n.meanOfTokens(x, rows*columns, 0, dim)
	n.grid = &Patches{Rows: rows, Columns: columns, Prefix: 1}
	if n.ofPatches {
		d := int64(dim)
		x = n.Node("Concat", []onnx.Value{n.reshape(mean, -1, 1, d), n.reshape(x, -1, int64(rows*columns), d)}, onnx.Int("axis", 1))
		mean = n.reshape(x, -1, d)
	}
	x = n.channelNorm(mean, c, c.pooledNorm, dim, c.pooledEps)
	if c.hidden != "" && n.has(c.hidden+".weight") {
		in := dim
		dim = n.size(c.hidden+".weight", 0)
		x = n.activation(n.linear(x, c.hidden, in, dim), "gelu")
	}
	return x, dim
}

func (n *network) convNeXtStem(c convNeXt, width, height int) (x onnx.Value, dim, rows, columns int) {
	p := &plane{n: n, x: n.pixels(width, height), channels: 3, rows: height, columns: width}
	if c.stems[1] != "" {
		p.conv(c.stems[0], 2, 1)
		if c.between != "" {
			p.x = n.activation(p.x, c.between)
		}
		p.conv(c.stems[1], 2, 1)
	} else {
		p.conv(c.stems[0], n.size(c.stems[0]+".weight", 2), 0)
	}
	return n.channelNorm(n.rowsOf(p.x, p.channels), c, c.stemNorm, p.channels, c.epsilon), p.channels, p.rows, p.columns
}

// convNeXtDown halves a feature map, or only gives it other channels.
func (n *network) convNeXtDown(x onnx.Value, c convNeXt, names [2]string, dim, rows, columns int) (onnx.Value, int, int, int) {
	p := &plane{n: n, channels: dim, rows: rows, columns: columns}
	p.x = n.planesOf(n.channelNorm(x, c, names[0], dim, c.epsilon), dim, rows, columns)
	p.conv(names[1], n.size(names[1]+".weight", 2), 0)
	return n.rowsOf(p.x, p.channels), p.channels, p.rows, p.columns
}

// convNeXtBlock is a convolution of each channel by itself, then an MLP of each row.
func (n *network) convNeXtBlock(x onnx.Value, c convNeXt, name string, dim, rows, columns int) onnx.Value {
	p := &plane{n: n, x: n.planesOf(x, dim, rows, columns), channels: dim, rows: rows, columns: columns}
	kernel := n.size(name+c.depthwise+".weight", 2)
	if p.conv(name+c.depthwise, 1, kernel/2); p.channels != dim || p.rows != rows || p.columns != columns {
		n.fail("its convolution %s has kernels of %d x %d for %d channels", name+c.depthwise, kernel, kernel, p.channels)
		return ""
	}
	y := n.channelNorm(n.rowsOf(p.x, dim), c, name+c.norm, dim, c.epsilon)
	hidden := n.size(name+c.mlp[0]+".weight", 0)
	if c.response != "" && n.has(name+c.response+".weight") {
		y = n.activation(n.linear(y, name+c.mlp[0], dim, hidden), c.activation)
		y = n.linear(n.globalResponse(y, name+c.response, hidden, rows*columns), name+c.mlp[1], hidden, dim)
	} else {
		y = n.activation(n.linearPadded(y, name+c.mlp[0], 0, 1, dim, hidden), c.activation)
		y = n.linearOfPadded(y, name+c.mlp[1], hidden, dim)
	}
	scale := name + c.scale
	if !n.has(scale) {
		scale = ""
	}
	return n.add(x, y, scale, dim)
}

// globalResponse adds to each channel itself times how much longer it is, over the whole map, than channels are
// on average.
func (n *network) globalResponse(x onnx.Value, name string, dim, tokens int) onnx.Value {
	const epsilon = 1e-6
	x = n.reshape(x, -1, int64(tokens), int64(dim))
	length := n.Node("ReduceL2", []onnx.Value{x, n.Int64s([]int64{1}, 1)}, onnx.Int("keepdims", 1)) // (n, 1, dim)
	mean := n.Node("ReduceMean", []onnx.Value{length, n.Int64s([]int64{-1}, 1)}, onnx.Int("keepdims", 1))
	times := n.op("Mul", n.op("Div", length, n.op("Add", mean, n.scalar(epsilon))), n.rowOf(name+".weight", dim))
	x = n.op("Add", n.op("Mul", x, n.op("Add", times, n.scalar(1))), n.rowOf(name+".bias", dim))
	return n.reshape(x, -1, int64(dim))
}

// rowOf is a vector, which transformers stores as (1, 1, 1, dim).
func (n *network) rowOf(name string, dim int) onnx.Value {
	if t, err := n.weights.Tensor(n.prefix + name); err == nil && len(t.Shape) == 4 {
		return n.reshape(n.tensor(name, 1, 1, 1, dim), int64(dim))
	}
	return n.tensor(name, dim)
}

// channelNorm normalises rows.
func (n *network) channelNorm(x onnx.Value, c convNeXt, name string, dim int, epsilon float64) onnx.Value {
	switch {
	case c.normKind == byRoot:
		return n.rmsNorm(x, name, dim, epsilon)
	case c.normKind == byDeviationOnly:
		axis := n.Int64s([]int64{-1}, 1)
		off := n.op("Sub", x, n.Node("ReduceMean", []onnx.Value{x, axis}))
		variance := n.op("Mul", n.Node("ReduceMean", []onnx.Value{n.op("Mul", off, off), axis}), n.scalar(float64(dim)/float64(max(1, dim-1))))
		return n.op("Mul", n.op("Div", x, n.op("Sqrt", n.op("Add", variance, n.scalar(epsilon)))), n.tensor(name+".weight", dim))
	}
	if name == c.pooledNorm && c.bare && !n.has(name+".weight") {
		one := n.op("Expand", n.scalar(1), n.Int64s([]int64{int64(dim)}, 1))
		return n.Node("LayerNormalization", []onnx.Value{x, one}, onnx.Int("axis", -1), onnx.Float("epsilon", float32(epsilon)))
	}
	return n.layerNorm(x, name, dim, epsilon)
}

// planesOf turns rows into planes: (n·rows·columns, dim) to (n, dim, rows, columns).
func (n *network) planesOf(x onnx.Value, dim, rows, columns int) onnx.Value {
	return n.transpose(n.reshape(x, -1, int64(rows), int64(columns), int64(dim)), 0, 3, 1, 2)
}

// rowsOf turns planes into rows: (n, dim, rows, columns) to (n·rows·columns, dim).
func (n *network) rowsOf(x onnx.Value, dim int) onnx.Value {
	return n.reshape(n.transpose(x, 0, 2, 3, 1), -1, int64(dim))
}
