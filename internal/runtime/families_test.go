package runtime_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/akin-search/akin/internal/golden"
	"github.com/akin-search/akin/internal/model"
	"github.com/akin-search/akin/internal/runtime"
)

// The checkpoints of testdata/families have widths, depths, patch sizes, activations,
// prefixes and types that the golden data has not; testdata/families/make.py made them.
func eachFamily(t *testing.T, test func(t *testing.T, dir string)) {
	t.Parallel()
	lite0(t) // loads the library
	dirs, err := filepath.Glob(filepath.Join("testdata", "families", "*", "config.json"))
	if err != nil || len(dirs) == 0 {
		t.Fatalf("no checkpoints: %v", err)
	}
	for _, config := range append(dirs, filepath.Join("testdata", "families", "vgg11-bn", "config.json")) {
		dir := filepath.Dir(config)
		t.Run(filepath.Base(dir), func(t *testing.T) {
			t.Parallel()
			test(t, dir)
		})
	}
}

func TestOtherSizesOfAFamilyEqualTheReference(t *testing.T) {
	eachFamily(t, func(t *testing.T, dir string) {
		m, err := model.OpenDir(dir, model.Options{})
		if err != nil {
			t.Fatal(err)
		}
		want := golden.NPY(t, filepath.Join(dir, "embeddings.npy"))
		if want.Shape[1] != m.Dim {
			t.Fatalf("it has %d dimensions, not %d", m.Dim, want.Shape[1])
		}
		count := want.Shape[0]
		pixels := make([]float32, count*3*m.InputHeight*m.InputWidth)
		for i := range pixels {
			pixels[i] = float32(math.Sin(0.61 * float64(i)))
		}
		for _, few := range []bool{false, true} {
			s, err := runtime.NewSession(m, runtime.Options{Threads: 1, Few: few})
			if err != nil {
				t.Fatal(err)
			}
			defer s.Close()
			got := make([]float32, count*m.Dim)
			if err := s.Run(t.Context(), pixels, count, got); err != nil {
				t.Fatal(err)
			}
			for i := range count {
				compare(t, fmt.Sprintf("pixels, few: %t", few), got[i*m.Dim:(i+1)*m.Dim], want.Float32()[i*m.Dim:(i+1)*m.Dim])
			}
		}
	})
}

func TestLongRowsAreSpacedForManyRuns(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"dinov2-swiglu-1024", "blip2-1024"} {
		m, err := model.OpenDir(filepath.Join("testdata", "families", name), model.Options{})
		if err != nil {
			t.Fatal(err)
		}
		many, _, err := m.Graph(true)
		if err != nil {
			t.Fatal(err)
		}
		few, _, err := m.Graph(false)
		if err != nil {
			t.Fatal(err)
		}
		// Twice of each layer's MLP weights; they equal the reference in the test above.
		if spaced := bytes.Count(many, []byte("Pad")) - bytes.Count(few, []byte("Pad")); spaced < 4 {
			t.Errorf("%s: %d values have space", name, spaced)
		}
	}
}

func TestOtherSizesOfTextTowersEqualTheReference(t *testing.T) {
	eachFamily(t, func(t *testing.T, dir string) {
		if _, err := os.Stat(filepath.Join(dir, "tokens.npy")); errors.Is(err, os.ErrNotExist) {
			return // it reads no text
		}
		m, err := model.OpenDir(dir, model.Options{})
		if err != nil {
			t.Fatal(err)
		}
		tokens, want := golden.NPY(t, filepath.Join(dir, "tokens.npy")), golden.NPY(t, filepath.Join(dir, "text_embeddings.npy"))
		count := want.Shape[0]
		if tokens.Shape[1] != m.Text.Tokens || want.Shape[1] != m.Dim {
			t.Fatalf("texts of %d tokens, %d dimensions; the reference has %v and %v", m.Text.Tokens, m.Dim, tokens.Shape, want.Shape)
		}
		if data, err := os.ReadFile(filepath.Join(dir, "texts.json")); err == nil {
			var texts []string
			if err := json.Unmarshal(data, &texts); err != nil || len(texts) != count {
				t.Fatalf("%d texts, %v", len(texts), err)
			}
			for i, text := range texts {
				if ids, err := m.Text.Tokenize(text); err != nil || !slices.Equal(ids, tokens.Int64()[i*m.Text.Tokens:][:m.Text.Tokens]) {
					t.Errorf("%q is %v, %v", text, ids, err)
				}
			}
		}
		for _, few := range []bool{false, true} {
			s, err := runtime.NewTextSession(m, runtime.Options{Threads: 1, Few: few})
			if err != nil {
				t.Fatal(err)
			}
			defer s.Close()
			got := make([]float32, count*m.Dim)
			if err := s.RunText(t.Context(), tokens.Int64(), count, got); err != nil {
				t.Fatal(err)
			}
			for i := range count {
				compare(t, fmt.Sprintf("text, few: %t", few), got[i*m.Dim:(i+1)*m.Dim], want.Float32()[i*m.Dim:(i+1)*m.Dim])
			}
		}
	})
}
