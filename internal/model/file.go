package model

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/akin-search/akin/internal/checkpoint"
	"github.com/akin-search/akin/internal/onnx"
	"github.com/akin-search/akin/internal/resample"
)

// Files in the folder of an ONNX model.
const (
	FileName     = "model.onnx"
	SettingsName = "preprocess.json"
)

// fileVersion goes into fingerprints: raise it when akin begins to make other embeddings of
// the same outputs.
const fileVersion = 1

// File is an ONNX file of others, which is run unchanged.
type File struct {
	Path         string // files with its weights lie beside it
	Settings     string // file with the preprocessing
	Input        onnx.Tensor
	Output       onnx.Tensor
	Pool         Pool
	ChannelsLast bool // pictures are (H, W, 3), and planes (h, w, c)
	Single       bool // pictures are run one by one
}

// Pool is how an output becomes one embedding per picture.
type Pool string

const (
	PoolNone  Pool = "none"  // (n, dim), as it is
	PoolFirst Pool = "first" // the first of (n, tokens, dim)
	PoolMean  Pool = "mean"  // the mean of (n, tokens, dim), or of a plane
)

// dimAxis returns which axis of an output of that rank is the embedding; ok is false
// if the pooling does not apply to that rank.
func (p Pool) dimAxis(rank int, channelsLast bool) (axis int, ok bool) {
	switch {
	case p == PoolNone && rank == 2:
		return 1, true
	case (p == PoolFirst || p == PoolMean) && rank == 3:
		return 2, true
	case p == PoolMean && rank == 4 && channelsLast:
		return 3, true
	case p == PoolMean && rank == 4:
		return 1, true
	}
	return 0, false
}

// isFile reports whether path is the folder of an ONNX model, even if its link is broken.
func isFile(path string) bool {
	for _, name := range []string{FileName, SettingsName} {
		if _, err := os.Lstat(filepath.Join(path, name)); err != nil {
			return false
		}
	}
	return true
}

// Holds reports whether a folder holds a model.
func Holds(dir string) bool {
	_, err := checkpoint.Find(dir)
	return err == nil || isFile(dir)
}

// openFolder opens a folder of an ONNX model.
func openFolder(dir string, o Options) (*Model, error) {
	path := filepath.Join(dir, FileName)
	if target, err := os.Readlink(path); err == nil {
		if !filepath.IsAbs(target) {
			target = filepath.Join(dir, target)
		}
		if _, err := os.Stat(target); err != nil {
			return nil, &BrokenLinkError{Model: filepath.Base(dir), Link: path, Target: target}
		}
		path = target // the weights lie beside the user's file
	}
	m, err := OpenFile(path, filepath.Join(dir, SettingsName), o)
	if err != nil {
		return nil, err
	}
	m.Name = filepath.Base(dir)
	return m, nil
}

// OpenFile opens an ONNX file with a file of settings: "" is the preprocess.json or
// preprocessor_config.json beside it. Dim is 0 if neither declares it.
func OpenFile(path, settings string, o Options) (*Model, error) {
	if o.Precision != "" && o.Precision != Float32 {
		return nil, fmt.Errorf("%w: %s is an ONNX file, which computes as it was exported, not in %s", ErrPrecision, path, o.Precision)
	}
	if _, err := os.Stat(path); err != nil {
		return nil, Missingf("no model at %s: %w", path, errors.Unwrap(err))
	}
	if settings == "" {
		var err error
		if settings, err = settingsBeside(path); err != nil {
			return nil, err
		}
	}
	d, err := describeFile(path)
	if err != nil {
		return nil, fmt.Errorf("read model %s: %w", path, err)
	}
	s, err := readSettings(settings, d)
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", settings, err)
	}
	m, err := s.open(path, settings, d, o)
	if err != nil {
		return nil, fmt.Errorf("read model %s: %w", path, err)
	}
	return m, nil
}

// example of a file of settings.
const example = `{"size": {"height": 224, "width": 224}, "resample": 2, "image_mean": [0.485, 0.456, 0.406], "image_std": [0.229, 0.224, 0.225]}`

func settingsBeside(path string) (string, error) {
	for _, name := range []string{SettingsName, "preprocessor_config.json"} {
		if beside := filepath.Join(filepath.Dir(path), name); isRegular(beside) {
			return beside, nil
		}
	}
	return "", fmt.Errorf("read model %s: its preprocessing is unknown: there is no preprocessor_config.json beside it; such a file contains, for example, %s", path, example)
}

func isRegular(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.Mode().IsRegular()
}

