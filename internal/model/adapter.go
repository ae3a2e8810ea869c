package model

import (
	"fmt"
	"math"

	"github.com/akin-search/akin/internal/checkpoint"
	"github.com/akin-search/akin/internal/onnx"
)

// A LoRA adapter (Hu et al. 2021, https://arxiv.org/abs/2106.09685) beside a checkpoint changes some of its
// weights W to W + scale·B·A. ONNX Runtime works that out once, when it loads the network.

// adapted adds what the checkpoint's adapter, if there is one, adds to the part-th of parts equal blocks of
// rows of t, which are w, in shape.
func (n *network) adapted(w onnx.Value, t checkpoint.Tensor, part, parts int, shape []int) onnx.Value {
	d, ok := n.weights.Delta(t.Name)
	if !ok {
		return w
	}
	n.used[d.A.Name], n.used[d.B.Name] = d.A, d.B
	if parts > 1 && d.B.Perm != nil {
		n.fail("%w: tensor %s is stored with its axes permuted", checkpoint.ErrCorrupt, d.B.Name)
		return ""
	}
	a, b := n.load(d.A, 0, 1), n.load(d.B, part, parts)
	scale := n.Floats([]float32{float32(d.Scale)})
	if n.precision == Float16 { // the sum is made in float32
		a, b, w = n.cast(a, onnx.Float32), n.cast(b, onnx.Float32), n.cast(w, onnx.Float32)
	}
	delta := n.op("MatMul", n.op("Mul", b, scale), a)
	if len(shape) != 2 {
		to := make([]int64, len(shape))
		for i, s := range shape {
			to[i] = int64(s)
		}
		delta = n.reshape(delta, to...)
	}
	return n.computed(n.op("Add", w, delta))
}

// delta returns what the adapter adds to a tensor, in row-major order, or nil.
func (n *network) delta(t checkpoint.Tensor) []float32 {
	d, ok := n.weights.Delta(t.Name)
	if !ok {
		return nil
	}
	n.used[d.A.Name], n.used[d.B.Name] = d.A, d.B
	values, err := d.Float32()
	if err != nil {
		n.fail("%w", err)
		return nil
	}
	return values
}

// scales are how much of each delta is added, for the fingerprint: their matrices are among the weights.
func scales(c *checkpoint.Checkpoint, used map[string]checkpoint.Tensor) map[string]string {
	var all map[string]string
	for name := range used {
		if d, ok := c.Delta(name); ok {
			if all == nil {
				all = map[string]string{}
			}
			all[name] = fmt.Sprintf("%x", math.Float64bits(d.Scale))
		}
	}
	return all
}
