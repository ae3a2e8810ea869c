package checkpoint_test

import (
	"encoding/json"
	"errors"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/akin-search/akin/internal/checkpoint"
	"github.com/akin-search/akin/internal/golden"
)

// Every kind of adapter that is read, as peft merges it: testdata/make_lora.py.
func TestAdaptersChangeWhatPeftChanges(t *testing.T) {
	t.Parallel()
	dir := unpack(t, "testdata/lora.zip")
	for _, name := range []string{"linear", "dreamsim", "patterns", "rslora", "convolution", "embedding", "transposed", "biases", "own-biases", "saved", "half"} {
		base, err := checkpoint.Open(filepath.Join(dir, "base.safetensors"))
		if err != nil {
			t.Fatal(err)
		}
		a, err := checkpoint.OpenAdapter(filepath.Join(dir, name, "adapter"))
		if err != nil {
			t.Error(err)
			continue
		}
		if err := base.Adapt(a); err != nil {
			t.Error(err)
			continue
		}
		merged, err := checkpoint.Open(filepath.Join(dir, name, "merged.safetensors"))
		if err != nil {
			t.Fatal(err)
		}
		changed := merged.Names()
		if len(changed) == 0 {
			t.Errorf("%s: peft changes nothing", name)
		}
		for _, tensor := range base.Names() {
			d, ok := base.Delta(tensor)
			if !slices.Contains(changed, tensor) {
				if ok {
					t.Errorf("%s: %s is changed, which peft leaves", name, tensor)
				}
				continue
			}
			got, err := base.Float32(tensor)
			if err != nil {
				t.Fatal(err)
			}
			if ok {
				delta, err := d.Float32()
				if err != nil || len(delta) != len(got) {
					t.Fatalf("%s: %s: %d values for %d, %v", name, tensor, len(delta), len(got), err)
				}
				for i, x := range delta {
					got[i] += x
				}
			}
			want, err := merged.Float32(tensor)
			if err != nil {
				t.Fatal(err)
			}
			for i := range want {
				// peft multiplies in float32, and of a float16 adapter in float16: 11 bits.
				if limit := map[bool]float64{true: 4e-2, false: 1e-5}[name == "half"]; math.Abs(float64(got[i]-want[i])) > limit {
					t.Errorf("%s: value %d of %s is %g, peft's %g", name, i, tensor, got[i], want[i])
					break
				}
			}
		}
	}
}

// adapterOf writes an adapter with some settings changed, and returns its folder.
func adapterOf(t *testing.T, from string, change map[string]any) string {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(from, "adapter_config.json"))
	var config map[string]any
	if err := errors.Join(err, json.Unmarshal(data, &config)); err != nil {
		t.Fatal(err)
	}
	for k, v := range change {
		config[k] = v
	}
	data, err = json.Marshal(config)
	if err != nil {
		t.Fatal(err)
	}
	weights, err := os.ReadFile(filepath.Join(from, "adapter_model.safetensors"))
	if err != nil {
		t.Fatal(err)
	}
	return folder(t, map[string][]byte{"adapter_config.json": data, "adapter_model.safetensors": weights})
}

func TestAdaptersThatAreNotImplementedAreRefusedByName(t *testing.T) {
	t.Parallel()
	dir := unpack(t, "testdata/lora.zip")
	if _, err := checkpoint.OpenAdapter(filepath.Join(dir, "dora", "adapter")); !unsupported(err, "use_dora") {
		t.Errorf("DoRA: %v", err)
	}
	if _, err := checkpoint.OpenAdapter(filepath.Join(dir, "attention", "adapter")); !errors.As(err, new(*checkpoint.UnsupportedAdapterError)) || !strings.Contains(err.Error(), "mha") {
		t.Errorf("torch's attention: %v", err)
	}
	linear := filepath.Join(dir, "linear", "adapter")
	for setting, value := range map[string]any{
		"peft_type": "LOHA", "bias": "some", "lora_bias": true, "use_qalora": true, "init_lora_weights": "pissa",
		"target_parameters": []string{"x"}, "layer_replication": [][]int{{0, 1}}, "enable_lora": []bool{true, false},
		"a_setting_of_the_future": 1,
	} {
		if _, err := checkpoint.OpenAdapter(adapterOf(t, linear, map[string]any{setting: value})); !unsupported(err, setting) {
			t.Errorf("%s: %v", setting, err)
		}
	}
	// DreamSim's own archives were written by peft 0.2, and training settings change no weight.
	for setting, value := range map[string]any{"merge_weights": false, "enable_lora": nil, "init_lora_weights": "gaussian", "lora_dropout": 0.3, "layers_to_transform": []int{1}} {
		if _, err := checkpoint.OpenAdapter(adapterOf(t, linear, map[string]any{setting: value})); err != nil {
			t.Errorf("%s: %v", setting, err)
		}
	}
}

