package model

import (
	"math"

	"github.com/akin-search/akin/internal/onnx"
)

// clipEpsilon is that of layer norms in OpenAI's implementation of CLIP and in what follows it.
const clipEpsilon = 1e-5

// clipTower is CLIP's vision transformer with the tensors' names of OpenAI's implementation, as OpenCLIP
// and CSD have it. Reference: open_clip's VisionTransformer.
type clipTower struct {
	root        string // of the tensors' names
	blocks      encoder
	patch       int
	noNormFirst bool               // the layer norm before the first layer is left out
	pool        string             // "tok" is the class token, "avg" the mean of the patches
	normLast    bool               // the layer norm comes after the mean
	pooler      *attentionalPooler // nil if the tokens are pooled as they are
}

// attentionalPooler asks all tokens learned questions, as CoCa does (Yu et al. 2022,
// https://arxiv.org/abs/2205.01917).
type attentionalPooler struct{ queries, heads, dim int }

// clipTower returns the pooled features of pictures, (n, dim), before their projection, or, for patches,
// those of all tokens.
func (n *network) clipTower(t clipTower, width, height int) (x onnx.Value, dim int) {
	dim = t.blocks.dim
	x, rows, columns := n.patches(n.pixels(width, height), t.root+"conv1", t.patch, height, width, dim)
	if n.err != nil {
		return "", dim
	}
	count := rows * columns
	class := n.tensorAs([]int64{1, 1, int64(dim)}, t.root+"class_embedding", dim)
	x = n.classToken(x, class, n.clipPositions(t.root+"positional_embedding", rows, columns, dim), count, dim)
	if !t.noNormFirst {
		x = n.layerNorm(x, t.root+"ln_pre", dim, t.blocks.epsilon)
	}
	byClass := t.pool == "tok" && t.pooler == nil
	wanted := all
	if byClass {
		wanted = n.wanted()
	}
	x = n.encode(x, t.blocks, 1+count, "", wanted)
	norm := func(x onnx.Value) onnx.Value { return n.layerNorm(x, t.root+"ln_post", dim, t.blocks.epsilon) }
	switch {
	case byClass:
		n.grid = &Patches{Rows: rows, Columns: columns, Prefix: 1}
		return norm(x), dim
	case t.pooler != nil:
		x, tokens := n.attentionalPool(x, t, 1+count)
		dim = t.pooler.dim
		if x = norm(x); tokens > 1 {
			x = n.meanOfTokens(x, tokens, 0, dim)
		}
		return x, dim
	case t.pool != "avg":
		n.fail("the config pools by %q, which akin does not know", t.pool)
	case t.normLast:
		return norm(n.meanOfTokens(x, 1+count, 1, dim)), dim
	}
	return n.meanOfPatches(norm(x), 1, rows, columns, dim), dim
}

// clipPositions is a table of positions for a grid of patches after the class token, (1, 1+rows·columns,
// dim). Reference: open_clip's resize_pos_embed.
func (n *network) clipPositions(name string, rows, columns, dim int) onnx.Value {
	count := n.size(name, 0) - 1
	side := int(math.Sqrt(float64(count)))
	if n.err == nil && (side < 1 || side*side != count) {
		n.fail("its positions are for %d patches, which are no square", count)
	}
	if n.err != nil {
		return ""
	}
	table := n.tensorAs([]int64{1, int64(1 + count), int64(dim)}, name, 1+count, dim)
	if side == rows && side == columns {
		return table
	}
	class, positions := n.interpolated(table, side, rows, columns, dim, true)
	return n.Node("Concat", []onnx.Value{class, positions}, onnx.Int("axis", 1))
}

// attentionalPool returns what the pooler's questions are answered: (n·tokens, dim). The first question
// alone is the class token's; the others are for captions.
func (n *network) attentionalPool(x onnx.Value, t clipTower, count int) (y onnx.Value, tokens int) {
	p, in := t.pooler, t.blocks.dim
	name := t.root + "attn_pool."
	first, tokens := 0, 1
	if t.pool == "avg" {
		first, tokens = 1, p.queries-1
	} else if t.pool != "tok" {
		n.fail("the config pools the answers by %q, which akin does not know", t.pool)
	}
	if tokens < 1 {
		n.fail("the config has a pooler of %d queries", p.queries)
	}
	if n.err != nil {
		return "", 0
	}
	x = n.layerNorm(x, name+"ln_k", in, t.blocks.epsilon)
	query := n.op("Slice", n.tensor(name+"query", p.queries, p.dim),
		n.Int64s([]int64{int64(first)}, 1), n.Int64s([]int64{int64(first + tokens)}, 1), n.Int64s([]int64{0}, 1))
	query = n.layerNorm(query, name+"ln_q", p.dim, t.blocks.epsilon)
	// torch keeps the weights of queries, keys and values apart where they are not of one width.
	apart := n.has(name + "attn.q_proj_weight")
	project := func(x onnx.Value, part int, weight string, width int) onnx.Value {
		bias := n.bias(name+"attn.in_proj_bias", part, 3, p.dim)
		if apart {
			return n.product(x, name+"attn."+weight, 0, 1, width, p.dim, bias)
		}
		return n.product(x, name+"attn.in_proj_weight", part, 3, width, p.dim, bias)
	}
	y = n.dotProduct(project(query, 0, "q_proj_weight", p.dim), project(x, 1, "k_proj_weight", in), project(x, 2, "v_proj_weight", in),
		tokens, count, p.dim, p.heads, "")
	return n.linear(y, name+"attn.out_proj", p.dim, p.dim), tokens
}
