package model_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/akin-search/akin/internal/model"
	"github.com/akin-search/akin/internal/onnx"
)

// onnxFiles are tiny networks; make.py there wrote them.
const onnxFiles = "../onnx/testdata"

// settings are for pictures of 10 x 12, with more fields.
func settings(more string) string {
	return `{"size": {"height": 12, "width": 10}, "resample": 3, "image_mean": [0.5, 0.4, 0.3], "image_std": [0.2, 0.3, 0.4]` + more + `}`
}

func write(t *testing.T, path, text string) string {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o666); err != nil {
		t.Fatal(err)
	}
	return path
}

func readFile(t *testing.T, path string) string {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

func TestAnONNXFileThatCannotBeAModelSaysWhy(t *testing.T) {
	t.Parallel()
	all := readFile(t, filepath.Join(onnxFiles, "nchw.onnx"))
	for _, c := range []struct {
		why, file, settings string
		says                []string
	}{
		{"several outputs", "several.onnx", settings(""), []string{"several.onnx", "left float32 (?, 30, 6)", "right float32 (?, 4)", `"output"`}},
		{"no such output", "several.onnx", settings(`, "output": "middle"`), []string{`no output "middle"`, "left", "right"}},
		{"no such input", "nchw.onnx", settings(`, "input": "x"`), []string{`no input "x"`, "pixel_values float32 (?, 3, 12, 10)"}},
		{"an output of another rank", "plane.onnx", settings(""), []string{"plane.onnx", "(?, 6, 6, 5)", `"pool"`}},
		{"a plane has no first", "plane.onnx", settings(`, "pool": "first"`), []string{`"first" does not fit`}},
		{"an unknown pooling", "plane.onnx", settings(`, "pool": "max"`), []string{"p.json", `"max"`, `"mean"`}},
		{"pictures of another size", "nchw.onnx", strings.Replace(settings(""), "12", "14", 1), []string{"nchw.onnx", "10 x 14", "p.json"}},
		{"sides the other way round", "nhwc.onnx", `{"size": {"height": 10, "width": 12}, "do_normalize": false}`, []string{"12 x 10"}},
		{"eight pictures at once", "eight.onnx", settings(""), []string{"8 pictures at once"}},
		{"another type", "int32.onnx", settings(""), []string{"int32", "float32 or float16"}},
		{"a mean for a network that normalises", "bytes.onnx", settings(""), []string{"p.json", `"image_`, "normalises by itself"}},
		{"a factor for a network that normalises", "bytes.onnx", `{"size": 12, "rescale_factor": 0.5}`, []string{`"rescale_factor"`}},
		{"no size for a network that normalises", "bytes.onnx", `{}`, []string{`"size" is missing`}},
		{"nothing for a network that normalises", "bytes.onnx", `null`, []string{`"size" is missing`}},
		{"another length", "nchw.onnx", settings(`, "dim": 7`), []string{`"dim" is 7`, "(?, 5)"}},
		{"no size", "nchw.onnx", `{"image_mean": [0, 0, 0], "image_std": [1, 1, 1]}`, []string{"p.json", `"size" is missing`, `"height": 224`}},
		{"no mean", "nchw.onnx", `{"size": 12, "image_std": [1, 1, 1]}`, []string{`"image_mean" is missing`}},
		{"no std", "nchw.onnx", `{"size": 12, "image_mean": [1, 1, 1]}`, []string{`"image_std" is missing`}},
		{"a shorter side alone", "nchw.onnx", `{"size": {"shortest_edge": 12}, "do_normalize": false}`, []string{"p.json", "shorter side of 12"}},
		{"a mean of 0 to 255 for pixels of 0 to 1", "nchw.onnx", `{"size": {"height": 12, "width": 10}, "image_mean": [123.675, 116.28, 103.53], "image_std": [58.395, 57.12, 57.375]}`,
			[]string{"p.json", "a mean of 123.675", "pixels from 0 to 1"}},
		{"a deviation of 0 to 1 for pixels of 0 to 255", "nchw.onnx", `{"size": {"height": 12, "width": 10}, "do_rescale": false, "image_mean": [0.485, 0.456, 0.406], "image_std": [0.229, 0.224, 0.225]}`,
			[]string{"a deviation of 0.229", "pixels from 0 to 255"}},
		{"timm's config without a mean", "nchw.onnx", `{"input_size": [3, 12, 10], "crop_mode": "squash", "crop_pct": 1.0}`, []string{`"mean" or "std" is missing`}},
		{"timm's config of another size", "nchw.onnx", `{"input_size": [3, 14, 14], "mean": [0.5, 0.5, 0.5], "std": [0.5, 0.5, 0.5]}`, []string{"14 x 14"}},
		{"timm's mean for a network that normalises", "bytes.onnx", `{"input_size": [3, 12, 10], "crop_mode": "squash", "crop_pct": 1.0, "mean": [0.5, 0.5, 0.5], "std": [0.5, 0.5, 0.5]}`, []string{`"mean" is set`, "normalises by itself"}},
		{"blue, green, red", "nchw.onnx", settings(`, "do_flip_channel_order": true`), []string{"do_flip_channel_order"}},
		{"no JSON", "nchw.onnx", "size: 12", []string{"p.json", "invalid character"}},
		{"no ONNX", "make.py", settings(""), []string{"make.py", "no ONNX model"}},
		{"it is cut off", "cut.onnx", settings(""), []string{"cut.onnx", "at byte"}},
		{"it is not there", "absent.onnx", settings(""), []string{"absent.onnx", "no such file"}},
		{"weights that are not there", "external.onnx", settings(""), []string{"external.onnx", "external.weights", "beside the model"}},
		{"weights above its folder", "above.onnx", settings(""), []string{"above.onnx", `"../w"`, "outside its folder"}},
		{"weights at a path", "path.onnx", settings(""), []string{`"/etc/passwd"`, "outside its folder"}},
		{"weights at an address", "address.onnx", settings(""), []string{"_ORT_MEM_ADDR_", "outside its folder"}},
	} {
		dir := t.TempDir()
		file := filepath.Join(dir, c.file)
		at := map[string]string{"above.onnx": "../w", "path.onnx": "/etc/passwd", "address.onnx": "*/_ORT_MEM_ADDR_/*"}[c.file]
		switch {
		case at != "":
			g := onnx.NewGraph("hostile")
			x := g.Node("Flatten", []onnx.Value{g.Input("x", onnx.Float32, "n", 3, 12, 10)})
			g.Output("y", g.Node("MatMul", []onnx.Value{x, g.Weight("w", onnx.Float32, []int64{360, 2}, onnx.External{File: at})}), "n", 2)
			write(t, file, string(g.Bytes()))
		case c.file == "cut.onnx":
			write(t, file, all[:len(all)/2])
		case c.file != "absent.onnx":
			write(t, file, readFile(t, filepath.Join(onnxFiles, c.file)))
		}
		_, err := model.OpenFile(file, write(t, filepath.Join(dir, "p.json"), c.settings), model.Options{})
		if err == nil {
			t.Errorf("%s: it is opened", c.why)
			continue
		}
		for _, s := range c.says {
			if !strings.Contains(err.Error(), s) {
				t.Errorf("%s: %v lacks %q", c.why, err, s)
			}
		}
	}
	if _, err := model.OpenFile(filepath.Join(onnxFiles, "nchw.onnx"), "", model.Options{}); err == nil || !strings.Contains(err.Error(), `"image_mean": [0.485`) {
		t.Errorf("without settings: %v", err)
	}
	if _, err := model.OpenFile(filepath.Join(onnxFiles, "nchw.onnx"), "", model.Options{Precision: model.Int8}); !errors.Is(err, model.ErrPrecision) {
		t.Errorf("in int8: %v", err)
	}
	link := filepath.Join(t.TempDir(), "mine")
	write(t, filepath.Join(link, model.SettingsName), settings(""))
	if err := os.Symlink("/gone/x.onnx", filepath.Join(link, model.FileName)); err != nil {
		t.Fatal(err)
	}
	var broken *model.BrokenLinkError
	if _, err := model.OpenDir(link, model.Options{}); !errors.Is(err, model.ErrMissing) || !errors.As(err, &broken) || broken.Target != "/gone/x.onnx" || broken.Model != "mine" {
		t.Errorf("a file that went away: %v", err)
	}
}

// What timm.data.resolve_model_data_config prints describes the preprocessing as well.
func TestTimmsDataConfigDescribesAnONNXFile(t *testing.T) {
	t.Parallel()
	for mean, pixels := range map[string]string{"0.485, 0.456, 0.406": "0.229, 0.224, 0.225", "0.5, 0.5, 0.5": "0.5, 0.5, 0.5"} {
		config := `{"input_size": [3, 12, 10], "interpolation": "bicubic", "mean": [` + mean + `], "std": [` + pixels + `], "crop_pct": 1.0, "crop_mode": "squash"}`
		theirs := `{"size": {"height": 12, "width": 10}, "resample": 3, "image_mean": [` + mean + `], "image_std": [` + pixels + `]}`
		var got [2]model.Preprocess
		for i, settings := range []string{config, theirs} {
			m, err := model.OpenFile(filepath.Join(onnxFiles, "nchw.onnx"), write(t, filepath.Join(t.TempDir(), "p.json"), settings), model.Options{})
			if err != nil {
				t.Fatal(err)
			}
			got[i] = m.Preprocess
		}
		got[0].Torch = false // it says how the middle is cut out, and nothing is
		if got[0] != got[1] {
			t.Errorf("timm's config: %+v, transformers': %+v", got[0], got[1])
		}
	}
}

func TestWhatAnONNXFileDoesNotSayIsFoundInItsShape(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		file, more, output   string
		dim                  int
		channelsLast, single bool
	}{
		{"nchw.onnx", "", "embedding", 5, false, false},
		{"nhwc.onnx", "", "embedding", 5, true, false},
		{"nhwc_plane.onnx", `, "pool": "mean"`, "embedding", 6, true, false},
		{"plane.onnx", `, "pool": "mean"`, "embedding", 6, false, false},
		{"single.onnx", "", "embedding", 5, false, true},
		{"quantized.onnx", "", "embedding", 5, false, true}, // in a batch, one picture's scale is all's
		{"tokens.onnx", "", "pooler_output", 4, false, false},
		{"tokens.onnx", `, "pool": "mean"`, "last_hidden_state", 6, false, false},
		{"several.onnx", `, "pool": "first", "output": "left"`, "left", 6, false, false},
		{"open.onnx", "", "embedding", 0, false, false},
		{"open.onnx", `, "dim": 5`, "embedding", 5, false, false},
		{"old.onnx", "", "y", 4, false, false},
	} {
		p := write(t, filepath.Join(t.TempDir(), "p.json"), settings(c.more+`, "licence": "MIT", "about": "testing"`))
		m, err := model.OpenFile(filepath.Join(onnxFiles, c.file), p, model.Options{})
		if err != nil {
			t.Errorf("%s%s: %v", c.file, c.more, err)
			continue
		}
		if f := m.ONNX; f.Output.Name != c.output || m.Dim != c.dim || f.ChannelsLast != c.channelsLast || f.Single != c.single {
			t.Errorf("%s%s: %+v, %d dimensions", c.file, c.more, f, m.Dim)
		}
		if m.Licence != "MIT" || m.About != "testing" || m.InputWidth != 10 || m.InputHeight != 12 {
			t.Errorf("%s: %+v", c.file, m.Spec)
		}
	}
}

