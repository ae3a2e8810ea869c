package model

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"math"
	"path/filepath"

	"github.com/akin-search/akin/internal/onnx"
)

// ONNX Runtime's convolutions compute in a blocked layout (NCHWc): (n, c, h, w) is stored as
// (n, c/block, h, w, block), with the eight or sixteen channels that fit into a register side by
// side. It converts a network by itself, but converts back and forth wherever each channel is
// multiplied by a value of its own. A blocked network uses the operators for blocks from the first
// convolution to the last, and multiplies by a convolution with one weight per channel. Those
// weights differ between pictures, so a blocked network takes one picture at a time.
//
// Its kernels are those of the checkpoint in another order, times a scale. Laying them out takes longer than a run
// of the network, so it is done once, into a file in the cache; without a cache ONNX Runtime does it whenever it loads
// the network.

// blockedGraph returns the graph of a network with blocks of a size and its kernels laid out in dir, or ok false for
// a network that has no blocks.
func (d *definition) blockedGraph(dir string, blockSize func() int) (g Graph, ok bool, err error) {
	size := filepath.Join(dir, fmt.Sprint(blockSize()))
	if graph, ok := readPack(size); ok {
		return Graph{ONNX: graph, Folder: size, Single: true}, true, nil
	}
	o := graphOptions{precision: Float32, throughput: true, blockSize: blockSize}
	n, _, err := d.pictures(o)
	if err != nil || n.block == 0 {
		return Graph{}, false, err
	}
	graph, err := quantizedGraph(size, func(to *pack) (*network, error) {
		o.pack = to
		n, _, err := d.pictures(o)
		return n, err
	})
	return Graph{ONNX: graph, Folder: size, Single: true}, true, err
}

// useBlocks makes the network a blocked one, if it is for throughput and all channels fill blocks.
func (n *network) useBlocks(channels []int) {
	if !n.throughput || n.ofPatches || n.blockSize == nil {
		return
	}
	size := n.blockSize()
	for _, c := range channels {
		if size == 0 || c%size != 0 {
			return
		}
	}
	n.block = size
}

// planes adds an operator on planes; in a blocked network its equivalent for blocks.
func (n *network) planes(op string, inputs []onnx.Value, attrs ...onnx.Attr) onnx.Value {
	if n.block > 0 {
		return n.InBlocks(op, inputs, attrs...)
	}
	return n.Node(op, inputs, attrs...)
}

// convNorm is a convolution of square kernels in groups, then batch normalisation, then the
// addition of plus, unless it is "".
func (n *network) convNorm(x onnx.Value, name, norm string, in, out, kernel, stride, groups int, pads [4]int, epsilon float64, plus onnx.Value) onnx.Value {
	if n.block == 0 {
		x = n.batchNorm(n.conv(x, name, in, out, kernel, stride, groups, pads), norm, out, epsilon)
		if plus != "" {
			x = n.op("Add", x, plus)
		}
		return x
	}
	kernels, shift := n.blockedNorm(name, norm, out, in/groups, kernel, epsilon)
	inputs := []onnx.Value{x, kernels, shift}
	if plus != "" {
		inputs = append(inputs, plus)
	}
	return n.InBlocks("Conv", inputs, convolution(kernel, stride, groups, pads)...)
}

// blockedNorm returns a convolution's kernels in blocks and what it adds, with its batch normalisation.
func (n *network) blockedNorm(name, norm string, out, in, kernel int, epsilon float64) (kernels, shift onnx.Value) {
	if n.pack != nil {
		return n.packedKernels(name, norm, out, in, kernel, epsilon)
	}
	scale := n.op("Div", n.tensor(norm+".weight", out), n.op("Sqrt", n.op("Add", n.tensor(norm+".running_var", out), n.scalar(epsilon))))
	mean := n.tensor(norm+".running_mean", out)
	if bias := n.optional(name+".bias", out); bias != "" {
		mean = n.op("Sub", mean, bias)
	}
	kernels = n.blockedKernels(name+".weight", scale, out, in, kernel)
	return kernels, n.op("Sub", n.tensor(norm+".bias", out), n.op("Mul", mean, scale))
}

// packedKernels is blockedNorm, worked out here and written to the pack. What both return is the same to the bit: each
// operation is rounded to float32.
func (n *network) packedKernels(name, norm string, out, in, kernel int, epsilon float64) (kernels, shift onnx.Value) {
	scale, mean, variance := n.values(norm+".weight", out), n.values(norm+".running_mean", out), n.values(norm+".running_var", out)
	add := n.values(norm+".bias", out)
	if n.has(name + ".bias") {
		for i, v := range n.values(name+".bias", out) {
			mean[i] -= v
		}
	}
	for i := range scale {
		scale[i] /= float32(math.Sqrt(float64(variance[i] + float32(epsilon))))
		add[i] -= float32(mean[i] * scale[i])
	}
	from := n.values(name+".weight", out, in, kernel, kernel)
	if n.err != nil {
		return "", ""
	}
	values := len(from) / out // of an output
	blocked := make([]byte, 0, 4*len(from))
	for first := 0; first < out; first += n.block {
		for i := range values {
			for o := first; o < first+n.block; o++ {
				blocked = binary.LittleEndian.AppendUint32(blocked, math.Float32bits(from[o*values+i]*scale[o]))
			}
		}
	}
	label := name + " in blocks"
	at, err := n.pack.add(label, bytes.NewReader(blocked))
	if err != nil {
		n.fail("%w", err)
	}
	return n.Weight(label, onnx.Float32, []int64{int64(out), int64(in), int64(kernel), int64(kernel)}, at), n.Floats(add, int64(out))
}

// values reads a weight of that shape, with what an adapter adds; zeros where there is none.
func (n *network) values(name string, shape ...int) []float32 {
	t, ok := n.find(name, shape...)
	if ok {
		values, err := t.Float32()
		if err == nil {
			for i, v := range n.delta(t) {
				values[i] += v
			}
			return values
		}
		n.fail("%w", err)
	}
	size := 1
	for _, d := range shape {
		size *= d
	}
	return make([]float32, size)
}

// blockedKernels are kernels, (out, in, kernel, kernel), times a scale for each output, in the layout
// (out/block, in·kernel², block). Kernels of one value take blocked inputs as well; larger ones have
// one input channel, or a picture's three. One operator scales and transposes, because the result of
// each operator on weights stays in memory until all are loaded.
func (n *network) blockedKernels(name string, scale onnx.Value, out, in, kernel int) onnx.Value {
	o, b, i, k := int64(out/n.block), int64(n.block), int64(in), int64(kernel)
	w := n.tensorAs([]int64{o, b, i * k * k}, name, out, in, kernel, kernel)
	w = n.Node("Einsum", []onnx.Value{w, n.reshape(scale, o, b)}, onnx.Text("equation", "obi,ob->oib"))
	return n.reshape(w, o*b, i, k, k)
}

// scaleChannels multiplies each channel of x by a value of its own, (n, channels, 1, 1).
func (n *network) scaleChannels(x, by onnx.Value, channels int) onnx.Value {
	if n.block == 0 {
		return n.op("Mul", x, by)
	}
	return n.InBlocks("Conv", []onnx.Value{x, n.reshape(by, int64(channels), 1, 1, 1)}, convolution(1, 1, channels, [4]int{})...)
}