func unsupported(err error, setting string) bool {
	e, ok := errors.AsType[*checkpoint.UnsupportedAdapterError](err)
	return ok && e.Setting == setting && strings.Contains(err.Error(), setting) && strings.Contains(err.Error(), "adapter_config.json")
}

func TestAConfigThatLiesAboutAnAdapterIsRefused(t *testing.T) {
	t.Parallel()
	linear := filepath.Join(unpack(t, "testdata/lora.zip"), "linear", "adapter")
	for why, c := range map[string]struct {
		change map[string]any
		want   string
	}{
		"another rank":             {map[string]any{"r": 3}, "rank is 3"},
		"a rank of nothing":        {map[string]any{"r": 0}, "r is 0"},
		"half a rank":              {map[string]any{"r": 1.5}, "r is 1.5"},
		"an endless rank":          {map[string]any{"r": 1e30}, "r is 1e+30"},
		"a rank that is a text":    {map[string]any{"r": "2"}, "r of type"},
		"another rank for a layer": {map[string]any{"rank_pattern": map[string]int{"qkv": 7}}, "rank is 7"},
		"patterns in a list":       {map[string]any{"alpha_pattern": []int{1}}, "alpha_pattern"},
		"a pattern that is none":   {map[string]any{"alpha_pattern": map[string]int{"(": 1}}, "alpha_pattern"},
		"a pattern of megabytes":   {map[string]any{"alpha_pattern": map[string]int{"(x{1000}){1000}": 1}}, "alpha_pattern"},
		"other layers":             {map[string]any{"target_modules": []string{"proj"}}, "blocks.0.attn.qkv is none of its target_modules"},
	} {
		_, err := checkpoint.OpenAdapter(adapterOf(t, linear, c.change))
		if !errors.Is(err, checkpoint.ErrCorrupt) || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v", why, err)
		}
	}
	config, err := os.ReadFile(filepath.Join(linear, "adapter_config.json"))
	if err != nil {
		t.Fatal(err)
	}
	f32 := func(name, shape string, size string) string {
		return `"` + name + `":{"dtype":"F32","shape":` + shape + `,"data_offsets":` + size + `}`
	}
	const a, b = "base_model.model.x.qkv.lora_A.weight", "base_model.model.x.qkv.lora_B.weight"
	for why, c := range map[string]struct {
		header string
		size   int
		want   string
	}{
		"A without B":            {`{` + f32(a, "[2,4]", "[0,32]") + `}`, 32, "only one of A and B"},
		"a vector":               {`{` + f32(a, "[2]", "[0,8]") + `,` + f32(b, "[4,2]", "[8,40]") + `}`, 40, "A and B are [2] and"},
		"B of another rank":      {`{` + f32(a, "[2,4]", "[0,32]") + `,` + f32(b, "[4,3]", "[32,80]") + `}`, 80, "and [4 3]"},
		"a tensor of no kind":    {`{` + f32("base_model.model.x.qkv.lora_magnitude_vector", "[2]", "[0,8]") + `}`, 8, "no kind"},
		"a bias, where are none": {`{` + f32("base_model.model.x.qkv.bias", "[2]", "[0,8]") + `}`, 8, "no kind"},
		"integers": {`{"` + a + `":{"dtype":"I32","shape":[2,4],"data_offsets":[0,32]},"` + b +
			`":{"dtype":"I32","shape":[4,2],"data_offsets":[32,64]}}`, 64, "int32"},
	} {
		dir := folder(t, map[string][]byte{"adapter_config.json": config, "adapter_model.safetensors": safetensors(c.header, c.size)})
		if _, err := checkpoint.OpenAdapter(dir); !errors.Is(err, checkpoint.ErrCorrupt) || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v", why, err)
		}
	}
	if _, err := checkpoint.OpenAdapter(folder(t, map[string][]byte{"adapter_config.json": config})); !errors.Is(err, os.ErrNotExist) || !strings.Contains(err.Error(), "adapter_model.safetensors") {
		t.Errorf("no weights: %v", err)
	}
}