// settings are what an ONNX file does not contain: preprocessing, in transformers' fields, and
// how to read the output.
type settings struct {
	Input   string `json:"input"`
	Output  string `json:"output"`
	Pool    Pool   `json:"pool"`
	Dim     int    `json:"dim"`
	Licence string `json:"licence"`
	About   string `json:"about"`

	preprocess Preprocess
}

// readSettings reads the settings of a file with that description.
func readSettings(path string, d onnx.Description) (s settings, err error) {
	if _, err := os.Stat(path); err != nil {
		return s, err
	}
	data, err := readJSON(filepath.Dir(path), filepath.Base(path))
	if err != nil {
		return s, err
	}
	if err := unmarshal(data, &s); err != nil {
		return s, err
	}
	switch s.Pool {
	case "":
		s.Pool = PoolNone
	case PoolNone, PoolFirst, PoolMean:
	default:
		return s, fmt.Errorf(`"pool" is %q: want "none", "first" or "mean"`, s.Pool)
	}
	if s.Dim < 0 {
		return s, fmt.Errorf(`"dim" is %d`, s.Dim)
	}
	if takesBytes(d.Inputs, s.Input) {
		s.preprocess, err = parseBytes(data)
	} else {
		s.preprocess, err = parseWhole(data)
	}
	return s, err
}

// takesBytes reports whether the network takes the values of pixels as they are, and normalises them itself.
func takesBytes(inputs []onnx.Tensor, name string) bool {
	return slices.ContainsFunc(inputs, func(t onnx.Tensor) bool {
		return t.Type == onnx.Uint8 && (t.Name == name || name == "" && len(inputs) == 1)
	})
}

// parseBytes is parseWhole for a network that normalises: of the preprocessing, it leaves the size.
func parseBytes(data []byte) (Preprocess, error) {
	fields := map[string]json.RawMessage{}
	if err := json.Unmarshal(data, &fields); err != nil {
		return Preprocess{}, err
	}
	if fields == nil { // "null"
		return parseWhole(data)
	}
	for _, step := range []struct{ field, does string }{
		{"image_mean", "do_normalize"}, {"image_std", "do_normalize"}, {"rescale_factor", "do_rescale"}, {"mean", "do_normalize"}, {"std", "do_normalize"},
	} {
		if _, given := fields[step.field]; given && string(fields[step.does]) != "false" {
			return Preprocess{}, fmt.Errorf("%q is set, and the network takes uint8: it normalises by itself", step.field)
		}
	}
	for _, does := range []string{"do_normalize", "do_rescale"} {
		fields[does] = json.RawMessage("false")
	}
	data, err := json.Marshal(fields)
	if err != nil {
		return Preprocess{}, err
	}
	return parseWhole(data)
}

// parseWhole is parsePreprocess without a family's defaults: fields that have no common default
// are required, and those that akin does not implement are refused.
func parseWhole(data []byte) (Preprocess, error) {
	var has struct {
		Input     json.RawMessage `json:"input_size"`
		Size      json.RawMessage `json:"size"`
		CropSize  json.RawMessage `json:"crop_size"`
		Mean      json.RawMessage `json:"image_mean"`
		Std       json.RawMessage `json:"image_std"`
		Crop      *bool           `json:"do_center_crop"`
		Normalize *bool           `json:"do_normalize"`
		Pad       bool            `json:"do_pad"`
		Percent   float64         `json:"crop_pct"`
	}
	if err := unmarshal(data, &has); err != nil {
		return Preprocess{}, err
	}
	if has.Input != nil && has.Size == nil {
		return parseDataConfig(data, has.Normalize == nil || *has.Normalize)
	}
	for _, field := range []struct {
		name   string
		absent bool
	}{
		{"size", has.Size == nil},
		{"image_mean", has.Mean == nil && (has.Normalize == nil || *has.Normalize)},
		{"image_std", has.Std == nil && (has.Normalize == nil || *has.Normalize)},
	} {
		if field.absent {
			return Preprocess{}, fmt.Errorf("%q is missing; an example: %s", field.name, example)
		}
	}
	for _, field := range []struct {
		name string
		set  bool
	}{{"do_pad", has.Pad}, {"crop_pct", has.Percent != 0}} {
		if field.set {
			return Preprocess{}, fmt.Errorf("%s is not supported", field.name)
		}
	}
	p := Preprocess{Filter: resample.Bilinear, Scale: 1. / 255}
	if has.CropSize != nil && (has.Crop == nil || *has.Crop) {
		p.Short = 1 // then a single number in "size" is the shorter side
	}
	return parsePreprocess(data, p)
}

