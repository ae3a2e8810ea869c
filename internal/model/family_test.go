package model

import (
	"path/filepath"
	"testing"

	"github.com/akin-search/akin/internal/checkpoint"
	"github.com/akin-search/akin/internal/golden"
)

// Families register themselves in no order, so a checkpoint without a config must be of one alone.
func TestACheckpointIsOfOneFamily(t *testing.T) {
	t.Parallel()
	folders, err := filepath.Glob(filepath.Join(golden.Dir(t), "models", "*"))
	if err != nil || len(folders) < 6 {
		t.Fatalf("%v, %v", folders, err)
	}
	for _, dir := range folders {
		path, err := checkpoint.Find(dir)
		if err != nil {
			continue
		}
		c, err := checkpoint.Open(path)
		if err != nil {
			t.Fatal(err)
		}
		var found []string
		for _, f := range families {
			if _, ok := f.matches(c); ok && f.of() == transformersLayout {
				found = append(found, f.name)
			}
		}
		if len(found) != 1 {
			t.Errorf("%s is of %v", dir, found)
			continue
		}
		d := definition{weights: c}
		if _, err := d.recognize(readerOf(dir)); err != nil || d.family.name != found[0] {
			t.Errorf("%s: by its config %s, %v; by its tensors %s", dir, d.family.name, err, found[0])
		}
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
