package model

import (
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/akin-search/akin/internal/checkpoint"
	"github.com/akin-search/akin/internal/onnx"
)

// network is a graph being written, with its weights in a checkpoint. err is the first missing or
// misshapen tensor; after it, what is written has no meaning.
type network struct {
	*onnx.Graph
	weights    *checkpoint.Checkpoint
	folder     string // that all of them lie in
	prefix     string // of the tensors' names
	preprocess Preprocess
	used       map[string]checkpoint.Tensor
	err        error

	graphOptions
	anyText    bool                      // it takes one text of any length
	sequence   int                       // tokens of a picture, 0 in networks without tokens
	grid       *Patches                  // nil if it has no patches
	paddedRows map[onnx.Value]onnx.Value // matrices that were padded already
	block      int                       // channels side by side, or 0: see blocked.go
}

func newNetwork(name string, c *checkpoint.Checkpoint) *network {
	return &network{Graph: onnx.NewGraph(name), weights: c, folder: c.Folder(), used: map[string]checkpoint.Tensor{}, paddedRows: map[onnx.Value]onnx.Value{}}
}

func (n *network) fail(format string, args ...any) {
	if n.err == nil {
		n.err = fmt.Errorf(format, args...)
	}
}

// computes returns the type that the network computes in.
func (n *network) computes() int {
	if n.precision == Float16 {
		return onnx.Float16
	}
	return onnx.Float32
}

// cast turns values into another type.
func (n *network) cast(x onnx.Value, typ int) onnx.Value {
	return n.Node("Cast", []onnx.Value{x}, onnx.Int("to", int64(typ)))
}

// computed turns float32 values into the type that the network computes in.
func (n *network) computed(x onnx.Value) onnx.Value {
	if n.precision == Float16 {
		x = n.cast(x, onnx.Float16)
	}
	return x
}

// tensor returns a weight of that shape, in the type that the network computes in.
func (n *network) tensor(name string, shape ...int) onnx.Value {
	return n.rows(name, 0, 1, shape...)
}

// optional is tensor, or "" if the checkpoint has none of that name.
func (n *network) optional(name string, shape ...int) onnx.Value {
	if !n.has(name) {
		return ""
	}
	return n.tensor(name, shape...)
}

// has reports whether the checkpoint has a tensor of that name.
func (n *network) has(name string) bool { return n.weights.Has(n.prefix + name) }

// size returns the length of a tensor's axis, for sizes that no description has. A tensor that is absent or has
// fewer axes is an error.
func (n *network) size(name string, axis int) int {
	t, err := n.weights.Tensor(n.prefix + name)
	if err != nil {
		n.fail("%w", err)
		return 0
	}
	if axis >= len(t.Shape) || t.Shape[axis] < 1 || t.Shape[axis] > 1<<30 {
		n.fail("%w: tensor %s has the shape %v", checkpoint.ErrCorrupt, t.Name, t.Shape)
		return 0
	}
	return int(t.Shape[axis])
}

// count returns for how many i from 0 on the checkpoint has a tensor; format has one %d.
func (n *network) count(format string) int {
	i := 0
	for n.has(fmt.Sprintf(format, i)) {
		i++
	}
	return i
}

// leftover fails if the checkpoint has a tensor that the network does not use and that is not among unused;
// nil looks for none.
func (n *network) leftover(unused *regexp.Regexp) {
	if unused == nil || n.err != nil {
		return
	}
	for _, name := range n.weights.Names() {
		short, ok := strings.CutPrefix(name, n.prefix)
		if t, err := n.weights.Tensor(name); err == nil && slices.Contains(t.Shape, 0) {
			continue // as registers where there are none
		}
		if _, used := n.used[name]; ok && !used && !unused.MatchString(short) {
			n.fail("it has the tensor %.100q, which no network that akin knows by these names has", name)
			return
		}
	}
}

// storedTypes are the types of weights that the graph can read.
var storedTypes = map[string]int{"float32": onnx.Float32, "float16": onnx.Float16, "bfloat16": onnx.BFloat16}

