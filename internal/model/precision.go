package model

import (
	"bytes"
	"errors"
	"fmt"
	"math"
	"runtime"

	"golang.org/x/sync/errgroup"

	"github.com/akin-search/akin/internal/onnx"
)

// ErrPrecision says that a model cannot compute in a precision.
var ErrPrecision = errors.New("unsupported precision")

// Precision is the type of number that a network computes with.
type Precision string

const (
	Float32 Precision = "fp32"
	// Float16 halves the memory and, on graphics cards, the time. Processors are slower in it
	// than in Float32.
	Float16 Precision = "fp16"
	// Int8 multiplies matrices as integers: weights with a scale per output, activations with
	// a scale per call. Pictures must be run one by one: in a batch, an embedding would depend
	// on its neighbours.
	Int8 Precision = "int8"
	// BFloat16 multiplies numbers of 8 bits, with the range of float32, and adds in float32. OpenVINO
	// computes it, on processors that have instructions for it. Elsewhere what was made in it is
	// continued in Float32, from which it differs by its rounding alone.
	BFloat16 Precision = "bf16"
	// Auto is BFloat16 where that is fast and near to Float32, else Float32. It is for new spaces; a
	// network is never opened in it.
	Auto Precision = "auto"
)

// Precisions are those that networks compute in; the default is the first.
var Precisions = []Precision{Float32, BFloat16, Int8, Float16}

// weightSteps is what the largest weight of an output becomes. That leaves one of eight bits unused:
// processors without VNNI add two products of 255 and a weight in 16 bits, which 64 just fits. So
// all processors compute the same embedding.
const weightSteps = 64

// linear8 is x Wᵀ + b in 8 bits, with the part-th of parts blocks of W's
// rows.
func (n *network) linear8(x onnx.Value, weight string, part, parts, in, out int, bias onnx.Value) onnx.Value {
	w, scale := n.quantized(weight, part, parts, in, out)
	q := n.Nodes("DynamicQuantizeLinear", []onnx.Value{x}, 3) // uint8 values, their scale, their zero
	y := n.cast(n.op("MatMulInteger", q[0], w, q[2]), onnx.Float32)
	y = n.op("Mul", y, n.op("Mul", q[1], scale))
	if bias != "" {
		y = n.op("Add", y, bias)
	}
	return y
}

// quantized returns a block of out rows of a weight as int8 constants, (in, out), and
// their scales, (out).
func (n *network) quantized(name string, part, parts, in, out int) (w, scale onnx.Value) {
	t, ok := n.find(name, parts*out, in)
	if !ok {
		return "", ""
	}
	delta := n.delta(t)
	values, scales := make([]byte, in*out), make([]float32, out)
	const rows = 64 // per goroutine: what each writes is contiguous
	var g errgroup.Group
	g.SetLimit(runtime.GOMAXPROCS(0))
	for first := 0; first < out; first += rows {
		g.Go(func() error {
			count := min(rows, out-first)
			block, err := t.Rows(int64(part*out+first), int64(count))
			if err != nil {
				return err
			}
			if delta != nil {
				for i, d := range delta[(part*out+first)*in:][:len(block)] {
					block[i] += d
				}
			}
			quantize(values, scales, block, first, in, out)
			return nil
		})
	}
	if err := g.Wait(); err != nil {
		n.fail("%w", err)
	}
	scale = n.Floats(scales, int64(out))
	if n.pack == nil {
		return n.Int8s(values, int64(in), int64(out)), scale
	}
	label := fmt.Sprintf("%s[%d/%d] in int8", t.Name, part, parts)
	at, err := n.pack.add(label, bytes.NewReader(values))
	if err != nil {
		n.fail("%w", err)
	}
	return n.Weight(label, onnx.Int8, []int64{int64(in), int64(out)}, at), scale
}

// quantize writes rows first… of a matrix, (count, in), to values, (in, out), in
// steps of scales.
func quantize(values []byte, scales []float32, block []float32, first, in, out int) {
	count := len(block) / in
	for r := range count {
		row := block[r*in : (r+1)*in]
		largest := float32(1e-12)
		for _, v := range row {
			largest = max(largest, v, -v)
		}
		scales[first+r] = largest / weightSteps
	}
	for i := range in {
		to := values[i*out+first:][:count]
		for r := range to {
			to[r] = byte(int8(math.RoundToEven(float64(block[r*in+i] / scales[first+r]))))
		}
	}
}
