package model

import (
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"github.com/akin-search/akin/internal/checkpoint"
)

// Whatever a config says of a checkpoint gives a network or an error, soon.
func FuzzConfigs(f *testing.F) {
	dirs, err := filepath.Glob(filepath.Join("..", "runtime", "testdata", "families", "*"))
	if err != nil || len(dirs) < 5 {
		f.Fatalf("no checkpoints: %v, %v", dirs, err)
	}
	var weights []*checkpoint.Checkpoint
	for _, dir := range dirs {
		path := filepath.Join(dir, "model.safetensors")
		if _, err := os.Stat(path); err != nil {
			continue
		}
		c, err := checkpoint.Open(path)
		if err != nil {
			f.Fatal(err)
		}
		config, err := readConfig(dir)
		if err != nil {
			f.Fatal(err)
		}
		preprocess, err := os.ReadFile(filepath.Join(dir, "preprocessor_config.json"))
		if err != nil {
			f.Fatal(err)
		}
		f.Add(uint8(len(weights)), config, preprocess)
		weights = append(weights, c)
	}
	f.Fuzz(func(t *testing.T, which uint8, config, preprocess []byte) {
		d := &definition{weights: weights[int(which)%len(weights)]}
		var err error
		if d.family, d.prefix, err = familyOf(config, d.weights); err != nil {
			return
		}
		d.config = d.family.config()
		if err := json.Unmarshal(config, d.config); err != nil {
			return
		}
		if d.preprocess, err = parsePreprocess(preprocess, d.family.preprocess); err != nil {
			return
		}
		if _, dim, err := d.pictures(graphOptions{precision: Float32}); err == nil && dim < 1 {
			t.Errorf("%d dimensions", dim)
		}
		if d.family.text != nil {
			if _, tokens, err := d.texts(SessionOptions{}); err == nil && tokens < 1 {
				t.Errorf("%d tokens", tokens)
			}
		}
	})
}

// Whatever stands beside a user's ONNX file, it is a preprocessing or an error.
func FuzzPreprocess(f *testing.F) {
	f.Add([]byte(example))
	f.Add([]byte(`{"size":{"shortest_edge":256},"crop_size":224,"image_mean":[0.5,0.5,0.5],"image_std":[1,1,1],"resample":3}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		p, err := parseWhole(data)
		if err == nil && (p.Width < 0 || p.Height < 0 || p.Short < 0) {
			t.Errorf("%+v", p)
		}
	})
}
