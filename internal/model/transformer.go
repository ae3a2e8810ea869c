package model

import "github.com/akin-search/akin/internal/onnx"

// encoder is the transformer that the vision models share: layer norm before
// attention and before the MLP, each added to what came in (Dosovitskiy et al.
// 2020, https://arxiv.org/abs/2010.11929).
type encoder struct {
	layers, dim, heads, hidden int
	epsilon                    float64
	activation                 string
	gated                      bool // the MLP is SwiGLU
	layer                      func(i int) layerNames
}

// layerNames are the names of one layer's tensors.
type layerNames struct {
	norm1, q, k, v, out string
	norm2, up, down     string
	fused               bool   // q names the weights of queries, keys and values together
	inProj              bool   // fused, with the tensors' names in torch's MultiheadAttention
	scale1, scale2      string // factors of what is added; "" where there are none
}

// all makes encode return every token.
const all = -1

// encode runs all layers over sequences of tokens, (n·tokens, dim). If one token is wanted, the last
// layer computes no other, and the result is (n, dim).
func (n *network) encode(x onnx.Value, e encoder, tokens int, mask onnx.Value, wanted int) onnx.Value {
	n.sequence = tokens
	for i := 0; i < e.layers && n.err == nil; i++ { // a config may declare a billion
		l := e.layer(i)
		y := n.layerNorm(x, l.norm1, e.dim, e.epsilon)
		asked, tq := y, tokens
		if wanted != all && i == e.layers-1 {
			asked, tq = n.token(y, tokens, e.dim, wanted), 1
			x = n.token(x, tokens, e.dim, wanted)
		}
		var q, k, v onnx.Value
		if l.fused {
			weight, bias := l.q+".weight", l.q+".bias"
			if l.inProj {
				weight, bias = l.q+".in_proj_weight", l.q+".in_proj_bias"
			}
			q = n.linearOf(asked, weight, bias, 0, 3, e.dim, e.dim)
			k = n.linearOf(y, weight, bias, 1, 3, e.dim, e.dim)
			v = n.linearOf(y, weight, bias, 2, 3, e.dim, e.dim)
		} else {
			q, k, v = n.linear(asked, l.q, e.dim, e.dim), n.linear(y, l.k, e.dim, e.dim), n.linear(y, l.v, e.dim, e.dim)
		}
		y = n.linear(n.attention(q, k, v, tq, tokens, e.dim, e.heads, mask), l.out, e.dim, e.dim)
		x = n.add(x, y, l.scale1, e.dim)
		y = n.mlp(n.layerNorm(x, l.norm2, e.dim, e.epsilon), e, l)
		x = n.add(x, y, l.scale2, e.dim)
	}
	return x
}

// add returns x + y, or x + scale·y.
func (n *network) add(x, y onnx.Value, scale string, dim int) onnx.Value {
	if scale != "" {
		y = n.op("Mul", y, n.tensor(scale, dim))
	}
	return n.op("Add", x, y)
}

func (n *network) mlp(x onnx.Value, e encoder, l layerNames) onnx.Value {
	if !e.gated {
		return n.linearOfPadded(n.activation(n.linearPadded(x, l.up, 0, 1, e.dim, e.hidden), e.activation), l.down, e.hidden, e.dim)
	}
	// SwiGLU (Shazeer 2020, https://arxiv.org/abs/2002.05202): half of up is the gate.
	gate := n.activation(n.linearPadded(x, l.up, 0, 2, e.dim, e.hidden), "silu")
	return n.linearOfPadded(n.op("Mul", gate, n.linearPadded(x, l.up, 1, 2, e.dim, e.hidden)), l.down, e.hidden, e.dim)
}

// patches cuts pictures into squares and embeds each: (n, 3, h, w) to
// (n, rows·columns, dim).
func (n *network) patches(x onnx.Value, name string, size, height, width, dim int) (tokens onnx.Value, rows, columns int) {
	if size < 1 || size > height || size > width {
		n.fail("the config has patches of %d pixels, in pictures of %d x %d", size, width, height)
		return "", 0, 0
	}
	rows, columns = height/size, width/size
	x = n.conv(x, name, 3, dim, size, size, 1, [4]int{}) // (n, dim, rows, columns)
	return n.transpose(n.reshape(x, 0, int64(dim), int64(rows*columns)), 0, 2, 1), rows, columns
}

// classToken puts the class token, (1, 1, dim), before count patches and adds
// positions, (1, 1+count, dim): (n, count, dim) to (n·(1+count), dim).
func (n *network) classToken(patches, class, positions onnx.Value, count, dim int) onnx.Value {
	return n.before(patches, n.op("Add", positions, n.padded(class, 0, count)), 1, dim)
}

// before puts tokens before the patches, (n, count, dim) to (n·(tokens+count), dim), and
// adds table, (1, tokens+count, dim), which has the tokens as well as all positions:
// each picture's own rows for them are zero, and their sum is made once, when the
// model is loaded.
func (n *network) before(patches, table onnx.Value, tokens, dim int) onnx.Value {
	return n.reshape(n.op("Add", n.padded(patches, tokens, 0), table), -1, int64(dim))
}

// padded puts rows of zeros before and after those of (n, rows, dim).
func (n *network) padded(x onnx.Value, before, after int) onnx.Value {
	return n.op("Pad", x, n.Int64s([]int64{0, int64(before), 0, 0, int64(after), 0}, 6))
}
