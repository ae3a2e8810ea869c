package model

import (
	"fmt"

	"github.com/akin-search/akin/internal/onnx"
)

// timmHybrids are transformers of timm whose patches come out of convolutions: MobileCLIP's base (Vasu et al. 2023,
// https://arxiv.org/abs/2311.17049). Reference: timm/models/vision_transformer_hybrid.py.
var timmHybrids = []timmRow{{timmTransformer{noEmbedClass: true}, `vit_base_mci_224`}}

func init() {
	register(family{
		name:          "timm-vit-hybrid",
		layout:        timmLayout,
		architectures: []string{"vit_base_mci_224$"},
		version:       1,
		preprocess:    Preprocess{Width: 224, Height: 224},
		config:        func() any { return &timmConfig{} },
		prefixes:      []string{"", "module."},
		matrices:      true,
		probe:         timmStem + "0.conv.weight",
		build:         buildTimm(timmTransformerTrunk),
		trunk:         timmTransformerTrunk,
	})
}

const timmStem = "patch_embed.backbone."

// timmPatches embeds patches, (n, rows·columns, dim), by one convolution or by a stem of several.
func (n *network) timmPatches(width, height int) (x onnx.Value, rows, columns, dim int) {
	if stages := n.count(timmStem + "%d.conv.weight"); stages > 0 {
		return n.timmStem(stages, width, height)
	}
	dim = n.size("patch_embed.proj.weight", 0)
	x, rows, columns = n.patches(n.pixels(width, height), "patch_embed.proj", n.size("patch_embed.proj.weight", 2), height, width, dim)
	return x, rows, columns, dim
}

// timmStem is of convolutions without overlap; all but the last have a norm and an activation.
func (n *network) timmStem(stages, width, height int) (x onnx.Value, rows, columns, dim int) {
	x, rows, columns, dim = n.pixels(width, height), height, width, 3
	for i := range stages {
		name := fmt.Sprintf("%s%d.", timmStem, i)
		in, kernel := dim, n.size(name+"conv.weight", 2)
		if n.err != nil {
			return
		}
		dim = n.size(name+"conv.weight", 0)
		rows, columns = rows/kernel, columns/kernel
		if i == stages-1 {
			x = n.conv(x, name+"conv", in, dim, kernel, kernel, 1, [4]int{})
			break
		}
		x = n.op("Gelu", n.convNorm(x, name+"conv", name+"bn", in, dim, kernel, kernel, 1, [4]int{}, branchEpsilon, ""))
	}
	if rows < 1 || columns < 1 {
		n.fail("its patches are larger than pictures of %d x %d", width, height)
		return
	}
	return n.transpose(n.reshape(x, 0, int64(dim), int64(rows*columns)), 0, 2, 1), rows, columns, dim
}