// parseDataConfig reads what timm.data.resolve_model_data_config returns: input_size, interpolation, mean, std, crop_pct
// and crop_mode.
func parseDataConfig(data []byte, normalize bool) (Preprocess, error) {
	c := timmPretrained{Interpolation: "bicubic", Crop: 0.875, Mode: "center"}
	if !normalize {
		c.Mean, c.Std = []float64{0, 0, 0}, []float64{1, 1, 1}
	}
	if err := unmarshal(data, &c); err != nil {
		return Preprocess{}, err
	}
	if c.Mean == nil || c.Std == nil {
		return Preprocess{}, errors.New(`"mean" or "std" is missing beside "input_size"`)
	}
	p, err := c.preprocess()
	if !normalize {
		p.Scale = 1
	}
	return p, err
}

func describeFile(path string) (d onnx.Description, err error) {
	f, err := os.Open(path)
	if err != nil {
		return d, err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return d, err
	}
	if !info.Mode().IsRegular() {
		return d, errors.New("not a regular file")
	}
	return onnx.Describe(f, info.Size())
}

func (s settings) open(path, from string, d onnx.Description, o Options) (*Model, error) {
	var err error
	p := s.preprocess
	m := &Model{Preprocess: p, Precision: Float32, Batch: 4, Spec: Spec{
		Name: filepath.Base(path), InputWidth: p.Width, InputHeight: p.Height, Params: d.Params, Licence: s.Licence, About: s.About,
	}}
	m.ONNX = &File{Settings: from, Pool: s.Pool}
	if err := m.ONNX.takes(d.Inputs, s.Input, p, from); err != nil {
		return nil, err
	}
	if m.Dim, err = m.ONNX.gives(d.Outputs, s.Output, s.Dim); err != nil {
		return nil, err
	}
	m.ONNX.Single = m.ONNX.Single || d.PerCall
	if m.ONNX.Path, err = besideWeights(path, d.Files); err != nil {
		return nil, err
	}
	m.Dir = filepath.Dir(m.ONNX.Path)
	files := map[string]string{"": m.ONNX.Path}
	for _, name := range d.Files {
		files[name] = filepath.Join(m.Dir, name)
	}
	for _, file := range files {
		if info, err := os.Stat(file); err == nil {
			m.Bytes += info.Size()
		}
	}
	m.Fingerprint, err = m.ONNX.fingerprint(p, files, o)
	return m, err
}

// takes determines the input for pictures.
func (f *File) takes(inputs []onnx.Tensor, name string, p Preprocess, settings string) error {
	i := slices.IndexFunc(inputs, func(t onnx.Tensor) bool { return t.Name == name })
	switch {
	case name != "" && i < 0:
		return fmt.Errorf("it has no input %q, only %s", name, list(inputs))
	case name == "" && len(inputs) == 1:
		i = 0
	case name == "":
		return fmt.Errorf(`it has %d inputs: name the one for pictures as "input" in %s: %s`, len(inputs), settings, list(inputs))
	}
	f.Input = inputs[i]
	if f.Input.Type != onnx.Uint8 {
		if err := computable(f.Input); err != nil {
			return fmt.Errorf("its input %w", err)
		}
	}
	s := f.Input.Shape
	if len(s) != 4 {
		return fmt.Errorf("its input %s is not (n, 3, H, W), nor (n, H, W, 3)", f.Input)
	}
	height, width := s[2], s[3]
	switch {
	case s[1] == 3:
	case s[3] == 3:
		f.ChannelsLast, height, width = true, s[1], s[2]
	case s[1] > 0: // an undeclared size may be 3
		return fmt.Errorf("its input %s is not (n, 3, H, W), nor (n, H, W, 3)", f.Input)
	}
	if height > 0 && height != int64(p.Height) || width > 0 && width != int64(p.Width) {
		return fmt.Errorf("its input %s does not take pictures of %d x %d (width x height), the size in %s", f.Input, p.Width, p.Height, settings)
	}
	if s[0] > 1 {
		return fmt.Errorf("its input %s takes %d pictures at once: export it for 1, or for any number", f.Input, s[0])
	}
	f.Single = s[0] == 1
	return nil
}

// preferred are the names that exporters give to outputs with embeddings.
var preferred = []string{"embedding", "image_embeds", "pooler_output", "last_hidden_state"}