// find returns a weight and marks it as used; ok is false if it is absent or has another shape.
func (n *network) find(name string, shape ...int) (t checkpoint.Tensor, ok bool) {
	name = n.prefix + name
	t, err := n.weights.Tensor(name)
	if err != nil {
		n.fail("%w", err)
		return t, false
	}
	want := make([]int64, len(shape))
	for i, d := range shape {
		want[i] = int64(d)
	}
	if rank := len(want); rank == 2 && t.Perm == nil && len(t.Shape) == 4 && t.Shape[2] == 1 && t.Shape[3] == 1 {
		t.Shape, t.Stored = t.Shape[:rank], t.Stored[:rank] // a convolution of single pixels is a matrix
	}
	if storedTypes[t.Type] == 0 || !slices.Equal(t.Shape, want) {
		n.fail("%w: tensor %s is %s %v, not float32 %v", checkpoint.ErrCorrupt, name, t.Type, t.Shape, want)
		return t, false
	}
	n.used[name] = t
	return t, true
}

// rows returns the part-th of parts equal blocks of rows of a weight; shape is that of the block.
// It points into the checkpoint's file. Permuted axes and other types are converted in the graph,
// which ONNX Runtime does once, when it loads the network.
func (n *network) rows(name string, part, parts int, shape ...int) onnx.Value {
	whole := slices.Clone(shape)
	if parts > 1 {
		whole[0] *= parts
	}
	t, ok := n.find(name, whole...)
	if !ok {
		return ""
	}
	if parts > 1 && t.Perm != nil {
		n.fail("%w: tensor %s is stored with its axes permuted", checkpoint.ErrCorrupt, t.Name)
		return ""
	}
	return n.adapted(n.load(t, part, parts), t, part, parts, shape)
}

// load is rows of a tensor that was found.
func (n *network) load(t checkpoint.Tensor, part, parts int) onnx.Value {
	label, stored, at := t.Name, t.Stored, n.place(t)
	if parts > 1 {
		stored = slices.Clone(stored)
		stored[0] /= int64(parts)
		at.Length /= int64(parts)
		at.Offset += int64(part) * at.Length
		label = fmt.Sprintf("%s[%d/%d]", t.Name, part, parts)
	}
	if n.pack != nil {
		at = n.packed(label, t, at)
	}
	w := n.Weight(label, storedTypes[t.Type], stored, at)
	if storedTypes[t.Type] != n.computes() {
		w = n.cast(w, n.computes())
	}
	if t.Perm != nil {
		perm := make([]int64, len(t.Perm))
		for i, p := range t.Perm {
			perm[i] = int64(p)
		}
		w = n.Node("Transpose", []onnx.Value{w}, onnx.Ints("perm", perm...))
	}
	return w
}

// tensorAs is tensor in another shape of the same size, without a copy if the file stores the values
// in order.
func (n *network) tensorAs(as []int64, name string, shape ...int) onnx.Value {
	t, ok := n.find(name, shape...)
	_, changed := n.weights.Delta(t.Name)
	if !ok || changed || n.pack != nil || t.Perm != nil || storedTypes[t.Type] != n.computes() {
		return n.reshape(n.tensor(name, shape...), as...)
	}
	return n.Weight(fmt.Sprint(t.Name, as), n.computes(), as, n.place(t))
}

// packed copies a weight, or a block of its rows, into the pack.
func (n *network) packed(label string, t checkpoint.Tensor, at onnx.External) onnx.External {
	f, err := os.Open(t.File)
	if err == nil {
		defer f.Close()
		at, err = n.pack.add(label, io.NewSectionReader(f, at.Offset, at.Length))
	}
	if err != nil {
		n.fail("%w", err)
	}
	return at
}

// place returns where the bytes of a tensor are.
func (n *network) place(t checkpoint.Tensor) onnx.External {
	if n.mapped == nil {
		return onnx.External{File: n.file(t), Offset: t.Offset, Length: t.Length}
	}
	address, err := n.mapped(t.File)
	if err != nil {
		n.fail("%w", err)
	}
	return onnx.External{File: onnx.InMemory, Offset: int64(address) + t.Offset, Length: t.Length}
}

