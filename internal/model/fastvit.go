package model

import (
	"fmt"
	"regexp"
	"strings"

	"github.com/akin-search/akin/internal/onnx"
	"github.com/akin-search/akin/internal/resample"
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
		preprocess:    Preprocess{Width: 256, Height: 256, Filter: resample.Bicubic, Mean: imageNetMean, Std: imageNetStd, Scale: 1. / 255},
		config:        func() any { return &timmConfig{Pretrained: newTimmPretrained(Preprocess{Width: 256, Height: 256})} },
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
	m := &planes{network: n, rows: height, columns: width, channels: 3}
	x = n.pixels(width, height)
	for i, group := range []bool{false, true, false} {
		x = m.mobileOne(x, fmt.Sprintf("stem.%d", i), 2-i/2, group, true)
	}
	// The published FastViT of other names leave this activation out.
	act := strings.HasPrefix(c.Architecture, "fastvit_mci")
	for s := range n.count("stages.%d.blocks.0.mlp.fc1.weight") {
		stage := fmt.Sprintf("stages.%d.", s)
		if down := stage + "downsample.proj."; n.has(down+"1.conv_kxk.0.conv.weight") || n.has(down+"1.reparam_conv.weight") {
			x = m.convolve(x, n.branches(down+"0", m.channels, m.channels), 2, m.channels)
			if x = m.squeezeExcite(x, down+"0.se"); act {
				x = n.op("Gelu", x)
			}
			x = m.mobileOne(x, down+"1", 1, false, true)
		}
		if n.has(stage+"pos_emb.pos_enc.weight") || n.has(stage+"pos_emb.reparam_conv.weight") {
			x = m.convolve(x, n.branches(stage+"pos_emb", m.channels, m.channels), 1, m.channels)
		}
		for i := range n.count(stage + "blocks.%d.mlp.fc1.weight") {
			x = m.fastViTBlock(x, fmt.Sprintf("%sblocks.%d.", stage, i))
		}
	}
	x = m.mobileOne(x, "final_conv", 1, true, true)
	n.grid = &Patches{Rows: m.rows, Columns: m.columns, Mean: true}
	if n.ofPatches {
		n.meanEmbedding(x, m.channels, m.rows, m.columns)
		return "", m.channels
	}
	return n.Node("Flatten", []onnx.Value{n.meanOfPlane(x, m.columns)}, onnx.Int("axis", 1)), m.channels
}

// planes is a network whose feature map is being followed.
type planes struct {
	*network
	rows, columns, channels int
}

// convolve is a convolution with a border of zeros, so that a stride of 1 keeps the size.
func (m *planes) convolve(x onnx.Value, f kernels, stride, groups int) onnx.Value {
	pads := around(f.size)
	m.rows, m.columns = afterConv(m.rows, f.size, stride, pads[0], pads[2]), afterConv(m.columns, f.size, stride, pads[1], pads[3])
	m.channels = f.out
	return m.Node("Conv", []onnx.Value{x, f.weight, f.bias}, convolution(f.size, stride, groups, pads)...)
}

// mobileOne is a block of MobileOne (Vasu et al. 2022, https://arxiv.org/abs/2206.04040); in groups each
// channel is convolved by itself.
func (m *planes) mobileOne(x onnx.Value, name string, stride int, inGroups, act bool) onnx.Value {
	groups := 1
	if inGroups {
		groups = m.channels
	}
	x = m.convolve(x, m.branches(name, m.channels, groups), stride, groups)
	if x = m.squeezeExcite(x, name+".se"); act {
		x = m.op("Gelu", x)
	}
	return x
}

// squeezeExcite weighs the channels (Hu et al. 2017, https://arxiv.org/abs/1709.01507), if the checkpoint
// has weights for that.
func (m *planes) squeezeExcite(x onnx.Value, name string) onnx.Value {
	if !m.has(name + ".fc1.weight") {
		return x
	}
	narrow := m.size(name+".fc1.weight", 0)
	weight := m.conv(m.meanOfPlane(x, m.columns), name+".fc1", m.channels, narrow, 1, 1, 1, [4]int{})
	weight = m.conv(m.op("Relu", weight), name+".fc2", narrow, m.channels, 1, 1, 1, [4]int{})
	return m.op("Mul", x, m.op("Sigmoid", weight))
}

// fastViTBlock mixes places, by a convolution or by attention, and then channels.
func (m *planes) fastViTBlock(x onnx.Value, name string) onnx.Value {
	scale := name + "layer_scale.gamma"
	if m.has(name + "token_mixer.qkv.weight") {
		scale = name + "layer_scale_2.gamma"
		x = m.op("Add", x, m.scaled(m.attend(x, name), name+"layer_scale_1.gamma"))
	} else {
		x = m.convolve(x, m.repMixer(name+"token_mixer", m.channels), 1, m.channels)
	}
	wide := m.size(name+"mlp.fc1.weight", 0)
	y := m.convolve(x, m.branches(name+"mlp", m.channels, m.channels), 1, m.channels)
	y = m.op("Gelu", m.conv(y, name+"mlp.fc1", m.channels, wide, 1, 1, 1, [4]int{}))
	y = m.conv(y, name+"mlp.fc2", wide, m.channels, 1, 1, 1, [4]int{})
	return m.op("Add", x, m.scaled(y, scale))
}

// scaled multiplies each channel by a factor of its own, if the checkpoint has these.
func (m *planes) scaled(x onnx.Value, name string) onnx.Value {
	if !m.has(name) {
		return x
	}
	return m.op("Mul", x, m.tensor(name, m.channels, 1, 1))
}

// attend is attention of all places, after a norm.
func (m *planes) attend(x onnx.Value, name string) onnx.Value {
	dim, places := m.channels, m.rows*m.columns
	batchNorm := m.has(name + "norm.running_mean")
	if batchNorm {
		x = m.batchNorm(x, name+"norm", dim, branchEpsilon)
	}
	x = m.reshape(m.transpose(x, 0, 2, 3, 1), -1, int64(dim)) // (n·places, dim)
	if !batchNorm {
		x = m.layerNorm(x, name+"norm", dim, 1e-5)
	}
	part := func(i int) onnx.Value { return m.linearRows(x, name+"token_mixer.qkv", i, 3, dim, dim) }
	x = m.attention(part(0), part(1), part(2), places, places, dim, dim/fastViTHead, "")
	x = m.linear(x, name+"token_mixer.proj", dim, dim)
	return m.transpose(m.reshape(x, -1, int64(m.rows), int64(m.columns), int64(dim)), 0, 3, 1, 2)
}
