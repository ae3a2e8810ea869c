package runtime_test

import (
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/akin-search/akin/internal/golden"
	"github.com/akin-search/akin/internal/model"
	"github.com/akin-search/akin/internal/runtime"
)

// reordered returns the folders of the checkpoints, of the bundled models and of the small layouts, whose networks
// ONNX Runtime lays out anew.
func reordered(t *testing.T) (dirs []string) {
	t.Helper()
	lite0(t) // loads the library
	all, err := filepath.Glob(filepath.Join(golden.Layouts(t), "models", "*"))
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"efficientnet-lite0", "mobilenetv2-gem"} {
		all = append(all, filepath.Join(golden.Deps(t), "models", name))
	}
	for _, dir := range all {
		m, err := model.OpenDir(dir, model.Options{})
		if err != nil {
			t.Fatal(err)
		}
		if m.Reorders {
			dirs = append(dirs, dir)
		}
	}
	if len(dirs) < 5 {
		t.Fatalf("only %v", dirs)
	}
	return dirs
}

// embedWaves embeds two made pictures at once.
func embedWaves(t *testing.T, dir string, o runtime.Options) []float32 {
	t.Helper()
	m, err := model.OpenDir(dir, model.Options{Cache: o.Cache})
	if err != nil {
		t.Fatal(err)
	}
	session, err := runtime.NewSession(m, o)
	if err != nil {
		t.Fatal(err)
	}
	defer session.Close()
	pixels, out := make([]float32, 2*m.Preprocess.Size()), make([]float32, 2*m.Dim)
	for i := range pixels {
		pixels[i] = float32(i%251)/125 - 1
	}
	if err := session.Run(t.Context(), pixels, 2, out); err != nil {
		t.Fatal(err)
	}
	return out
}

// A network that ONNX Runtime has optimized once and that is loaded from the cache gives the same embeddings to the
// bit, in both kinds of session, which share it.
func TestOptimizedNetworksAreTheSameToTheBit(t *testing.T) {
	t.Parallel()
	for _, dir := range reordered(t) {
		t.Run(filepath.Base(dir), func(t *testing.T) {
			t.Parallel()
			cache := t.TempDir()
			for _, latency := range []bool{false, true} {
				want := embedWaves(t, dir, runtime.Options{Threads: 1, Latency: latency})
				for _, way := range []string{"written", "loaded"} {
					if got := embedWaves(t, dir, runtime.Options{Threads: 1, Latency: latency, Cache: cache}); !slices.Equal(got, want) {
						t.Errorf("latency %v, %s: %v, want %v", latency, way, got[:4], want[:4])
					}
				}
			}
			made, err := filepath.Glob(filepath.Join(cache, "optimized", "*", "*"))
			if err != nil || len(made) != 1 {
				t.Errorf("the cache has %v, %v", made, err)
			}
		})
	}
}

func TestOptimizedNetworksAreMadeAgain(t *testing.T) {
	t.Parallel()
	dir := reordered(t)[0]
	want := embedWaves(t, dir, runtime.Options{Threads: 1})
	for why, change := range map[string]func(network string) error{
		"its weights were cleared": func(network string) error { return os.Remove(filepath.Join(network, "weights.bin")) },
		"its graph was cleared":    func(network string) error { return os.Remove(filepath.Join(network, "graph.onnx")) },
		"its graph is damaged": func(network string) error {
			return os.WriteFile(filepath.Join(network, "graph.onnx"), []byte("no graph"), 0o666)
		},
		"its weights are cut": func(network string) error { return os.Truncate(filepath.Join(network, "weights.bin"), 100) },
		"another library made it": func(network string) error {
			return os.Rename(network, filepath.Join(filepath.Dir(network), "1.0.0-16-000000000000"))
		},
	} {
		t.Run(why, func(t *testing.T) {
			t.Parallel()
			o := runtime.Options{Threads: 1, Cache: t.TempDir()}
			embedWaves(t, dir, o)
			made, err := filepath.Glob(filepath.Join(o.Cache, "optimized", "*", "*"))
			if err != nil || len(made) != 1 {
				t.Fatalf("the cache has %v, %v", made, err)
			}
			if err := change(made[0]); err != nil {
				t.Fatal(err)
			}
			if got := embedWaves(t, dir, o); !slices.Equal(got, want) {
				t.Errorf("%v, want %v", got[:4], want[:4])
			}
			again, err := filepath.Glob(filepath.Join(o.Cache, "optimized", "*", "*", "weights.bin"))
			if err != nil || len(again) != 1 || filepath.Dir(again[0]) != made[0] {
				t.Errorf("the cache has %v, %v; want it in %s", again, err, made[0])
			}
		})
	}
}

// Where the cache cannot be written, the network is loaded all the same.
func TestNetworksLoadWithoutACache(t *testing.T) {
	t.Parallel()
	dir := reordered(t)[0]
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o666); err != nil {
		t.Fatal(err)
	}
	want := embedWaves(t, dir, runtime.Options{Threads: 1})
	if got := embedWaves(t, dir, runtime.Options{Threads: 1, Cache: file}); !slices.Equal(got, want) {
		t.Errorf("%v, want %v", got[:4], want[:4])
	}
}