func TestAnONNXFilesFingerprintIsThatOfItsBytesAndSettings(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	open := func(name, text, weights, settings string) string {
		write(t, filepath.Join(dir, name, "external.weights"), weights)
		m, err := model.OpenFile(write(t, filepath.Join(dir, name, name+".onnx"), text), write(t, filepath.Join(dir, name, "p.json"), settings),
			model.Options{Cache: filepath.Join(dir, "cache")})
		if err != nil {
			t.Fatal(err)
		}
		return m.Fingerprint
	}
	text, weights := readFile(t, filepath.Join(onnxFiles, "external.onnx")), readFile(t, filepath.Join(onnxFiles, "external.weights"))
	first := open("a", text, weights, settings(""))
	if first != open("b", text, weights, settings(`, "about": "the same"`)) || first != open("a", text, weights, settings("")) {
		t.Error("a name or a remark changes the fingerprint")
	}
	for why, other := range map[string]string{
		"its weights": open("c", text, weights[:len(weights)-1]+"x", settings("")),
		"its mean":    open("d", text, weights, strings.Replace(settings(""), "0.4", "0.45", 1)),
		"the file":    open("e", readFile(t, filepath.Join(onnxFiles, "nchw.onnx")), weights, settings("")),
	} {
		if len(first) != 64 || first == other {
			t.Errorf("%s does not change the fingerprint", why)
		}
	}
	tokens := readFile(t, filepath.Join(onnxFiles, "tokens.onnx"))
	if open("f", tokens, "", settings(`, "pool": "first"`)) == open("f", tokens, "", settings(`, "pool": "mean"`)) {
		t.Error("pooling does not change the fingerprint")
	}
}

