package model

import "github.com/akin-search/akin/internal/onnx"

// Places is what a network makes of each place of a picture, before it becomes one embedding:
// of a convolutional net the last feature map, whose mean is the embedding; of a
// transformer its patches' tokens, brought into the embedding's space as the class token is.
type Places struct {
	Rows, Columns int  // of the grid over the network's input
	Front         int  // tokens before those of places: the class token first, which is the embedding
	Mean          bool // the embedding is the mean of all places
	// Model gives, as one embedding, (Front + Rows·Columns, Dim) values of the model that has
	// these places, row by row of the grid.
	Model *Model
}

// Vectors is how many vectors there are, those before the places among them.
func (p *Places) Vectors() int { return p.Front + p.Rows*p.Columns }

// wanted is the token that a transformer ends with.
func (n *network) wanted() int {
	if n.ofPlaces {
		return all
	}
	return 0
}

// tokenEmbedding ends a transformer: x is its class token, (n, dim), or, where places are
// asked for, all tokens, (n·tokens, dim), of which front come before those of patches.
func (n *network) tokenEmbedding(x onnx.Value, dim, front, rows, columns int) {
	n.grid = &Places{Rows: rows, Columns: columns, Front: front}
	n.end(x, dim)
}

// meanEmbedding ends a convolutional net with the mean of its feature map, (n, dim, rows,
// columns), or, where places are asked for, with the map itself.
func (n *network) meanEmbedding(x onnx.Value, dim, rows, columns int) {
	n.grid = &Places{Rows: rows, Columns: columns, Mean: true}
	if n.ofPlaces {
		x = n.transpose(x, 0, 2, 3, 1)
	} else {
		x = n.Node("Flatten", []onnx.Value{n.meanOfPlane(x, columns)}, onnx.Int("axis", 1))
	}
	n.end(x, dim)
}

func (n *network) end(x onnx.Value, dim int) {
	if n.ofPlaces {
		dim *= n.grid.Vectors()
		x = n.reshape(x, -1, int64(dim))
	}
	n.embedding(x, dim)
}

// afterConv is how long a side is after a convolution.
func afterConv(side, kernel, stride, before, after int) int {
	return (side+before+after-kernel)/stride + 1
}

// places completes the places of a grid with the model that gives them, in float32.
func (d *draft) places(m *Model, p *Places) *Places {
	if p == nil {
		return nil
	}
	p.Model = &Model{
		Spec: Spec{Name: m.Name, Dim: p.Vectors() * m.Dim, InputWidth: m.InputWidth, InputHeight: m.InputHeight},
		Dir:  m.Dir, Preprocess: m.Preprocess, Precision: Float32, Batch: 1, Packs: m.Packs,
		Graph: func(u Use) (Graph, error) {
			return d.written(d.pictures(form{precision: Float32, ofPlaces: true, many: u.Many}))
		},
	}
	return p
}
