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
	all, err := filepath.Glob(filepath.Join("testdata", "families", "*", "embeddings.npy"))
	if err != nil || len(all) == 0 {
		t.Fatalf("no checkpoints: %v", err)
	}
	for _, embeddings := range all {
		dir := filepath.Dir(embeddings)
		t.Run(filepath.Base(dir), func(t *testing.T) {
			t.Parallel()
			test(t, dir)
		})
	}
}

// compareBoth holds what a network gives, loaded for many runs and for few, to the reference.
func compareBoth(t *testing.T, m *model.Model, load func(*model.Model, runtime.Options) (*runtime.Session, error),
	want []float32, run func(s *runtime.Session, out []float32) error) {
	t.Helper()
	for _, few := range []bool{false, true} {
		s, err := load(m, runtime.Options{Threads: 1, Latency: few})
		if err != nil {
			t.Fatal(err)
		}
		defer s.Close()
		got := make([]float32, len(want))
		if err := run(s, got); err != nil {
			t.Fatal(err)
		}
		for i := 0; i < len(want); i += m.Dim {
			compare(t, fmt.Sprintf("row %d, few: %t", i/m.Dim, few), got[i:i+m.Dim], want[i:i+m.Dim])
		}
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
		count, pixels := want.Shape[0], waves(t, dir)(m)
		compareBoth(t, m, runtime.NewSession, want.Float32(), func(s *runtime.Session, out []float32) error {
			return s.Run(t.Context(), pixels, count, out)
		})
	})
}

// waves returns the input that the embeddings of a family's checkpoint are of.
func waves(t *testing.T, dir string) func(*model.Model) []float32 {
	count := golden.NPY(t, filepath.Join(dir, "embeddings.npy")).Shape[0]
	return func(m *model.Model) []float32 {
		pixels := make([]float32, count*3*m.InputHeight*m.InputWidth)
		for i := range pixels {
			pixels[i] = float32(math.Sin(0.61 * float64(i)))
		}
		return pixels
	}
}

// graphs are a checkpoint's networks for many runs and for few.
func graphs(t *testing.T, name string) (many, few []byte) {
	t.Helper()
	m, err := model.OpenDir(filepath.Join("testdata", "families", name), model.Options{})
	if err != nil {
		t.Fatal(err)
	}
	write := func(u model.SessionOptions) []byte {
		g, err := m.Graph(u)
		if err != nil {
			t.Fatal(err)
		}
		return g.ONNX
	}
	return write(model.SessionOptions{Throughput: true, Block: runtime.Block}), write(model.SessionOptions{})
}

func TestLongRowsAreSpacedForManyRuns(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"dinov2-swiglu-1024", "blip2-1024"} {
		many, few := graphs(t, name)
		// Twice of each layer's MLP weights; they equal the reference in the test above.
		if spaced := bytes.Count(many, []byte("Pad")) - bytes.Count(few, []byte("Pad")); spaced < 4 {
			t.Errorf("%s: %d values have space", name, spaced)
		}
	}
}

func TestConvolutionsAreWinogradsForManyRuns(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]int{"vgg11-bn": 16, "vgg13-250": 16} { // four of each, named four times: those of planes of 56 and 28, and of 62 and 31
		many, few := graphs(t, name)
		// They equal the reference in the test above.
		if got := bytes.Count(few, []byte("Conv")) - bytes.Count(many, []byte("Conv")); got != want {
			t.Errorf("%s: %d convolutions are Winograd's, not %d", name, got, want)
		}
	}
}

func TestChannelsLieInBlocksForManyRuns(t *testing.T) {
	t.Parallel()
	lite0(t) // loads the library
	block := runtime.Block()
	if block == 0 {
		t.Skip("this library has no operators for blocks of channels")
	}
	t.Logf("blocks of %d", block)
	for name, want := range map[string]bool{"efficientnet-16": 16%block == 0, "efficientnet-small": false} {
		many, few := graphs(t, name)
		// They equal the reference in the test above.
		if got := bytes.Contains(many, []byte("nchwc")); got != want {
			t.Errorf("%s: in blocks %t, want %t", name, got, want)
		}
		if bytes.Contains(few, []byte("nchwc")) {
			t.Errorf("%s: the network for few runs is in blocks", name)
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
		compareBoth(t, m, runtime.NewTextSession, want.Float32(), func(s *runtime.Session, out []float32) error {
			return s.RunText(t.Context(), tokens.Int64(), count, out)
		})
	})
}
