package model

import "github.com/akin-search/akin/internal/onnx"

// poolingConfig is the config of networks whose embedding is pooled from a feature map.
type poolingConfig struct {
	GeM float64 `json:"gem_p,omitempty"` // the exponent of GeM pooling; 0 is the mean
}

// gemFloor keeps the derivative of GeM finite in training, as its authors' code does. Without
// it, patches would divide by zero.
const gemFloor = 1e-6

// gem is generalised-mean pooling, the p-th root of the mean of p-th powers over a plane: (n, c,
// rows, columns) to (n, c, 1, 1). Its exponent leads from the mean, 1, towards the maximum
// (Radenović, Tolias and Chum 2018, https://arxiv.org/abs/1711.02512).
func (n *network) gem(x onnx.Value, columns int, p float64) onnx.Value {
	pooled, _ := n.powerMean(x, columns, p)
	return n.computed(pooled)
}

// gemParts are vectors whose mean over a plane is what gem returns: xᵖ / gᵖ⁻¹, where g is gem.
func (n *network) gemParts(x onnx.Value, columns int, p float64) onnx.Value {
	pooled, powers := n.powerMean(x, columns, p)
	return n.computed(n.op("Mul", powers, n.pow(pooled, 1-p)))
}

// powerMean returns gem and the powers that it is made of, in float32: powers leave the range of
// float16.
func (n *network) powerMean(x onnx.Value, columns int, p float64) (pooled, powers onnx.Value) {
	if !(p >= 1 && p <= 16) {
		n.fail("the config has the GeM exponent %g, not 1 to 16", p)
		return "", ""
	}
	if n.precision == Float16 {
		x = n.cast(x, onnx.Float32)
	}
	powers = n.pow(n.op("Clip", x, n.Floats([]float32{gemFloor})), p)
	return n.pow(n.meanOfPlane(powers, columns), 1/p), powers
}

func (n *network) pow(x onnx.Value, p float64) onnx.Value {
	return n.op("Pow", x, n.Floats([]float32{float32(p)}))
}