// file returns the path of a tensor's file in the checkpoint's folder.
func (n *network) file(t checkpoint.Tensor) string {
	path, err := filepath.Rel(n.folder, t.File)
	if err != nil {
		n.fail("%w", err)
	}
	return filepath.ToSlash(path)
}

// op adds an operator without attributes.
func (n *network) op(name string, inputs ...onnx.Value) onnx.Value { return n.Node(name, inputs) }

func (n *network) scalar(v float64) onnx.Value { return n.floats([]float32{float32(v)}) }

// floats returns a constant of that shape, in the type that the network computes in.
func (n *network) floats(values []float32, shape ...int) onnx.Value {
	as := make([]int64, len(shape))
	for i, d := range shape {
		as[i] = int64(d)
	}
	return n.computed(n.Floats(values, as...))
}

func (n *network) reshape(x onnx.Value, shape ...int64) onnx.Value {
	return n.op("Reshape", x, n.Int64s(shape, int64(len(shape))))
}

func (n *network) transpose(x onnx.Value, perm ...int64) onnx.Value {
	return n.Node("Transpose", []onnx.Value{x}, onnx.Ints("perm", perm...))
}

// activation is one of the functions that configs name.
func (n *network) activation(x onnx.Value, name string) onnx.Value {
	switch name {
	case "gelu":
		if n.throughput { // ONNX Runtime's own computes in blocks that stay in the cache
			return n.Fused("Gelu", []onnx.Value{x})
		}
		return n.op("Gelu", x)
	case "gelu_pytorch_tanh", "gelu_new":
		return n.Node("Gelu", []onnx.Value{x}, onnx.Text("approximate", "tanh"))
	case "quick_gelu":
		return n.op("Mul", x, n.op("Sigmoid", n.op("Mul", x, n.scalar(1.702))))
	case "swish", "silu":
		return n.op("Mul", x, n.op("Sigmoid", x))
	case "relu":
		return n.op("Relu", x)
	}
	n.fail("the config has the unknown activation %q", name)
	return ""
}

// relu6 is x clipped to [0, 6].
func (n *network) relu6(x onnx.Value) onnx.Value {
	return n.op("Clip", x, n.scalar(0), n.scalar(6))
}

// conv is a convolution of square kernels; pads are top, left, bottom, right. The
// bias is used if the checkpoint has one.
func (n *network) conv(x onnx.Value, name string, in, out, kernel, stride, groups int, pads [4]int) onnx.Value {
	inputs := []onnx.Value{x, n.tensor(name+".weight", out, in/groups, kernel, kernel)}
	if bias := n.optional(name+".bias", out); bias != "" {
		inputs = append(inputs, bias)
	}
	return n.Node("Conv", inputs, convolution(kernel, stride, groups, pads)...)
}

// convolution are the attributes of a convolution.
func convolution(kernel, stride, groups int, pads [4]int) []onnx.Attr {
	k, s := int64(kernel), int64(stride)
	return []onnx.Attr{
		onnx.Ints("kernel_shape", k, k), onnx.Ints("strides", s, s),
		onnx.Ints("pads", int64(pads[0]), int64(pads[1]), int64(pads[2]), int64(pads[3])), onnx.Int("group", int64(groups)),
	}
}

// batchNorm is batch normalisation with its running statistics. ONNX Runtime folds
// it into the preceding convolution when the model is loaded.
func (n *network) batchNorm(x onnx.Value, name string, channels int, epsilon float64) onnx.Value {
	return n.Node("BatchNormalization", []onnx.Value{
		x, n.tensor(name+".weight", channels), n.tensor(name+".bias", channels),
		n.tensor(name+".running_mean", channels), n.tensor(name+".running_var", channels),
	}, onnx.Float("epsilon", float32(epsilon)))
}

// around pads a kernel of an odd size on all sides.
func around(kernel int) [4]int { p := kernel / 2; return [4]int{p, p, p, p} }

