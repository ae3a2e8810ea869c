package model

import (
	"fmt"
	"regexp"
	"strings"

	"github.com/akin-search/akin/internal/onnx"
)

// FastViT (Vasu et al. 2023, https://arxiv.org/abs/2303.14189) and MobileCLIP's MCi networks, which are
// of its kind (Vasu et al. 2023, https://arxiv.org/abs/2311.17049). Reference: timm/models/fastvit.py. The
// checkpoints have the branches that it is trained with; their sum is one convolution, and its weights are
// made when the network is loaded: see branches.go.
func init() {
	register(family{
		name:          "fastvit",
		layout:        timmLayout,
		architectures: []string{"fastvit_"},
		version:       1,
		preprocess:    Preprocess{Width: 256, Height: 256},
		config:        func() any { return &timmConfig{} },
		prefixes:      []string{""},
		probe:         "final_conv.se.fc1.weight",
		unused:        regexp.MustCompile(`\.num_batches_tracked$|^head\.`),
		build:         buildTimm(fastViT),
		trunk:         fastViT,
	})
}

// fastViTHead is how wide a head of attention is in all of them.
const fastViTHead = 32

// fastViT is a network of stages that halve the grid: convolutions first, attention where the grid is small.
func fastViT(n *network, c *timmConfig, width, height int) (x onnx.Value, dim int) {
	if pool := c.pool("avg"); pool != "avg" {
		n.fail("the config has the global_pool %q, which akin does not know of %s", pool, c.Architecture)
		return "", 0
	}
	p := &plane{n: n, x: n.pixels(width, height), channels: 3, rows: height, columns: width}
	for i, inGroups := range []bool{false, true, false} {
		p.mobileOne(fmt.Sprintf("stem.%d", i), 2-i/2, inGroups)
	}
	// The published FastViT of other names leave this activation out.
	act := strings.HasPrefix(c.Architecture, "fastvit_mci")
	for s := range n.count("stages.%d.blocks.0.mlp.fc1.weight") {
		stage := fmt.Sprintf("stages.%d.", s)
		if down := stage + "downsample.proj."; n.has(down+"1.conv_kxk.0.conv.weight") || n.has(down+"1.reparam_conv.weight") {
			p.convolve(n.branches(down+"0", p.channels, p.channels), 2, p.channels)
			if p.attend(down + "0.se."); act {
				p.x = n.op("Gelu", p.x)
			}
			p.mobileOne(down+"1", 1, false)
		}
		if n.has(stage+"pos_emb.pos_enc.weight") || n.has(stage+"pos_emb.reparam_conv.weight") {
			p.convolve(n.branches(stage+"pos_emb", p.channels, p.channels), 1, p.channels)
		}
		for i := range n.count(stage + "blocks.%d.mlp.fc1.weight") {
			p.fastViTBlock(fmt.Sprintf("%sblocks.%d.", stage, i))
		}
	}
	p.mobileOne("final_conv", 1, true)
	return n.meanOfMap(p.x, p.channels, p.rows, p.columns), p.channels
}

// convolve is a convolution with a border of zeros, so that a stride of 1 keeps the size.
func (p *plane) convolve(f kernels, stride, groups int) {
	pads := around(f.size)
	p.rows, p.columns = afterConv(p.rows, f.size, stride, pads[0], pads[2]), afterConv(p.columns, f.size, stride, pads[1], pads[3])
	p.channels = f.out
	p.x = p.n.Node("Conv", []onnx.Value{p.x, f.weight, f.bias}, convolution(f.size, stride, groups, pads)...)
}

// mobileOne is a block of MobileOne (Vasu et al. 2022, https://arxiv.org/abs/2206.04040); in groups each
// channel is convolved by itself.
func (p *plane) mobileOne(name string, stride int, inGroups bool) {
	groups := 1
	if inGroups {
		groups = p.channels
	}
	p.convolve(p.n.branches(name, p.channels, groups), stride, groups)
	p.attend(name + ".se.")
	p.x = p.n.op("Gelu", p.x)
}

// fastViTBlock mixes places, by a convolution or by attention, and then channels.
func (p *plane) fastViTBlock(name string) {
	n, scale := p.n, name+"layer_scale.gamma"
	if n.has(name + "token_mixer.qkv.weight") {
		scale = name + "layer_scale_2.gamma"
		p.x = n.op("Add", p.x, p.scaled(p.attention(name), name+"layer_scale_1.gamma"))
	} else {
		p.convolve(n.repMixer(name+"token_mixer", p.channels), 1, p.channels)
	}
	x, wide := p.x, n.size(name+"mlp.fc1.weight", 0)
	p.convolve(n.branches(name+"mlp", p.channels, p.channels), 1, p.channels)
	y := n.op("Gelu", n.conv(p.x, name+"mlp.fc1", p.channels, wide, 1, 1, 1, [4]int{}))
	y = n.conv(y, name+"mlp.fc2", wide, p.channels, 1, 1, 1, [4]int{})
	p.x = n.op("Add", x, p.scaled(y, scale))
}

// scaled multiplies each channel by a factor of its own, if the checkpoint has these.
func (p *plane) scaled(x onnx.Value, name string) onnx.Value {
	if !p.n.has(name) {
		return x
	}
	return p.n.op("Mul", x, p.n.tensor(name, p.channels, 1, 1))
}

// attention is attention of all places, after a norm.
func (p *plane) attention(name string) onnx.Value {
	n, dim, places := p.n, p.channels, p.rows*p.columns
	x, batchNorm := p.x, n.has(name+"norm.running_mean")
	if batchNorm {
		x = n.batchNorm(x, name+"norm", dim, branchEpsilon)
	}
	x = n.rowsOf(x, dim) // (n·places, dim)
	if !batchNorm {
		x = n.layerNorm(x, name+"norm", dim, 1e-5)
	}
	part := func(i int) onnx.Value { return n.linearRows(x, name+"token_mixer.qkv", i, 3, dim, dim) }
	x = n.attention(part(0), part(1), part(2), places, places, dim, dim/fastViTHead, "")
	x = n.linear(x, name+"token_mixer.proj", dim, dim)
	return n.planesOf(x, dim, p.rows, p.columns)
}
