package model

import (
	"cmp"
	"fmt"
	"math"
	"regexp"
	"slices"
	"strings"

	"github.com/akin-search/akin/internal/checkpoint"
	"github.com/akin-search/akin/internal/onnx"
)

// timmTransformer is what timm knows of one of its transformers by its name. What has tensors of its own
// (class token, registers, norms, biases, layer scale, gates, sizes) is told by these. The table is timmViTs and
// timmEvas.
type timmTransformer struct {
	heads        int     // or 0: as many as headWidth fits into the width
	headWidth    int     // 0 is 64
	epsilon      float64 // 0 is 1e-6
	activation   string  // "" is "gelu"
	pool         string  // "" is "token"; "avg" and "map" are the others
	poolHeads    int     // of "map"; 0 is heads
	poolsAll     bool    // "map" reads the class token and the registers as well
	noEmbedClass bool    // only patches have positions
	fixed        bool    // positions are not resized, or otherwise than bicubic
	rope         *rope
	rms          bool   // all norms are RMSNorm
	normLast     bool   // norms come after attention and MLP
	bare         bool   // it ends without a norm, even if there is one, as in DreamSim
	normFirst    string // the norm before the first layer; "" is norm_pre, where there is one
}

// timmRow are architectures that are alike; their names are separated by spaces.
type timmRow struct {
	timmTransformer
	names string
}

// timmTransformers are the architectures that akin builds, by their names.
var timmTransformers = func() map[string]*timmTransformer {
	all := map[string]*timmTransformer{}
	for _, row := range slices.Concat(timmViTs, timmEvas, timmHybrids) {
		for _, name := range strings.Fields(row.names) {
			all[name] = &row.timmTransformer
		}
	}
	return all
}()

func init() {
	register(family{
		name:          "timm-vit",
		layout:        timmLayout,
		architectures: []string{"vit_", "deit", "eva", "flexivit_", "beit3_", "aimv2_", "test_vit"},
		version:       1,
		preprocess:    Preprocess{Width: 224, Height: 224},
		config:        func() any { return &timmConfig{} },
		prefixes:      []string{"", "module."},
		matrices:      true,
		probe:         "patch_embed.proj.weight",
		unused:        regexp.MustCompile(`^(head|head_dist|lm_head|pre_logits|attn_pool)\.|^rope\.(pos_embed|bands|periods|t_x|t_y)|^mask_token$`),
		build:         buildTimm(timmTransformerTrunk),
		trunk:         timmTransformerTrunk,
		models: []Spec{
			{
				Name: "eva02-small", Repository: "timm/eva02_small_patch14_336.mim_in22k_ft_in1k", Dim: 384, InputWidth: 336, InputHeight: 336,
				Params: 21_744_000, Bytes: 86_976_000,
				Speed: "medium", Licence: "MIT", About: "objects, as the 21,000 classes of ImageNet tell them apart",
			},
			{
				Name: "lingbot-base", Repository: "belfner/vit_base_patch16_lingbot.robbyant", Dim: 768, InputWidth: 512, InputHeight: 512,
				Params: 85_659_648, Bytes: 342_638_592,
				Speed: "slow", Licence: "Apache-2.0", About: "looks alone, as dinov3-base, free to use; large pictures",
			},
		},
	})
}

// timmActivations are those that timm has other names for.
var timmActivations = map[string]string{
	"gelu": "gelu", "gelu_tanh": "gelu_pytorch_tanh", "quick_gelu": "quick_gelu", "silu": "silu", "swish": "silu", "relu": "relu",
}

// transformerArgs are the model_args that show in the tensors, or matter in training alone.
var transformerArgs = []string{
	"img_size", "patch_size", "in_chans", "num_classes", "embed_dim", "depth", "num_heads", "mlp_ratio",
	"qkv_bias", "qkv_fused", "proj_bias", "qk_norm", "scale_norm", "scale_attn_norm", "scale_mlp_norm", "scale_attn_inner", "scale_mlp",
	"swiglu_mlp", "swiglu_align_to", "init_values", "class_token", "reg_tokens", "num_reg_tokens", "no_embed_class",
	"pre_norm", "use_pre_transformer_norm", "final_norm", "use_post_transformer_norm", "fc_norm", "use_fc_norm",
	"pos_embed", "use_abs_pos_emb", "global_pool", "ref_feat_shape", "act_layer", "dynamic_img_size", "dynamic_img_pad",
	"drop_rate", "pos_drop_rate", "patch_drop_rate", "proj_drop_rate", "attn_drop_rate", "drop_path_rate",
	"weight_init", "fix_init", "head_init_scale",
	"rope_shift_coords", "rope_jitter_coords", "rope_rescale_coords",
}

