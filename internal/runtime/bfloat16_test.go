package runtime_test

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/akin-search/akin/internal/golden"
	"github.com/akin-search/akin/internal/model"
	"github.com/akin-search/akin/internal/runtime"
)

// openVINO loads OpenVINO, and reports whether it is there.
func openVINO(t *testing.T) bool {
	t.Helper()
	library := os.Getenv("AKIN_OPENVINO")
	if library == "" {
		found, _ := filepath.Glob(filepath.Join(golden.Deps(t), "openvino", "libopenvino_c*"))
		if len(found) == 0 {
			return false
		}
		library = found[0]
	}
	if err := runtime.OpenOpenVINO(library); err != nil {
		t.Fatal(err)
	}
	return true
}

// bfloat16 loads the libraries, or skips the test where OpenVINO is absent or the processor has no bfloat16.
func bfloat16(t *testing.T) {
	t.Helper()
	lite0(t) // loads ONNX Runtime
	if !openVINO(t) {
		t.Skip("OpenVINO is absent: run `scripts/setup openvino` first")
	}
	if err := runtime.CheckBFloat16(); err != nil {
		t.Skip(err)
	}
}

// embedAll embeds pictures one by one and all at once, and holds the two to each other.
func embedAll(t *testing.T, m *model.Model, pixels []float32, count int, cache string) []float32 {
	t.Helper()
	s, err := runtime.NewSession(m, runtime.Options{Threads: 1, Streams: 2, Device: runtime.CPU.For(m.Precision), Cache: cache})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	size := len(pixels) / count
	one, all := make([]float32, count*m.Dim), make([]float32, count*m.Dim)
	for i := range count {
		if err := s.Run(t.Context(), pixels[i*size:(i+1)*size], 1, one[i*m.Dim:(i+1)*m.Dim]); err != nil {
			t.Fatal(err)
		}
	}
	if err := s.Run(t.Context(), pixels, count, all); err != nil {
		t.Fatal(err)
	}
	for i := range count {
		if c := cosine(one[i*m.Dim:(i+1)*m.Dim], all[i*m.Dim:(i+1)*m.Dim]); !(c > 0.9995) {
			t.Errorf("picture %d alone and with others: cosine %.7f", i, c)
		}
	}
	return one
}

// Models stay near the reference in bfloat16, and are not it.
func TestBFloat16StaysNearTheReference(t *testing.T) {
	bfloat16(t)
	near := func(t *testing.T, dir string, pixels func(*model.Model) []float32, nearest float64, memory bool) {
		cache := t.TempDir()
		m, err := model.OpenDir(dir, model.Options{Precision: model.BFloat16, Cache: cache})
		if err != nil {
			t.Fatal(err)
		}
		want := golden.NPY(t, filepath.Join(dir, "embeddings.npy"))
		got := embedAll(t, m, pixels(m), want.Shape[0], cache)
		if left, err := filepath.Glob(filepath.Join(cache, "openvino", "graph-*")); err != nil || len(left) > 0 {
			t.Errorf("%v is left, %v", left, err)
		}
		if memory { // where the weights cannot be linked to: the same
			if again := embedAll(t, m, pixels(m), want.Shape[0], ""); !slices.Equal(got, again) {
				t.Error("without a cache the embeddings are others")
			}
		}
		least := 1.
		for i := range want.Shape[0] {
			least = min(least, cosine(got[i*m.Dim:(i+1)*m.Dim], want.Float32()[i*m.Dim:(i+1)*m.Dim]))
		}
		t.Logf("least cosine %.7f", least)
		if !(least > nearest) || least > 0.99999999 {
			t.Errorf("cosine %.9f", least)
		}
	}
	pictures := func(m *model.Model) []float32 {
		_, pixels := inputs(t, m)
		return pixels
	}
	t.Run("models", func(t *testing.T) {
		eachModel(t, func(t *testing.T, m *model.Model, dir string) {
			if m.Name == "efficientnet-lite0" {
				t.Skip("its weights are elsewhere")
			}
			near(t, dir, pictures, 0.999, true)
		})
	})
	t.Run("layouts", func(t *testing.T) {
		eachLayout(t, func(t *testing.T, _ *model.Model, dir string) { near(t, dir, pictures, 0.99, false) })
	})
	t.Run("families", func(t *testing.T) {
		eachFamily(t, func(t *testing.T, dir string) { near(t, dir, waves(t, dir), 0.99, false) })
	})
}

// What was made in bfloat16 is continued in float32 where the processor or the library cannot compute it.
func TestWithoutOpenVINOBFloat16IsFloat32(t *testing.T) {
	t.Parallel()
	lite0(t)
	dir := filepath.Join(golden.Dir(t), "models", "clip")
	var rows [2][]float32
	var fingerprints [2]string
	for i, p := range []model.Precision{model.Float32, model.BFloat16} {
		m, err := model.OpenDir(dir, model.Options{Precision: p})
		if err != nil {
			t.Fatal(err)
		}
		_, pixels := inputs(t, m)
		s, err := runtime.NewSession(m, runtime.Options{Threads: 1, Device: runtime.CPU})
		if err != nil {
			t.Fatal(err)
		}
		defer s.Close()
		rows[i], fingerprints[i] = make([]float32, m.Dim), m.Fingerprint
		if err := s.Run(t.Context(), pixels[:m.Preprocess.Size()], 1, rows[i]); err != nil {
			t.Fatal(err)
		}
	}
	if !slices.Equal(rows[0], rows[1]) {
		t.Error("it is not what float32 gives")
	}
	if fingerprints[0] == fingerprints[1] {
		t.Error("it has the fingerprint of float32")
	}
}

func TestBFloat16IsForTheProcessor(t *testing.T) {
	t.Parallel()
	lite0(t)
	m, err := model.OpenDir(filepath.Join(golden.Dir(t), "models", "vit"), model.Options{Precision: model.BFloat16})
	if err != nil {
		t.Fatal(err)
	}
	for _, d := range []runtime.Device{runtime.CUDA, runtime.CoreML, runtime.OpenVINOGPU, runtime.OpenVINONPU} {
		if _, err := runtime.NewSession(m, runtime.Options{Device: d}); !errors.Is(err, runtime.ErrDevice) {
			t.Errorf("%s: %v", d, err)
		}
	}
}
