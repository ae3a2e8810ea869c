package model_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/akin-search/akin/internal/model"
)

func TestADINOv3ConfigThatLiesIsRefused(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		why, file, old, new string
		want                string // part of the error
	}{
		{"fewer registers than none", "config.json", `"num_register_tokens": 1`, `"num_register_tokens": -7`, "num_register_tokens -7"},
		{"more registers than there are", "config.json", `"num_register_tokens": 1`, `"num_register_tokens": 1000000000`, "register_tokens"},
		{"none, but the checkpoint has one", "config.json", `"num_register_tokens": 1`, `"num_register_tokens": 0`, "embeddings.register_tokens"},
		{"turns of no speed", "config.json", `"rope_theta": 50.0`, `"rope_theta": 0`, "rope_theta 0"},
		{"heads of three values", "config.json", `"num_attention_heads": 2`, `"num_attention_heads": 16`, "multiple of 4 values"},
		{"a plain MLP, but the checkpoint has gates", "config.json", `"use_gated_mlp": true`, `"use_gated_mlp": false`, "gate_proj"},
		{"fewer layers than there are", "config.json", `"num_hidden_layers": 2`, `"num_hidden_layers": 1`, "layer.1."},
		{"a million tokens", "preprocessor_config.json", `{"height": 44, "width": 44}`, `{"height": 8192, "width": 8192}`, "1048578 tokens"},
		{"a resize that torch has not in floating point", "preprocessor_config.json", `{"size"`, `{"resample": 1, "size"`, "neither bilinear nor bicubic"},
	} {
		t.Run(c.why, func(t *testing.T) {
			t.Parallel()
			from, to := filepath.Join("..", "runtime", "testdata", "families", "dinov3-gelu-gated"), t.TempDir()
			if err := os.CopyFS(to, os.DirFS(from)); err != nil {
				t.Fatal(err)
			}
			path := filepath.Join(to, c.file)
			text, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			if !strings.Contains(string(text), c.old) {
				t.Fatalf("no %s in %s", c.old, text)
			}
			if err := os.WriteFile(path, []byte(strings.Replace(string(text), c.old, c.new, 1)), 0o666); err != nil {
				t.Fatal(err)
			}
			if _, err := model.OpenDir(to, model.Options{}); err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("%v, not an error with %q", err, c.want)
			}
		})
	}
}
