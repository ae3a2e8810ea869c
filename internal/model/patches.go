package model

import "github.com/akin-search/akin/internal/onnx"

// Patches are a network's vectors for the patches of a picture. In a convolutional net these are the
// last feature map, whose mean is the embedding; in a transformer the patch tokens, projected into the
// embedding's space as the class token is.
type Patches struct {
	Rows, Columns int  // of the grid over the network's input
	Prefix        int  // tokens before those of patches: the class token, which is the embedding, then registers
	Mean          bool // the embedding is the mean of all patches
	// Model computes all vectors as one embedding, (Prefix + Rows·Columns, Dim), row by row of the grid.
	Model *Model
}

// Vectors is the number of vectors, with the prefix.
func (p *Patches) Vectors() int { return p.Prefix + p.Rows*p.Columns }

// wanted returns the token that a transformer ends with.
func (n *network) wanted() int {
	if n.ofPatches {
		return all
	}
	return 0
}

// tokenEmbedding ends a transformer: x is its class token, (n, dim), or, for patches, all
// tokens, (n·tokens, dim), of which prefix precede those of patches.
func (n *network) tokenEmbedding(x onnx.Value, dim, prefix, rows, columns int) {
	n.grid = &Patches{Rows: rows, Columns: columns, Prefix: prefix}
	n.end(x, dim)
}

// meanEmbedding ends a convolutional net with the mean of its feature map, (n, dim, rows,
// columns), or, for patches, with the map itself.
func (n *network) meanEmbedding(x onnx.Value, dim, rows, columns int) {
	n.pooledEmbedding(x, dim, rows, columns, &poolingConfig{})
}

// meanOfMap is the mean of a feature map, (n, dim, rows, columns) to (n, dim), or, for patches, those
// themselves, (n·rows·columns, dim).
func (n *network) meanOfMap(x onnx.Value, dim, rows, columns int) onnx.Value {
	n.grid = &Patches{Rows: rows, Columns: columns, Mean: true}
	if n.ofPatches {
		return n.rowsOf(x, dim)
	}
	return n.Node("Flatten", []onnx.Value{n.meanOfPlane(x, columns)}, onnx.Int("axis", 1))
}

// pooledEmbedding is meanEmbedding with another mean. The vectors of patches are then such that
// their plain mean is the embedding.
func (n *network) pooledEmbedding(x onnx.Value, dim, rows, columns int, c *poolingConfig) {
	n.grid = &Patches{Rows: rows, Columns: columns, Mean: true}
	switch {
	case c.GeM != 0 && n.ofPatches:
		x = n.transpose(n.gemParts(x, columns, c.GeM), 0, 2, 3, 1)
	case n.ofPatches:
		x = n.transpose(x, 0, 2, 3, 1)
	case c.GeM != 0:
		x = n.Node("Flatten", []onnx.Value{n.gem(x, columns, c.GeM)}, onnx.Int("axis", 1))
	default:
		x = n.Node("Flatten", []onnx.Value{n.meanOfPlane(x, columns)}, onnx.Int("axis", 1))
	}
	n.end(x, dim)
}

// meanOfPatches is the mean of a transformer's patches, (n·tokens, dim) to (n, dim), or, for patches,
// those themselves, (n·rows·columns, dim).
func (n *network) meanOfPatches(x onnx.Value, prefix, rows, columns, dim int) onnx.Value {
	n.grid = &Patches{Rows: rows, Columns: columns, Mean: true}
	if n.ofPatches {
		return n.after(x, prefix+rows*columns, prefix, dim)
	}
	return n.meanOfTokens(x, prefix+rows*columns, prefix, dim)
}

func (n *network) end(x onnx.Value, dim int) {
	if n.ofPatches {
		dim *= n.grid.Vectors()
		x = n.reshape(x, -1, int64(dim))
	}
	n.embedding(x, dim)
}

// afterConv returns the length of a side after a convolution.
func afterConv(side, kernel, stride, before, after int) int {
	return (side+before+after-kernel)/stride + 1
}

// patches completes a grid with the model that computes its vectors, in float32.
func (d *definition) patches(m *Model, p *Patches) *Patches {
	if p == nil {
		return nil
	}
	p.Model = &Model{
		Spec: Spec{Name: m.Name, Dim: p.Vectors() * m.Dim, InputWidth: m.InputWidth, InputHeight: m.InputHeight},
		Dir:  m.Dir, Preprocess: m.Preprocess, Precision: Float32, Batch: 1, Packs: m.Packs,
		Graph: func(o SessionOptions) (Graph, error) {
			return d.written(d.pictures(graphOptions{precision: Float32, ofPatches: true, throughput: o.Throughput}))
		},
	}
	return p
}
