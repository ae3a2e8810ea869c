package model

import "github.com/akin-search/akin/internal/onnx"

// Rows whose length is a multiple of 4 KB all begin in the same set of the first-level cache,
// which holds eight or twelve lines. ONNX Runtime's matrix product reads a dozen rows at once, so
// they evict each other (conflict misses). Throughput sessions therefore pad such rows of tokens by
// a cache line of zeros, and the weights' rows as well. The weights are copied when the network is
// loaded.
const (
	cacheWay  = 4096 / 4 // values
	cacheLine = 64 / 4
)

// conflicts reports whether rows of tokens of that width must be padded.
func (n *network) conflicts(width int) bool {
	return n.throughput && n.sequence > 0 && width%cacheWay == 0
}

// padRows returns a matrix with zeros after each of its rows.
func (n *network) padRows(x onnx.Value) onnx.Value {
	y, ok := n.paddedRows[x]
	if !ok {
		y = n.pad(x, 0, 0, 0, cacheLine)
		n.paddedRows[x] = y
	}
	return y
}

// linearPadded is linearRows for a result that only an activation and linearOfPadded read: where
// rows of out values conflict, weights and bias get rows of zeros, so that the result is padded.
func (n *network) linearPadded(x onnx.Value, name string, part, parts, in, out int) onnx.Value {
	if !n.conflicts(out) {
		return n.linearRows(x, name, part, parts, in, out)
	}
	w := n.pad(n.rows(name+".weight", part, parts, out, in), 0, 0, cacheLine, 0)
	b := n.bias(name+".bias", part, parts, out)
	if b != "" {
		b = n.pad(b, 0, cacheLine)
	}
	return n.gemm(x, w, b, in)
}

// linearOfPadded is linear of what linearPadded and an activation return. Activations keep zeros.
func (n *network) linearOfPadded(x onnx.Value, name string, in, out int) onnx.Value {
	if n.conflicts(in) {
		n.paddedRows[x] = x
	}
	return n.linear(x, name, in, out)
}

func (n *network) pad(x onnx.Value, pads ...int64) onnx.Value {
	return n.op("Pad", x, n.Int64s(pads, int64(len(pads))))
}
