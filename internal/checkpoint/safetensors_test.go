package checkpoint_test

import (
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/akin-search/akin/internal/checkpoint"
	"github.com/akin-search/akin/internal/golden"
)

// safetensors makes a file of a header and so many bytes of tensors.
func safetensors(header string, size int) []byte {
	b := binary.LittleEndian.AppendUint64(nil, uint64(len(header)))
	return append(append(b, header...), make([]byte, size)...)
}

// folder writes files into a new folder.
func folder(t testing.TB, files map[string][]byte) string {
	t.Helper()
	dir := t.TempDir()
	for name, data := range files {
		if err := os.WriteFile(filepath.Join(dir, name), data, 0o666); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func TestSafetensorsAreWhereTheirHeaderSays(t *testing.T) {
	t.Parallel()
	header := `{"__metadata__":{"format":"pt"},"b":{"dtype":"F16","shape":[2,3],"data_offsets":[8,20]},"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},` +
		`"s":{"dtype":"BF16","shape":[],"data_offsets":[20,22]},"none":{"dtype":"I64","shape":[0,4],"data_offsets":[20,20]}}   `
	path := filepath.Join(folder(t, map[string][]byte{"model.safetensors": safetensors(header, 22)}), "model.safetensors")
	c, err := checkpoint.Open(filepath.Dir(path))
	if err != nil {
		t.Fatal(err)
	}
	at := int64(8 + len(header))
	for _, want := range []checkpoint.Tensor{
		{Name: "a", Type: "float32", Shape: []int64{2}, Offset: at, Length: 8},
		{Name: "b", Type: "float16", Shape: []int64{2, 3}, Offset: at + 8, Length: 12},
		{Name: "s", Type: "bfloat16", Shape: []int64{}, Offset: at + 20, Length: 2},
		{Name: "none", Type: "int64", Shape: []int64{0, 4}, Offset: at + 20, Length: 0},
	} {
		want.Stored, want.File = want.Shape, path
		if got, err := c.Tensor(want.Name); err != nil || fmt.Sprint(got) != fmt.Sprint(want) {
			t.Errorf("%+v, %v, want %+v", got, err, want)
		}
	}
	if names := c.Names(); !slices.Equal(names, []string{"a", "b", "none", "s"}) {
		t.Errorf("names %v", names)
	}
}

func TestHostileSafetensorsAreRefusedAndNamed(t *testing.T) {
	t.Parallel()
	one := `{"w":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}`
	tensor := func(dtype, shape, offsets string) []byte {
		return safetensors(`{"w":{"dtype":"`+dtype+`","shape":`+shape+`,"data_offsets":`+offsets+`}}`, 8)
	}
	lie := safetensors(one, 8)
	binary.LittleEndian.PutUint64(lie, 1<<60)
	for _, c := range []struct {
		why  string
		data []byte
		want string
	}{
		{"a header of an exabyte", lie, "a header of 1152921504606846976 bytes"},
		{"a file cut off", safetensors(one, 7), "8 bytes, and 7"},
		{"bytes left over", safetensors(one, 9), "8 bytes, and 9"},
		{"no JSON", safetensors(`{"w":`, 8), "header"},
		{"no tensor", safetensors(`{"__metadata__":{}}`, 0), "no tensor"},
		{"an unknown type", tensor("F7", "[2]", "[0,8]"), `"F7"`},
		{"a shape that overflows", tensor("F32", "[4294967296,4294967296]", "[0,8]"), "shape"},
		{"a negative shape", tensor("F32", "[-2]", "[0,8]"), "shape"},
		{"another length than its shape's", tensor("F32", "[3]", "[0,8]"), "from byte 0 to 8"},
		{"offsets the wrong way round", tensor("F32", "[2]", "[8,0]"), "from byte 8 to 0"},
		{"a hole before it", tensor("F32", "[1]", "[4,8]"), "begins at byte 4"},
		{"two in one place", safetensors(`{"v":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"w":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}`, 8), "begins at byte 0"},
		{"offsets that are texts", tensor("F32", "[2]", `["0","8"]`), "w"},
		{"an entry that is none", safetensors(`{"w":7}`, 8), "w"},
	} {
		dir := folder(t, map[string][]byte{"model.safetensors": c.data})
		_, err := checkpoint.Open(dir)
		if !errors.Is(err, checkpoint.ErrCorrupt) || !strings.Contains(err.Error(), c.want) || !strings.Contains(err.Error(), "model.safetensors") {
			t.Errorf("%s: %v", c.why, err)
		}
	}
}

func TestShardsAreOneCheckpoint(t *testing.T) {
	t.Parallel()
	entry := func(name string) []byte {
		return safetensors(`{"`+name+`":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}`, 8)
	}
	index := func(weights map[string]string) []byte {
		data, err := json.Marshal(map[string]any{"metadata": map[string]int{"total_size": 16}, "weight_map": weights})
		if err != nil {
			t.Fatal(err)
		}
		return data
	}
	const a, b = "model-00001-of-00002.safetensors", "model-00002-of-00002.safetensors"
	both := index(map[string]string{"x": a, "y": b})
	dir := folder(t, map[string][]byte{a: entry("x"), b: entry("y"), "model.safetensors.index.json": both})
	c, err := checkpoint.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	for name, file := range map[string]string{"x": a, "y": b} {
		if tensor, err := c.Tensor(name); err != nil || filepath.Base(tensor.File) != file {
			t.Errorf("%s lies in %s, %v", name, tensor.File, err)
		}
	}
	// Who has a part of a big model can use that part.
	c, err = checkpoint.Open(folder(t, map[string][]byte{a: entry("x"), "model.safetensors.index.json": both}))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := c.Tensor("x"); err != nil {
		t.Error(err)
	}
	if _, err := c.Tensor("y"); !errors.Is(err, os.ErrNotExist) || !strings.Contains(err.Error(), b) {
		t.Errorf("a tensor of an absent shard: %v", err)
	}
	for _, c := range []struct {
		why   string
		files map[string][]byte
		want  string
	}{
		{"an index without weights", map[string][]byte{"model.safetensors.index.json": []byte("{}")}, "weight_map"},
		{"an index that is no JSON", map[string][]byte{"model.safetensors.index.json": []byte("{")}, "index.json"},
		{"a shard in another folder", map[string][]byte{"model.safetensors.index.json": index(map[string]string{"x": "../" + a})}, "no file beside"},
		{"a shard without its tensor", map[string][]byte{a: entry("z"), "model.safetensors.index.json": index(map[string]string{"x": a})}, "where it is not"},
		{"a shard cut off", map[string][]byte{a: entry("x")[:20], "model.safetensors.index.json": index(map[string]string{"x": a})}, a},
	} {
		if _, err := checkpoint.Open(folder(t, c.files)); !errors.Is(err, checkpoint.ErrCorrupt) || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v", c.why, err)
		}
	}
}

// The same weights are the same, whatever files they lie in.
func TestHashIsThatOfTheWeights(t *testing.T) {
	t.Parallel()
	hash := func(dir string) [32]byte {
		c, err := checkpoint.Open(dir)
		if err != nil {
			t.Fatal(err)
		}
		tensors := map[string]checkpoint.Tensor{}
		for _, name := range c.Names() {
			if tensors[name], err = c.Tensor(name); err != nil {
				t.Fatal(err)
			}
		}
		sum, err := checkpoint.Hash(tensors, "")
		if err != nil {
			t.Fatal(err)
		}
		return sum
	}
	x, y := `"x":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}`, `"y":{"dtype":"F32","shape":[2],"data_offsets":[8,16]}`
	whole := safetensors("{"+x+","+y+"}", 16)
	shards := map[string][]byte{
		"a.safetensors": safetensors("{"+x+"}", 8),
		"b.safetensors": safetensors(`{"y":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}`, 8),

		"model.safetensors.index.json": []byte(`{"weight_map":{"x":"a.safetensors","y":"b.safetensors"}}`),
	}
	one := hash(folder(t, map[string][]byte{"model.safetensors": whole}))
	if two := hash(folder(t, shards)); one != two {
		t.Error("sharding changes the hash")
	}
	changed := slices.Clone(whole)
	changed[len(changed)-1] = 1
	if other := hash(folder(t, map[string][]byte{"model.safetensors": changed})); other == one {
		t.Error("another weight has the same hash")
	}
	renamed := safetensors("{"+strings.Replace(x, "x", "z", 1)+","+y+"}", 16)
	if other := hash(folder(t, map[string][]byte{"model.safetensors": renamed})); other == one {
		t.Error("another name has the same hash")
	}
}

func TestHashesAreRememberedUntilAFileChanges(t *testing.T) {
	t.Parallel()
	cache := filepath.Join(t.TempDir(), "cache")
	dir := folder(t, map[string][]byte{"model.safetensors": safetensors(`{"x":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}`, 8)})
	hash := func(cache string) [32]byte {
		c, err := checkpoint.Open(dir)
		if err != nil {
			t.Fatal(err)
		}
		x, err := c.Tensor("x")
		if err != nil {
			t.Fatal(err)
		}
		sum, err := checkpoint.Hash(map[string]checkpoint.Tensor{"x": x}, cache)
		if err != nil {
			t.Fatal(err)
		}
		return sum
	}
	first := hash(cache)
	if again := hash(cache); again != first || hash("") != first {
		t.Error("a remembered hash is another")
	}
	entries, err := os.ReadDir(cache)
	if err != nil || len(entries) != 1 {
		t.Fatalf("%v, %v are remembered", entries, err)
	}
	// What is remembered is what is given; half a file is not.
	path := filepath.Join(cache, entries[0].Name())
	if err := os.WriteFile(path, make([]byte, 32), 0o666); err != nil {
		t.Fatal(err)
	}
	if hash(cache) != [32]byte{} {
		t.Error("what was remembered is not used")
	}
	if err := os.Truncate(path, 7); err != nil {
		t.Fatal(err)
	}
	if hash(cache) != first {
		t.Error("half a file is believed")
	}
	name := filepath.Join(dir, "model.safetensors")
	data, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	data[len(data)-1]++
	if err := errors.Join(os.WriteFile(name, data, 0o666), os.Chtimes(name, time.Unix(1, 0), time.Unix(1, 0))); err != nil {
		t.Fatal(err)
	}
	if hash(cache) == first {
		t.Error("a changed file has the old hash")
	}
}

func TestATruncatedSafetensorsFileIsRefused(t *testing.T) {
	t.Parallel()
	data, err := os.ReadFile(filepath.Join(golden.Dir(t), "models", "vit", "model.safetensors"))
	if err != nil {
		t.Fatal(err)
	}
	for _, n := range []int{0, 7, 8, 9, 100, len(data) / 2, len(data) - 1} {
		if _, err := checkpoint.Open(folder(t, map[string][]byte{"model.safetensors": data[:n]})); !errors.Is(err, checkpoint.ErrCorrupt) {
			t.Errorf("%d of %d bytes: %v", n, len(data), err)
		}
	}
}

// The values are worked out by hand from IEEE 754's layouts.
func TestRowsAreReadAsFloat32(t *testing.T) {
	t.Parallel()
	half := []uint16{0x3c00, 0xc000, 0x7bff, 0x0001, 0x8000, 0x0400} // 1, -2, 65504, 2^-24, -0, 2^-14
	brain := []uint16{0x3f80, 0xc000, 0x4049, 0x0000, 0x7f80, 0x3e80}
	header := `{"b":{"dtype":"BF16","shape":[3,2],"data_offsets":[12,24]},"f":{"dtype":"F32","shape":[2,1],"data_offsets":[24,32]},"h":{"dtype":"F16","shape":[3,2],"data_offsets":[0,12]},"i":{"dtype":"I32","shape":[1],"data_offsets":[32,36]}}`
	file := safetensors(header, 0)
	for _, v := range append(half, brain...) {
		file = binary.LittleEndian.AppendUint16(file, v)
	}
	file = append(file, 0, 0, 0x80, 0x3f, 0, 0, 0x20, 0xc1, 0, 0, 0, 0) // 1, -10, and the int32
	c, err := checkpoint.Open(folder(t, map[string][]byte{"model.safetensors": file}))
	if err != nil {
		t.Fatal(err)
	}
	for _, x := range []struct {
		name         string
		first, count int64
		want         []float32
	}{
		{"h", 0, 3, []float32{1, -2, 65504, 1. / (1 << 24), float32(math.Copysign(0, -1)), 1. / (1 << 14)}},
		{"h", 1, 1, []float32{65504, 1. / (1 << 24)}},
		{"b", 0, 3, []float32{1, -2, 3.140625, 0, float32(math.Inf(1)), 0.25}},
		{"f", 1, 1, []float32{-10}},
		{"f", 2, 0, []float32{}},
	} {
		tensor, err := c.Tensor(x.name)
		if err != nil {
			t.Fatal(err)
		}
		if got, err := tensor.Rows(x.first, x.count); err != nil || !slices.Equal(got, x.want) {
			t.Errorf("%s from %d: %v, %v, want %v", x.name, x.first, got, err, x.want)
		}
	}
	for name, rows := range map[string][2]int64{"h": {2, 2}, "f": {-1, 1}, "i": {0, 1}} {
		tensor, err := c.Tensor(name)
		if err != nil {
			t.Fatal(err)
		}
		if got, err := tensor.Rows(rows[0], rows[1]); err == nil {
			t.Errorf("rows %v of %s are %v", rows, name, got)
		}
	}
}
