package model

import (
	"math"

	"github.com/akin-search/akin/internal/onnx"
)

// rope says how rotary position embedding (Su et al. 2021, https://arxiv.org/abs/2104.09864) turns the
// queries and keys of a grid's patches: half of each head's pairs of values by the patch's row, the
// other half by its column, each pair slower than the one before.
type rope struct {
	temperature float64 // of the slowest pair
	centered    bool    // places are the patches' centres, from -1 to 1, in whole turns, as DINOv3's; else indices
	offset      float64 // added to indices
	columnFirst bool    // the first half of the pairs is turned by the column
	halves      bool    // value i is paired with value i + d/2; else 2i with 2i + 1
	reference   float64 // side of the grid that indices are scaled to, or 0
	native      bool    // reference is that of the network's own picture size, which towers of OpenCLIP always have
	mixed       bool    // the checkpoint has each layer's and head's turns by column and row (Heo et al. 2024, https://arxiv.org/abs/2403.13298)
}

// angles returns the angles of a grid's patches, (rows·columns, pairs), row by row.
func (r *rope) angles(rows, columns, pairs int) []float64 {
	var angles []float64
	for row := range rows {
		for column := range columns {
			axes := [2]float64{r.place(row, rows), r.place(column, columns)}
			if r.columnFirst {
				axes[0], axes[1] = axes[1], axes[0]
			}
			for _, place := range axes {
				for i := range pairs / 2 {
					angles = append(angles, place/math.Pow(r.temperature, float64(i)/float64(pairs/2)))
				}
			}
		}
	}
	return angles
}

func (r *rope) place(i, side int) float64 {
	switch {
	case r.centered:
		return 2 * math.Pi * (2*(float64(i)+0.5)/float64(side) - 1)
	case r.reference > 0:
		return (float64(i) + r.offset) / float64(side) * r.reference
	}
	return float64(i) + r.offset
}

// rotation is a rope for the tokens of a network: prefix tokens are not turned.
type rotation struct {
	halves               bool
	ofHeads              bool // each head is turned differently; otherwise heads is 1
	tokens, heads, pairs int64
	cos, sin             onnx.Value // of each pair, (tokens, pairs), or (tokens, heads, pairs) of heads
	// The same for each value, (tokens, heads, 2·pairs), with the sign of what its partner adds: made by expand.
	cosines, sines onnx.Value
}

// rotation returns the tables of a rope.
func (n *network) rotation(r *rope, prefix, rows, columns, dim, heads int) *rotation {
	pairs, ok := n.pairs(dim, heads)
	if !ok || !n.fits(prefix+rows*columns) {
		return nil
	}
	tokens := prefix + rows*columns
	cos, sin := make([]float32, tokens*pairs), make([]float32, tokens*pairs)
	for i := range prefix * pairs {
		cos[i] = 1
	}
	for i, angle := range r.angles(rows, columns, pairs) {
		s, c := math.Sincos(angle)
		sin[prefix*pairs+i], cos[prefix*pairs+i] = float32(s), float32(c)
	}
	return &rotation{
		halves: r.halves, tokens: int64(tokens), heads: 1, pairs: int64(pairs),
		cos: n.floats(cos, tokens, pairs), sin: n.floats(sin, tokens, pairs),
	}
}

// mixedRotation returns the tables of one layer, whose turns are in a tensor, (2, layers, heads, pairs).
func (n *network) mixedRotation(name string, layer, layers, prefix, rows, columns, dim, heads int) *rotation {
	pairs, ok := n.pairs(dim, heads)
	if !ok || !n.fits(prefix+rows*columns) {
		return nil
	}
	turns := n.Node("Gather", []onnx.Value{n.tensor(name, 2, layers, heads, pairs), n.Int64s([]int64{int64(layer)})}, onnx.Int("axis", 1)) // (2, heads, pairs)
	places := make([]float32, 2*prefix, 2*(prefix+rows*columns))
	for row := range rows {
		for column := range columns {
			places = append(places, float32(column), float32(row))
		}
	}
	tokens := prefix + rows*columns
	angles := n.op("MatMul", n.floats(places, tokens, 2), n.reshape(turns, 2, int64(heads*pairs)))
	angles = n.reshape(angles, int64(tokens), int64(heads), int64(pairs))
	return &rotation{
		tokens: int64(tokens), heads: int64(heads), pairs: int64(pairs), ofHeads: true,
		cos: n.op("Cos", angles), sin: n.op("Sin", angles),
	}
}

// fits reports whether tables of that many tokens are made: attention to more would take gigabytes for
// one picture.
func (n *network) fits(tokens int) bool {
	const most = 1 << 16
	if tokens > most {
		n.fail("its pictures have %d tokens, and akin turns up to %d", tokens, most)
	}
	return n.err == nil
}

// pairs returns how many pairs of values a head has. Their first half is turned by one axis, so they
// are an even number.
func (n *network) pairs(dim, heads int) (pairs int, ok bool) {
	if !n.divides(dim, heads) {
		return 0, false
	}
	if dim/heads%4 != 0 {
		n.fail("rotary position embedding needs heads of a multiple of 4 values, and they have %d", dim/heads)
		return 0, false
	}
	return dim / heads / 2, true
}

// rotate turns the pairs of all heads: (n·tokens, dim) to the same.
func (n *network) rotate(x onnx.Value, r *rotation, tokens, dim, heads int) onnx.Value {
	if n.err != nil {
		return ""
	}
	if n.throughput && !r.ofHeads {
		interleaved := int64(1)
		if r.halves {
			interleaved = 0
		}
		x = n.reshape(x, -1, int64(tokens), int64(dim))
		x = n.Fused("RotaryEmbedding", []onnx.Value{x, n.Int64s([]int64{0}, 1), r.cos, r.sin}, onnx.Int("interleaved", interleaved))
		return n.reshape(x, -1, int64(dim))
	}
	if r.cosines == "" {
		n.expand(r)
	}
	// The pair (u, v), turned by a, is (u cos a - v sin a, v cos a + u sin a).
	d := int64(dim / heads)
	pairs, axis := []int64{-1, int64(heads), d / 2, 2}, int64(3)
	if r.halves {
		pairs, axis = []int64{-1, int64(heads), 2, d / 2}, 2
	}
	swapped := n.Node("Gather", []onnx.Value{n.reshape(x, pairs...), n.Int64s([]int64{1, 0}, 2)}, onnx.Int("axis", axis))
	all := func(x onnx.Value) onnx.Value { return n.reshape(x, -1, int64(tokens), int64(heads), d) }
	x = n.op("Add", n.op("Mul", all(x), r.cosines), n.op("Mul", all(swapped), r.sines))
	return n.reshape(x, -1, int64(dim))
}

// expand makes the tables of values. They depend on nothing else, so ONNX Runtime does it once.
func (n *network) expand(r *rotation) {
	axis := int64(-1)
	if r.halves {
		axis = -2
	}
	at := n.Int64s([]int64{axis}, 1)
	of := func(first, second onnx.Value) onnx.Value {
		both := n.Node("Concat", []onnx.Value{n.op("Unsqueeze", first, at), n.op("Unsqueeze", second, at)}, onnx.Int("axis", axis))
		return n.reshape(both, r.tokens, r.heads, 2*r.pairs)
	}
	r.cosines, r.sines = of(r.cos, r.cos), of(n.op("Neg", r.sin), r.sin)
}
