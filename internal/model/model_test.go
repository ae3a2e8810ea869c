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
		m, err := model.Open(lite0, []string{filepath.Join(dir, "absent"), filepath.Join(dir, lite0)}, model.Options{})
		if err != nil {
			t.Fatal(err)
		}
		return m
	}
	same := func([]byte) {}
	a, b := open("a.pth", same), open("b.pth", same)
	// The classifier comes last in the file and is no part of the embedding.
	unused := open("a.pth", func(data []byte) { data[len(data)-1] ^= 1 })
	c, err := checkpoint.Open(filepath.Join(a.Dir, "a.pth"))
	if err != nil {
		t.Fatal(err)
	}
	head, err := c.Tensor("_conv_head.weight")
	if err != nil {
		t.Fatal(err)
	}
	other := open("a.pth", func(data []byte) { data[head.Offset+head.Length-1] ^= 1 })
	if len(a.Fingerprint) != 64 || a.Fingerprint != b.Fingerprint {
		t.Errorf("a file's name changes the fingerprint: %s, %s", a.Fingerprint, b.Fingerprint)
	}
	if a.Fingerprint == other.Fingerprint {
		t.Error("another weight has the same fingerprint")
	}
	if a.Fingerprint != unused.Fingerprint {
		t.Error("a weight that no embedding needs changes the fingerprint")
	}
}

func TestTheFactsOfTheDefaultModelAreThoseOfItsCheckpoint(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	copyWeights(t, dir, "x.pth", func([]byte) {})
	m, err := model.OpenDir(filepath.Join(dir, lite0), model.Options{})
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range model.Known() {
		if s.Name == lite0 && (m.Params != s.Params || m.Bytes != s.Bytes || m.Dim != s.Dim || m.InputWidth != s.InputWidth || m.InputHeight != s.InputHeight) {
			t.Errorf("it is %+v, and was said to be %+v", m.Spec, s)
		}
	}
}

func TestPrecisionIsOfTheFingerprint(t *testing.T) {
	t.Parallel()
	models := filepath.Join(golden.Dir(t), "models")
	for name, can := range map[string]bool{"vit": true, "dinov2": true, "clip": true, "blip2": true, "efficientnet": false, "vgg16": false} {
		dir := filepath.Join(models, name)
		full, err := model.OpenDir(dir, model.Options{})
		if err != nil {
			t.Fatal(err)
		}
		same, err := model.OpenDir(dir, model.Options{Precision: model.Float32})
		if err != nil || same.Fingerprint != full.Fingerprint {
			t.Errorf("%s: fp32 is not what is meant by nothing: %v", name, err)
		}
		half, err := model.OpenDir(dir, model.Options{Precision: model.Float16})
		if err != nil || half.Fingerprint == full.Fingerprint {
			t.Errorf("%s: fp16 has the same fingerprint, %v", name, err)
		}
		rounded, err := model.OpenDir(dir, model.Options{Precision: model.BFloat16})
		if err != nil || rounded.Fingerprint == full.Fingerprint || rounded.Fingerprint == half.Fingerprint {
			t.Errorf("%s: bf16 has another's fingerprint, %v", name, err)
		}
		if _, err := model.OpenDir(dir, model.Options{Precision: "bf15"}); !errors.Is(err, model.ErrPrecision) {
			t.Errorf("%s in bf15: %v", name, err)
		}
		small, err := model.OpenDir(dir, model.Options{Precision: model.Int8})
		if !can {
			if !errors.Is(err, model.ErrPrecision) || !strings.Contains(err.Error(), dir) {
				t.Errorf("%s: %v", name, err)
			}
			continue
		}
		if err != nil || small.Fingerprint == full.Fingerprint {
			t.Errorf("%s: int8 has the same fingerprint, %v", name, err)
		}
	}
}

func TestAModelThatCannotBeOpenedSaysWhy(t *testing.T) {
	t.Parallel()
	empty, two, strange := t.TempDir(), t.TempDir(), t.TempDir()
	copyWeights(t, two, "a.pth", func([]byte) {})
	copyWeights(t, two, "b.pth", func([]byte) {})
	header := `{"w":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}`
	file := string(rune(len(header))) + "\x00\x00\x00\x00\x00\x00\x00" + header + "\x00\x00\x80\x3f"
	if err := os.WriteFile(filepath.Join(strange, "model.safetensors"), []byte(file), 0o666); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		why     string
		open    func() (*model.Model, error)
		missing bool
		says    []string
	}{
		{"an unknown name", func() (*model.Model, error) { return model.Open("resnet", []string{empty}, model.Options{}) }, true, []string{`"resnet"`}},
		{"no weights", func() (*model.Model, error) { return model.Open(lite0, []string{empty, "/nowhere"}, model.Options{}) }, true, []string{"the weights of " + lite0}},
		{"no weights of a model on the hub", func() (*model.Model, error) { return model.Open("vit-large", []string{empty}, model.Options{}) }, true, []string{"vit-large"}},
		{"two checkpoints", func() (*model.Model, error) {
			return model.Open(lite0, []string{filepath.Join(two, lite0)}, model.Options{})
		}, false, []string{two, "2 checkpoints"}},
		{"no such path", func() (*model.Model, error) { return model.OpenDir(filepath.Join(empty, "x"), model.Options{}) }, true, []string{filepath.Join(empty, "x")}},
		{"an empty folder", func() (*model.Model, error) { return model.OpenDir(empty, model.Options{}) }, true, []string{empty}},
		{"another network's checkpoint", func() (*model.Model, error) { return model.OpenDir(strange, model.Options{}) }, false, []string{strange, "vit"}},
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
