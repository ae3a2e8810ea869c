package model

import (
	"fmt"

	"github.com/akin-search/akin/internal/onnx"
)

// A block that is trained as a sum of branches, convolutions and the identity, each with a batch norm,
// computes the same as one convolution (Ding et al. 2021, https://arxiv.org/abs/2101.03697). Its kernels are
// operators on weights alone, which ONNX Runtime runs once, when it loads the network. They are summed in
// float32. Reference: reparameterize of timm/models/fastvit.py, which some checkpoints went through.

// branchEpsilon is that of every batch norm there.
const branchEpsilon = 1e-5

// kernels are a convolution's, (out, in/groups, size, size), and its bias, (out).
type kernels struct {
	weight, bias onnx.Value
	out, size    int
}

// inFloat32 writes constants in float32, and returns them in the type that the network computes in.
func (n *network) inFloat32(write func() kernels) kernels {
	precision := n.precision
	n.precision = Float32
	k := write()
	n.precision = precision
	k.weight, k.bias = n.computed(k.weight), n.computed(k.bias)
	return k
}

// branches returns the sum of a block's branches, from in channels in groups.
func (n *network) branches(name string, in, groups int) kernels {
	return n.inFloat32(func() kernels { return n.sumOfBranches(name, in, groups) })
}

func (n *network) sumOfBranches(name string, in, groups int) kernels {
	if n.has(name + ".reparam_conv.weight") {
		return n.plainKernels(name+".reparam_conv", in/groups)
	}
	if n.has(name + ".pos_enc.weight") {
		k := n.plainKernels(name+".pos_enc", in/groups)
		k.weight = n.op("Add", k.weight, n.identityKernels(n.scalar(1), k, groups))
		return k
	}
	convolutions := []string{name + ".conv", name + ".large_conv", name + ".small_conv", name + ".conv_scale"}
	for i := range n.count(name + ".conv_kxk.%d.conv.weight") {
		convolutions = append(convolutions, fmt.Sprintf("%s.conv_kxk.%d", name, i))
	}
	var all []kernels
	size := 0
	for _, c := range convolutions {
		if n.has(c + ".conv.weight") {
			k := n.normedKernels(c, in/groups)
			all, size = append(all, k), max(size, k.size)
		}
	}
	var sum kernels
	for _, k := range all {
		if border := int64(size-k.size) / 2; border > 0 {
			k.weight = n.pad(k.weight, 0, 0, border, border, 0, 0, border, border)
		}
		k.size = size
		sum.add(n, k)
	}
	if n.has(name + ".identity.weight") {
		sum.add(n, n.normedIdentity(name+".identity", sum, groups))
	}
	if sum.weight == "" {
		n.fail("%s has no branches", name)
	}
	return sum
}

func (k *kernels) add(n *network, other kernels) {
	if k.weight == "" {
		*k = other
		return
	}
	k.weight, k.bias = n.op("Add", k.weight, other.weight), n.op("Add", k.bias, other.bias)
}

// repMixer returns x + scale·(mixer(x) - norm(x)) as one convolution of each channel by itself.
func (n *network) repMixer(name string, channels int) kernels {
	return n.inFloat32(func() kernels {
		if n.has(name + ".reparam_conv.weight") {
			return n.plainKernels(name+".reparam_conv", 1)
		}
		k := n.sumOfBranches(name+".mixer", channels, channels)
		less := n.normedIdentity(name+".norm.identity", k, channels)
		k.weight, k.bias = n.op("Sub", k.weight, less.weight), n.op("Sub", k.bias, less.bias)
		if scale := name + ".layer_scale.gamma"; n.has(scale) {
			k.weight = n.op("Mul", k.weight, n.tensorAs([]int64{int64(channels), 1, 1, 1}, scale, channels, 1, 1))
			k.bias = n.op("Mul", k.bias, n.tensorAs([]int64{int64(channels)}, scale, channels, 1, 1))
		}
		k.weight = n.op("Add", k.weight, n.identityKernels(n.scalar(1), k, channels))
		return k
	})
}

// plainKernels are those of a convolution without a norm, of one group's in channels.
func (n *network) plainKernels(name string, in int) kernels {
	k := n.kernels(name+".weight", in)
	k.bias = n.tensor(name+".bias", k.out)
	return k
}

// normedKernels are those of a convolution without a bias and the norm after it.
func (n *network) normedKernels(name string, in int) kernels {
	k := n.kernels(name+".conv.weight", in)
	factor, bias := n.normFactors(name+".bn", k.out)
	k.weight, k.bias = n.op("Mul", k.weight, n.reshape(factor, int64(k.out), 1, 1, 1)), bias
	return k
}

func (n *network) kernels(name string, in int) kernels {
	k := kernels{out: n.size(name, 0), size: n.size(name, 3)}
	k.weight = n.tensor(name, k.out, in, k.size, k.size)
	return k
}

// normedIdentity are kernels, of other kernels' shape, for a norm alone.
func (n *network) normedIdentity(name string, like kernels, groups int) kernels {
	if like.weight == "" {
		n.fail("%s has no other branch", name)
		return like
	}
	factor, bias := n.normFactors(name, like.out)
	return kernels{n.identityKernels(n.reshape(factor, int64(like.out), 1, 1, 1), like, groups), bias, like.out, like.size}
}

// normFactors returns what a batch norm multiplies channels by, and what it adds then.
func (n *network) normFactors(name string, channels int) (factor, bias onnx.Value) {
	deviation := n.op("Sqrt", n.op("Add", n.tensor(name+".running_var", channels), n.scalar(branchEpsilon)))
	factor = n.op("Div", n.tensor(name+".weight", channels), deviation)
	return factor, n.op("Sub", n.tensor(name+".bias", channels), n.op("Mul", n.tensor(name+".running_mean", channels), factor))
}

// identityKernels multiply each channel by its factor, (out, 1, 1, 1) or a scalar: of other kernels' shape
// for groups of one channel, and, where every output sees all inputs, for kernels of one value.
func (n *network) identityKernels(factor onnx.Value, like kernels, groups int) onnx.Value {
	size := int64(like.size)
	switch {
	case n.err != nil:
		return ""
	case groups == like.out:
		one := make([]float32, size*size)
		one[len(one)/2] = 1
		return n.op("Mul", n.Floats(one, 1, 1, size, size), factor)
	case groups == 1 && size == 1:
		eye := n.op("EyeLike", n.reshape(like.weight, int64(like.out), -1))
		return n.op("Mul", n.reshape(eye, int64(like.out), -1, 1, 1), factor)
	}
	n.fail("akin does not know the identity among kernels of %d values in %d groups of %d channels", size, groups, like.out)
	return ""
}
