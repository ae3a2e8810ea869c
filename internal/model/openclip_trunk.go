package model

import "github.com/akin-search/akin/internal/onnx"

// openCLIPTrunk is a vision tower that is a network of timm. Reference: open_clip's TimmModel.
func (n *network) openCLIPTrunk(v openCLIPVisionConfig, dim, width, height int) {
	build, err := trunkOf(v.Timm)
	if err != nil {
		n.fail("%w", err)
		return
	}
	pool, proj := "", ""
	if v.TimmPool != nil {
		pool = *v.TimmPool
	}
	if v.TimmProj != nil {
		proj = *v.TimmProj
	}
	if pool == "abs_attn" || pool == "rot_attn" {
		n.fail("the config has the timm_pool %q, which akin does not know", pool)
		return
	}
	outer := n.prefix
	n.prefix += "visual.trunk."
	x, features := build(n, &timmConfig{Architecture: v.Timm, Pool: pool}, width, height)
	if proj == "" {
		x, features = n.timmClassifier(x, features, dim), dim
	}
	n.prefix = outer
	switch proj {
	case "", "none":
		if features != dim {
			n.fail("its vision tower has %d features, and the embedding %d", features, dim)
		}
	case "linear":
		x = n.linear(x, "visual.head.proj", features, dim)
	case "mlp":
		x = n.activation(n.linear(x, "visual.head.mlp.fc1", features, 2*dim), "gelu")
		x = n.linear(x, "visual.head.mlp.fc2", 2*dim, dim)
		if n.grid != nil && n.grid.Mean {
			n.grid = nil // the projection of a mean is no mean of projections
		}
	default:
		n.fail("the config has the timm_proj %q, which akin does not know", proj)
	}
	n.end(x, dim)
}

// timmClassifier is a network's last layer, which OpenCLIP trains as a projection.
func (n *network) timmClassifier(x onnx.Value, features, dim int) onnx.Value {
	for _, name := range []string{"head.fc", "fc", "head"} { // as timm's families call it
		if n.has(name + ".weight") {
			return n.linear(x, name, features, dim)
		}
	}
	n.fail("its vision tower has no projection")
	return ""
}
