package checkpoint_test

import (
	"archive/zip"
	"bytes"
	"encoding/binary"
	"errors"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/akin-search/akin/internal/bounded"
	"github.com/akin-search/akin/internal/checkpoint"
	"github.com/akin-search/akin/internal/golden"
)

// vgg16 is a state dict in torch's zip form, lite0 one in the older form.
func vgg16(t testing.TB) string {
	return filepath.Join(golden.Dir(t), "models", "vgg16", "vgg16.pth")
}

func lite0(t testing.TB) string {
	t.Helper()
	found, err := filepath.Glob(filepath.Join(golden.Deps(t), "models", "efficientnet-lite0", "*.pth"))
	if err != nil || len(found) != 1 {
		t.Skipf("the default weights are absent: run `make setup` first (%v)", err)
	}
	return found[0]
}

func TestStateDictsOfBothFormsAreRead(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		why, path, name string
		tensors         int
		shape           []int64
	}{
		{"the zip form", vgg16(t), "features.0.weight", 32, []int64{4, 3, 3, 3}},
		{"the older form", lite0(t), "_conv_head.weight", 296, []int64{1280, 320, 1, 1}},
		{"a permuted tensor of the older form", lite0(t), "_conv_stem.weight", 296, []int64{32, 3, 3, 3}},
	} {
		f, err := checkpoint.Open(c.path)
		if err != nil {
			t.Fatalf("%s: %v", c.why, err)
		}
		if n := len(f.Names()); n != c.tensors {
			t.Errorf("%s: %d tensors, want %d", c.why, n, c.tensors)
		}
		tensor, err := f.Tensor(c.name)
		if err != nil || tensor.Type != "float32" || !slices.Equal(tensor.Shape, c.shape) {
			t.Errorf("%s: %+v, %v", c.why, tensor, err)
		}
		values, err := f.Float32(c.name)
		if err != nil || int64(len(values)*4) != tensor.Length {
			t.Errorf("%s: %d values, %v", c.why, len(values), err)
		}
		for _, v := range values {
			if math.IsNaN(float64(v)) || math.Abs(float64(v)) > 100 {
				t.Errorf("%s: a weight is %g", c.why, v)
				break
			}
		}
		if _, err := f.Tensor("absent"); !errors.Is(err, checkpoint.ErrCorrupt) {
			t.Errorf("%s: an absent tensor: %v", c.why, err)
		}
	}
}

// pickle writes pickles by hand: each part is opcodes as they stand.
func pickle(parts ...string) string { return "\x80\x02" + strings.Join(parts, "") + "." }

func text(s string) string {
	return "X" + string(binary.LittleEndian.AppendUint32(nil, uint32(len(s)))) + s
}

// tensor is _rebuild_tensor_v2(storage of count floats, offset, (n,), (stride,)).
func tensor(key string, count, offset, n, stride byte) string {
	return "ctorch._utils\n_rebuild_tensor_v2\n((" + text("storage") + "ctorch\nFloatStorage\n" + text(key) + text("cpu") +
		"K" + string(count) + "tQK" + string(offset) + "K" + string(n) + "\x85K" + string(stride) + "\x85\x89" +
		"ccollections\nOrderedDict\n)RtR"
}

