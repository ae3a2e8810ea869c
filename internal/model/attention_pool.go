package model

import "github.com/akin-search/akin/internal/onnx"

// attentionPool asks all tokens of a picture one learned question (Zhai et al. 2022,
// https://arxiv.org/abs/2106.04560), then has an MLP, whose result is added.
type attentionPool struct {
	dim, heads, hidden int
	epsilon            float64
	rms                bool
	activation         string
	probe              string // the question, (1, 1, dim)
	query, key, value  block
	out                string
	norm, up, down     string
}

// block is the part-th of parts equal blocks of a weight's and of a bias's rows.
type block struct {
	weight, bias string
	part, parts  int
}

// poolByAttention makes one vector of count tokens: (n·count, dim) to (n, dim).
func (n *network) poolByAttention(x onnx.Value, p attentionPool, count int) onnx.Value {
	project := func(x onnx.Value, b block) onnx.Value {
		return n.linearOf(x, b.weight, b.bias, b.part, b.parts, p.dim, p.dim)
	}
	probe := n.reshape(n.tensor(p.probe, 1, 1, p.dim), 1, int64(p.dim))
	// One question for every picture: the product reads (1, heads, 1, d) of it for all.
	x = n.dotProduct(project(probe, p.query), project(x, p.key), project(x, p.value), 1, count, p.dim, p.heads, "")
	x = n.linear(x, p.out, p.dim, p.dim)
	y := n.norm(x, p.norm, p.dim, p.epsilon, p.rms)
	y = n.linear(n.activation(n.linear(y, p.up, p.dim, p.hidden), p.activation), p.down, p.hidden, p.dim)
	return n.op("Add", x, y)
}