func timmTransformerTrunk(n *network, c *timmConfig, width, height int) (x onnx.Value, dim int) {
	known := timmTransformers[c.Architecture]
	if known == nil {
		n.fail("%w", &UnknownArchitectureError{File: timmLayout.file, Architecture: c.Architecture})
		return "", 0
	}
	t := *known
	n.timmKnowsArgs(c, transformerArgs)
	switch {
	case len(c.Args.Heads) == 1:
		t.heads = c.Args.Heads[0]
	case c.Args.Dim > 0:
		n.fail("its model_args have embed_dim without num_heads")
	}
	if c.Args.NoEmbedClass != nil {
		t.noEmbedClass = *c.Args.NoEmbedClass
	}
	if c.Args.Activation != "" {
		t.activation = n.timmActivation(c.Args.Activation)
	}
	t.pool = c.pool(cmp.Or(t.pool, "token"))
	if c.Args.Pool == "" && slices.Contains(c.Args.names, "global_pool") {
		n.fail("its model_args pool nothing, which makes no embedding of a picture")
	}
	if t.rope != nil && t.rope.reference > 0 {
		r := *t.rope
		switch side := c.Args.Reference; {
		case len(side) == 1 || len(side) == 2 && side[0] == side[1]:
			r.reference = float64(side[0])
		case len(side) > 0:
			n.fail("its model_args have the ref_feat_shape %v: akin knows squares only", side)
		case c.tower && r.native:
			r.reference = 0
		}
		if r.reference < 0 || r.reference == 0 && len(c.Args.Reference) > 0 {
			n.fail("its model_args have the ref_feat_shape %v", c.Args.Reference)
		}
		t.rope = &r
	}
	return n.timmTransformer(t, width, height)
}

// timmTransformer returns the pooled features of pictures, (n, dim), or, for patches, those of all tokens.
func (n *network) timmTransformer(t timmTransformer, width, height int) (x onnx.Value, dim int) {
	if n.err != nil {
		return "", 0
	}
	if t.epsilon == 0 {
		t.epsilon = 1e-6
	}
	x, rows, columns, dim := n.timmPatches(width, height)
	if n.err != nil {
		return "", 0
	}
	if t.heads == 0 {
		t.heads = dim / cmp.Or(t.headWidth, 64)
	}
	if n.has("patch_embed.norm.weight") {
		x = n.norm(x, "patch_embed.norm", dim, t.epsilon, t.rms)
	}
	x, prefix := n.timmTokens(x, t, rows, columns, dim)
	tokens := prefix + rows*columns
	if first := cmp.Or(t.normFirst, "norm_pre"); t.normFirst != "" || n.has(first+".weight") {
		x = n.norm(x, first, dim, t.epsilon, t.rms)
	}
	wanted := all
	if t.pool == "token" && !n.has("dist_token") {
		wanted = n.wanted()
	}
	x = n.encode(x, n.timmEncoder(t, prefix, rows, columns, dim), tokens, "", wanted)
	return n.timmPooled(x, t, prefix, rows, columns, dim), dim
}

// timmTokens puts the class token and the registers before the patches, (n, rows·columns, dim), and adds
// positions: (n·tokens, dim).
func (n *network) timmTokens(x onnx.Value, t timmTransformer, rows, columns, dim int) (y onnx.Value, prefix int) {
	var table []onnx.Value
	for _, name := range []string{"cls_token", "dist_token", "reg_token"} {
		if n.has(name) {
			count := n.size(name, 1)
			table = append(table, n.tensor(name, 1, count, dim))
			prefix += count
		}
	}
	joined := func(parts []onnx.Value) onnx.Value { return n.Node("Concat", parts, onnx.Int("axis", 1)) }
	count := rows * columns
	if !n.has("pos_embed") {
		if t.rope == nil {
			n.fail("%w: it has no tensor pos_embed", checkpoint.ErrCorrupt)
		}
		if prefix == 0 {
			return n.reshape(x, -1, int64(dim)), 0
		}
		return n.before(x, n.padded(joined(table), 0, count), prefix, dim), prefix
	}
	length := n.size("pos_embed", 1)
	positions := n.tensor("pos_embed", 1, length, dim)
	placed := prefix // tokens before the patches that have positions
	if length == count || length != prefix+count && t.noEmbedClass {
		placed = 0
	}
	if length != placed+count {
		side := int(math.Sqrt(float64(length - placed)))
		if side < 1 || side*side != length-placed {
			n.fail("%w: pos_embed has %d positions, which are no square of patches after %d tokens", checkpoint.ErrCorrupt, length, placed)
		}
		if t.fixed {
			n.fail("its positions are for %d patches, and its pictures have %d", length-placed, count)
		}
		if n.err != nil {
			return "", prefix
		}
		axis := n.Int64s([]int64{1}, 1)
		grid := n.op("Slice", positions, n.Int64s([]int64{int64(placed)}, 1), n.Int64s([]int64{int64(length)}, 1), axis)
		front := n.op("Slice", positions, n.Int64s([]int64{0}, 1), n.Int64s([]int64{int64(placed)}, 1), axis)
		if positions = n.resized(grid, side, rows, columns, dim, true); placed > 0 {
			positions = joined([]onnx.Value{front, positions})
		}
	}
	switch {
	case prefix == 0:
		return n.reshape(n.op("Add", x, positions), -1, int64(dim)), 0
	case placed == 0:
		positions = joined(append(table, positions))
	default:
		positions = n.op("Add", n.padded(joined(table), 0, count), positions)
	}
	return n.before(x, positions, prefix, dim), prefix
}

