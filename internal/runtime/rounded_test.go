package runtime_test

import (
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/akin-search/akin/internal/golden"
	"github.com/akin-search/akin/internal/model"
	"github.com/akin-search/akin/internal/runtime"
)

func TestRoundedWeightsAreMadeOnce(t *testing.T) {
	t.Parallel()
	lite0(t) // loads the library
	for _, name := range []string{"vit", "clip", "blip2"} {
		dir := filepath.Join(golden.Dir(t), "models", name)
		embed := func(cache string) []float32 {
			m, err := model.OpenDir(dir, model.Options{Precision: model.Int8, Cache: cache})
			if err != nil {
				t.Fatal(err)
			}
			_, pixels := inputs(t, m)
			s, err := runtime.NewSession(m, runtime.Options{Threads: 1})
			if err != nil {
				t.Fatal(err)
			}
			defer s.Close()
			out := make([]float32, m.Dim)
			if err := s.Run(t.Context(), pixels[:3*m.InputHeight*m.InputWidth], 1, out); err != nil {
				t.Fatal(err)
			}
			if m.Text != nil { // in float32, from the checkpoint
				texts, err := runtime.NewTextSession(m, runtime.Options{Threads: 1})
				if err != nil {
					t.Fatal(err)
				}
				defer texts.Close()
			}
			return out
		}
		want := embed("")
		cache := t.TempDir()
		left := filepath.Join(cache, "int8", ".new-1") // by a process that was killed
		if err := os.MkdirAll(left, 0o777); err != nil {
			t.Fatal(err)
		}
		if err := os.Chtimes(left, time.Time{}, time.Now().Add(-2*time.Hour)); err != nil {
			t.Fatal(err)
		}
		made := embed(cache)
		entries, err := os.ReadDir(filepath.Join(cache, "int8"))
		if err != nil || len(entries) != 1 {
			t.Fatalf("%s: the cache holds %v, %v", name, entries, err)
		}
		weights := filepath.Join(cache, "int8", entries[0].Name(), "weights.bin")
		before, err := os.Stat(weights)
		if err != nil {
			t.Fatal(err)
		}
		read := embed(cache)
		if after, err := os.Stat(weights); err != nil || !after.ModTime().Equal(before.ModTime()) {
			t.Errorf("%s: the weights are written again, %v", name, err)
		}
		file := filepath.Join(cache, "a file")
		if err := os.WriteFile(file, nil, 0o666); err != nil {
			t.Fatal(err)
		}
		for why, got := range map[string][]float32{"made": made, "read": read, "no room": embed(file)} {
			if !slices.Equal(got, want) {
				t.Errorf("%s: with a cache (%s) the embedding is another", name, why)
			}
		}
	}
}
