package model

import (
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
		path, err := checkpoint.Find(dir)
		if err != nil {
			continue // the script that made them
		}
		c, err := checkpoint.Open(path)
		if err != nil {
			f.Fatal(err)
		}
		read := readerOf(dir)
		config, err := read("config.json")
		if err != nil {
			f.Fatal(err)
		}
		openCLIP, err := read("open_clip_config.json")
		if err != nil {
			f.Fatal(err)
		}
		preprocess, err := read("preprocessor_config.json")
		if err != nil {
			f.Fatal(err)
		}
		f.Add(uint8(len(weights)), config, openCLIP, preprocess)
		weights = append(weights, c)
	}
	f.Fuzz(func(t *testing.T, which uint8, config, openCLIP, preprocess []byte) {
		read := func(name string) ([]byte, error) {
			return map[string][]byte{"config.json": config, "open_clip_config.json": openCLIP, "preprocessor_config.json": preprocess}[name], nil
		}
		d, err := readDefinition(read, weights[int(which)%len(weights)])
		if err != nil {
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
