package model

import (
	"errors"
	"path/filepath"
	"slices"
	"testing"

	"github.com/akin-search/akin/internal/checkpoint"
	"github.com/akin-search/akin/internal/golden"
)

// Families register themselves in no order, so each checkpoint must be of one alone: of those that its description names, and
// without it, of all that need none. SigLIP and its NaFlex variant are of the same names; only the description tells them
// apart, and without it both are named.
func TestACheckpointIsOfOneFamily(t *testing.T) {
	t.Parallel()
	folders, err := filepath.Glob(filepath.Join("..", "runtime", "testdata", "families", "*", "embeddings.npy"))
	if err != nil || len(folders) < 50 {
		t.Fatalf("%v, %v", folders, err)
	}
	for i, file := range folders {
		folders[i] = filepath.Dir(file)
	}
	t.Run("small", func(t *testing.T) {
		t.Parallel()
		for _, dir := range folders {
			ofOneFamily(t, dir)
		}
	})
	t.Run("golden", func(t *testing.T) {
		t.Parallel()
		folders, err := filepath.Glob(filepath.Join(golden.Dir(t), "models", "*"))
		if err != nil || len(folders) < 6 {
			t.Fatalf("%v, %v", folders, err)
		}
		for _, dir := range folders {
			if _, err := checkpoint.Find(dir); err == nil {
				ofOneFamily(t, dir)
			}
		}
	})
}

func ofOneFamily(t *testing.T, dir string) {
	t.Helper()
	path, err := checkpoint.Find(dir)
	if err != nil {
		t.Fatal(err)
	}
	c, err := checkpoint.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	named := definition{weights: c}
	of, err := named.recognize(readerOf(dir))
	if err != nil {
		t.Errorf("%s: %v", dir, err)
		return
	}
	if of.layout != transformersLayout {
		return
	}
	bare := definition{weights: c}
	_, err = bare.recognize(func(string) ([]byte, error) { return []byte("{}"), nil })
	if several, ok := errors.AsType[*SeveralFamiliesError](err); ok {
		if want := []string{"siglip", "siglip2"}; !slices.Equal(several.Families, want) || !slices.Contains(want, named.family.name) {
			t.Errorf("%s: %v", dir, err)
		}
		return
	}
	if err != nil || bare.family.name != named.family.name {
		t.Errorf("%s: by its description %s, by its tensors %s, %v", dir, named.family.name, bare.family.name, err)
	}
}

func TestEveryFamilyIsComplete(t *testing.T) {
	t.Parallel()
	for _, f := range families {
		if f.name == "" || f.version < 1 || f.config == nil || f.probe == "" || len(f.prefixes) == 0 || f.build == nil ||
			(f.text == nil) != (f.tokenizers == nil && f.tokenizersOf == nil) || (f.layout != nil) != (f.architectures != nil) {
			t.Errorf("%s: %+v", f.name, f)
		}
	}
	for i, s := range Known() {
		if s.Dim < 1 || s.InputWidth < 1 || s.InputHeight < 1 || s.Params < 1 || s.Bytes < 1 || s.Speed == "" || s.Licence == "" || s.About == "" || s.Repository != "" && s.File != "" || s.Pullable() == s.Bundled {
			t.Errorf("%+v", s)
		}
		if i > 0 && s.Params < Known()[i-1].Params {
			t.Errorf("%s comes before %s", Known()[i-1].Name, s.Name)
		}
	}
}
