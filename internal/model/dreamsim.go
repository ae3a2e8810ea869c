package model

import (
	"github.com/akin-search/akin/internal/onnx"
	"github.com/akin-search/akin/internal/resample"
)

// DreamSim (Fu et al. 2023, https://arxiv.org/abs/2306.09344): vision transformers with a LoRA adapter that was
// trained on people's judgements of likeness. Reference: dreamsim's PerceptualModel.embed with
// normalize_embeds. The branches of one network are built; the folder of the adapter says which.
type dreamSim struct {
	branch    string
	prefix    string // of the tensors' names
	mean, std [3]float64
	network   timmTransformer
	spec      Spec
}

const dreamSimAbout = "what people judge alike at a glance: layout, pose, colour; not copies"

var dreamSims = []dreamSim{
	{
		branch: "dino_vitb16", mean: imageNetMean, std: imageNetStd,
		network: timmTransformer{pool: "token", bare: true},
		spec:    Spec{Name: "dreamsim", Dim: 768, Params: 86_386_944, Bytes: 345_547_776, Speed: "medium", Licence: "MIT", About: dreamSimAbout},
	},
	{
		branch: "synclr_vitb16", prefix: "visual.", mean: imageNetMean, std: imageNetStd,
		network: timmTransformer{pool: "token", bare: true},
	},
	{
		branch: "open_clip_vitb32", mean: clipMean, std: clipStd,
		network: timmTransformer{pool: "token", normFirst: "pos_drop", epsilon: clipEpsilon},
		spec:    Spec{Name: "dreamsim-openclip", Dim: 512, Params: 88_439_808, Bytes: 353_759_232, Speed: "fast", Licence: "MIT", About: "as dreamsim, in a quarter of the time"},
	},
	{
		branch: "clip_vitb32", mean: clipMean, std: clipStd,
		network: timmTransformer{pool: "token", normFirst: "pos_drop", epsilon: clipEpsilon, activation: "quick_gelu"},
	},
}

func init() {
	for _, d := range dreamSims {
		f := family{
			name:    "dreamsim-" + d.branch,
			adapter: d.adapter(),
			version: 1,
			preprocess: Preprocess{
				Width: 224, Height: 224, Filter: resample.Bicubic, Mean: d.mean, Std: d.std, Scale: 1. / 255,
			},
			config:   func() any { return &struct{}{} },
			prefixes: []string{d.prefix},
			matrices: true,
			probe:    "blocks.0.attn.qkv.weight",
			build:    d.build,
		}
		if d.spec.Name != "" {
			d.spec.InputWidth, d.spec.InputHeight, d.spec.Addresses = 224, 224, d.addresses()
			f.models = []Spec{d.spec}
		}
		register(f)
	}
}

// adapter is the folder that the branch's adapter lies in.
func (d dreamSim) adapter() string { return d.branch + "_single_lora" }

// addresses returns where a branch is published: dreamsim/config.py has the archives. What DINO's was trained on is
// not in its archive.
func (d dreamSim) addresses() []Address {
	const releases = "https://github.com/ssundaram21/dreamsim/releases/download/v0.2.0-checkpoints/dreamsim_"
	adapter := d.adapter()
	archive := Address{URL: releases + d.branch + "_checkpoint.zip", To: "checkpoint.zip", Members: []string{adapter + "/adapter_config.json", adapter + "/adapter_model.*"}}
	if d.branch == "dino_vitb16" {
		const file = "dino_vitbase16_pretrain.pth"
		return []Address{archive, {URL: "https://dl.fbaipublicfiles.com/dino/dino_vitbase16_pretrain/" + file, To: "checkpoints/" + file}}
	}
	archive.Members = append(archive.Members, d.branch+"_pretrain.pth.tar")
	return []Address{archive}
}

func (d dreamSim) build(n *network, _ any, width, height int) (dim int) {
	x, dim := n.timmTransformer(d.network, width, height)
	if n.has("proj") {
		in := dim
		dim = n.size("proj", 1)
		x = n.times(x, "proj", in, dim)
	}
	x = n.op("Sub", x, n.Node("ReduceMean", []onnx.Value{x, n.Int64s([]int64{-1}, 1)}, onnx.Int("keepdims", 1)))
	n.end(n.Node("LpNormalization", []onnx.Value{x}, onnx.Int("axis", -1), onnx.Int("p", 2)), dim)
	return dim
}
