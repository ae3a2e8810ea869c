package runtime_test

import (
	"math"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/akin-search/akin/internal/model"
	"github.com/akin-search/akin/internal/runtime"
)

// Kernels that akin has laid out in the cache give the same embedding, to the bit, as those that ONNX Runtime lays
// out when it loads the network; a latency session uses them as well.
func TestKernelsInTheCacheAreTheSameToTheBit(t *testing.T) {
	t.Parallel()
	lite0(t) // loads the library
	block := runtime.Block()
	if block == 0 || 16%block != 0 {
		t.Skip("this library has no operators for blocks of channels")
	}
	dir := filepath.Join("testdata", "families", "efficientnet-16")
	cache := t.TempDir()
	embed := func(o model.Options, s runtime.Options) []float32 {
		t.Helper()
		m, err := model.OpenDir(dir, o)
		if err != nil {
			t.Fatal(err)
		}
		pixels := make([]float32, m.Preprocess.Size())
		for i := range pixels {
			pixels[i] = float32(math.Cos(0.37 * float64(i)))
		}
		session, err := runtime.NewSession(m, s)
		if err != nil {
			t.Fatal(err)
		}
		defer session.Close()
		out := make([]float32, m.Dim)
		if err := session.Run(t.Context(), pixels, 1, out); err != nil {
			t.Fatal(err)
		}
		return out
	}
	want := embed(model.Options{}, runtime.Options{Threads: 1})
	for _, s := range []runtime.Options{{Threads: 1}, {Threads: 1}, {Threads: 1, Latency: true}} {
		if got := embed(model.Options{Cache: cache}, s); !slices.Equal(got, want) {
			t.Errorf("%+v: %v, want %v", s, got[:4], want[:4])
		}
	}
	packs, err := filepath.Glob(filepath.Join(cache, "blocks", "*", "*", "weights.bin"))
	if err != nil || len(packs) != 1 {
		t.Fatalf("the cache has %v, %v", packs, err)
	}
	// What has been cleared of it is made again.
	for _, name := range []string{"weights.bin", "graph.onnx"} {
		if err := os.Remove(filepath.Join(filepath.Dir(packs[0]), name)); err != nil {
			t.Fatal(err)
		}
		if got := embed(model.Options{Cache: cache}, runtime.Options{Threads: 1}); !slices.Equal(got, want) {
			t.Errorf("without %s: %v, want %v", name, got[:4], want[:4])
		}
		for _, name := range []string{"weights.bin", "graph.onnx"} {
			if _, err := os.Stat(filepath.Join(filepath.Dir(packs[0]), name)); err != nil {
				t.Error(err)
			}
		}
	}

	// A cache that cannot be written is done without.
	file := filepath.Join(t.TempDir(), "cache")
	if err := os.WriteFile(file, nil, 0o666); err != nil {
		t.Fatal(err)
	}
	if got := embed(model.Options{Cache: file}, runtime.Options{Threads: 1}); !slices.Equal(got, want) {
		t.Error("without a cache the embedding is another one")
	}
}
