package model

import "github.com/akin-search/akin/internal/onnx"

// Rows that are a multiple of 4 KB long begin in the same set of the first-level cache,
// which holds eight lines, or twelve. ONNX Runtime's product goes down a dozen rows at
// once, and each throws out what the others are about to read. So where a network is for
// many runs, such rows of tokens are a line longer: zeros, which meet zeros after the
// weights' rows. The weights are copied for that when the network is loaded.
const (
	cacheWay  = 4096 / 4 // values
	cacheLine = 64 / 4
)

// clash tells whether rows of so many values of tokens must be spaced.
func (n *network) clash(width int) bool {
	return n.many && n.sequence > 0 && width%cacheWay == 0
}

// withSpace gives a matrix with zeros after each of its rows.
func (n *network) withSpace(x onnx.Value) onnx.Value {
	y, ok := n.wide[x]
	if !ok {
		y = n.pad(x, 0, 0, 0, cacheLine)
		n.wide[x] = y
	}
	return y
}

// inner is linearRows for what only an activation and outer read: where rows of out values
// clash, weights and bias have rows of zeros more, and so it is spaced as it comes.
func (n *network) inner(x onnx.Value, name string, part, parts, in, out int) onnx.Value {
	if !n.clash(out) {
		return n.linearRows(x, name, part, parts, in, out)
	}
	w := n.pad(n.rows(name+".weight", part, parts, out, in), 0, 0, cacheLine, 0)
	b := n.bias(name+".bias", part, parts, out)
	if b != "" {
		b = n.pad(b, 0, cacheLine)
	}
	return n.gemm(x, w, b, in)
}

// outer is linear of what inner and activations gave, which leave zeros as they are.
func (n *network) outer(x onnx.Value, name string, in, out int) onnx.Value {
	if n.clash(in) {
		n.wide[x] = x
	}
	return n.linear(x, name, in, out)
}

func (n *network) pad(x onnx.Value, pads ...int64) onnx.Value {
	return n.op("Pad", x, n.Int64s(pads, int64(len(pads))))
}
