package runtime_test

import (
	"bytes"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/akin-search/akin/internal/checkpoint"
	"github.com/akin-search/akin/internal/golden"
	"github.com/akin-search/akin/internal/model"
	"github.com/akin-search/akin/internal/runtime"
)

// mobileNets are folders of the default model's weights: as the package has them, and as torchvision
// names them; with the config.
func mobileNets(t *testing.T, config string) map[string]string {
	t.Helper()
	lite0(t) // loads the library
	found, err := filepath.Glob(filepath.Join(golden.Deps(t), "models", "mobilenetv2-gem", "*.pth"))
	if err != nil || len(found) != 1 {
		t.Skip("the default model is absent: run `make setup` first")
	}
	c, err := checkpoint.Open(found[0])
	must(t, err)
	data, err := os.ReadFile(found[0])
	must(t, err)
	names, err := os.ReadFile("testdata/mobilenetv2/names.txt")
	must(t, err)
	var tensors []checkpoint.Tensor
	for line := range strings.Lines(string(names)) {
		own, torchvision, _ := strings.Cut(strings.TrimSpace(line), " ")
		tensor, err := c.Tensor(own)
		must(t, err)
		tensor.Name = torchvision
		tensors = append(tensors, tensor)
	}
	head, order, err := checkpoint.Part(tensors)
	must(t, err)
	renamed := bytes.Clone(head)
	for _, tensor := range order {
		renamed = append(renamed, data[tensor.Offset:tensor.Offset+tensor.Length]...)
	}
	folders := map[string]string{"flat": t.TempDir(), "torchvision": t.TempDir()}
	must(t, os.WriteFile(filepath.Join(folders["flat"], "weights.pth"), data, 0o666))
	must(t, os.WriteFile(filepath.Join(folders["torchvision"], "model.safetensors"), renamed, 0o666))
	for _, dir := range folders {
		must(t, os.WriteFile(filepath.Join(dir, "config.json"), []byte(config), 0o666))
	}
	return folders
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// testdata/mobilenetv2/make.py made the reference with the package's own network.
func TestMobileNetV2EqualsTheReference(t *testing.T) {
	t.Parallel()
	for expected, config := range map[string]string{"mean.npy": "{}", "gem.npy": `{"model_type": "mobilenetv2", "gem_p": 3}`} {
		want := golden.NPY(t, filepath.Join("testdata", "mobilenetv2", expected)).Float32()
		for layout, dir := range mobileNets(t, config) {
			t.Run(expected+", "+layout, func(t *testing.T) {
				m, err := model.OpenDir(dir, model.Options{})
				must(t, err)
				pixels := threeInputs(t, m)
				compareBoth(t, m, runtime.NewSession, want, func(s *runtime.Session, out []float32) error { return s.Run(t.Context(), pixels, 3, out) })

				half, err := model.OpenDir(dir, model.Options{Precision: model.Float16})
				must(t, err)
				s, err := runtime.NewSession(half, runtime.Options{Threads: 1})
				must(t, err)
				defer s.Close()
				got := make([]float32, len(want))
				must(t, s.Run(t.Context(), pixels, 3, got))
				for i := 0; i < len(want); i += m.Dim {
					if c := cosine(got[i:i+m.Dim], want[i:i+m.Dim]); c < 0.998 { // convolutions of single channels sum few values, so roundings do not average out
						t.Errorf("row %d in fp16: cosine %.7f", i/m.Dim, c)
					}
				}
			})
		}
	}
}

// threeInputs are the pictures that make.py reads.
func threeInputs(t *testing.T, m *model.Model) []float32 {
	names, pixels := inputs(t, m)
	size := len(pixels) / len(names)
	var three []float32
	for i, name := range names {
		if strings.Contains("Chad.png photo0.png photo2.png", name) {
			three = append(three, pixels[i*size:(i+1)*size]...)
		}
	}
	return three
}

// What akin explain shows of a place is its share: the vectors of all places average to the embedding.
func TestThePlacesOfGeMAverageToIt(t *testing.T) {
	t.Parallel()
	m, err := model.OpenDir(mobileNets(t, `{"model_type": "mobilenetv2", "gem_p": 3}`)["flat"], model.Options{})
	must(t, err)
	want := golden.NPY(t, filepath.Join("testdata", "mobilenetv2", "gem.npy")).Float32()
	s, err := runtime.NewSession(m.Patches.Model, runtime.Options{Threads: 1})
	must(t, err)
	defer s.Close()
	places := make([]float32, 3*m.Patches.Model.Dim)
	must(t, s.Run(t.Context(), threeInputs(t, m), 3, places))
	n := m.Patches.Vectors()
	for i, w := range want {
		row, sum := i/m.Dim, 0.
		for p := range n {
			sum += float64(places[(row*n+p)*m.Dim+i%m.Dim])
		}
		if got := sum / float64(n); math.Abs(got-float64(w)) > 1e-4*math.Max(1, float64(w)) {
			t.Fatalf("value %d: the places average to %g, GeM is %g", i, got, w)
		}
	}
}

func TestAGeMExponentThatCannotBeIsRefused(t *testing.T) {
	t.Parallel()
	for _, p := range []string{"0.5", "-3", "17", "1e300"} {
		for layout, dir := range mobileNets(t, `{"model_type": "mobilenetv2", "gem_p": `+p+`}`) {
			if _, err := model.OpenDir(dir, model.Options{}); err == nil || !strings.Contains(err.Error(), "GeM exponent") {
				t.Errorf("%s, %s: %v", p, layout, err)
			}
		}
	}
}
