package checkpoint

import (
	"archive/zip"
	"io"
	"path"
	"strings"
	"testing"
	"time"

	"github.com/akin-search/akin/internal/bounded"
)

// Whatever a pickle says, its tensors lie in their storage, under names of their own.
func FuzzPickle(f *testing.F) {
	for _, data := range pickles(f) {
		f.Add(data)
	}
	const size = 1 << 20
	f.Fuzz(func(t *testing.T, data []byte) {
		var all []Tensor
		var err error
		bounded.Run(t, 64<<20+300*uint64(len(data)), 5*time.Second, func() {
			var value any
			if value, _, err = unpickle(data); err == nil {
				all, err = placeAll(value, func(storage) (int64, int64, error) { return 100, size, nil })
			}
		})
		if err != nil {
			if len(err.Error()) > 8000 {
				t.Errorf("an error of %d bytes", len(err.Error()))
			}
			return
		}
		names := map[string]bool{}
		for _, x := range all {
			if names[x.Name] || len(x.Name) > nameLimit {
				t.Errorf("a second %.100q", x.Name)
			}
			names[x.Name] = true
			if x.defect == nil && (x.Offset < 100 || x.Length < 0 || x.Offset+x.Length > 100+size || product(x.Stored)*typeBytes[x.Type] != x.Length) {
				t.Errorf("%+v", x)
			}
		}
		if len(all) == 0 {
			t.Error("a checkpoint of nothing")
		}
	})
}

// pickles are those of the files that torch wrote.
func pickles(t testing.TB) (all [][]byte) {
	t.Helper()
	outer, err := zip.OpenReader("testdata/torch.zip")
	if err != nil {
		t.Fatal(err)
	}
	defer outer.Close()
	for _, f := range outer.File {
		r, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		data, err := io.ReadAll(r)
		if err != nil {
			t.Fatal(err)
		}
		inner, err := zip.NewReader(strings.NewReader(string(data)), int64(len(data)))
		if err != nil {
			continue // the older form
		}
		for _, f := range inner.File {
			if path.Base(f.Name) != "data.pkl" || strings.Count(f.Name, "/") != 1 {
				continue
			}
			data, err := readEntry(f, pickleLimit)
			if err != nil {
				t.Fatal(err)
			}
			all = append(all, data)
		}
	}
	if len(all) < 10 {
		t.Fatalf("%d pickles", len(all))
	}
	return all
}

// Whatever an adapter's config says, it is refused, or its scales are numbers and its ranks those of the
// matrices.
func FuzzAdapterConfig(f *testing.F) {
	f.Add([]byte(`{"peft_type":"LORA","r":2,"lora_alpha":3,"target_modules":["qkv"],"bias":"none","rank_pattern":{"a.b":3,"qkv":1},"alpha_pattern":{"blocks\\.(1|2)":5},"use_rslora":true}`))
	f.Add([]byte(`{"peft_type":"LORA","target_modules":"all-linear","fan_in_fan_out":true,"modules_to_save":["head"],"init_lora_weights":"gaussian"}`))
	f.Add([]byte(`{"peft_type":"LORA","use_dora":true}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		var c *adapterConfig
		var err error
		bounded.Run(t, 32<<20+4000*uint64(len(data)), 5*time.Second, func() { c, err = parseAdapterConfig(data) })
		if err != nil {
			if len(err.Error()) > 2000 {
				t.Errorf("an error of %d bytes", len(err.Error()))
			}
			return
		}
		for _, layer := range []string{"", "blocks.0.attn.qkv", "a.b"} {
			rank, scale := c.scale(layer)
			if rank < 1 || rank > rankLimit || scale != scale {
				t.Errorf("layer %q has rank %d and scale %g", layer, rank, scale)
			}
			c.targetsLayer(layer)
		}
	})
}

// Whatever a folder's files are called, the one that is chosen is among them.
func FuzzChoose(f *testing.F) {
	f.Add("model.safetensors\nconfig.json")
	f.Add("open_clip_pytorch_model.bin.index.json\nopen_clip_pytorch_model-00001-of-00002.bin")
	f.Add("a.torchscript.pt\na.torchvision.pt\nb.xml\nb.bin")
	f.Fuzz(func(t *testing.T, list string) {
		names := strings.Split(list, "\n")
		chosen, err := Choose(names)
		if err != nil {
			return
		}
		known := map[string]bool{}
		for _, name := range names {
			known[name] = true
		}
		if !known[chosen] {
			t.Errorf("%q is none of %q", chosen, names)
		}
		for _, shard := range Shards(chosen, names) {
			if !known[shard] {
				t.Errorf("shard %q is none of %q", shard, names)
			}
		}
	})
}
