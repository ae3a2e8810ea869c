package runtime_test

import (
	"encoding/json"
	"errors"
	"math"
	"os"
	"path/filepath"
	"strconv"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/akin-search/akin/internal/golden"
	"github.com/akin-search/akin/internal/model"
	"github.com/akin-search/akin/internal/picture"
	"github.com/akin-search/akin/internal/runtime"
)

// lite0 opens the default model, with ONNX Runtime loaded.
func lite0(t testing.TB) *model.Model {
	t.Helper()
	deps := golden.Deps(t)
	library := os.Getenv("AKIN_ONNXRUNTIME") // such as a build for graphics cards
	if library == "" {
		found, err := filepath.Glob(filepath.Join(deps, "lib", "*onnxruntime.[1sd]*"))
		if err != nil || len(found) != 1 {
			t.Fatalf("ONNX Runtime is absent: run `make setup` (%v, %v)", found, err)
		}
		library = found[0]
	}
	if err := runtime.Open(library); err != nil {
		t.Fatal(err)
	}
	m, err := model.Open("efficientnet-lite0", []string{filepath.Join(deps, "models", "efficientnet-lite0")}, model.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// inputs returns the reference's pictures, prepared for m.
func inputs(t testing.TB, m *model.Model) (names []string, pixels []float32) {
	t.Helper()
	dir := golden.Dir(t)
	list, err := os.ReadFile(filepath.Join(dir, "inputs.json"))
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(list, &names); err != nil {
		t.Fatal(err)
	}
	size := m.Preprocess.Size()
	pixels = make([]float32, len(names)*size)
	for i, name := range names {
		data, err := os.ReadFile(filepath.Join(dir, "inputs", name))
		if err != nil {
			t.Fatal(err)
		}
		pic, _, err := picture.Decode(t.Context(), data, picture.Limits{})
		if err != nil {
			t.Fatal(err)
		}
		m.Preprocess.Apply(pic, pixels[i*size:(i+1)*size])
	}
	return names, pixels
}

// eachModel runs a test for every model that there are reference results of.
func eachModel(t *testing.T, test func(t *testing.T, m *model.Model, dir string)) {
	t.Parallel()
	for _, name := range []string{"efficientnet-lite0", "vit", "dinov2", "clip", "blip2", "efficientnet", "vgg16"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := filepath.Join(golden.Dir(t), "models", name)
			m := lite0(t) // loads the library as well
			if name != m.Name {
				var err error
				if m, err = model.OpenDir(dir, model.Options{}); err != nil {
					t.Fatal(err)
				}
			}
			test(t, m, dir)
		})
	}
}

func TestPreparedPixelsEqualTheReference(t *testing.T) {
	eachModel(t, func(t *testing.T, m *model.Model, dir string) {
		_, pixels := inputs(t, m)
		size := 3 * m.InputHeight * m.InputWidth
		compared := 0
		for key, want := range golden.NPZ(t, filepath.Join(dir, "expected.npz")) {
			if len(key) < 8 || key[:7] != "pixels_" {
				continue
			}
			compared++
			i, err := strconv.Atoi(key[7:])
			if err != nil {
				t.Fatal(err)
			}
			for j, w := range want.Float32() {
				if d := math.Abs(float64(pixels[i*size+j] - w)); d > 1e-6 {
					t.Fatalf("%s: value %d is %g, off by %g", key, j, pixels[i*size+j], d)
				}
			}
		}
		if compared == 0 {
			t.Error("nothing was compared")
		}
	})
}

func TestEmbeddingsEqualTheReference(t *testing.T) {
	eachModel(t, func(t *testing.T, m *model.Model, dir string) {
		names, pixels := inputs(t, m)
		reference := golden.NPY(t, filepath.Join(dir, "embeddings.npy"))
		want := reference.Float32()
		if reference.Shape[1] != m.Dim {
			t.Fatalf("it has %d dimensions, not %d", m.Dim, reference.Shape[1])
		}
		size := len(pixels) / len(names)
		for _, batch := range []int{1, 4, len(names)} {
			s, err := runtime.NewSession(m, runtime.Options{Latency: batch == 1})
			if err != nil {
				t.Fatal(err)
			}
			defer s.Close()
			got := make([]float32, len(names)*m.Dim)
			for i := 0; i < len(names); i += batch {
				n := min(batch, len(names)-i)
				if err := s.Run(t.Context(), pixels[i*size:(i+n)*size], n, got[i*m.Dim:(i+n)*m.Dim]); err != nil {
					t.Fatal(err)
				}
			}
			for i, name := range names {
				compare(t, name, got[i*m.Dim:(i+1)*m.Dim], want[i*m.Dim:(i+1)*m.Dim])
			}
		}
	})
}

