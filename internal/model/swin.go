package model

import (
	"math"

	"github.com/akin-search/akin/internal/onnx"
)

// swin is a Swin Transformer (Liu et al. 2021, https://arxiv.org/abs/2103.14030) in the names that a layout
// has for its tensors: attention is within windows, which every other block shifts by half of themselves.
// Widths, depths, heads and windows are in the tensors' shapes.
type swin struct {
	patches, patchNorm string
	positions          string                   // of patches, where the network has them
	block              func(s, i int) swinNames //
	merge              func(s int) [2]string    // before a stage: norm, reduction
	norm               string                   //

	depths, heads []int // of stages, as the config has them, or nil
	window        int   // the same, or 0
	activation    string
	epsilon       float64 // of the norms in blocks and the last one
	padFirst      bool    // a grid that windows do not divide is padded before it is shifted, not after
}

// swinNames are those of one block.
type swinNames struct {
	layerNames
	table string // biases of scores by the distance of their patches, (distances, heads)
}

// swinEpsilon is of the norms of patches and of merged ones, in all layouts.
const swinEpsilon = 1e-5

// swin writes the network up to the mean of its last tokens, (n, dim), or, for patches, the tokens
// themselves.
func (n *network) swin(c swin, width, height int) (x onnx.Value, dim int) {
	size := n.size(c.patches+".weight", 2)
	if n.err != nil {
		return "", 0
	}
	x = n.pixels(width, height)
	if bottom, right := (size-height%size)%size, (size-width%size)%size; c.padFirst && bottom+right > 0 {
		x = n.pad(x, 0, 0, 0, 0, 0, 0, int64(bottom), int64(right))
		width, height = width+right, height+bottom
	}
	p := &plane{n: n, x: x, channels: 3, rows: height, columns: width}
	p.conv(c.patches, size, 0)
	g := &tokenGrid{n: n, x: n.rowsOf(p.x, p.channels), dim: p.channels, rows: p.rows, columns: p.columns}
	n.sequence = g.rows * g.columns
	if n.has(c.patchNorm + ".weight") {
		g.x = n.layerNorm(g.x, c.patchNorm, g.dim, swinEpsilon)
	}
	if c.positions != "" && n.has(c.positions) {
		at := n.tensor(c.positions, 1, n.sequence, g.dim)
		g.x = n.reshape(n.op("Add", n.reshape(g.x, -1, int64(n.sequence), int64(g.dim)), at), -1, int64(g.dim))
	}
	for s := 0; n.err == nil && n.has(c.block(s, 0).table); s++ {
		if s > 0 {
			g.merge(c.merge(s))
		}
		i := 0
		for ; n.err == nil && n.has(c.block(s, i).table); i++ {
			if heads := n.size(c.block(s, i).table, 1); c.heads != nil && (s >= len(c.heads) || heads != c.heads[s]) {
				n.fail("its stage %d has %d heads, and the config %v", s, heads, c.heads)
			}
			g.block(c, c.block(s, i), i%2 == 1)
		}
		if c.depths != nil && (s >= len(c.depths) || i != c.depths[s]) {
			n.fail("its stage %d has %d blocks, and the config has the depths %v", s, i, c.depths)
		}
	}
	if n.err != nil {
		return "", g.dim
	}
	if n.ofPatches {
		g.arrange(nil)
	}
	return n.meanOfPatches(n.layerNorm(g.x, c.norm, g.dim, c.epsilon), 0, g.rows, g.columns, g.dim), g.dim
}

// tokenGrid is a feature map as tokens, (n·rows·columns, dim). All layers but attention are of each token by
// itself, so tokens stay in the order that attention wants them in until another is wanted.
type tokenGrid struct {
	n                  *network
	x                  onnx.Value
	dim, rows, columns int
	order              []int // place of each token, row·columns + column; nil is 0, 1, 2…
}

// arrange puts the tokens into another order.
func (g *tokenGrid) arrange(order []int) {
	if g.order == nil && order == nil {
		return
	}
	g.x = g.gather(g.x, order, g.order)
	g.order = order
}

// gather returns the tokens of all places in order, of tokens that are in the order from. A place
// of -1 is a token of zeros.
func (g *tokenGrid) gather(x onnx.Value, order, from []int) onnx.Value {
	n, count := g.n, g.rows*g.columns
	at := make([]int64, count) // of a place, in from
	for i := range at {
		at[i] = int64(i)
	}
	for i, place := range from {
		at[place] = int64(i)
	}
	if order == nil {
		return g.take(x, at, count)
	}
	index := make([]int64, len(order))
	empty := false
	for i, place := range order {
		if index[i] = int64(count); place >= 0 {
			index[i] = at[place]
		} else {
			empty = true
		}
	}
	if empty {
		x = n.reshape(n.padded(n.reshape(x, -1, int64(count), int64(g.dim)), 0, 1), -1, int64(g.dim))
		count++
	}
	return g.take(x, index, count)
}

// take returns tokens of each picture, which has count.
func (g *tokenGrid) take(x onnx.Value, index []int64, count int) onnx.Value {
	x = g.n.reshape(x, -1, int64(count), int64(g.dim))
	x = g.n.Node("Gather", []onnx.Value{x, g.n.Int64s(index, int64(len(index)))}, onnx.Int("axis", 1))
	return g.n.reshape(x, -1, int64(g.dim))
}

