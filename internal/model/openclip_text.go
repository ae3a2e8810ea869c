package model

import (
	"math"
	"regexp"

	"github.com/akin-search/akin/internal/onnx"
	"github.com/akin-search/akin/internal/tokenizer"
)

var openCLIPNoText = regexp.MustCompile(openCLIPScalars + `|^visual\.`)

// openCLIPTokenizers are those of open_clip's get_tokenizer that akin knows.
func openCLIPTokenizers(config any) []textFile {
	t := config.(*openCLIPConfig).Model.Text
	simple := func(dir string) (textEncoder, error) { return tokenizer.OpenSimple(dir) }
	switch {
	case t.Tokenizer == "":
		return []textFile{{file: "vocab.json", open: simple}, {file: "tokenizer.json", open: simple}}
	case t.TokenizerArgs.StripSep:
		return []textFile{{file: "vocab.txt", open: func(dir string) (textEncoder, error) { return tokenizer.OpenCLIPA(dir) }}}
	case t.TokenizerArgs.Clean == "canonicalize":
		return []textFile{{file: "tokenizer.json", open: func(dir string) (textEncoder, error) { return tokenizer.OpenCanonicalGemma(dir) }}}
	}
	return nil
}

// buildOpenCLIPText is OpenCLIP's own text tower, whatever the vision tower is. Reference: open_clip's
// TextTransformer, whose tensors CLIP has without a prefix and CustomTextCLIP after "text.".
func buildOpenCLIPText(n *network, config any) (tokens int) {
	m := &config.(*openCLIPConfig).Model
	t := m.Text
	tokens = t.Positions
	if tokens < 1 || tokens > 4096 {
		n.fail("its texts have %d tokens", tokens)
		return 0
	}
	if n.has("text.token_embedding.weight") {
		n.prefix += "text."
	}
	ids := n.tokens(tokens)
	x := n.op("Gather", n.tensor("token_embedding.weight", t.Vocabulary, t.Width), ids) // (n, tokens, Width)
	var mask onnx.Value
	if !t.NoCausalMask {
		mask = n.backward(tokens)
	}
	sequence, pool := tokens, t.Pool
	if t.Class {
		sequence, pool = tokens+1, "last"
		x = n.op("Add", n.padded(x, 0, 1), n.padded(n.tensorAs([]int64{1, 1, int64(t.Width)}, "cls_emb", t.Width), tokens, 0))
		mask = n.classMask(ids, t)
	}
	x = n.op("Add", x, n.tensor("positional_embedding", sequence, t.Width))
	x = n.reshape(x, -1, int64(t.Width))

	one, at := all, onnx.Value("") // the token that is the text, in all texts or in each
	switch pool {
	case "first":
		one = 0
	case "last":
		one = sequence - 1
	case "argmax": // the end of a text is its largest id
		at = n.Node("ArgMax", []onnx.Value{ids}, onnx.Int("axis", 1)) // (n, 1)
	case "eos":
		is := n.cast(n.op("Equal", ids, n.Int64s([]int64{t.End})), onnx.Float32)
		at = n.Node("ArgMax", []onnx.Value{is}, onnx.Int("axis", 1))
	default:
		n.fail("the config pools texts by %q, which akin does not know", pool)
	}
	e := t.encoder(n, "", t.Heads, m.QuickGELU)
	x = n.encode(x, e, sequence, mask, one)
	if one == all {
		x = n.Node("GatherND", []onnx.Value{n.reshape(x, -1, int64(sequence), int64(t.Width)), at}, onnx.Int("batch_dims", 1))
	}
	x = n.layerNorm(x, "ln_final", t.Width, e.epsilon)
	switch {
	case t.Proj == "none":
		if t.Width != m.Dim {
			n.fail("the config has texts of %d values, and pictures of %d", t.Width, m.Dim)
		}
	case n.has("text_projection.weight"):
		x = n.linear(x, "text_projection", t.Width, m.Dim)
	default:
		x = n.times(x, "text_projection", t.Width, m.Dim)
	}
	n.embedding(x, m.Dim)
	n.leftover(openCLIPNoText)
	return tokens
}

// classMask is the mask of attention for texts with a class token at their end, (n, 1, 1+tokens,
// 1+tokens). Padding is hidden one place too late, as in the reference: its checkpoints are trained so.
func (n *network) classMask(ids onnx.Value, t openCLIPTextConfig) onnx.Value {
	sequence := t.Positions + 1
	padding := n.cast(n.op("Equal", ids, n.Int64s([]int64{t.Pad})), onnx.Float32) // (n, tokens)
	hidden := n.op("Mul", n.pad(padding, 0, 1, 0, 0), n.scalar(-math.MaxFloat32/2))
	later := n.floats(make([]float32, sequence), 1, 1, sequence, 1)
	if !t.NoCausalMask {
		later = n.op("Mul", n.backward(sequence), n.scalar(0.5)) // two of them must not overflow
	}
	return n.op("Add", n.reshape(hidden, -1, 1, 1, int64(sequence)), later)
}
