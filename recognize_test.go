package akin_test

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/akin-search/akin"
	"github.com/akin-search/akin/api"
	"github.com/akin-search/akin/internal/checkpoint"
	"github.com/akin-search/akin/internal/golden"
	"github.com/akin-search/akin/internal/model"
	"github.com/akin-search/akin/internal/models"
)

// What a repository is, and what is wrong with it, is known before its weights are fetched.
func TestARepositoryIsRecognizedBeforeItsWeightsAreFetched(t *testing.T) {
	t.Parallel()
	golden.Deps(t)
	small, layouts := filepath.Join(golden.Dir(t), "models"), filepath.Join(golden.Layouts(t), "models")
	edit := func(file, from, to string) func(*testing.T, string) {
		return func(t *testing.T, dir string) {
			path := filepath.Join(dir, file)
			text, err := os.ReadFile(path)
			must(t, err)
			changed := bytes.Replace(text, []byte(from), []byte(to), 1)
			if bytes.Equal(text, changed) {
				t.Fatalf("%s is not in %s", from, path)
			}
			must(t, os.WriteFile(path, changed, 0o666))
		}
	}
	write := func(file, text string) func(*testing.T, string) {
		return func(t *testing.T, dir string) { must(t, os.WriteFile(filepath.Join(dir, file), []byte(text), 0o666)) }
	}
	for _, c := range []struct {
		why, from string
		change    []func(*testing.T, string)
		note      string // that says what it is
		is        error
		want      string // in the error
		onnx      bool
	}{
		{why: "transformers' layout", from: filepath.Join(small, "clip"), note: "is clip: 24 dimensions, input 224 x 224"},
		{why: "OpenCLIP's layout", from: filepath.Join(layouts, "openclip-vit"), note: "reads text"},
		{why: "a pickle without a description", from: filepath.Join(layouts, "csd"), note: "is csd: "},
		{why: "an architecture that nobody here knows", from: filepath.Join(small, "vit"), change: []func(*testing.T, string){
			edit("config.json", `"model_type": "vit"`, `"model_type": "mamba"`), write("model.onnx", "")}, want: `"mamba"; akin knows`, onnx: true},
		{why: "one of timm's that is not built", from: filepath.Join(small, "vit"), change: []func(*testing.T, string){
			write("config.json", `{"architecture": "levit_128", "pretrained_cfg": {}}`)}, want: `"levit_128"`},
		{why: "an unknown one with a pickle", from: filepath.Join(layouts, "csd"), change: []func(*testing.T, string){
			write("config.json", `{"model_type": "mamba"}`)}, want: `"mamba"`},
		{why: "a description of another network", from: filepath.Join(layouts, "csd"), change: []func(*testing.T, string){
			write("config.json", `{"model_type": "vit"}`)}, is: checkpoint.ErrCorrupt, want: "is not there"},
		{why: "a config that lies about its width", from: filepath.Join(small, "vit"), change: []func(*testing.T, string){
			edit("config.json", `"hidden_size": 32`, `"hidden_size": 3200`)}, is: checkpoint.ErrCorrupt, want: "3200"},
		{why: "a config that lies about its layers", from: filepath.Join(small, "vit"), change: []func(*testing.T, string){
			edit("config.json", `"num_hidden_layers": 2`, `"num_hidden_layers": 2000000000`)}, want: "pull"},
		{why: "a config that is none", from: filepath.Join(small, "vit"), change: []func(*testing.T, string){
			write("config.json", `<html>`)}, want: "config.json"},
		{why: "weights that are a page", from: filepath.Join(small, "vit"), change: []func(*testing.T, string){
			write("model.safetensors", "<html>please log in</html>")}, is: checkpoint.ErrCorrupt, want: "model.safetensors"},
		{why: "a pickle that is none", from: filepath.Join(layouts, "csd"), change: []func(*testing.T, string){
			write("pytorch_model.bin", "PK\x03\x04 and no more")}, is: checkpoint.ErrCorrupt, want: "pytorch_model.bin"},
	} {
		t.Run(c.why, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			must(t, os.CopyFS(dir, os.DirFS(c.from)))
			weights := int64(0)
			for _, change := range c.change {
				change(t, dir)
			}
			for _, pattern := range []string{"*.safetensors", "*.bin"} {
				files, _ := filepath.Glob(filepath.Join(dir, pattern))
				for _, f := range files {
					info, err := os.Stat(f)
					must(t, err)
					weights += info.Size()
				}
			}
			var sent atomic.Int64
			var notes []string
			_, err := akin.Pull(t.Context(), "Some/net", api.PullOptions{
				Home: t.TempDir(), Hub: api.Hub{Endpoint: serveCounted(t, "Some/net", dir, &sent, true).URL, Cache: t.TempDir()},
				Note: func(line string) { notes = append(notes, line) },
			})
			if c.want == "" {
				if err != nil || len(notes) == 0 || !strings.Contains(notes[0], c.note) {
					t.Errorf("%q, %v", notes, err)
				}
				return
			}
			e, ok := errors.AsType[*models.UnbuildableError](err)
			if !ok || c.is != nil && !errors.Is(err, c.is) || !strings.Contains(err.Error(), c.want) || (len(e.ONNX) > 0) != c.onnx {
				t.Errorf("%v, and ONNX files: %t", err, ok && len(e.ONNX) > 0)
			}
			if unknown, ok := errors.AsType[*model.UnknownArchitectureError](err); (c.is == nil && strings.Contains(c.want, `"`)) != ok {
				t.Errorf("an unknown architecture: %v", unknown)
			}
			if weights > 512<<10 && sent.Load() > weights/2 {
				t.Errorf("%d bytes were sent, and the weights have %d", sent.Load(), weights)
			}
		})
	}
}
