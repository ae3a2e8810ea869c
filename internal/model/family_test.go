package model

import (
	"os"
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
			if _, ok := f.matches(c); ok {
				found = append(found, f.name)
			}
		}
		if len(found) != 1 {
			t.Errorf("%s is of %v", dir, found)
			continue
		}
		config, err := os.ReadFile(filepath.Join(dir, "config.json"))
		if err != nil {
			continue // torchvision's have none
		}
		if f, _, err := familyOf(config, c); err != nil || f.name != found[0] {
			t.Errorf("%s: by its config %s, %v; by its tensors %s", dir, f.name, err, found[0])
		}
	}
}

func TestEveryFamilyIsComplete(t *testing.T) {
	t.Parallel()
	for _, f := range families {
		if f.name == "" || f.version < 1 || f.config == nil || f.probe == "" || len(f.prefixes) == 0 || f.build == nil || len(f.models) == 0 ||
			(f.text == nil) != (f.tokenizer == nil) || (f.text == nil) != (f.tokenizerFile == "") {
			t.Errorf("%s: %+v", f.name, f)
		}
	}
	for i, s := range Known() {
		if s.Dim < 1 || s.InputWidth < 1 || s.InputHeight < 1 || s.Params < 1 || s.Bytes < 1 || s.Speed == "" || s.Licence == "" || s.About == "" || s.Repository != "" && s.File != "" {
			t.Errorf("%+v", s)
		}
		if i > 0 && s.Params < Known()[i-1].Params {
			t.Errorf("%s comes before %s", Known()[i-1].Name, s.Name)
		}
	}
}