// Fewer bits stay near the reference, and are not it.
func TestOtherPrecisionsStayNearTheReference(t *testing.T) {
	for precision, nearest := range map[model.Precision]float64{model.Int8: 0.995, model.Float16: 0.9995} {
		t.Run(string(precision), func(t *testing.T) {
			eachModel(t, func(t *testing.T, m *model.Model, dir string) {
				if m.Name == "efficientnet-lite0" {
					t.Skip("its weights are elsewhere")
				}
				m, err := model.OpenDir(dir, model.Options{Precision: precision})
				if errors.Is(err, model.ErrPrecision) {
					t.Skip(err)
				}
				if err != nil {
					t.Fatal(err)
				}
				names, pixels := inputs(t, m)
				want := golden.NPY(t, filepath.Join(dir, "embeddings.npy")).Float32()
				s, err := runtime.NewSession(m, runtime.Options{Threads: 1})
				if err != nil {
					t.Fatal(err)
				}
				defer s.Close()
				size, out := len(pixels)/len(names), make([]float32, m.Dim)
				for i, name := range names {
					if err := s.Run(t.Context(), pixels[i*size:(i+1)*size], 1, out); err != nil {
						t.Fatal(err)
					}
					if c := cosine(out, want[i*m.Dim:(i+1)*m.Dim]); !(c > nearest) || c > 0.99999999 {
						t.Errorf("%s: cosine %.9f", name, c)
					}
				}
			})
		})
	}
}

func cosine(a, b []float32) float64 {
	var ab, aa, bb float64
	for i := range a {
		x, y := float64(a[i]), float64(b[i])
		ab, aa, bb = ab+x*y, aa+x*x, bb+y*y
	}
	return ab / math.Sqrt(aa*bb)
}

// compare holds an embedding to the reference's tolerance: cosine at least
// 0.99999, no value off by more than a thousandth of the norm.
func compare(t *testing.T, name string, got, want []float32) {
	t.Helper()
	var dot, g2, w2, worst float64
	for i := range want {
		g, w := float64(got[i]), float64(want[i])
		dot, g2, w2 = dot+g*w, g2+g*g, w2+w*w
		worst = max(worst, math.Abs(g-w))
	}
	if cosine := dot / math.Sqrt(g2*w2); !(cosine >= 0.99999) || worst > 1e-3*math.Sqrt(w2) {
		t.Errorf("%s: cosine %.7f, largest difference %g of the norm", name, cosine, worst/math.Sqrt(w2))
	}
}

func TestASessionServesManyAtOnceAndThenCloses(t *testing.T) {
	t.Parallel()
	m := lite0(t)
	names, pixels := inputs(t, m)
	s, err := runtime.NewSession(m, runtime.Options{Threads: 1})
	if err != nil {
		t.Fatal(err)
	}
	size := len(pixels) / len(names)
	first := make([]float32, m.Dim)
	if err := s.Run(t.Context(), pixels[:size], 1, first); err != nil {
		t.Fatal(err)
	}
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			for range 5 {
				out := make([]float32, m.Dim)
				if err := s.Run(t.Context(), pixels[:size], 1, out); err != nil {
					t.Error(err)
				} else if out[0] != first[0] || out[m.Dim-1] != first[m.Dim-1] {
					t.Error("the same picture got another embedding")
				}
			}
		})
	}
	wg.Wait()
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if err := s.Run(t.Context(), pixels[:size], 1, first); err == nil {
		t.Error("a closed session ran")
	}
}

func TestAMissingOrWrongLibraryIsAClearError(t *testing.T) {
	t.Parallel()
	text := filepath.Join(t.TempDir(), "libonnxruntime.so")
	if err := os.WriteFile(text, []byte("no library"), 0o644); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ why, path string }{
		{"there is no such file", filepath.Join(t.TempDir(), "absent.so")},
		{"it is a folder", t.TempDir()},
		{"it is no library", text},
	} {
		if err := runtime.Open(c.path); !errors.Is(err, runtime.ErrLibrary) {
			t.Errorf("%s: %v", c.why, err)
		} else {
			t.Log(err)
		}
	}
}

// cpuSeconds is what the process has used of the cores: steadier than the clock on
// a machine with other work.
func cpuSeconds() float64 {
	var u syscall.Rusage
	_ = syscall.Getrusage(syscall.RUSAGE_SELF, &u)
	return time.Duration(u.Utime.Nano() + u.Stime.Nano()).Seconds()
}

func BenchmarkSession(b *testing.B) {
	m := lite0(b)
	names, pixels := inputs(b, m)
	size := len(pixels) / len(names)
	for _, c := range []struct {
		name                   string
		threads, batch, atOnce int
	}{
		{"2threads/batch1", 2, 1, 1}, {"2threads/batch8", 2, 8, 1},
		{"1thread/batch1/2atonce", 1, 1, 2}, {"1thread/batch4/2atonce", 1, 4, 2}, {"1thread/batch8/2atonce", 1, 8, 2},
	} {
		b.Run(c.name, func(b *testing.B) {
			s, err := runtime.NewSession(m, runtime.Options{Threads: c.threads})
			if err != nil {
				b.Fatal(err)
			}
			defer s.Close()
			b.ResetTimer()
			n, before := 0, cpuSeconds()
			for b.Loop() {
				var wg sync.WaitGroup
				for range c.atOnce {
					wg.Go(func() {
						for range 4 {
							if err := s.Run(b.Context(), pixels[:c.batch*size], c.batch, make([]float32, c.batch*m.Dim)); err != nil {
								b.Error(err)
							}
						}
					})
				}
				wg.Wait()
				n += 4 * c.batch * c.atOnce
			}
			b.ReportMetric(float64(n)/b.Elapsed().Seconds(), "pictures/s")
			b.ReportMetric(1000*(cpuSeconds()-before)/float64(n), "cpu-ms/picture")
		})
	}
}
