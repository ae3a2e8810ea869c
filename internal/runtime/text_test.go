package runtime_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"github.com/akin-search/akin/internal/golden"
	"github.com/akin-search/akin/internal/model"
	"github.com/akin-search/akin/internal/runtime"
)

func TestTextEmbeddingsEqualTheReference(t *testing.T) {
	t.Parallel()
	lite0(t) // loads the library
	dir := filepath.Join(golden.Dir(t), "models", "clip")
	m, err := model.OpenDir(dir, model.Options{})
	if err != nil {
		t.Fatal(err)
	}
	s, err := runtime.NewTextSession(m, runtime.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	data, err := os.ReadFile(filepath.Join(dir, "tokens.json"))
	if err != nil {
		t.Fatal(err)
	}
	var texts []struct{ Text string }
	if err := json.Unmarshal(data, &texts); err != nil {
		t.Fatal(err)
	}
	want := golden.NPY(t, filepath.Join(dir, "text_embeddings.npy"))
	if want.Shape[0] != len(texts) || want.Shape[1] != m.Dim {
		t.Fatalf("%v embeddings of %d texts", want.Shape, len(texts))
	}
	tokens := make([]int64, len(texts)*m.Text.Tokens)
	for i, x := range texts {
		ids, err := m.Text.Tokenize(x.Text)
		if err != nil {
			t.Fatal(err)
		}
		copy(tokens[i*m.Text.Tokens:], ids)
	}
	for _, batch := range []int{1, len(texts)} {
		got := make([]float32, len(texts)*m.Dim)
		for i := 0; i < len(texts); i += batch {
			if err := s.RunText(t.Context(), tokens[i*m.Text.Tokens:(i+batch)*m.Text.Tokens], batch, got[i*m.Dim:(i+batch)*m.Dim]); err != nil {
				t.Fatal(err)
			}
		}
		for i, x := range texts {
			compare(t, x.Text, got[i*m.Dim:(i+1)*m.Dim], want.Float32()[i*m.Dim:(i+1)*m.Dim])
		}
	}
}