func TestAnAdapterForAnotherNetworkNamesItsFirstLayer(t *testing.T) {
	t.Parallel()
	dir := unpack(t, "testdata/lora.zip")
	a, err := checkpoint.OpenAdapter(filepath.Join(dir, "linear", "adapter"))
	if err != nil {
		t.Fatal(err)
	}
	entry := func(name, shape, offsets string) string {
		return `"` + name + `":{"dtype":"F32","shape":` + shape + `,"data_offsets":` + offsets + `}`
	}
	for why, c := range map[string]struct {
		header      string
		size        int
		layer, want string
	}{
		"none of its layers": {`{` + entry("conv1.weight", "[2]", "[0,8]") + `}`, 8, "blocks.0.attn.qkv", "not in it"},
		"one of them":        {`{` + entry("blocks.0.attn.qkv.weight", "[12,4]", "[0,192]") + `}`, 192, "blocks.1.attn.qkv", "not in it"},
		"of another width":   {`{` + entry("blocks.0.attn.qkv.weight", "[4,12]", "[0,192]") + `}`, 192, "blocks.0.attn.qkv", "[4 12]"},
	} {
		base, err := checkpoint.Open(folder(t, map[string][]byte{"model.safetensors": safetensors(c.header, c.size)}))
		if err != nil {
			t.Fatal(err)
		}
		err = base.Adapt(a)
		e, ok := errors.AsType[*checkpoint.LayerError](err)
		if !ok || e.Layer != c.layer || !strings.Contains(err.Error(), c.want) || !strings.Contains(err.Error(), "model.safetensors") {
			t.Errorf("%s: %v", why, err)
		}
		if _, ok := base.Delta("blocks.0.attn.qkv.weight"); ok || base.Adapter() != nil {
			t.Errorf("%s: half of it is adapted", why)
		}
	}
}

// transformers 5 has two layers in memory for one of DINOv2's checkpoints.
func TestAnAdapterOfHalfALayerIsRefusedByItsName(t *testing.T) {
	t.Parallel()
	entry := func(name, shape, offsets string) string {
		return `"` + name + `":{"dtype":"F32","shape":` + shape + `,"data_offsets":` + offsets + `}`
	}
	const gate = "encoder.layer.3.mlp.gate_proj"
	base, err := checkpoint.Open(folder(t, map[string][]byte{"model.safetensors": safetensors(`{`+entry("encoder.layer.3.mlp.weights_in.weight", "[6,2]", "[0,48]")+`}`, 48)}))
	if err != nil {
		t.Fatal(err)
	}
	a, err := checkpoint.OpenAdapter(folder(t, map[string][]byte{
		"adapter_config.json": []byte(`{"peft_type": "LORA", "r": 1, "target_modules": ["gate_proj"]}`),
		"adapter_model.safetensors": safetensors(`{`+entry("base_model.model."+gate+".lora_A.weight", "[1,2]", "[0,8]")+`,`+
			entry("base_model.model."+gate+".lora_B.weight", "[3,1]", "[8,20]")+`}`, 20),
	}))
	if err != nil {
		t.Fatal(err)
	}
	if err := base.Adapt(a); !errors.As(err, new(*checkpoint.UnsupportedAdapterError)) || !strings.Contains(err.Error(), gate) {
		t.Error(err)
	}
}