// gives determines the output and the length of an embedding: 0 if it is not declared.
func (f *File) gives(outputs []onnx.Tensor, name string, dim int) (int, error) {
	find := func(name string) int {
		return slices.IndexFunc(outputs, func(t onnx.Tensor) bool { return t.Name == name })
	}
	i := -1
	switch {
	case name != "":
		if i = find(name); i < 0 {
			return 0, fmt.Errorf("it has no output %q, only %s", name, list(outputs))
		}
	case len(outputs) == 1:
		i = 0
	default:
		for _, known := range preferred {
			if at := find(known); i < 0 && at >= 0 && f.pools(outputs[at]) {
				i = at
			}
		}
		if i < 0 {
			return 0, fmt.Errorf(`it has %d outputs: name one as "output" in the settings, with a "pool" that fits: %s`, len(outputs), list(outputs))
		}
	}
	f.Output = outputs[i]
	if err := computable(f.Output); err != nil {
		return 0, fmt.Errorf("its output %w", err)
	}
	if !f.pools(f.Output) {
		return 0, fmt.Errorf(`"pool": %q does not fit its output %s: "none" is for (n, dim), "first" and "mean" for (n, tokens, dim), "mean" for planes`, f.Pool, f.Output)
	}
	s := f.Output.Shape
	if f.Output.Type == onnx.Float16 && (s == nil || slices.Min(s[1:]) < 0) {
		return 0, fmt.Errorf("its output %s is float16 without a complete shape: export it as float32", f.Output)
	}
	if s == nil {
		return dim, nil
	}
	f.Single = f.Single || s[0] == 1
	axis, _ := f.Pool.dimAxis(len(s), f.ChannelsLast)
	switch declared := s[axis]; {
	case declared < 0:
	case declared > maxDim:
		return 0, fmt.Errorf("its output %s has more than %d dimensions, too many for an embedding", f.Output, maxDim)
	case dim > 0 && int64(dim) != declared:
		return 0, fmt.Errorf(`"dim" is %d, and its output is %s`, dim, f.Output)
	default:
		dim = int(declared)
	}
	return dim, nil
}

// maxDim is more than any embedding has.
const maxDim = 1 << 20

func (f *File) pools(t onnx.Tensor) bool {
	_, ok := f.Pool.dimAxis(len(t.Shape), f.ChannelsLast)
	return ok || t.Shape == nil
}

func computable(t onnx.Tensor) error {
	if t.Type != onnx.Float32 && t.Type != onnx.Float16 {
		return fmt.Errorf("%s has an unsupported type: export it as float32 or float16", t)
	}
	return nil
}

func list(tensors []onnx.Tensor) string {
	if len(tensors) == 0 {
		return "none"
	}
	var all []string
	for _, t := range tensors[:min(len(tensors), 20)] {
		all = append(all, t.String())
	}
	return strings.Join(all, "; ")
}

// besideWeights follows the links of path until the files with its weights lie beside it. A
// folder of links may link each of them, or the model alone.
func besideWeights(path string, files []string) (string, error) {
	for _, name := range files {
		// ONNX Runtime reads the last of these as an address in its own memory.
		if !filepath.IsLocal(name) || strings.ContainsAny(name, "\\\x00") || strings.Contains(name, "_ORT_MEM_ADDR_") {
			return "", fmt.Errorf("its weights are declared to lie in %q, outside its folder", name)
		}
	}
	abs, err := filepath.Abs(path)
	if err != nil {
		return "", err
	}
	for at, hops := abs, 0; ; hops++ {
		i := slices.IndexFunc(files, func(name string) bool { return !isRegular(filepath.Join(filepath.Dir(at), name)) })
		if i < 0 {
			return at, nil
		}
		target, err := os.Readlink(at)
		if err != nil || hops > 100 {
			return "", fmt.Errorf("its weights are missing: put %s beside the model", filepath.Join(filepath.Dir(abs), files[i]))
		}
		if !filepath.IsAbs(target) {
			target = filepath.Join(filepath.Dir(at), target)
		}
		at = target
	}
}

// fingerprint changes whenever embeddings may change.
func (f *File) fingerprint(p Preprocess, files map[string]string, o Options) (string, error) {
	weights, err := checkpoint.HashFiles(files, o.Cache)
	if err != nil {
		return "", err
	}
	h := sha256.New()
	err = json.NewEncoder(h).Encode(map[string]any{
		"family": "onnx", "version": fileVersion, "preprocess": p, "weights": hex.EncodeToString(weights[:]),
		"input": f.Input.Name, "output": f.Output.Name, "pool": f.Pool, "precision": Float32,
	})
	return hex.EncodeToString(h.Sum(nil)), err
}
