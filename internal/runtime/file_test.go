package runtime_test

import (
	"encoding/json"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/akin-search/akin/internal/model"
	"github.com/akin-search/akin/internal/onnx"
	"github.com/akin-search/akin/internal/picture"
	"github.com/akin-search/akin/internal/runtime"
)

const onnxFiles = "../onnx/testdata"

// reference is expected.json: what ONNX Runtime gave in Python.
type reference struct {
	Pictures   []string       `json:"pictures"`
	Preprocess map[string]any `json:"preprocess"`
	Cases      []struct {
		File       string      `json:"file"`
		Output     string      `json:"output"`
		Pool       string      `json:"pool"`
		Embeddings [][]float64 `json:"embeddings"`
	} `json:"cases"`
}

func readReference(t *testing.T) (r reference) {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(onnxFiles, "expected.json"))
	if err == nil {
		err = json.Unmarshal(data, &r)
	}
	if err != nil || len(r.Cases) == 0 {
		t.Fatal("expected.json: ", err)
	}
	return r
}

// openONNX opens a file of testdata with the reference's preprocessing and more.
func openONNX(t *testing.T, r reference, file, output, pool string) *model.Model {
	t.Helper()
	settings := map[string]any{"output": output, "pool": pool}
	for k, v := range r.Preprocess {
		settings[k] = v
	}
	if filepath.Base(file) == "bytes.onnx" { // it normalises by itself
		delete(settings, "image_mean")
		delete(settings, "image_std")
	}
	data, err := json.Marshal(settings)
	if err != nil {
		t.Fatal(err)
	}
	p := filepath.Join(t.TempDir(), "p.json")
	if err := os.WriteFile(p, data, 0o666); err != nil {
		t.Fatal(err)
	}
	m, err := model.OpenFile(file, p, model.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func TestAnONNXFilesEmbeddingsEqualTheReference(t *testing.T) {
	t.Parallel()
	lite0(t) // loads the library
	r := readReference(t)
	for _, c := range r.Cases {
		t.Run(strings.Join([]string{c.File, c.Output, c.Pool}, " "), func(t *testing.T) {
			t.Parallel()
			m := openONNX(t, r, filepath.Join(onnxFiles, c.File), c.Output, c.Pool)
			dim, err := runtime.Try(t.Context(), m, runtime.Options{Threads: 1})
			if err != nil || m.Dim != 0 && dim != m.Dim || dim != len(c.Embeddings[0]) {
				t.Fatalf("it has %d dimensions, and declares %d: %v", dim, m.Dim, err)
			}
			m.Dim = dim
			s, err := runtime.NewSession(m, runtime.Options{Threads: 1})
			if err != nil {
				t.Fatal(err)
			}
			defer s.Close()
			size := 3 * m.InputHeight * m.InputWidth
			var pixels []float32
			for _, name := range r.Pictures {
				data, err := os.ReadFile(filepath.Join(onnxFiles, name))
				if err != nil {
					t.Fatal(err)
				}
				pic, _, err := picture.Decode(t.Context(), data, picture.Limits{})
				if err != nil {
					t.Fatal(err)
				}
				one := make([]float32, size)
				m.Preprocess.Apply(pic, one)
				pixels = append(pixels, one...)
			}
			n := len(r.Pictures)
			for _, batch := range []int{1, n} { // of a batch, each picture gets what it gets alone
				got := make([]float32, n*dim)
				for i := 0; i < n; i += batch {
					if err := s.Run(t.Context(), pixels[i*size:][:batch*size], batch, got[i*dim:][:batch*dim]); err != nil {
						t.Fatal(err)
					}
				}
				for i, want := range c.Embeddings {
					for j, w := range want {
						if d := math.Abs(float64(got[i*dim+j]) - w); !(d <= 1e-5) {
							t.Errorf("%s in batches of %d: value %d is %g, not %g", r.Pictures[i], batch, j, got[i*dim+j], w)
						}
					}
				}
			}
			if err := s.Run(t.Context(), pixels, n, make([]float32, dim)); err == nil {
				t.Error("too short an output is filled")
			}
		})
	}
}

func TestAGraphThatONNXRuntimeRefusesIsNamed(t *testing.T) {
	t.Parallel()
	lite0(t)
	r := readReference(t)
	data, err := os.ReadFile(filepath.Join(onnxFiles, "nchw.onnx"))
	if err != nil {
		t.Fatal(err)
	}
	// An operator that nobody has: a library of such is never loaded.
	file := filepath.Join(t.TempDir(), "own.onnx")
	if err := os.WriteFile(file, []byte(strings.ReplaceAll(string(data), "Relu", "Rulu")), 0o666); err != nil {
		t.Fatal(err)
	}
	_, err = runtime.Try(t.Context(), openONNX(t, r, file, "", ""), runtime.Options{})
	if err == nil || !strings.Contains(err.Error(), file) || !strings.Contains(err.Error(), "Rulu") {
		t.Errorf("%v", err)
	}
	g := onnx.NewGraph("one") // it declares that it takes any number of pictures, and returns one row
	x := g.Node("Flatten", []onnx.Value{g.Input("x", onnx.Float32, "n", 3, 12, 10)}, onnx.Int("axis", 0))
	g.Output("y", x, "n", 360)
	file = filepath.Join(t.TempDir(), "one.onnx")
	if err := os.WriteFile(file, g.Bytes(), 0o666); err != nil {
		t.Fatal(err)
	}
	if _, err := runtime.Try(t.Context(), openONNX(t, r, file, "", ""), runtime.Options{}); err == nil ||
		!strings.Contains(err.Error(), file) || !strings.Contains(err.Error(), "[1 720] for 2 pictures") {
		t.Errorf("%v", err)
	}
	m := openONNX(t, r, filepath.Join(onnxFiles, "open.onnx"), "", "")
	m.Dim = 6
	if _, err := runtime.Try(t.Context(), m, runtime.Options{}); err == nil || !strings.Contains(err.Error(), "5 dimensions, and 6") {
		t.Errorf("%v", err)
	}
	m.ONNX.Pool = model.PoolMean
	if _, err := runtime.Try(t.Context(), m, runtime.Options{}); err == nil || !strings.Contains(err.Error(), "open.onnx") || !strings.Contains(err.Error(), `"mean" is not`) {
		t.Errorf("%v", err)
	}
}

// The hub's cache keeps files elsewhere, and a folder of links to them.
func TestWeightsThatAreLinkedToAreRead(t *testing.T) {
	t.Parallel()
	lite0(t)
	r := readReference(t)
	dir := t.TempDir()
	for _, name := range []string{"blobs", "snapshot"} {
		if err := os.Mkdir(filepath.Join(dir, name), 0o777); err != nil {
			t.Fatal(err)
		}
	}
	for name, blob := range map[string]string{"external.onnx": "1", "external.weights": "2"} {
		data, err := os.ReadFile(filepath.Join(onnxFiles, name))
		if err == nil {
			err = os.WriteFile(filepath.Join(dir, "blobs", blob), data, 0o666)
		}
		if err == nil {
			err = os.Symlink("../blobs/"+blob, filepath.Join(dir, "snapshot", name))
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	m := openONNX(t, r, filepath.Join(dir, "snapshot", "external.onnx"), "", "")
	if _, err := runtime.Try(t.Context(), m, runtime.Options{}); err != nil {
		t.Error(err)
	}
}
