package akin_test

import (
	"encoding/json"
	"errors"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/akin-search/akin"
	"github.com/akin-search/akin/api"
	"github.com/akin-search/akin/internal/golden"
)

const onnxFiles = "internal/onnx/testdata"

// settingsFile writes how the pictures of testdata's networks are prepared.
func settingsFile(t *testing.T) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "p.json")
	text := `{"size": {"height": 12, "width": 10}, "resample": 3, "image_mean": [0.5, 0.4, 0.3], "image_std": [0.2, 0.3, 0.4], "licence": "MIT"}`
	if err := os.WriteFile(path, []byte(text), 0o666); err != nil {
		t.Fatal(err)
	}
	return path
}

func embedAll(t *testing.T, name string, o akin.Options, pictures ...string) [][]float32 {
	t.Helper()
	m, err := akin.OpenModel(name, o)
	if err != nil {
		t.Fatal(err)
	}
	defer m.Close()
	rows, err := m.Embed(t.Context(), pictures, nil)
	if err != nil {
		t.Fatal(err)
	}
	var vectors [][]float32
	for _, r := range rows {
		if r.Err != nil {
			t.Fatal(r.Err)
		}
		vectors = append(vectors, r.Vector)
	}
	return vectors
}

func TestAnONNXFileIsAddedUsedAndRemoved(t *testing.T) {
	golden.Deps(t)
	home := t.TempDir()
	o := akin.Options{Home: akin.Home(home), Library: library}
	p := settingsFile(t)
	m, err := akin.AddModel(t.Context(), "mine", filepath.Join(onnxFiles, "open.onnx"), p, o)
	if err != nil || m.Name != "mine" || m.Dim != 5 || m.Input != [2]int{10, 12} || m.Params != 1073 || m.Licence != "MIT" || !m.Present {
		t.Fatalf("%+v, %v", m, err)
	}
	data, err := os.ReadFile(filepath.Join(onnxFiles, "expected.json"))
	if err != nil {
		t.Fatal(err)
	}
	var expected struct {
		Cases []struct {
			File       string      `json:"file"`
			Embeddings [][]float64 `json:"embeddings"`
		} `json:"cases"`
	}
	if err := json.Unmarshal(data, &expected); err != nil {
		t.Fatal(err)
	}
	pictures := []string{filepath.Join(onnxFiles, "ramp.png"), filepath.Join(onnxFiles, "noise.png")}
	compared := 0
	for _, o := range []akin.Options{o, {Library: library, ModelDir: filepath.Join(home, "models", "mine")}} {
		got := embedAll(t, "mine", o, pictures...)
		for _, c := range expected.Cases {
			if c.File != "open.onnx" {
				continue
			}
			for i, want := range c.Embeddings {
				for j, w := range want {
					if compared++; math.Abs(float64(got[i][j])-w) > 1e-5 {
						t.Errorf("%s: value %d is %g, not %g", pictures[i], j, got[i][j], w)
					}
				}
			}
		}
	}
	if compared != 20 {
		t.Errorf("%d values were compared", compared)
	}

	// What another process left when it was killed is no model, and in nobody's way.
	left := filepath.Join(home, "models", ".new-1")
	if err := errors.Join(os.Mkdir(left, 0o777), os.Symlink("/x.onnx", filepath.Join(left, "model.onnx")),
		os.WriteFile(filepath.Join(left, "preprocess.json"), nil, 0o666)); err != nil {
		t.Fatal(err)
	}
	own := filepath.Join(home, "models", "own")
	if err := errors.Join(os.Mkdir(own, 0o777), os.WriteFile(filepath.Join(own, "model.onnx"), nil, 0o666)); err != nil {
		t.Fatal(err)
	}
	listed := 0
	for _, m := range akin.Models(o) {
		if m.Name == "mine" && m.Present && m.Dim == 5 {
			listed++
		} else if m.Name == "own" || strings.HasPrefix(m.Name, ".") {
			t.Errorf("%+v is listed", m)
		}
	}
	if listed != 1 {
		t.Errorf("it is listed %d times", listed)
	}

	for _, c := range []struct{ why, name, file, says string }{
		{"there is one", "mine", "nchw.onnx", "the name is taken by "},
		{"the catalogue has that name", "vgg16", "nchw.onnx", "the catalogue has"},
		{"the name is a path", "../mine", "nchw.onnx", "letters, digits"},
		{"the name would be two", "a,b", "nchw.onnx", "letters, digits"},
		{"the name is hidden", ".new-2", "nchw.onnx", "letters, digits"},
		{"no name", "", "nchw.onnx", "letters, digits"},
		{"no such file", "other", "absent.onnx", "absent.onnx"},
		{"it is not float", "other", "int32.onnx", "int32.onnx"},
	} {
		if _, err := akin.AddModel(t.Context(), c.name, filepath.Join(onnxFiles, c.file), p, o); err == nil || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: %v", c.why, err)
		}
	}
	if _, err := akin.AddModel(t.Context(), "other", filepath.Join(onnxFiles, "nchw.onnx"), p, akin.Options{Home: o.Home, Library: library, Precision: "int8"}); !errors.Is(err, akin.ErrPrecision) {
		t.Errorf("in int8: %v", err)
	}

	for name, says := range map[string]string{"own": "remove it yourself", "absent": "no model of that name", "": "no model of that name", "../models": "no model of that name", ".new-1": "no model of that name"} {
		if err := akin.RemoveModel(name, o); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("remove %q: %v", name, err)
		}
	}
	if err := akin.RemoveModel("mine", o); err != nil {
		t.Fatal(err)
	}
	if _, err := akin.OpenModel("mine", o); !errors.Is(err, akin.ErrNoModel) {
		t.Errorf("after it was removed: %v", err)
	}
	if _, err := os.Stat(filepath.Join(onnxFiles, "open.onnx")); err != nil {
		t.Error("the user's file went with it")
	}
	// A folder that was pulled goes the same way.
	vit := filepath.Join(golden.Dir(t), "models", "vit")
	if _, err := akin.Pull(t.Context(), vit, api.PullOptions{Home: home}); err != nil {
		t.Fatal(err)
	}
	if err := akin.RemoveModel("vit", o); err != nil {
		t.Error(err)
	}
	if _, err := os.Stat(filepath.Join(vit, "config.json")); err != nil {
		t.Error("the user's folder went with it")
	}
}

