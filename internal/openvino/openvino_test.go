package openvino_test

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/akin-search/akin/internal/disk"
	"github.com/akin-search/akin/internal/golden"
	"github.com/akin-search/akin/internal/onnx"
	"github.com/akin-search/akin/internal/openvino"
)

// library loads OpenVINO, or skips the test where it is absent.
func library(t *testing.T) *openvino.Library {
	t.Helper()
	path := os.Getenv("AKIN_OPENVINO")
	if path == "" {
		found, _ := filepath.Glob(filepath.Join(golden.Deps(t), "openvino", "libopenvino_c*"))
		if len(found) == 0 {
			t.Skip("OpenVINO is absent: run `scripts/setup openvino` first")
		}
		path = found[0]
	}
	l, err := openvino.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	return l
}

// doubled is a network of rows of two values: 2x + (1, 10), whose matrix is in the file that at names, or in
// the model itself.
func doubled(at *onnx.External) []byte {
	g := onnx.NewGraph("doubled")
	x := g.Input("pixels", onnx.Float32, "n", 2)
	var w onnx.Value
	if at != nil {
		w = g.Node("Cast", []onnx.Value{g.Weight("w", onnx.BFloat16, []int64{2, 2}, *at)}, onnx.Int("to", onnx.Float32))
	} else {
		w = g.Floats([]float32{2, 0, 0, 2}, 2, 2)
	}
	g.Output("embedding", g.Node("Gemm", []onnx.Value{x, w, g.Floats([]float32{1, 10}, 2)}, onnx.Int("transB", 1)), "n", 2)
	return g.Bytes()
}

func TestANetworkRuns(t *testing.T) {
	t.Parallel()
	l := library(t)
	if !strings.Contains(l.Version, "20") {
		t.Errorf("its version is %q", l.Version)
	}
	devices, err := l.Devices()
	if err != nil || !slices.Contains(devices, "CPU") {
		t.Errorf("devices: %v, %v", devices, err)
	}
	if name, err := l.Property("CPU", "FULL_DEVICE_NAME"); err != nil || name == "" {
		t.Errorf("the processor is %q, %v", name, err)
	}
	// Its weights in a file that is mapped: 2 is 0x4000 in bfloat16, little-endian, after 64 other bytes.
	file := filepath.Join(t.TempDir(), "weights.bin")
	if err := os.WriteFile(file, append(make([]byte, 64), 0x00, 0x40, 0, 0, 0, 0, 0x00, 0x40), 0o666); err != nil {
		t.Fatal(err)
	}
	f, err := os.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	data, unmap, err := disk.Map(f, 72)
	if err != nil {
		t.Fatal(err)
	}
	defer unmap()
	mapped := doubled(&onnx.External{File: onnx.InMemory, Offset: int64(openvino.Address(data)) + 64, Length: 8})
	beside := filepath.Join(filepath.Dir(file), "graph.onnx")
	if err := os.WriteFile(beside, doubled(&onnx.External{File: "weights.bin", Offset: 64, Length: 8}), 0o666); err != nil {
		t.Fatal(err)
	}
	for what, m := range map[string]openvino.Model{
		"in itself": {ONNX: doubled(nil)},
		"mapped":    {ONNX: mapped},
		"in a file": {Path: beside},
		"of a size": {ONNX: mapped, Shape: []int64{3, 2}},
	} {
		n, err := l.Compile(m, "CPU", map[string]string{"INFERENCE_PRECISION_HINT": "f32", "NUM_STREAMS": "2"})
		if err != nil {
			t.Fatalf("%s: %v", what, err)
		}
		var callers sync.WaitGroup
		for range 4 {
			callers.Go(func() {
				for _, rows := range []int{3, 1, 7} {
					if m.Shape != nil {
						rows = 3
					}
					in, want, got := make([]float32, 2*rows), make([]float32, 2*rows), make([]float32, 2*rows)
					for i := range in {
						in[i] = float32(i)
						want[i] = float32(2*i + []int{1, 10}[i%2])
					}
					if err := n.Run(in, []int64{int64(rows), 2}, got); err != nil || !slices.Equal(got, want) {
						t.Errorf("%s: %v, not %v, %v", what, got, want, err)
					}
				}
			})
		}
		callers.Wait()
		for why, err := range map[string]error{
			"another shape":   n.Run(make([]float32, 6), []int64{2, 3}, make([]float32, 4)),
			"too few results": n.Run(make([]float32, 6), []int64{3, 2}, make([]float32, 5)),
			"too few values":  n.Run(make([]float32, 5), []int64{3, 2}, make([]float32, 6)),
			"nothing":         n.Run(nil, []int64{0, 2}, nil),
		} {
			if err == nil || strings.Contains(err.Error(), "\n") {
				t.Errorf("%s, %s: %v", what, why, err)
			}
		}
		// What failed leaves the request as it was.
		got := make([]float32, 6)
		if err := n.Run([]float32{0, 0, 1, 1, 2, 2}, []int64{3, 2}, got); err != nil || !slices.Equal(got, []float32{1, 10, 3, 12, 5, 14}) {
			t.Errorf("%s: after errors %v, %v", what, got, err)
		}
		n.Close()
		n.Close()
		if err := n.Run(make([]float32, 6), []int64{3, 2}, got); err == nil {
			t.Errorf("%s: it runs after it was closed", what)
		}
	}
}

func TestWhatCannotBeLoadedIsAnError(t *testing.T) {
	t.Parallel()
	l := library(t)
	empty := filepath.Join(t.TempDir(), "empty.onnx")
	if err := os.WriteFile(empty, nil, 0o666); err != nil {
		t.Fatal(err)
	}
	for why, m := range map[string]openvino.Model{
		"nothing":       {},
		"no model":      {ONNX: []byte("no model")},
		"half a model":  {ONNX: doubled(nil)[:60]},
		"another shape": {ONNX: doubled(nil), Shape: []int64{1, 3}},
	} {
		if n, err := l.Compile(m, "CPU", nil); err == nil {
			t.Errorf("%s is loaded", why)
			n.Close()
		} else if strings.Contains(err.Error(), "\n") {
			t.Errorf("%s: %q", why, err)
		}
	}
	for why, err := range map[string]error{
		"no device":   second(l.Compile(openvino.Model{ONNX: doubled(nil)}, "TPU", nil)),
		"no property": second(l.Compile(openvino.Model{ONNX: doubled(nil)}, "CPU", map[string]string{"INFERENCE_PRECISION_HINT": "f7"})),
		"of nothing":  second(l.Property("TPU", "FULL_DEVICE_NAME")),
	} {
		if err == nil {
			t.Errorf("%s is no error", why)
		}
	}
	if _, err := openvino.Open(empty); err == nil {
		t.Error("an empty file is a library")
	}
}

func second[T any](_ T, err error) error { return err }
