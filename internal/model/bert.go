package model

import "github.com/akin-search/akin/internal/onnx"

// bert is the transformer of BERT (Devlin et al. 2018, https://arxiv.org/abs/1810.04805): layer norm
// after each sum.
type bert struct {
	dim, heads, hidden int
	activation         string
	epsilon            float64
}

// bertAttention lets x, (n·tq, dim), attend to from, (n·tk, width). The tensors of queries, keys and
// values begin with in, those of what follows with out.
func (n *network) bertAttention(x, from onnx.Value, b bert, in, out string, tq, tk, width int) onnx.Value {
	y := n.attention(n.linear(x, in+"query", b.dim, b.dim), n.linear(from, in+"key", width, b.dim), n.linear(from, in+"value", width, b.dim),
		tq, tk, b.dim, b.heads, "")
	return n.layerNorm(n.op("Add", n.linear(y, out+"dense", b.dim, b.dim), x), out+"LayerNorm", b.dim, b.epsilon)
}

// bertMLP is the other half of a layer.
func (n *network) bertMLP(x onnx.Value, b bert, in, out string) onnx.Value {
	y := n.linearOfPadded(n.activation(n.linearPadded(x, in, 0, 1, b.dim, b.hidden), b.activation), out+"dense", b.hidden, b.dim)
	return n.layerNorm(n.op("Add", y, x), out+"LayerNorm", b.dim, b.epsilon)
}