func mustOpen(t *testing.T, path string) *checkpoint.Checkpoint {
	t.Helper()
	c, err := checkpoint.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// The network was part of another one when its adapter was trained.
func TestAnAdaptersLayersMayHaveALongerPath(t *testing.T) {
	t.Parallel()
	dir := unpack(t, "testdata/lora.zip")
	a, err := checkpoint.OpenAdapter(filepath.Join(dir, "dreamsim", "adapter"))
	if err != nil {
		t.Fatal(err)
	}
	if got := a.Layers()[0]; got != "extractor_list.0.model.blocks.0.attn.qkv" {
		t.Errorf("its first layer is %s", got)
	}
	base := mustOpen(t, filepath.Join(dir, "base.safetensors"))
	if err := base.Adapt(a); err != nil || len(a.Layers()) != 3 {
		t.Errorf("%v, %v", a.Layers(), err)
	}
	if _, ok := base.Delta("blocks.0.attn.qkv.weight"); !ok {
		t.Error("its first layer is not adapted")
	}
}

// DreamSim's archives: the base of one is what torch.hub downloads, and a file with a head that nobody
// uses lies beside the adapter.
func TestDreamSimsFoldersAreABaseWithAnAdapter(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		model, base     string
		layers, tensors int
		width, rank     int64
		scale           float64
	}{
		{"dreamsim-dino", "checkpoints/dino_vitbase16_pretrain.pth", 12, 150, 64, 4, 2},
		{"dreamsim-openclip", "open_clip_vitb32_pretrain.pth.tar", 2, 33, 128, 8, 4},
	} {
		dir := filepath.Join(golden.Layouts(t), "models", c.model)
		opened, err := checkpoint.Open(dir)
		if err != nil {
			t.Error(err)
			continue
		}
		found, err := checkpoint.Find(dir)
		if err != nil || found != filepath.Join(dir, c.base) || opened.Path() != found || len(opened.Names()) != c.tensors {
			t.Errorf("%s: %s, %v, %d tensors", c.model, found, err, len(opened.Names()))
		}
		if opened.Adapter() == nil || len(opened.Adapter().Layers()) != c.layers {
			t.Errorf("%s: its adapter is %v", c.model, opened.Adapter())
			continue
		}
		adapted := 0
		for _, name := range opened.Names() {
			d, ok := opened.Delta(name)
			if !ok {
				continue
			}
			adapted++
			base, err := opened.Tensor(name)
			if err != nil || !strings.HasSuffix(name, ".attn.qkv.weight") || !slices.Equal(base.Shape, []int64{3 * c.width, c.width}) ||
				!slices.Equal(d.A.Shape, []int64{c.rank, c.width}) || !slices.Equal(d.B.Shape, []int64{3 * c.width, c.rank}) || d.Scale != c.scale {
				t.Errorf("%s: %s %v with %v, %v times %g, %v", c.model, name, base.Shape, d.A.Shape, d.B.Shape, d.Scale, err)
			}
			values, err := d.Float32()
			if err != nil || slices.Max(values) == 0 {
				t.Errorf("%s: %s changes by nothing, %v", c.model, name, err)
			}
		}
		if adapted != c.layers {
			t.Errorf("%s: %d tensors are adapted, want %d", c.model, adapted, c.layers)
		}
	}
}

