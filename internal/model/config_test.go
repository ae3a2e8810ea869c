package model

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// lying returns the folder of a checkpoint of which one of the descriptions was changed.
func lying(t *testing.T, family, file, old, with string) string {
	t.Helper()
	from, err := filepath.Abs(filepath.Join("..", "runtime", "testdata", "families", family))
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	entries, err := os.ReadDir(from)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		data, err := os.ReadFile(filepath.Join(from, e.Name()))
		if err != nil {
			t.Fatal(err)
		}
		if e.Name() == file {
			text := string(data)
			if data = []byte(strings.Replace(text, old, with, 1)); string(data) == text {
				t.Fatalf("%s has no %q", file, old)
			}
		}
		if err := os.WriteFile(filepath.Join(dir, e.Name()), data, 0o666); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func TestAnErrorInADescriptionNamesTheField(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ family, file, old, with, want string }{
		{"vit-prefix", "config.json", `"hidden_size": 20`, `"hidden_size": "20"`, "its config.json: hidden_size is a text, not a whole number"},
		{"vit-prefix", "config.json", `"hidden_size": 20`, `"hidden_size": 2e1000`, "hidden_size is 2e1000, not"},
		{"clip-gelu-half", "config.json", `"max_position_embeddings": 9`, `"max_position_embeddings": 1000000000`, "1000000000 tokens"},
		{"efficientnet-small", "config.json", `"expand_ratios": [
  1`, `"expand_ratios": [
  0`, "the config's stages have the numbers [0 4 6]"},
		{"efficientnet-small", "config.json", `"strides": [
  1`, `"strides": [
  -1`, "the config's stages have the numbers [-1 2 2]"},
		{"efficientnet-small", "config.json", `"depth_coefficient": 1.2`, `"depth_coefficient": 0`, "the depth coefficient 0"},
		{"vit-prefix", "config.json", `"num_hidden_layers": 1`, `"num_hidden_layers": 0`, "the config has 0 layers"},
		{"dinov2-registers", "config.json", `"num_register_tokens": 3`, `"num_register_tokens": -1`, "the config has -1 registers"},
		{"vit-prefix", "config.json", `"model_type": "vit"`, `"model_type": 7`, "model_type is a number, not a text"},
		{"vit-prefix", "config.json", `"hidden_size": 20`, `"hidden_size": [20]`, "hidden_size is a list, not"},
		{"clip-gelu-half", "config.json", `"num_attention_heads": 4`, `"num_attention_heads": 4.5`, "vision_config.num_attention_heads is 4.5, not a whole number"},
		{"timm-siglip", "config.json", `"embed_dim": 24`, `"embed_dim": true`, "model_args.embed_dim is true or false, not a whole number"},
		{"timm-siglip", "config.json", `"model_args": {`, `"model_args": [], "x": {`, "model_args is a list, not an object"},
		{"openclip-first", "open_clip_config.json", `"embed_dim": `, `"embed_dim": "x", "y": `, "model_cfg.embed_dim is a text, not a whole number"},
		{"vit-prefix", "preprocessor_config.json", `{"size"`, `{"image_mean": "grey", "size"`, "its preprocessor_config.json: image_mean is a text, not a list"},
		{"vit-prefix", "preprocessor_config.json", `{"size"`, `{"do_flip_channel_order": true, "size"`, "do_flip_channel_order is not supported"},
		{"vit-prefix", "config.json", `{`, `[{`, "config.json"},
	} {
		_, err := OpenDir(lying(t, c.family, c.file, c.old, c.with), Options{})
		if err == nil || !strings.Contains(err.Error(), c.want) || strings.Contains(err.Error(), "Go ") {
			t.Errorf("%s with %s: %v, want %q in it", c.family, c.with, err, c.want)
		}
	}
}

// transformers: "do_rescale" false leaves values from 0 to 255, which a mean and a deviation then have to belong to.
func TestValuesThatAreNotRescaled(t *testing.T) {
	t.Parallel()
	m, err := OpenDir(lying(t, "vit-prefix", "preprocessor_config.json", `{"size"`, `{"do_rescale": false, "rescale_factor": 0.5, "image_mean": [127.5, 127.5, 127.5], "image_std": [127.5, 127.5, 127.5], "size"`), Options{})
	if err != nil || m.Preprocess.Scale != 1 {
		t.Errorf("%+v, %v", m, err)
	}
}
