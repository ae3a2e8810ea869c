package checkpoint_test

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/akin-search/akin/internal/checkpoint"
)

func TestAFoldersCheckpointIsFound(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		why   string
		files []string
		want  string
	}{
		{"safetensors before a pickle, the hub's name before others", []string{"model.safetensors", "pytorch_model.bin", "x.pth"}, "model.safetensors"},
		{"an index", []string{"model.safetensors.index.json", "model-00001-of-00001.safetensors"}, "model.safetensors.index.json"},
		{"the hub's pickle", []string{"pytorch_model.bin", "readme.md"}, "pytorch_model.bin"},
		{"a laion repository: both towers in one file", []string{"model.safetensors", "open_clip_model.safetensors", "open_clip_pytorch_model.bin", "pytorch_model.bin"}, "open_clip_model.safetensors"},
		{"safetensors before OpenCLIP's pickle", []string{"model.safetensors", "open_clip_pytorch_model.bin"}, "model.safetensors"},
		{"OpenCLIP's fallback", []string{"open_clip_config.json", "open_clip_pytorch_model.bin", "pytorch_model.bin"}, "open_clip_pytorch_model.bin"},
		{"laion's bigG", []string{"open_clip_pytorch_model-00001-of-00002.bin", "open_clip_pytorch_model-00002-of-00002.bin", "open_clip_pytorch_model.bin.index.json"}, "open_clip_pytorch_model.bin.index.json"},
		{"torchvision's", []string{"vgg16-397923af.pth", "config.json"}, "vgg16-397923af.pth"},
		{"one of another name", []string{"other.safetensors"}, "other.safetensors"},
		{"one of another name in both forms", []string{"other.pth", "other.safetensors"}, "other.safetensors"},
		{"SSCD's state dict before its program", []string{"sscd_disc_mixup.torchscript.pt", "sscd_disc_mixup.torchvision.pt"}, "sscd_disc_mixup.torchvision.pt"},
		{"SSCD's program alone", []string{"sscd_disc_mixup.torchscript.pt", "notes.txt"}, "sscd_disc_mixup.torchscript.pt"},
		{"the imagenet example's", []string{"model_best.pth.tar"}, "model_best.pth.tar"},
		{"transformers' Trainer", []string{"pytorch_model.bin", "optimizer.pt", "scheduler.pt", "rng_state.pth", "training_args.bin"}, "pytorch_model.bin"},
		{"a trainer's folder with a file of another name", []string{"last.ckpt", "optimizer.bin", "rng_state_0.pth", "training_args.bin"}, "last.ckpt"},
		{"OpenVINO beside it", []string{"net.pt", "openvino_model.bin", "openvino_model.xml"}, "net.pt"},
		{"a file that macOS leaves", []string{"net.pth", "._net.pth"}, "net.pth"},
	} {
		files := map[string][]byte{}
		for _, name := range c.files {
			files[name] = nil
		}
		got, err := checkpoint.Find(folder(t, files))
		if err != nil || filepath.Base(got) != c.want {
			t.Errorf("%s: %s, %v, want %s", c.why, got, err, c.want)
		}
	}
}

func TestAFolderWithoutACheckpointOrWithSeveralIsAnError(t *testing.T) {
	t.Parallel()
	for why, files := range map[string]map[string][]byte{
		"empty":                     {},
		"a training's states alone": {"optimizer.pt": nil, "training_args.bin": nil},
		"another framework's":       {"model.onnx": nil, "flax_model.msgpack": nil, "openvino_model.bin": nil, "openvino_model.xml": nil},
	} {
		if got, err := checkpoint.Find(folder(t, files)); !errors.Is(err, os.ErrNotExist) {
			t.Errorf("%s: %s, %v", why, got, err)
		}
	}
	if _, err := checkpoint.Find(filepath.Join(t.TempDir(), "absent")); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("an absent folder: %v", err)
	}
	dir := folder(t, map[string][]byte{"a.pth": nil, "b.pt": nil, "c.txt": nil})
	_, err := checkpoint.Find(dir)
	several, ok := errors.AsType[*checkpoint.AmbiguousError](err)
	if !ok || several.Dir != dir || !slices.Equal(several.Files, []string{"a.pth", "b.pt"}) || errors.Is(err, os.ErrNotExist) {
		t.Fatalf("two: %v", err)
	}
	for _, want := range []string{dir, "a.pth", "b.pt"} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("the error does not name %s: %v", want, err)
		}
	}
	many := map[string][]byte{}
	for i := range 3000 {
		many[strings.Repeat("x", 50)+string(rune('a'+i%26))+strings.Repeat("y", i/26)+".pth"] = nil
	}
	if _, err := checkpoint.Find(folder(t, many)); err == nil || len(err.Error()) > 2000 {
		t.Errorf("an error of %d bytes", len(err.Error()))
	}
}

func TestACheckpointIsOpenedByItsFile(t *testing.T) {
	t.Parallel()
	file := safetensors(`{"w":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}`, 8)
	dir := folder(t, map[string][]byte{"a.safetensors": file, "b.safetensors": file})
	for _, name := range []string{"a.safetensors", "b.safetensors"} {
		c, err := checkpoint.Open(filepath.Join(dir, name))
		if err != nil || !c.Has("w") || filepath.Base(c.Path()) != name {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestShardsAreThoseOfTheirIndex(t *testing.T) {
	t.Parallel()
	names := []string{"model-00001-of-00002.safetensors", "open_clip_model-00001-of-00001.safetensors", "model-00002-of-00002.safetensors", "model-00001-of-00001.bin", "model.safetensors.index.json"}
	if got := checkpoint.Shards("model.safetensors.index.json", names); !slices.Equal(got, []string{names[0], names[2]}) {
		t.Errorf("the shards are %q", got)
	}
	if got := checkpoint.Shards("net.pth", names); !slices.Equal(got, []string{"net.pth"}) {
		t.Errorf("a whole file is %q", got)
	}
}