// Caches link each file to a place of its own, or keep a link to the model alone.
func TestWeightsAreFoundThroughLinks(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	blobs, snapshot, elsewhere := filepath.Join(dir, "blobs"), filepath.Join(dir, "snapshot"), filepath.Join(dir, "elsewhere")
	write(t, filepath.Join(blobs, "1"), readFile(t, filepath.Join(onnxFiles, "external.onnx")))
	write(t, filepath.Join(blobs, "2"), readFile(t, filepath.Join(onnxFiles, "external.weights")))
	p := write(t, filepath.Join(elsewhere, "p.json"), settings(""))
	if err := errors.Join(os.Mkdir(snapshot, 0o777), os.Symlink("../blobs/1", filepath.Join(snapshot, "x.onnx")),
		os.Symlink("../blobs/2", filepath.Join(snapshot, "external.weights")), os.Symlink(filepath.Join(snapshot, "x.onnx"), filepath.Join(elsewhere, "y.onnx"))); err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{filepath.Join(snapshot, "x.onnx"), filepath.Join(elsewhere, "y.onnx")} {
		m, err := model.OpenFile(path, p, model.Options{})
		if err != nil || m.ONNX.Path != filepath.Join(snapshot, "x.onnx") {
			t.Errorf("%s: %v, %v", path, m, err)
		}
	}
}