// merge makes one token of four, of half the rows and columns.
func (g *tokenGrid) merge(names [2]string) {
	n, rows, columns := g.n, (g.rows+1)/2, (g.columns+1)/2
	var order []int
	for row := range rows {
		for column := range columns {
			for i := range 4 { // column by column
				y, x := 2*row+i%2, 2*column+i/2
				if y < g.rows && x < g.columns {
					order = append(order, y*g.columns+x)
				} else {
					order = append(order, -1)
				}
			}
		}
	}
	x := n.reshape(g.gather(g.x, order, g.order), -1, int64(4*g.dim))
	out := n.size(names[1]+".weight", 0)
	x = n.linear(n.layerNorm(x, names[0], 4*g.dim, swinEpsilon), names[1], 4*g.dim, out)
	*g = tokenGrid{n: n, x: x, dim: out, rows: rows, columns: columns}
}

// block is a transformer's layer with attention within windows.
func (g *tokenGrid) block(c swin, l swinNames, odd bool) {
	n := g.n
	distances, heads := n.size(l.table, 0), n.size(l.table, 1)
	side := (int(math.Sqrt(float64(distances))) + 1) / 2 // of a window
	if n.err != nil || !n.divides(g.dim, heads) {
		return
	}
	if (2*side-1)*(2*side-1) != distances || side > min(g.rows, g.columns) || c.window != 0 && side != c.window {
		n.fail("its %s has %d distances, which are not those of a window in %d x %d patches", l.table, distances, g.columns, g.rows)
		return
	}
	w := windows{side: side, rows: g.rows, columns: g.columns, padFirst: c.padFirst}
	if odd && min(g.rows, g.columns) > side {
		w.shift = side / 2
	}
	bias := n.distanceBias(l.table, w, heads)
	e := encoder{dim: g.dim, heads: heads, hidden: n.size(l.up+".weight", 0), activation: c.activation, epsilon: c.epsilon}
	attend := func(x onnx.Value) onnx.Value {
		q, k, v := n.queriesKeysValues(x, x, e, l.layerNames)
		return n.linear(n.windowAttention(q, k, v, w, e, bias), l.out, e.dim, e.dim)
	}
	order, padded := w.order()
	if !padded {
		g.arrange(order)
		g.x = n.op("Add", g.x, attend(n.layerNorm(g.x, l.norm1, e.dim, e.epsilon)))
	} else {
		g.arrange(nil)
		y := attend(g.gather(n.layerNorm(g.x, l.norm1, e.dim, e.epsilon), order, nil))
		back := make([]int64, g.rows*g.columns)
		for i, place := range order {
			if place >= 0 {
				back[place] = int64(i)
			}
		}
		g.x = n.op("Add", g.x, g.take(y, back, len(order)))
	}
	g.x = n.op("Add", g.x, n.mlp(n.layerNorm(g.x, l.norm2, e.dim, e.epsilon), e, l.layerNames))
}

// windowAttention is attention within windows, whose tokens follow one another.
func (n *network) windowAttention(q, k, v onnx.Value, w windows, e encoder, bias onnx.Value) onnx.Value {
	t, h, d := int64(w.side*w.side), int64(e.heads), int64(e.dim/e.heads)
	q = n.transpose(n.reshape(q, -1, t, h, d), 0, 2, 1, 3) // (n·windows, heads, t, d)
	k = n.transpose(n.reshape(k, -1, t, h, d), 0, 2, 3, 1) // (n·windows, heads, d, t)
	v = n.transpose(n.reshape(v, -1, t, h, d), 0, 2, 1, 3)
	scores := n.op("MatMul", n.op("Mul", q, n.scalar(1/math.Sqrt(float64(d)))), k)
	if w.shift > 0 {
		scores = n.reshape(n.op("Add", n.reshape(scores, -1, int64(w.count()), h, t, t), bias), -1, h, t, t)
	} else {
		scores = n.op("Add", scores, bias)
	}
	x := n.op("MatMul", n.Node("Softmax", []onnx.Value{scores}, onnx.Int("axis", -1)), v)
	return n.reshape(n.transpose(x, 0, 2, 1, 3), -1, int64(e.dim))
}

// distanceBias is added to the scores of windows: (1, heads, t, t), or, if they are shifted, (1, windows, heads, t, t),
// with a mask between patches that are no neighbours. It is made of weights and constants alone, once, when
// the network is loaded.
func (n *network) distanceBias(table string, w windows, heads int) onnx.Value {
	t, h := int64(w.side*w.side), int64(heads)
	index := make([]int64, 0, t*t)
	for a := range w.side * w.side {
		for b := range w.side * w.side {
			down, right := a/w.side-b/w.side+w.side-1, a%w.side-b%w.side+w.side-1
			index = append(index, int64(down*(2*w.side-1)+right))
		}
	}
	bias := n.tensor(table, (2*w.side-1)*(2*w.side-1), heads)
	bias = n.Node("Gather", []onnx.Value{bias, n.Int64s(index, t*t)}, onnx.Int("axis", 0))
	bias = n.reshape(n.transpose(bias, 1, 0), 1, h, t, t)
	if w.shift == 0 {
		return bias
	}
	mask := n.floats(w.mask(), 1, w.count(), 1, w.side*w.side, w.side*w.side)
	return n.op("Add", n.reshape(bias, 1, 1, h, t, t), mask)
}
