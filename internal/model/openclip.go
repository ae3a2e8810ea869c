package model

import (
	"cmp"
	"fmt"
	"regexp"

	"github.com/akin-search/akin/internal/resample"
)

// OpenCLIP (Cherti et al. 2022, https://arxiv.org/abs/2212.07143): CLIP as LAION, DataComp, DFN, MetaCLIP,
// CLIPA, SigLIP and others trained it, with OpenCLIP's own vision tower or one of timm's. Reference:
// open_clip's CLIP, CustomTextCLIP and CoCa; the embeddings are encode_image and encode_text, without the
// normalization of CoCa's.
func init() {
	register(family{
		name:          "openclip",
		layout:        openCLIPLayout,
		architectures: []string{"CLIP$"},
		language:      true,
		version:       1,
		preprocess: Preprocess{
			Short: 224, Width: 224, Height: 224, Filter: resample.Bicubic,
			Mean: clipMean, Std: clipStd, Scale: 1. / 255, Torch: true,
		},
		config: func() any {
			c := &openCLIPConfig{}
			avg, linear := "avg", "linear"
			c.Model.Vision = openCLIPVisionConfig{
				openCLIPBlocks: openCLIPBlocks{Width: 768, Layers: oneOrMany{12}, Ratio: 4},
				Image:          224, HeadWidth: 64, Patch: 16, Pool: "tok", PoolerQueries: 256, PoolerHeads: 8,
				TimmPool: &avg, TimmProj: &linear,
			}
			c.Model.Text = openCLIPTextConfig{
				openCLIPBlocks: openCLIPBlocks{Width: 512, Layers: oneOrMany{12}, Ratio: 4},
				Positions:      77, Vocabulary: 49408, Heads: 8, End: 2, Pool: "argmax", Proj: "linear",
			}
			return c
		},
		prefixes:     []string{"", "module."},
		matrices:     true,
		probe:        "logit_scale",
		unused:       regexp.MustCompile(openCLIPScalars + `|` + openCLIPTexts),
		build:        buildOpenCLIP,
		text:         buildOpenCLIPText,
		tokenizersOf: openCLIPTokenizers,
		models:       openCLIPModels,
	})
}

// What a checkpoint has beside the tower that is built, by the tensors' names: scalars and sizes, counters of batch norm,
// the caption's decoder of CoCa, and the other tower.
const (
	openCLIPScalars = `^logit_scale$|^logit_bias$|^attn_mask$|^input_resolution$|^context_length$|^vocab_size$|\.num_batches_tracked$|^text_decoder\.`
	openCLIPTexts   = `^text\.|^transformer\.|^token_embedding\.|^positional_embedding$|^ln_final\.|^text_projection`
)

func buildOpenCLIP(n *network, config any, width, height int) (dim int) {
	m := &config.(*openCLIPConfig).Model
	v := m.Vision
	switch {
	case m.Text.Transformers != "":
		n.fail("its text tower is %q of transformers, which akin does not build", m.Text.Transformers)
	case v.Timm != "":
		n.openCLIPTrunk(v, m.Dim, width, height)
	case len(v.Layers) > 1:
		n.fail("its vision tower is OpenAI's ResNet, which akin does not build")
	default:
		t := v.tower(n, m.QuickGELU)
		if v.Pooler != nil && v.Pooler != false {
			t.pooler = &attentionalPooler{queries: v.PoolerQueries, heads: v.PoolerHeads, dim: m.Dim}
		}
		x, pooled := n.clipTower(t, width, height)
		n.end(n.times(x, "visual.proj", pooled, m.Dim), m.Dim)
	}
	return m.Dim
}

// tower is OpenCLIP's own vision transformer.
func (v openCLIPVisionConfig) tower(n *network, quickGELU bool) clipTower {
	if v.HeadWidth < 1 {
		n.fail("the config has heads of the width %d", v.HeadWidth)
		return clipTower{}
	}
	if how, ok := v.Pooler.(string); ok {
		n.fail("the config has the attentional_pool %q, which akin does not know", how)
	}
	return clipTower{
		root: "visual.", blocks: v.encoder(n, "visual.", v.Width/v.HeadWidth, quickGELU),
		patch: int(v.Patch), noNormFirst: v.NoNormFirst, pool: v.Pool, normLast: v.NormLast,
	}
}

// encoder is a tower's transformer, whose tensors' names begin with root.
func (c openCLIPBlocks) encoder(n *network, root string, heads int, quickGELU bool) encoder {
	for _, option := range []struct {
		name string
		set  bool
	}{
		{"qk_norm", c.QKNorm}, {"scaled_cosine_attn", c.Cosine}, {"scale_heads", c.ScaleHeads},
		{"scale_attn_inner", c.ScaleInner}, {"scale_attn", c.ScaleAttn}, {"scale_fc", c.ScaleMLP},
	} {
		if option.set {
			n.fail("the config has %s, which akin does not know", option.name)
		}
	}
	if len(c.Layers) != 1 {
		n.fail("the config has the layers %v", c.Layers)
		return encoder{}
	}
	activation := "gelu"
	switch {
	case quickGELU:
		activation = "quick_gelu"
	case c.GELU.Approximate == "tanh":
		activation = "gelu_pytorch_tanh"
	case c.GELU.Approximate != "" && c.GELU.Approximate != "none":
		n.fail("the config approximates GELU by %q, which akin does not know", c.GELU.Approximate)
	}
	return encoder{
		layers: c.Layers[0], dim: c.Width, heads: heads, hidden: int(float64(c.Width) * c.Ratio),
		epsilon: cmp.Or(c.Norm.Epsilon, clipEpsilon), activation: activation, layer: openCLIPLayer(root, c.Scale != nil),
	}
}

// openCLIPLayer names the tensors of OpenAI's implementation; scaled layers have factors of what they add.
func openCLIPLayer(root string, scaled bool) func(int) layerNames {
	return func(i int) layerNames {
		l := fmt.Sprintf("%stransformer.resblocks.%d.", root, i)
		names := layerNames{
			norm1: l + "ln_1", norm2: l + "ln_2", q: l + "attn", fused: true, inProj: true,
			out: l + "attn.out_proj", up: l + "mlp.c_fc", down: l + "mlp.c_proj",
		}
		if scaled {
			names.scale1, names.scale2 = l+"ls_1.gamma", l+"ls_2.gamma"
		}
		return names
	}
}
