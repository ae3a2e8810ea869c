package model

import "github.com/akin-search/akin/internal/onnx"

// encoder is the transformer that the vision models share: layer norm before
// attention and before the MLP, each added to what came in (Dosovitskiy et al.
// 2020, https://arxiv.org/abs/2010.11929).
type encoder struct {
	layers, dim, heads, hidden int
	epsilon                    float64
	activation                 string
	gated                      bool // the MLP is SwiGLU, or has another activation for the gate
	rms                        bool // all norms are RMSNorm
	normLast                   bool // norms come after attention and after the MLP, before the sums
	// rotation of a layer's queries and keys, or nil.
	rotation func(layer int) *rotation
	layer    func(i int) layerNames
}

// layerNames are the names of one layer's tensors. "" is what a network has not.
type layerNames struct {
	norm1, q, k, v, out string
	norm2, up, down     string
	fused               bool   // q names the weights of queries, keys and values together
	inProj              bool   // fused, with the tensors' names in torch's MultiheadAttention
	biasQ, biasV        string // of fused ones, where they lie apart; keys have none then
	gate                string // of a gated MLP, where it does not lie in up
	scale1, scale2      string // factors of what is added
	normQ, normK        string // of each head's queries and keys
	normOut, normDown   string // of what out and down read
}

// all makes encode return every token.
const all = -1

// encode runs all layers over sequences of tokens, (n·tokens, dim). If one token is wanted, the last
// layer computes no other, and the result is (n, dim).
func (n *network) encode(x onnx.Value, e encoder, tokens int, mask onnx.Value, wanted int) onnx.Value {
	n.sequence = tokens
	if e.layers < 1 {
		n.fail("the config has %d layers", e.layers)
		return ""
	}
	for i := 0; i < e.layers && n.err == nil; i++ { // a config may declare a billion
		l := e.layer(i)
		y := x
		if !e.normLast {
			y = n.norm(x, l.norm1, e.dim, e.epsilon, e.rms)
		}
		asked, tq, one := y, tokens, wanted != all && i == e.layers-1
		if one {
			asked, tq = n.token(y, tokens, e.dim, wanted), 1
			x = n.token(x, tokens, e.dim, wanted)
			if mask != "" {
				mask = n.Node("Gather", []onnx.Value{mask, n.Int64s([]int64{int64(wanted)}, 1)}, onnx.Int("axis", 2))
			}
		}
		q, k, v := n.queriesKeysValues(asked, y, e, l)
		q, k = n.headNorm(q, l.normQ, e), n.headNorm(k, l.normK, e)
		if e.rotation != nil {
			r := e.rotation(i)
			if !one { // the token that is wanted has no place
				q = n.rotate(q, r, tokens, e.dim, e.heads)
			}
			k = n.rotate(k, r, tokens, e.dim, e.heads)
		}
		y = n.attention(q, k, v, tq, tokens, e.dim, e.heads, mask)
		if l.normOut != "" {
			y = n.norm(y, l.normOut, e.dim, e.epsilon, e.rms)
		}
		y = n.linear(y, l.out, e.dim, e.dim)
		if e.normLast {
			x = n.add(x, n.norm(y, l.norm1, e.dim, e.epsilon, e.rms), l.scale1, e.dim)
			x = n.add(x, n.norm(n.mlp(x, e, l), l.norm2, e.dim, e.epsilon, e.rms), l.scale2, e.dim)
			continue
		}
		x = n.add(x, y, l.scale1, e.dim)
		x = n.add(x, n.mlp(n.norm(x, l.norm2, e.dim, e.epsilon, e.rms), e, l), l.scale2, e.dim)
	}
	return x
}

// queriesKeysValues are those of one layer: queries of the tokens that are asked for, the others of all tokens, x.
func (n *network) queriesKeysValues(asked, x onnx.Value, e encoder, l layerNames) (q, k, v onnx.Value) {
	if !l.fused {
		return n.linear(asked, l.q, e.dim, e.dim), n.linear(x, l.k, e.dim, e.dim), n.linear(x, l.v, e.dim, e.dim)
	}
	weight, bias := l.q+".weight", l.q+".bias"
	if l.inProj {
		weight, bias = l.q+".in_proj_weight", l.q+".in_proj_bias"
	}
	part := func(x onnx.Value, part int, apart string) onnx.Value {
		b := n.bias(bias, part, 3, e.dim)
		if apart != "" {
			b = n.tensor(apart, e.dim)
		}
		return n.product(x, weight, part, 3, e.dim, e.dim, b)
	}
	return part(asked, 0, l.biasQ), part(x, 1, ""), part(x, 2, l.biasV)
}

// norm is layer norm or RMSNorm.
func (n *network) norm(x onnx.Value, name string, dim int, epsilon float64, rms bool) onnx.Value {
	if rms {
		return n.rmsNorm(x, name, dim, epsilon)
	}
	return n.layerNorm(x, name, dim, epsilon)
}

// headNorm is norm of each head by itself: (m, dim) to the same.
func (n *network) headNorm(x onnx.Value, name string, e encoder) onnx.Value {
	if name == "" || !n.divides(e.dim, e.heads) {
		return x
	}
	d := e.dim / e.heads
	return n.reshape(n.norm(n.reshape(x, -1, int64(d)), name, d, e.epsilon, e.rms), -1, int64(e.dim))
}

// add returns x + y, or x + scale·y.
func (n *network) add(x, y onnx.Value, scale string, dim int) onnx.Value {
	if scale != "" {
		y = n.op("Mul", y, n.tensor(scale, dim))
	}
	return n.op("Add", x, y)
}

func (n *network) mlp(x onnx.Value, e encoder, l layerNames) onnx.Value {
	up := func(name string, part, parts int) onnx.Value {
		if l.normDown != "" { // which zeros at the end of a row would change
			return n.linearRows(x, name, part, parts, e.dim, e.hidden)
		}
		return n.linearPadded(x, name, part, parts, e.dim, e.hidden)
	}
	var y onnx.Value
	switch {
	case !e.gated:
		y = n.activation(up(l.up, 0, 1), e.activation)
	case l.gate != "":
		y = n.op("Mul", n.activation(up(l.gate, 0, 1), e.activation), up(l.up, 0, 1))
	default: // SwiGLU (Shazeer 2020, https://arxiv.org/abs/2002.05202): half of up is the gate
		y = n.op("Mul", n.activation(up(l.up, 0, 2), e.activation), up(l.up, 1, 2))
	}
	if l.normDown != "" {
		return n.linear(n.norm(y, l.normDown, e.hidden, e.epsilon, e.rms), l.down, e.hidden, e.dim)
	}
	return n.linearOfPadded(y, l.down, e.hidden, e.dim)
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
