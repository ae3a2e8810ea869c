package model_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/akin-search/akin/internal/checkpoint"
	"github.com/akin-search/akin/internal/golden"
	"github.com/akin-search/akin/internal/model"
)

const lite0 = "efficientnet-lite0"

// copyWeights puts the default model's checkpoint into dir/efficientnet-lite0.
func copyWeights(t *testing.T, dir, name string, change func([]byte)) {
	t.Helper()
	found, err := filepath.Glob(filepath.Join(golden.Deps(t), "models", lite0, "*.pth"))
	if err != nil || len(found) != 1 {
		t.Skip("the default model is absent: run `make setup` first")
	}
	data, err := os.ReadFile(found[0])
	if err != nil {
		t.Fatal(err)
	}
	change(data)
	if err := os.MkdirAll(filepath.Join(dir, lite0), 0o777); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, lite0, name), data, 0o666); err != nil {
		t.Fatal(err)
	}
}

func TestAFingerprintIsThatOfTheWeights(t *testing.T) {
	t.Parallel()
	open := func(name string, change func([]byte)) *model.Model {
		dir := t.TempDir()
		copyWeights(t, dir, name, change)
		m, err := model.Open(lite0, []string{filepath.Join(dir, "absent"), dir})
		if err != nil {
			t.Fatal(err)
		}
		return m
	}
	same := func([]byte) {}
	a, b := open("a.pth", same), open("b.pth", same)
	c := open("a.pth", func(data []byte) { data[len(data)-1] ^= 1 }) // a byte of the last weight
	if len(a.Fingerprint) != 64 || a.Fingerprint != b.Fingerprint {
		t.Errorf("a file's name changes the fingerprint: %s, %s", a.Fingerprint, b.Fingerprint)
	}
	if a.Fingerprint == c.Fingerprint {
		t.Error("another weight has the same fingerprint")
	}
}

func TestTheFactsOfTheDefaultModelAreThoseOfItsCheckpoint(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	copyWeights(t, dir, "x.pth", func([]byte) {})
	m, err := model.OpenDir(filepath.Join(dir, lite0))
	if err != nil {
		t.Fatal(err)
	}
	if m.Name != lite0 {
		t.Errorf("its tensors tell that it is %s", m.Name)
	}
	path := filepath.Join(dir, lite0, "x.pth")
	c, err := checkpoint.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	info, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	var params int64
	for _, name := range c.Names() {
		if strings.Contains(name, "running_") || strings.HasSuffix(name, "num_batches_tracked") {
			continue // torch counts buffers apart
		}
		tensor, err := c.Tensor(name)
		if err != nil {
			t.Fatal(err)
		}
		n := int64(1)
		for _, d := range tensor.Shape {
			n *= d
		}
		params += n
	}
	if m.Params != params || m.Bytes != info.Size() {
		t.Errorf("it has %d parameters in %d bytes, not %d in %d", params, info.Size(), m.Params, m.Bytes)
	}
}

func TestAModelThatCannotBeOpenedSaysWhy(t *testing.T) {
	t.Parallel()
	empty, two, vgg := t.TempDir(), t.TempDir(), filepath.Join(golden.Dir(t), "models", "vgg16")
	copyWeights(t, two, "a.pth", func([]byte) {})
	copyWeights(t, two, "b.pth", func([]byte) {})
	for _, c := range []struct {
		why     string
		open    func() (*model.Model, error)
		missing bool
		says    []string
	}{
		{"an unknown name", func() (*model.Model, error) { return model.Open("resnet", []string{empty}) }, true, []string{`"resnet"`, lite0}},
		{"no weights", func() (*model.Model, error) { return model.Open(lite0, []string{empty, "/nowhere"}) }, true, []string{empty, "/nowhere", "AKIN_MODELS"}},
		{"two checkpoints", func() (*model.Model, error) { return model.Open(lite0, []string{two}) }, false, []string{two, "2 .pth files"}},
		{"no such path", func() (*model.Model, error) { return model.OpenDir(filepath.Join(empty, "x")) }, true, []string{filepath.Join(empty, "x")}},
		{"an empty folder", func() (*model.Model, error) { return model.OpenDir(empty) }, true, []string{empty}},
		{"another network's checkpoint", func() (*model.Model, error) { return model.OpenDir(vgg) }, false, []string{vgg, "_conv_stem.weight"}},
	} {
		_, err := c.open()
		if err == nil {
			t.Errorf("%s is opened", c.why)
			continue
		}
		if errors.Is(err, model.ErrMissing) != c.missing {
			t.Errorf("%s: ErrMissing is not %v: %v", c.why, c.missing, err)
		}
		for _, s := range c.says {
			if !strings.Contains(err.Error(), s) {
				t.Errorf("%s: %v lacks %q", c.why, err, s)
			}
		}
	}
}