// meanOfPlane is the mean over height and width: (n, c, rows, columns) to (n, c, 1, 1). Rows are
// averaged first: ONNX Runtime sums a plane value by value, and rounding the 90,000 equal values of
// EfficientNet-B7's first planes in a flat picture all the same way would be off by a thousandth.
func (n *network) meanOfPlane(x onnx.Value, columns int) onnx.Value {
	rows := n.planes("AveragePool", []onnx.Value{x}, onnx.Ints("kernel_shape", 1, int64(columns)), onnx.Ints("strides", 1, int64(columns)))
	return n.planes("GlobalAveragePool", []onnx.Value{rows})
}

// linear is x Wᵀ + b: (m, in) to (m, out). The bias is used if the checkpoint has one.
func (n *network) linear(x onnx.Value, name string, in, out int) onnx.Value {
	return n.linearRows(x, name, 0, 1, in, out)
}

// times is x W: (m, in) to (m, out). It is a network's last product, of few rows, and computes in int8 nowhere.
func (n *network) times(x onnx.Value, name string, in, out int) onnx.Value {
	return n.op("MatMul", x, n.tensor(name, in, out))
}

// linearRows is linear with the part-th of parts blocks of a weight's rows.
func (n *network) linearRows(x onnx.Value, name string, part, parts, in, out int) onnx.Value {
	return n.linearOf(x, name+".weight", name+".bias", part, parts, in, out)
}

// linearOf is linearRows with tensors of other names.
func (n *network) linearOf(x onnx.Value, weight, bias string, part, parts, in, out int) onnx.Value {
	return n.product(x, weight, part, parts, in, out, n.bias(bias, part, parts, out))
}

// product is x Wᵀ + b with the part-th of parts blocks of a weight's rows; b may be "".
func (n *network) product(x onnx.Value, weight string, part, parts, in, out int, b onnx.Value) onnx.Value {
	if n.precision == Int8 {
		return n.linear8(x, weight, part, parts, in, out, b)
	}
	return n.gemm(x, n.rows(weight, part, parts, out, in), b, in)
}

// bias returns the part-th of parts blocks of a bias, or "" if the checkpoint has none.
func (n *network) bias(name string, part, parts, out int) onnx.Value {
	if !n.has(name) {
		return ""
	}
	return n.rows(name, part, parts, out)
}

// gemm is x wᵀ + b for rows of in values; b may be "".
func (n *network) gemm(x, w, b onnx.Value, in int) onnx.Value {
	if n.conflicts(in) {
		x, w = n.padRows(x), n.padRows(w)
	}
	inputs := []onnx.Value{x, w}
	if b != "" {
		inputs = append(inputs, b)
	}
	return n.Node("Gemm", inputs, onnx.Int("transB", 1))
}

// layerNorm normalises the last axis.
func (n *network) layerNorm(x onnx.Value, name string, dim int, epsilon float64) onnx.Value {
	return n.Node("LayerNormalization", []onnx.Value{x, n.tensor(name+".weight", dim), n.tensor(name+".bias", dim)},
		onnx.Int("axis", -1), onnx.Float("epsilon", float32(epsilon)))
}

// anyLength is the length of a sequence that each run decides; such a network takes one sequence at a time.
const anyLength = 0

// sequences is the shape of sequences of tokens, for reshape: (n, tokens, rest…).
func sequences(tokens int, rest ...int) []int64 {
	shape := []int64{-1, int64(tokens)}
	if tokens == anyLength {
		shape = []int64{1, -1}
	}
	for _, r := range rest {
		shape = append(shape, int64(r))
	}
	return shape
}

// rmsNorm divides the last axis by the root of its mean square (Zhang and Sennrich 2019,
// https://arxiv.org/abs/1910.07467).
func (n *network) rmsNorm(x onnx.Value, name string, dim int, epsilon float64) onnx.Value {
	weight := n.tensor(name+".weight", dim)
	if n.precision == Float16 { // squares overflow
		x = n.cast(x, onnx.Float32)
	}
	mean := n.Node("ReduceMean", []onnx.Value{n.op("Mul", x, x), n.Int64s([]int64{-1}, 1)}, onnx.Int("keepdims", 1))
	x = n.op("Div", x, n.op("Sqrt", n.op("Add", mean, n.Floats([]float32{float32(epsilon)}))))
	return n.op("Mul", n.computed(x), weight)
}

