package model_test

import (
	"bytes"
	"encoding/binary"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/akin-search/akin/internal/checkpoint"
	"github.com/akin-search/akin/internal/golden"
	"github.com/akin-search/akin/internal/model"
)

// Of every family, a checkpoint of nothing but what Needs finds by the headers is the
// same model.
func TestWhatIsNeededIsEnough(t *testing.T) {
	t.Parallel()
	var folders []string
	for _, name := range []string{"clip", "vit", "dinov2", "blip2", "efficientnet"} {
		folders = append(folders, filepath.Join(golden.Dir(t), "models", name))
	}
	published, err := filepath.Glob(filepath.Join(golden.Layouts(t), "models", "*", "*.safetensors"))
	if err != nil || len(published) < 20 {
		t.Fatalf("%d files, %v", len(published), err)
	}
	for _, path := range published {
		folders = append(folders, filepath.Dir(path))
	}
	for _, from := range folders {
		name, file := filepath.Base(from), "model.safetensors"
		if _, err := os.Stat(filepath.Join(from, "open_clip_model.safetensors")); err == nil {
			file = "open_clip_model.safetensors"
		}
		index, err := os.ReadFile(filepath.Join(from, file+".index.json"))
		if err == nil {
			file += ".index.json"
		}
		c, err := checkpoint.ReadHeaders(file, index, func(name string) (io.ReaderAt, int64, error) {
			data, err := os.ReadFile(filepath.Join(from, name))
			if err != nil {
				return nil, 0, err
			}
			return bytes.NewReader(data[:8+binary.LittleEndian.Uint64(data)]), int64(len(data)), nil
		})
		if err != nil {
			t.Fatal(err)
		}
		needed, err := model.Needs(from, c)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		part, order, err := checkpoint.Part(needed.Tensors)
		if err != nil {
			t.Fatal(err)
		}
		for _, tensor := range order {
			data, err := os.ReadFile(filepath.Join(from, tensor.File))
			if err != nil {
				t.Fatal(err)
			}
			part = append(part, data[tensor.Offset:][:tensor.Length]...)
		}
		dir := t.TempDir()
		all, err := os.ReadDir(from)
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range all {
			if ext := filepath.Ext(e.Name()); ext != ".json" && ext != ".txt" && ext != ".model" || strings.HasSuffix(e.Name(), ".index.json") {
				continue
			}
			data, err := os.ReadFile(filepath.Join(from, e.Name()))
			if err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(filepath.Join(dir, e.Name()), data, 0o666); err != nil {
				t.Fatal(err)
			}
		}
		if err := os.WriteFile(filepath.Join(dir, "model.safetensors"), part, 0o666); err != nil {
			t.Fatal(err)
		}
		want, err := model.OpenDir(from, model.Options{})
		if err != nil {
			t.Fatal(err)
		}
		got, err := model.OpenDir(dir, model.Options{})
		if err != nil || got.Fingerprint != want.Fingerprint || (got.Text == nil) != (want.Text == nil) || got.Bytes != want.Bytes {
			t.Errorf("%s: %+v, %v, want %+v", name, got, err, want)
		}
	}
}
