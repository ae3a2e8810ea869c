package model

import (
	"path/filepath"

	"github.com/akin-search/akin/internal/checkpoint"
	"github.com/akin-search/akin/internal/onnx"
)

// external adds a float32 tensor to a graph as a pointer into its file.
func external(g *onnx.Graph, t checkpoint.Tensor) onnx.Value {
	w := g.Weight(t.Name, onnx.Float32, t.Stored, onnx.External{File: filepath.Base(t.File), Offset: t.Offset, Length: t.Length})
	if t.Perm == nil {
		return w
	}
	perm := make([]int64, len(t.Perm))
	for i, p := range t.Perm {
		perm[i] = int64(p)
	}
	return g.Node("Transpose", []onnx.Value{w}, onnx.Ints("perm", perm...))
}