// timmEncoder is the layers of a transformer of timm.
func (n *network) timmEncoder(t timmTransformer, prefix, rows, columns, dim int) encoder {
	e := encoder{
		layers: n.count("blocks.%d.norm1.weight"), dim: dim, heads: t.heads, hidden: n.size("blocks.0.mlp.fc2.weight", 1),
		epsilon: t.epsilon, rms: t.rms, normLast: t.normLast, activation: cmp.Or(t.activation, "gelu"),
		layer: n.timmLayer,
	}
	if l := n.timmLayer(0); l.gate != "" || n.size(l.up+".weight", 0) == 2*e.hidden {
		e.gated, e.activation = true, cmp.Or(t.activation, "silu")
	}
	switch {
	case t.rope == nil:
	case t.rope.mixed:
		e.rotation = func(layer int) *rotation {
			return n.mixedRotation("rope.freqs", layer, e.layers, prefix, rows, columns, dim, t.heads)
		}
	default:
		r := n.rotation(t.rope, prefix, rows, columns, dim, t.heads)
		e.rotation = func(int) *rotation { return r }
	}
	return e
}

func (n *network) timmLayer(i int) layerNames {
	at := fmt.Sprintf("blocks.%d.", i)
	// first returns the first name of which the checkpoint has a tensor, or "".
	first := func(suffix string, names ...string) string {
		for _, name := range names {
			if n.has(at + name + suffix) {
				return at + name
			}
		}
		return ""
	}
	l := layerNames{
		norm1: at + "norm1", q: at + "attn.q_proj", k: at + "attn.k_proj", v: at + "attn.v_proj", out: at + "attn.proj",
		norm2: at + "norm2", up: cmp.Or(first(".weight", "mlp.fc1_x"), at+"mlp.fc1"), down: at + "mlp.fc2",
		gate:  first(".weight", "mlp.fc1_g"),
		biasQ: first("", "attn.q_bias"), biasV: first("", "attn.v_bias"),
		scale1: first("", "ls1.gamma", "gamma_1"), scale2: first("", "ls2.gamma", "gamma_2"),
		normQ: first(".weight", "attn.q_norm"), normK: first(".weight", "attn.k_norm"),
		normOut: first(".weight", "attn.norm"), normDown: first(".weight", "mlp.norm"),
	}
	if qkv := first(".weight", "attn.qkv"); qkv != "" {
		l.q, l.fused = qkv, true
	}
	return l
}

// timmPooled makes one vector of a picture's tokens, (n·tokens, dim), or of its class token, (n, dim).
func (n *network) timmPooled(x onnx.Value, t timmTransformer, prefix, rows, columns, dim int) onnx.Value {
	norm := func(x onnx.Value, name string) onnx.Value {
		if t.bare || !n.has(name+".weight") {
			return x
		}
		return n.norm(x, name, dim, t.epsilon, t.rms)
	}
	if !t.bare && !n.has("norm.weight") && !n.has("fc_norm.weight") {
		n.fail("%w: it has no tensor norm.weight and no fc_norm.weight", checkpoint.ErrCorrupt)
	}
	tokens := prefix + rows*columns
	x = norm(x, "norm")
	switch {
	case t.pool == "token" && !n.has("cls_token"):
		n.fail("it pools by its class token, and has none")
	case t.pool == "token" && n.has("dist_token"):
		x = n.op("Add", n.token(x, tokens, dim, 0), n.token(x, tokens, dim, 1))
		x = n.op("Mul", x, n.scalar(0.5))
	case t.pool == "token":
		n.grid = &Patches{Rows: rows, Columns: columns, Prefix: prefix}
	case t.pool == "avg" && n.has("fc_norm.weight"):
		x = n.meanOfTokens(x, tokens, prefix, dim)
	case t.pool == "avg":
		x = n.meanOfPatches(x, prefix, rows, columns, dim)
	case t.pool == "map":
		first := prefix
		if t.poolsAll {
			first = 0
		}
		x = n.poolByAttention(n.after(x, tokens, first, dim), n.timmAttentionPool(t, dim), tokens-first)
	default:
		n.fail("it pools by %.100q, which akin does not know", t.pool)
	}
	return norm(x, "fc_norm")
}

func (n *network) timmAttentionPool(t timmTransformer, dim int) attentionPool {
	of := func(name string, part, parts int) block {
		return block{"attn_pool." + name + ".weight", "attn_pool." + name + ".bias", part, parts}
	}
	return attentionPool{
		dim: dim, heads: cmp.Or(t.poolHeads, t.heads), hidden: n.size("attn_pool.mlp.fc1.weight", 0),
		epsilon: t.epsilon, rms: t.rms, activation: cmp.Or(t.activation, "gelu"),
		probe: "attn_pool.latent", query: of("q", 0, 1), key: of("kv", 0, 2), value: of("kv", 1, 2), out: "attn_pool.proj",
		norm: "attn_pool.norm", up: "attn_pool.mlp.fc1", down: "attn_pool.mlp.fc2",
	}
}