// Only running it needs ONNX Runtime.
func TestAnONNXFileIsOpenedWithoutONNXRuntime(t *testing.T) {
	golden.Deps(t)
	home := akin.Home(t.TempDir())
	if _, err := akin.AddModel(t.Context(), "mine", filepath.Join(onnxFiles, "nchw.onnx"), settingsFile(t), akin.Options{Home: home, Library: library}); err != nil {
		t.Fatal(err)
	}
	nowhere := akin.Options{Home: home, Library: filepath.Join(t.TempDir(), "absent.so")}
	m, err := akin.OpenModel("mine", nowhere)
	if err != nil {
		t.Fatal(err)
	}
	defer m.Close()
	if m.Dim() != 5 || len(m.Fingerprint()) != 64 {
		t.Errorf("%d dimensions, %s", m.Dim(), m.Fingerprint())
	}
	if _, err := m.Embed(t.Context(), []string{filepath.Join(onnxFiles, "ramp.png")}, nil); !errors.Is(err, akin.ErrNoRuntime) {
		t.Errorf("it ran: %v", err)
	}
	if _, err := akin.AddModel(t.Context(), "other", filepath.Join(onnxFiles, "nchw.onnx"), settingsFile(t), nowhere); !errors.Is(err, akin.ErrNoRuntime) {
		t.Errorf("it was added without being run: %v", err)
	}
}
