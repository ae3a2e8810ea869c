package checkpoint_test

import (
	"archive/zip"
	"encoding/json"
	"errors"
	"io"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/akin-search/akin/internal/checkpoint"
	"github.com/akin-search/akin/internal/golden"
)

// unpack writes the files of a zip file into a new folder.
func unpack(t testing.TB, path string) string {
	t.Helper()
	z, err := zip.OpenReader(path)
	if err != nil {
		t.Fatal(err)
	}
	defer z.Close()
	files := map[string][]byte{}
	for _, f := range z.File {
		r, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		if files[f.Name], err = io.ReadAll(r); err != nil {
			t.Fatal(err)
		}
	}
	return tree(t, files)
}

// torchFiles are checkpoints that torch wrote: testdata/make_torch.py.
func torchFiles(t testing.TB) string { return unpack(t, "testdata/torch.zip") }

func TestWhatTrainersSaveIsReadAsTorchReadsIt(t *testing.T) {
	t.Parallel()
	dir := torchFiles(t)
	data, err := os.ReadFile(filepath.Join(dir, "expected.json"))
	if err != nil {
		t.Fatal(err)
	}
	var expected map[string]map[string]struct {
		Type  string
		Shape []int64
		Sum   float64
	}
	if err := json.Unmarshal(data, &expected); err != nil {
		t.Fatal(err)
	}
	if len(expected) < 10 {
		t.Fatalf("%d files", len(expected))
	}
	// A buffer that is not persistent is in a TorchScript program, and in no state dict.
	beside := map[string][]string{
		"traced.torchscript.pt":   {"towers.1.passing"},
		"scripted.torchscript.pt": {"towers.1.passing"},
		"views.pth":               {"channels", "column"},
	}
	for file, tensors := range expected {
		c, err := checkpoint.Open(filepath.Join(dir, file))
		if err != nil {
			t.Error(err)
			continue
		}
		for name, want := range tensors {
			got, err := c.Tensor(name)
			if err != nil || got.Type != want.Type || !slices.Equal(got.Shape, want.Shape) {
				t.Errorf("%s: %s is %s %v, %v, want %+v", file, name, got.Type, got.Shape, err, want)
				continue
			}
			if got.Type != "float32" {
				continue
			}
			values, err := c.Float32(name)
			sum := 0.
			for _, v := range values {
				sum += float64(v)
			}
			if err != nil || math.Abs(sum-want.Sum) > 1e-6*(1+math.Abs(want.Sum)) {
				t.Errorf("%s: the values of %s have the sum %g, want %g, %v", file, name, sum, want.Sum, err)
			}
		}
		for _, name := range c.Names() {
			if _, ok := tensors[name]; !ok && !slices.Contains(beside[file], name) {
				t.Errorf("%s: %s is no tensor of the network", file, name)
			}
		}
	}
}

func TestATensorWithGapsIsAnErrorWhereItIsAskedFor(t *testing.T) {
	t.Parallel()
	c, err := checkpoint.Open(filepath.Join(torchFiles(t), "views.pth"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := c.Tensor("column"); !errors.Is(err, checkpoint.ErrCorrupt) || !strings.Contains(err.Error(), "gaps") || !strings.Contains(err.Error(), "column") {
		t.Errorf("a column of a matrix: %v", err)
	}
	if x, err := c.Tensor("channels"); err != nil || x.Perm == nil {
		t.Errorf("channels last: %+v, %v", x, err)
	}
}

func TestWhatHoldsNoStateDictSaysWhatItHolds(t *testing.T) {
	t.Parallel()
	dir := torchFiles(t)
	for file, want := range map[string]string{
		"frozen.torchscript.pt": "frozen",
		"module.pth":            "__main__.Net",
	} {
		if _, err := checkpoint.Open(filepath.Join(dir, file)); !errors.Is(err, checkpoint.ErrCorrupt) || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", file, err)
		}
	}
}

// The published forms of the golden data: what is found, and that its names are the network's own.
func TestPublishedLayoutsAreRead(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		model, file, name string
		shape             []int64
	}{
		{"csd", "pytorch_model.bin", "backbone.transformer.resblocks.0.attn.in_proj_weight", nil},
		{"csd", "pytorch_model.bin", "last_layer_style", nil},
		{"sscd", "sscd_disc_mixup.torchvision.pt", "backbone.layer1.0.conv1.weight", nil},
		{"sscd-torchscript", "sscd_disc_mixup.torchscript.pt", "backbone.layer1.0.conv1.weight", nil},
		{"resnet", "resnet50.pth", "layer1.0.conv1.weight", nil},
		{"openclip-vit", "open_clip_model.safetensors", "visual.conv1.weight", nil},
		{"dreamsim-openclip", "open_clip_vitb32_pretrain.pth.tar", "blocks.0.attn.qkv.weight", []int64{384, 128}},
	} {
		opened, err := checkpoint.Open(filepath.Join(golden.Layouts(t), "models", c.model))
		if err != nil {
			t.Error(err)
			continue
		}
		x, err := opened.Tensor(c.name)
		if err != nil || filepath.Base(opened.Path()) != c.file || c.shape != nil && !slices.Equal(x.Shape, c.shape) {
			t.Errorf("%s: %s %s %v, %v", c.model, filepath.Base(opened.Path()), c.name, x.Shape, err)
		}
	}
}