// attention is scaled dot-product attention of heads (Vaswani et al. 2017,
// https://arxiv.org/abs/1706.03762): queries (n·tq, dim), keys and values (n·tk, dim);
// the result is (n·tq, dim). mask is added to the scores, or "".
func (n *network) attention(q, k, v onnx.Value, tq, tk, dim, heads int, mask onnx.Value) onnx.Value {
	if !n.throughput || mask != "" {
		return n.dotProduct(q, k, v, tq, tk, dim, heads, mask)
	}
	if !n.divides(dim, heads) {
		return ""
	}
	// The same in blocks of scores that fit into the cache (FlashAttention: Dao et al. 2022,
	// https://arxiv.org/abs/2205.14135).
	of := func(x onnx.Value, tokens int) onnx.Value { return n.reshape(x, sequences(tokens, dim)...) }
	x := n.Fused("MultiHeadAttention", []onnx.Value{of(q, tq), of(k, tk), of(v, tk)}, onnx.Int("num_heads", int64(heads)))
	return n.reshape(x, -1, int64(dim))
}

// dotProduct is attention in single operators; queries may be shared by all pictures, (tq, dim).
func (n *network) dotProduct(q, k, v onnx.Value, tq, tk, dim, heads int, mask onnx.Value) onnx.Value {
	if !n.divides(dim, heads) {
		return ""
	}
	d := dim / heads
	q = n.transpose(n.reshape(q, sequences(tq, heads, d)...), 0, 2, 1, 3) // (n, heads, tq, d)
	k = n.transpose(n.reshape(k, sequences(tk, heads, d)...), 0, 2, 3, 1) // (n, heads, d, tk)
	v = n.transpose(n.reshape(v, sequences(tk, heads, d)...), 0, 2, 1, 3) // (n, heads, tk, d)
	scores := n.op("MatMul", n.op("Mul", q, n.scalar(1/math.Sqrt(float64(d)))), k)
	if mask != "" {
		scores = n.op("Add", scores, mask)
	}
	x := n.op("MatMul", n.Node("Softmax", []onnx.Value{scores}, onnx.Int("axis", -1)), v)
	return n.reshape(n.transpose(x, 0, 2, 1, 3), -1, int64(dim))
}

// divides reports whether heads divide the width; a config in which they do not is an error.
func (n *network) divides(dim, heads int) bool {
	fits := heads > 0 && dim%heads == 0
	if !fits {
		n.fail("the config has %d heads for a width of %d", heads, dim)
	}
	return fits
}

// token returns one row of each sequence: (n·t, dim) to (n, dim).
func (n *network) token(x onnx.Value, tokens, dim, which int) onnx.Value {
	return n.Node("Gather", []onnx.Value{n.reshape(x, sequences(tokens, dim)...), n.Int64s([]int64{int64(which)})}, onnx.Int("axis", 1))
}

// after returns the tokens of each sequence that follow its first prefix: (n·tokens, dim) to (n·(tokens-prefix), dim).
func (n *network) after(x onnx.Value, tokens, prefix, dim int) onnx.Value {
	if prefix == 0 {
		return x
	}
	x = n.op("Slice", n.reshape(x, -1, int64(tokens), int64(dim)), n.Int64s([]int64{int64(prefix)}, 1), n.Int64s([]int64{int64(tokens)}, 1), n.Int64s([]int64{1}, 1))
	return n.reshape(x, -1, int64(dim))
}

// meanOfTokens is the mean of each sequence's tokens after the first prefix: (n·tokens, dim) to (n, dim).
func (n *network) meanOfTokens(x onnx.Value, tokens, prefix, dim int) onnx.Value {
	x = n.reshape(n.after(x, tokens, prefix, dim), -1, int64(tokens-prefix), int64(dim))
	return n.Node("ReduceMean", []onnx.Value{x, n.Int64s([]int64{1}, 1)}, onnx.Int("keepdims", 0))
}