func TestFoldersWithAdaptersAreUnderstoodOrSayWhy(t *testing.T) {
	t.Parallel()
	dir := unpack(t, "testdata/lora.zip")
	read := func(name string) []byte {
		data, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil {
			t.Fatal(err)
		}
		return data
	}
	base, config, weights := read("base.safetensors"), read("linear/adapter/adapter_config.json"), read("linear/adapter/adapter_model.safetensors")
	adapter := func(at string) map[string][]byte {
		return map[string][]byte{filepath.Join(at, "adapter_config.json"): config, filepath.Join(at, "adapter_model.safetensors"): weights}
	}
	with := func(files map[string][]byte, more ...map[string][]byte) string {
		all := map[string][]byte{}
		for _, m := range append(more, files) {
			for name, data := range m {
				all[name] = data
			}
		}
		return tree(t, all)
	}
	for _, c := range []struct {
		why, dir string
		adapted  bool
	}{
		{"a base and its adapter in one folder", with(map[string][]byte{"model.safetensors": base}, adapter("")), true},
		{"a base of another name", with(map[string][]byte{"net.safetensors": base}, adapter("")), true},
		{"a folder of the adapter", with(map[string][]byte{"net.safetensors": base}, adapter("net_lora")), true},
		{"a repository with somebody's adapter in a folder", with(map[string][]byte{"model.safetensors": base}, adapter("net_lora")), false},
		{"a folder of another name", with(map[string][]byte{"net.safetensors": base}, adapter("examples")), false},
	} {
		opened, err := checkpoint.Open(c.dir)
		if err != nil {
			t.Errorf("%s: %v", c.why, err)
			continue
		}
		if _, ok := opened.Delta("blocks.0.attn.qkv.weight"); ok != c.adapted {
			t.Errorf("%s: adapted is %v", c.why, ok)
		}
	}
	_, err := checkpoint.Open(with(nil, adapter("")))
	if e, ok := errors.AsType[*checkpoint.NoBaseError](err); !ok || !errors.Is(err, os.ErrNotExist) {
		t.Errorf("an adapter alone: %v, %v", e, err)
	}
	_, err = checkpoint.Open(with(map[string][]byte{"a.safetensors": base, "b.safetensors": base}, adapter("")))
	if e, ok := errors.AsType[*checkpoint.AmbiguousError](err); !ok || len(e.Files) != 2 {
		t.Errorf("two bases: %v", err)
	}
	_, err = checkpoint.Open(with(map[string][]byte{"a.safetensors": base}, adapter("x_lora"), adapter("y_lora")))
	if e, ok := errors.AsType[*checkpoint.AmbiguousError](err); !ok || !e.Adapters || !strings.Contains(err.Error(), "2 adapters") {
		t.Errorf("two adapters: %v", err)
	}
	other := safetensors(`{"conv1.weight":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}`, 8)
	for _, dir := range []string{with(map[string][]byte{"a.safetensors": other}, adapter("x_lora")), with(map[string][]byte{"model.safetensors": other}, adapter(""))} {
		if _, err := checkpoint.Open(dir); errors.As(err, new(*checkpoint.LayerError)) == false {
			t.Errorf("an adapter for another network: %v", err)
		}
	}
}

// tree is folder with folders in it.
func tree(t testing.TB, files map[string][]byte) string {
	t.Helper()
	dir := t.TempDir()
	for name, data := range files {
		path := filepath.Join(dir, name)
		if err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o777), os.WriteFile(path, data, 0o666)); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// Whatever an adapter's weights are, they fit the base, or it stays as it is.
func FuzzAdapt(f *testing.F) {
	dir := unpack(f, "testdata/lora.zip")
	for _, name := range []string{"linear", "patterns", "convolution", "embedding", "transposed", "biases", "saved", "dora"} {
		config, err := os.ReadFile(filepath.Join(dir, name, "adapter", "adapter_config.json"))
		if err != nil {
			f.Fatal(err)
		}
		weights, err := os.ReadFile(filepath.Join(dir, name, "adapter", "adapter_model.safetensors"))
		if err != nil {
			f.Fatal(err)
		}
		f.Add(config, weights)
	}
	base := filepath.Join(dir, "base.safetensors")
	f.Fuzz(func(t *testing.T, config, weights []byte) {
		a, err := checkpoint.OpenAdapter(folder(t, map[string][]byte{"adapter_config.json": config, "adapter_model.safetensors": weights}))
		if err != nil {
			return
		}
		c, err := checkpoint.Open(base)
		if err != nil {
			t.Fatal(err)
		}
		if c.Adapt(a) != nil {
			return
		}
		for _, name := range c.Names() {
			d, ok := c.Delta(name)
			if !ok {
				continue
			}
			x, err := c.Tensor(name)
			if err != nil {
				t.Fatal(err)
			}
			count := int64(1)
			for _, n := range x.Shape {
				count *= n
			}
			if d.A.Shape[0] != d.B.Shape[1] || d.B.Shape[0]*d.A.Shape[1] != count {
				t.Errorf("%s %v with %v, %v", name, x.Shape, d.A.Shape, d.B.Shape)
			}
			if values, err := d.Float32(); err != nil || int64(len(values)) != count {
				t.Errorf("%s: %d values, %v", name, len(values), err)
			}
		}
	})
}
