package models

import (
	"os"
	"path/filepath"
	"slices"
	"sync"
	"testing"

	"github.com/akin-search/akin/internal/embed"
	"github.com/akin-search/akin/internal/golden"
	"github.com/akin-search/akin/internal/home"
	"github.com/akin-search/akin/internal/model"
)

// What a model computes depends on nothing but itself: not on the other models and precisions in the process,
// which share ONNX Runtime, its threads and its memory.
func TestModelsInOneProcessComputeAsEachAlone(t *testing.T) {
	t.Parallel()
	golden.Deps(t)
	inputs, err := filepath.Glob(filepath.Join(golden.Dir(t), "inputs", "*.*"))
	if err != nil || len(inputs) < 4 {
		t.Fatalf("%v, %v", inputs, err)
	}
	inputs = slices.DeleteFunc(inputs, func(path string) bool { return filepath.Ext(path) == ".json" })[:2]
	dir := filepath.Join(golden.Layouts(t), "models")
	o := Options{Library: library(t), ModelDirs: []string{dir}, Home: home.Dir(t.TempDir()), Threads: 1}
	type key struct {
		name      string
		precision model.Precision
	}
	// embeddings returns those of the pictures, by the networks for many and for few, and that of a text.
	embeddings := func(e *Engine, k key) (all [][]float32) {
		n, err := e.OpenIn(k.name, k.precision, View{})
		if err != nil {
			t.Errorf("%v: %v", k, err)
			return nil
		}
		m := &Model{Engine: e, Network: n, Client: NewClient(o)}
		for _, stage := range []embed.Model{n.Stage(), n.QueryStage()} {
			for _, input := range inputs { // alone: a mean of tokens differs in its last bits by how many pictures a run has
				rows, err := m.each(t.Context(), []string{input}, nil, stage)
				if err == nil {
					err = rows[0].Err
				}
				if err != nil {
					t.Errorf("%v: %v", k, err)
				}
				all = append(all, rows[0].Vector)
			}
		}
		if m.ReadsText() {
			texts, err := m.EmbedText(t.Context(), []string{"a red flag with a white cross"}, nil)
			if err != nil {
				t.Errorf("%v: %v", k, err)
				return all
			}
			all = append(all, texts[0].Vector)
		}
		return all
	}
	var keys []key
	alone := map[key][][]float32{}
	folders, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for i, f := range folders {
		if i%3 > 0 { // a third of the networks is enough
			continue
		}
		for _, p := range []model.Precision{model.Float32, model.Int8, model.Float16} {
			k := key{f.Name(), p}
			e := NewEngine(o)
			if _, err := e.OpenIn(k.name, p, View{}); p != model.Float32 && err != nil {
				continue // a convolutional network in int8
			}
			keys, alone[k] = append(keys, k), embeddings(e, k)
			if err := e.Close(); err != nil {
				t.Error(err)
			}
		}
	}
	if len(keys) < 20 {
		t.Errorf("%d models and precisions", len(keys))
	}
	e := NewEngine(o)
	var mu sync.Mutex
	var users sync.WaitGroup
	next := 0
	for range 4 {
		users.Go(func() {
			for {
				mu.Lock()
				i := next
				next++
				mu.Unlock()
				if i >= len(keys) {
					return
				}
				k := keys[i]
				for j, got := range embeddings(e, k) {
					if !slices.Equal(got, alone[k][j]) {
						t.Errorf("%v: embedding %d is another than that of the model alone", k, j)
					}
				}
			}
		})
	}
	users.Wait()
	if err := e.Close(); err != nil {
		t.Error(err)
	}
}
