//go:build unix

package model_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/akin-search/akin/internal/model"
	"github.com/akin-search/akin/internal/onnx"
)

// withWeights is a network whose weights lie in a file: 360 x 2 of them.
func withWeights(file string) string {
	g := onnx.NewGraph("outside")
	x := g.Node("Flatten", []onnx.Value{g.Input("x", onnx.Float32, "n", 3, 12, 10)})
	g.Output("y", g.Node("MatMul", []onnx.Value{x, g.Weight("w", onnx.Float32, []int64{360, 2}, onnx.External{File: file})}), "n", 2)
	return string(g.Bytes())
}

// Weights lie beside the model or below it, and are files. Here they are wherever they are said to be.
func TestWeightsOutsideOfTheFolderAreNotRead(t *testing.T) {
	t.Parallel()
	const outside, missing = "outside its folder", "beside the model"
	weights := strings.Repeat("\x00\x00\x80\x3f", 720)
	for _, c := range []struct{ file, says string }{
		{"w", ""}, {"below/w", ""}, {"./w", ""}, {"below/../w", ""}, // these are inside
		{"../w", outside}, {"./../w", outside}, {"below/../../w", outside}, {"below/./../.././w", outside}, {"../model/w", outside}, {"../../../../../../../../../etc/passwd", outside},
		{"..", outside}, {"../", outside}, {"below/../..", outside},
		{"ABSOLUTE/w", outside}, {"ABSOLUTE/model/w", outside}, {"/ABSOLUTE/w", outside}, {"/etc/passwd", outside}, {"/dev/zero", outside}, {"/proc/self/mem", outside}, {"/", outside},
		{`..\w`, outside}, {`below\..\..\w`, outside}, {`C:\w`, outside}, {`\\server\w`, outside},
		{"w\x00", outside}, {"../w\x00w", outside}, {"*/_ORT_MEM_ADDR_/*", outside}, {"below/_ORT_MEM_ADDR_", outside}, {"", outside},
		{".", missing}, {"below", missing}, {"below/..", missing},
		{"file://ABSOLUTE/w", missing}, {"%2e%2e/w", missing}, {"$HOME/w", missing}, {"~/w", missing}, {"w ", missing},
		{"pipe", missing}, {"to zero", missing}, {"to a folder", missing}, {"to itself", missing}, {"to nothing", missing},
	} {
		above := t.TempDir()
		dir := filepath.Join(above, "model")
		for _, file := range []string{"w", "model/w", "model/below/w"} {
			write(t, filepath.Join(above, file), weights)
		}
		link := func(to, name string) error { return os.Symlink(to, filepath.Join(dir, name)) }
		if err := errors.Join(syscall.Mkfifo(filepath.Join(dir, "pipe"), 0o666), link("/dev/zero", "to zero"), link("..", "to a folder"), link("to itself", "to itself"), link("gone", "to nothing")); err != nil {
			t.Fatal(err)
		}
		file := write(t, filepath.Join(dir, "x.onnx"), withWeights(strings.ReplaceAll(c.file, "ABSOLUTE", above)))
		ended := make(chan error, 1)
		go func() {
			_, err := model.OpenFile(file, write(t, filepath.Join(dir, "p.json"), settings("")), model.Options{})
			ended <- err
		}()
		select {
		case err := <-ended:
			if c.says == "" && err != nil || c.says != "" && (err == nil || !strings.Contains(err.Error(), c.says)) {
				t.Errorf("%q: %v, want %q", c.file, err, c.says)
			}
		case <-time.After(10 * time.Second):
			t.Errorf("%q: it is read for ever", c.file)
		}
	}
}
