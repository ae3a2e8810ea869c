package runtime_test

import (
	"encoding/binary"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/akin-search/akin/internal/model"
	"github.com/akin-search/akin/internal/onnx"
	"github.com/akin-search/akin/internal/runtime"
)

// tiny writes a network by hand: pixels (n, 3, 1, 2) as (n, 6), less than 4 of
// each, times a (6, 2) matrix that lies in a file transposed, plus 1.
func tiny(at onnx.External) []byte {
	g := onnx.NewGraph("tiny")
	x := g.Input("pixels", onnx.Float32, "n", 3, 1, 2)
	x = g.Node("Clip", []onnx.Value{x, "", g.Floats([]float32{4})}) // the lower bound is left out
	x = g.Node("Reshape", []onnx.Value{x, g.Int64s([]int64{0, 6}, 2)})
	w := g.Weight("w", onnx.Float32, []int64{2, 6}, at)
	again := g.Weight("w", onnx.Float32, []int64{2, 6}, at)
	if w != again {
		panic("a weight has two names")
	}
	w = g.Node("Transpose", []onnx.Value{again}, onnx.Ints("perm", 1, 0))
	x = g.Node("Gemm", []onnx.Value{x, w, g.Floats([]float32{1, 1}, 2)}, onnx.Float("alpha", 0.5), onnx.Int("transB", 0))
	x = g.Node("DepthToSpace", []onnx.Value{g.Node("Unsqueeze", []onnx.Value{x, g.Int64s([]int64{2, 3}, 2)})}, onnx.Int("blocksize", 1), onnx.Text("mode", "CRD"))
	x = g.Node("Flatten", []onnx.Value{x})
	g.Output("embedding", x, "n", 2)
	return g.Bytes()
}

func written(graph []byte, dir string) func(model.SessionOptions) (model.Graph, error) {
	return func(model.SessionOptions) (model.Graph, error) { return model.Graph{ONNX: graph, Folder: dir}, nil }
}

func TestAGraphWrittenByHandGivesWhatWasWorkedOutByHand(t *testing.T) {
	t.Parallel()
	lite0(t) // loads the library
	dir := t.TempDir()
	data := make([]byte, 64+48) // the weight is not the file's beginning
	for i, v := range []float32{1, 0, 0, 0, 0, 0 /**/, 1, 1, 1, 1, 1, 2} {
		binary.LittleEndian.PutUint32(data[64+4*i:], math.Float32bits(v))
	}
	if err := os.WriteFile(filepath.Join(dir, "w.bin"), data, 0o666); err != nil {
		t.Fatal(err)
	}
	spec := model.Spec{Name: "tiny", Dim: 2, InputWidth: 2, InputHeight: 1}
	m := &model.Model{Spec: spec, Preprocess: model.Preprocess{Width: 2, Height: 1}, Dir: dir, Graph: written(tiny(onnx.External{File: "w.bin", Offset: 64, Length: 48}), dir)}
	s, err := runtime.NewSession(m, runtime.Options{Threads: 1})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	out := make([]float32, 4)
	// Two pictures; 9 is clipped to 4.
	if err := s.Run(t.Context(), []float32{2, 1, 1, 1, 1, 1 /**/, 9, 0, 0, 0, 0, -1}, 2, out); err != nil {
		t.Fatal(err)
	}
	// 2/2+1, (2+1+1+1+1+2)/2+1; 4/2+1, (4-2)/2+1
	if want := []float32{2, 5, 3, 2}; !slices.Equal(out, want) {
		t.Errorf("it gives %v, not %v", out, want)
	}

	for _, c := range []struct {
		why string
		at  onnx.External
	}{
		{"weights past the file's end", onnx.External{File: "w.bin", Offset: 96, Length: 48}},
		{"a file that is not there", onnx.External{File: "x.bin", Offset: 0, Length: 48}},
		{"a file elsewhere", onnx.External{File: "../w.bin", Offset: 0, Length: 48}},
	} {
		m := &model.Model{Spec: spec, Preprocess: model.Preprocess{Width: 2, Height: 1}, Dir: dir, Graph: written(tiny(c.at), dir)}
		if _, err := runtime.NewSession(m, runtime.Options{}); err == nil || !strings.Contains(err.Error(), dir) {
			t.Errorf("%s: %v", c.why, err)
		}
	}
}