// archive is torch's zip form of a pickle and one storage "0".
func archive(t testing.TB, pickled string, storage []byte, method uint16) []byte {
	t.Helper()
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for _, f := range []struct {
		name string
		data []byte
	}{{"m/data.pkl", []byte(pickled)}, {"m/data/0", storage}} {
		w, err := z.CreateHeader(&zip.FileHeader{Name: f.name, Method: method})
		if err == nil {
			_, err = w.Write(f.data)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func open(t testing.TB, data []byte) (*checkpoint.Checkpoint, error) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "model.pth")
	if err := os.WriteFile(path, data, 0o666); err != nil {
		t.Fatal(err)
	}
	return checkpoint.Open(path)
}

func TestHostileFilesAreRefusedAndNamed(t *testing.T) {
	t.Parallel()
	floats := make([]byte, 16)
	good := pickle("}", text("w"), tensor("0", 4, 0, 4, 1), "s")
	if c, err := open(t, archive(t, good, floats, zip.Store)); err != nil || !c.Has("w") {
		t.Fatalf("the good one: %v", err)
	}
	whole := archive(t, good, floats, zip.Store)
	for _, c := range []struct {
		why  string
		data []byte
		want string // in the error
	}{
		{"it calls os.system and nothing else", archive(t, pickle("cos\nsystem\n(", text("true"), "tR"), floats, zip.Store), "os.system"},
		{"by STACK_GLOBAL", archive(t, pickle(text("builtins"), text("eval"), "\x93(", text("1"), "tR"), floats, zip.Store), "builtins.eval"},
		{"it builds an instance", archive(t, pickle("(iposix\nsystem\n"), floats, zip.Store), "opcode 0x69"},
		{"the tensor is longer than its storage", archive(t, pickle("}", text("w"), tensor("0", 4, 0, 5, 1), "s"), floats, zip.Store), "outside its storage"},
		{"it begins behind its storage", archive(t, pickle("}", text("w"), tensor("0", 4, 5, 1, 1), "s"), floats, zip.Store), "outside its storage"},
		{"the storage is shorter than it says", archive(t, pickle("}", text("w"), tensor("0", 9, 0, 4, 1), "s"), floats, zip.Store), "its storage has 16 bytes for 9"},
		{"the storage is missing", archive(t, pickle("}", text("w"), tensor("1", 4, 0, 4, 1), "s"), floats, zip.Store), `storage "1" is missing`},
		{"there are gaps in the tensor", archive(t, pickle("}", text("w"), tensor("0", 4, 0, 2, 2), "s"), floats, zip.Store), "there are gaps"},
		{"the storage is compressed", archive(t, good, make([]byte, 4096), zip.Deflate), "compressed"},
		{"it holds no tensor", archive(t, pickle("}"), floats, zip.Store), "no tensor"},
		{"it holds a list", archive(t, pickle("]"), floats, zip.Store), "not a state dict"},
		{"the pickle does not end", archive(t, "\x80\x02}", floats, zip.Store), "unexpected EOF"},
		{"the stack is empty", archive(t, pickle("R"), floats, zip.Store), "the stack"},
		{"a text of 4 GB", archive(t, pickle("X\xff\xff\xff\xff"), floats, zip.Store), "a text of"},
		{"the archive is cut off", whole[:len(whole)/2], "zip"},
		{"an empty file", nil, "0 bytes"},
		{"a text file", []byte("hello, this is no model"), "begins like no checkpoint"},
		{"the older form of another version", []byte("\x80\x02\x8a\nl\xfc\x9cF\xf9 j\xa8P\x19.\x80\x02M\xea\x03."), "version"},
	} {
		opened, err := open(t, c.data)
		if err == nil { // it is found out when the tensor is asked for
			_, err = opened.Tensor("w")
		}
		if !errors.Is(err, checkpoint.ErrCorrupt) || !strings.Contains(err.Error(), c.want) || !strings.Contains(err.Error(), "model.pth") {
			t.Errorf("%s: %v", c.why, err)
		}
	}
}

func TestATruncatedCheckpointIsRefused(t *testing.T) {
	t.Parallel()
	for _, path := range []string{vgg16(t), lite0(t)} {
		data, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		for _, n := range []int{1, 10, 100, 5000, len(data) / 2, len(data) - 1} {
			if _, err := open(t, data[:n]); !errors.Is(err, checkpoint.ErrCorrupt) {
				t.Errorf("%s, %d of %d bytes: %v", filepath.Base(path), n, len(data), err)
			}
		}
	}
}

// FuzzOpen holds that any file gives tensors that lie inside it, or an error.
func FuzzOpen(f *testing.F) {
	floats := make([]byte, 16)
	f.Add(archive(f, pickle("}", text("w"), tensor("0", 4, 0, 4, 1), "s"), floats, zip.Store))
	f.Add([]byte("\x80\x02\x8a\nl\xfc\x9cF\xf9 j\xa8P\x19.\x80\x02M\xe9\x03.\x80\x02}" + text("little_endian") + "\x88s." +
		pickle("}", text("w"), tensor("0", 4, 0, 4, 1), "s") + pickle("]", text("0"), "a") + "\x04\x00\x00\x00\x00\x00\x00\x00" + string(floats)))
	f.Add(safetensors(`{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"b":{"dtype":"BF16","shape":[],"data_offsets":[8,10]}}`, 10))
	written, err := filepath.Glob(filepath.Join(torchFiles(f), "*.p*"))
	if err != nil || len(written) < 10 {
		f.Fatal(written, err)
	}
	for _, path := range written {
		data, err := os.ReadFile(path)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(data)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		var c *checkpoint.Checkpoint
		var err error
		bounded.Run(t, 64<<20+100*uint64(len(data)), 5*time.Second, func() { c, err = open(t, data) })
		if err != nil {
			return
		}
		for _, name := range c.Names() {
			x, err := c.Tensor(name)
			if errors.Is(err, checkpoint.ErrCorrupt) { // it has gaps
				continue
			}
			if err != nil || x.Offset < 0 || x.Length < 0 || x.Offset+x.Length > int64(len(data)) {
				t.Errorf("%+v of %d bytes, %v", x, len(data), err)
			}
		}
	})
}

// FuzzIndex holds that any index of shards gives tensors that lie in them, or an error.
func FuzzIndex(f *testing.F) {
	shard := safetensors(`{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}`, 8)
	f.Add([]byte(`{"weight_map":{"a":"one.safetensors","b":"absent.safetensors"}}`))
	f.Add([]byte(`{"metadata":{},"weight_map":{"a":"../one.safetensors"}}`))
	f.Fuzz(func(t *testing.T, index []byte) {
		dir, err := filepath.EvalSymlinks(t.TempDir())
		path := filepath.Join(dir, "model.safetensors.index.json")
		if err := errors.Join(err, os.WriteFile(filepath.Join(dir, "one.safetensors"), shard, 0o666), os.WriteFile(path, index, 0o666)); err != nil {
			t.Fatal(err)
		}
		c, err := checkpoint.Open(path)
		if err != nil {
			return
		}
		for _, name := range c.Names() {
			if x, err := c.Tensor(name); err != nil || filepath.Dir(x.File) != dir || x.Offset+x.Length > int64(len(shard)) {
				t.Errorf("%+v, %v", x, err)
			}
		}
	})
}

func TestTheOlderFormIsReadByHand(t *testing.T) {
	t.Parallel()
	values := []float32{1.5, -2, 3, 0.25}
	var storage []byte
	for _, v := range values {
		storage = binary.LittleEndian.AppendUint32(storage, math.Float32bits(v))
	}
	file := "\x80\x02\x8a\nl\xfc\x9cF\xf9 j\xa8P\x19.\x80\x02M\xe9\x03.\x80\x02}" + text("little_endian") + "\x88s." +
		pickle("}", text("w"), tensor("0", 4, 1, 2, 1), "s") + pickle("]", text("0"), "a") + "\x04\x00\x00\x00\x00\x00\x00\x00" + string(storage)
	c, err := open(t, []byte(file))
	if err != nil {
		t.Fatal(err)
	}
	if got, err := c.Float32("w"); err != nil || !slices.Equal(got, values[1:3]) {
		t.Errorf("%v, %v", got, err)
	}
}
