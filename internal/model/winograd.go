package model

import "github.com/akin-search/akin/internal/onnx"

// A 3 x 3 convolution takes nine multiplications per value. Winograd convolution (Lavin and Gray
// 2015, https://arxiv.org/abs/1509.09308, F(4x4, 3x3)) takes 36 for sixteen values: an input tile of
// 6 x 6 and a kernel are each transformed to 36 values, these are multiplied elementwise, and the
// products are transformed back to 4 x 4 outputs. Here all tiles are transformed at once by matrix
// products; 36 more products, one per position in a tile, sum over the channels. ONNX Runtime
// transforms the kernels when it loads the network. Rounding moves an embedding of VGG16 by a
// millionth of its norm, direct sums by half of that.

// The transforms of a tile's side, row by row: Bᵀ of six values, G of a kernel's three, Aᵀ
// of six to four.
var (
	winogradB = []float32{
		4, 0, -5, 0, 1, 0,
		0, -4, -4, 1, 1, 0,
		0, 4, -4, -1, 1, 0,
		0, -2, -1, 2, 1, 0,
		0, 2, -1, -2, 1, 0,
		0, 4, 0, -5, 0, 1,
	}
	winogradG = []float32{
		1. / 4, 0, 0,
		-1. / 6, -1. / 6, -1. / 6,
		-1. / 6, 1. / 6, -1. / 6,
		1. / 24, 1. / 12, 1. / 6,
		1. / 24, -1. / 12, 1. / 6,
		0, 0, 1,
	}
	winogradA = []float32{
		1, 1, 1, 1, 1, 0,
		0, 1, -1, 2, -2, 0,
		0, 1, 1, 4, 4, 0,
		0, 1, -1, 8, -8, 1,
	}
)

// The sides of planes for which this is faster. Larger planes take as long to transform as the products
// save; smaller ones have too few tiles for the weights that must be read.
const winogradMin, winogradMax = 24, 64

// conv3 is a convolution of 3 x 3 kernels over planes with a border of zeros: (n, in, side,
// side) to (n, out, side, side).
func (n *network) conv3(x onnx.Value, name string, in, out, side int) onnx.Value {
	if !n.throughput || side < winogradMin || side > winogradMax {
		return n.conv(x, name, in, out, 3, 1, 1, around(3))
	}
	h, c, o := int64(side), int64(in), int64(out)
	tiles := (h + 3) / 4
	turn := n.Floats(winogradTiles(side, int(tiles)), 6*tiles, h)

	x = n.reshape(n.transpose(x, 0, 2, 3, 1), -1, h, h*c)
	x = n.reshape(n.op("MatMul", turn, x), -1, h, c)                                        // (n·6·tiles, h, c)
	x = n.reshape(n.op("MatMul", turn, x), -1, 6, tiles, 6, tiles, c)                       // of rows and columns: place, tile
	x = n.reshape(n.transpose(x, 1, 3, 0, 2, 4, 5), 36, -1, c)                              // (place, n·tile, c)
	x = n.op("MatMul", x, n.winogradWeights(n.tensor(name+".weight", out, in, 3, 3), c, o)) // (place, n·tile, o)

	back := n.Floats(winogradA, 4, 6)
	x = n.reshape(n.op("MatMul", back, n.reshape(x, 6, -1)), 4, 6, -1)
	x = n.reshape(n.op("MatMul", back, x), 4, 4, -1, tiles, tiles, o)
	x = n.reshape(n.transpose(x, 2, 3, 0, 4, 1, 5), -1, 4*tiles, 4*tiles, o)
	if 4*tiles != h {
		x = n.op("Slice", x, n.Int64s([]int64{0, 0}, 2), n.Int64s([]int64{h, h}, 2), n.Int64s([]int64{1, 2}, 2))
	}
	if bias := n.optional(name+".bias", out); bias != "" {
		x = n.op("Add", x, bias)
	}
	return n.transpose(x, 0, 3, 1, 2)
}

// winogradTiles transforms a side to the six values of each of its tiles, (6·tiles, side): a tile
// begins one value before its four outputs, and values beyond the side are zero.
func winogradTiles(side, tiles int) []float32 {
	turn := make([]float32, 6*tiles*side)
	for place := range 6 {
		for tile := range tiles {
			for i := range 6 {
				if at := 4*tile - 1 + i; at >= 0 && at < side {
					turn[(place*tiles+tile)*side+at] = winogradB[6*place+i]
				}
			}
		}
	}
	return turn
}

// winogradWeights transforms kernels, (out, in, 3, 3), to 36 matrices, (36, in, out).
func (n *network) winogradWeights(kernels onnx.Value, in, out int64) onnx.Value {
	g := n.Floats(winogradG, 6, 3)
	w := n.transpose(kernels, 2, 3, 1, 0)                           // (3, 3, in, out)
	w = n.reshape(n.op("MatMul", g, n.reshape(w, 3, -1)), 6, 3, -1) // (6, 3, in·out)
	return n.reshape(n.op("MatMul", g, w), 36, in, out)
}
