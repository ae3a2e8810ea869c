package runtime_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/akin-search/akin/internal/golden"
	"github.com/akin-search/akin/internal/model"
	"github.com/akin-search/akin/internal/runtime"
)

// eachLayout runs a test for each small checkpoint that lies as its publishers lay out theirs.
func eachLayout(t *testing.T, test func(t *testing.T, m *model.Model, dir string)) {
	t.Parallel()
	lite0(t) // loads the library
	all, err := filepath.Glob(filepath.Join(golden.Layouts(t), "models", "*"))
	if err != nil || len(all) < 31 {
		t.Fatalf("%d checkpoints: %v", len(all), err)
	}
	for _, dir := range all {
		t.Run(filepath.Base(dir), func(t *testing.T) {
			t.Parallel()
			m, err := model.OpenDir(dir, model.Options{})
			if err != nil {
				t.Fatal(err)
			}
			test(t, m, dir)
		})
	}
}

func TestPixelsOfLayoutsEqualTheReference(t *testing.T) {
	eachLayout(t, func(t *testing.T, m *model.Model, dir string) {
		if filepath.Base(dir) == "sscd-torchscript" {
			t.Skip("they are those of sscd")
		}
		_, pixels := inputs(t, m)
		size := m.Preprocess.Size()
		tolerance := 1e-6
		if m.Preprocess.Float { // torch computes its coefficients in float32
			tolerance = 5e-5
		}
		compared := 0
		for key, want := range golden.NPZ(t, filepath.Join(dir, "expected.npz")) {
			number, ok := strings.CutPrefix(key, "pixels_")
			if !ok {
				continue
			}
			compared++
			i, err := strconv.Atoi(number)
			if err != nil {
				t.Fatal(err)
			}
			if len(want.Float32()) > size {
				t.Fatalf("%s has %d values, not %d", key, len(want.Float32()), size)
			}
			for j, w := range want.Float32() {
				if d := math.Abs(float64(pixels[i*size+j] - w)); !(d <= tolerance) {
					t.Fatalf("%s: value %d is %g, off by %g", key, j, pixels[i*size+j], d)
				}
			}
		}
		if compared == 0 {
			t.Errorf("%d pictures were compared", compared)
		}
	})
}

func TestEmbeddingsOfLayoutsEqualTheReference(t *testing.T) {
	eachLayout(t, func(t *testing.T, m *model.Model, dir string) {
		names, pixels := inputs(t, m)
		want := golden.NPY(t, filepath.Join(dir, "embeddings.npy"))
		if want.Shape[1] != m.Dim {
			t.Fatalf("it has %d dimensions, not %d", m.Dim, want.Shape[1])
		}
		size := m.Preprocess.Size()
		for _, latency := range []bool{false, true} {
			s, err := runtime.NewSession(m, runtime.Options{Threads: 1, Latency: latency})
			if err != nil {
				t.Fatal(err)
			}
			defer s.Close()
			got := make([]float32, len(names)*m.Dim)
			for i := 0; i < len(names); i += m.Batch {
				n := min(m.Batch, len(names)-i)
				if err := s.Run(t.Context(), pixels[i*size:(i+n)*size], n, got[i*m.Dim:(i+n)*m.Dim]); err != nil {
					t.Fatal(err)
				}
			}
			for i, name := range names {
				compareDirection(t, fmt.Sprintf("%s, latency: %t", name, latency), got[i*m.Dim:(i+1)*m.Dim], want.Float32()[i*m.Dim:(i+1)*m.Dim])
			}
		}
	})
}

func TestTextsOfLayoutsEqualTheReference(t *testing.T) {
	eachLayout(t, func(t *testing.T, m *model.Model, dir string) {
		data, err := os.ReadFile(filepath.Join(dir, "tokens.json"))
		if os.IsNotExist(err) {
			t.Skip("it reads no text")
		}
		if err != nil {
			t.Fatal(err)
		}
		var texts []struct {
			Text string  `json:"text"`
			IDs  []int64 `json:"ids"`
		}
		if err := json.Unmarshal(data, &texts); err != nil {
			t.Fatal(err)
		}
		if m.Text == nil {
			t.Fatal("it reads text")
		}
		s, err := runtime.NewTextSession(m, runtime.Options{Threads: 1})
		if err != nil {
			t.Fatal(err)
		}
		defer s.Close()
		want := golden.NPY(t, filepath.Join(dir, "text_embeddings.npy"))
		for i, text := range texts {
			ids, err := m.Text.Tokenize(text.Text)
			if err != nil {
				t.Fatal(err)
			}
			if len(ids) < len(text.IDs) || !slices.Equal(ids[:len(text.IDs)], text.IDs) {
				t.Errorf("%q: ids %v, not %v", text.Text, ids, text.IDs)
				continue
			}
			got := make([]float32, m.Dim)
			if err := s.RunText(t.Context(), ids, 1, got); err != nil {
				t.Fatal(err)
			}
			compareDirection(t, text.Text, got, want.Float32()[i*m.Dim:(i+1)*m.Dim])
		}
	})
}

// compareDirection allows what the reference's own rebuilds differ by, and more: a cosine of 0.99999, and a thousandth
// of the norm in each component.
func compareDirection(t *testing.T, what string, got, want []float32) {
	t.Helper()
	var dot, a, b float64
	for i := range got {
		dot, a, b = dot+float64(got[i])*float64(want[i]), a+float64(got[i])*float64(got[i]), b+float64(want[i])*float64(want[i])
	}
	if b == 0 { // of an empty text
		if a != 0 {
			t.Errorf("%s: not the zero vector", what)
		}
		return
	}
	a, b = math.Sqrt(a), math.Sqrt(b)
	if cosine := dot / (a * b); !(cosine >= 0.99999) {
		t.Errorf("%s: cosine %.7f", what, cosine)
	}
	for i := range got {
		if d := math.Abs(float64(got[i] - want[i])); !(d <= 1e-3*b) {
			t.Errorf("%s: component %d is %g, not %g", what, i, got[i], want[i])
			return
		}
	}
}

// Fewer bits stay near the reference, in families that can compute in them.
func TestOtherPrecisionsOfLayoutsStayNearTheReference(t *testing.T) {
	for precision, nearest := range map[model.Precision]float64{model.Int8: 0.98, model.Float16: 0.999} {
		t.Run(string(precision), func(t *testing.T) {
			eachLayout(t, func(t *testing.T, m *model.Model, dir string) {
				exact := m.Fingerprint
				m, err := model.OpenDir(dir, model.Options{Precision: precision, Cache: t.TempDir()})
				if errors.Is(err, model.ErrPrecision) {
					t.Skip(err)
				}
				if err != nil {
					t.Fatal(err)
				}
				if m.Fingerprint == exact {
					t.Error("it has the fingerprint of float32")
				}
				names, pixels := inputs(t, m)
				want := golden.NPY(t, filepath.Join(dir, "embeddings.npy")).Float32()
				s, err := runtime.NewSession(m, runtime.Options{Threads: 1})
				if err != nil {
					t.Fatal(err)
				}
				defer s.Close()
				size := m.Preprocess.Size()
				for i, name := range names {
					got := make([]float32, m.Dim)
					if err := s.Run(t.Context(), pixels[i*size:(i+1)*size], 1, got); err != nil {
						t.Fatal(err)
					}
					if c := cosine(got, want[i*m.Dim:(i+1)*m.Dim]); !(c >= nearest) {
						t.Errorf("%s: cosine %.5f", name, c)
					}
				}
			})
		})
	}
}
