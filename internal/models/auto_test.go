package models

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/akin-search/akin/internal/golden"
	"github.com/akin-search/akin/internal/home"
	"github.com/akin-search/akin/internal/model"
	"github.com/akin-search/akin/internal/runtime"
)

// openVINO returns the path of its library, or "" where it is absent.
func openVINO(t *testing.T) string {
	t.Helper()
	if path := os.Getenv("AKIN_OPENVINO"); path != "" {
		return path
	}
	found, _ := filepath.Glob(filepath.Join(golden.Deps(t), "openvino", "libopenvino_c*"))
	if len(found) == 0 {
		return ""
	}
	return found[0]
}

func TestWithoutOpenVINOFloat32IsChosen(t *testing.T) {
	t.Parallel()
	o := Options{Library: library(t), ModelDirs: []string{filepath.Join(golden.Deps(t), "models")}, Home: home.Dir(t.TempDir())}
	e := NewEngine(o)
	defer e.Close()
	c, err := e.Choose(t.Context(), DefaultModel, View{})
	if err != nil || c != (Choice{Precision: model.Float32}) {
		t.Errorf("%+v, %v", c, err)
	}
	o.Precision = string(model.BFloat16)
	if _, err := NewEngine(o).Open(DefaultModel, View{}); err == nil {
		t.Error("bf16 is asked for and not there, and that is no error")
	}
}

// On a processor that is fast in bfloat16, it is chosen, and its cosine is that to float32.
func TestBFloat16IsChosenWhereItIsFastAndNear(t *testing.T) {
	o := Options{Library: library(t), OpenVINO: openVINO(t), Home: home.Dir(t.TempDir()), ModelDir: filepath.Join(golden.Dir(t), "models", "clip")}
	if o.OpenVINO == "" {
		t.Skip("OpenVINO is absent: run `scripts/setup openvino` first")
	}
	choose := func(o Options) Choice {
		e := NewEngine(o)
		defer e.Close()
		c, err := e.Choose(t.Context(), "clip", View{})
		if err != nil {
			t.Fatal(err)
		}
		return c
	}
	defer func(f func() bool) { fast = f }(fast)
	fast = func() bool { return false }
	if c := choose(o); c.Precision != model.Float32 {
		t.Errorf("on a slow processor: %+v", c)
	}
	fast = func() bool { return true }
	c := choose(o)
	if runtime.CheckBFloat16() != nil {
		if c.Precision != model.Float32 {
			t.Errorf("on a processor without it: %+v", c)
		}
		return
	}
	if c.Precision != model.BFloat16 || !(c.Cosine >= nearCosine && c.Cosine < 1) {
		t.Errorf("%+v", c)
	}
	o.Device = "cuda"
	if c := choose(o); c.Precision != model.Float32 {
		t.Errorf("on a graphics card: %+v", c)
	}
}
