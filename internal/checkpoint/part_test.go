package checkpoint_test

import (
	"bytes"
	"errors"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/akin-search/akin/internal/checkpoint"
)

// headersOf returns the files of a folder to ReadHeaders, of which only the headers can be read.
func headersOf(dir string) func(name string) (io.ReaderAt, int64, error) {
	return func(name string) (io.ReaderAt, int64, error) {
		data, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil {
			return nil, 0, err
		}
		end := bytes.LastIndexByte(data, '}') + 1
		return bytes.NewReader(data[:end]), int64(len(data)), nil
	}
}

func TestAPartOfACheckpointIsOne(t *testing.T) {
	t.Parallel()
	one := []byte(`{"a":{"dtype":"F16","shape":[3],"data_offsets":[0,6]},"unused":{"dtype":"F32","shape":[1],"data_offsets":[6,10]},"b":{"dtype":"F32","shape":[2,1],"data_offsets":[10,18]}}`)
	two := []byte(`{"\"c\"":{"dtype":"F32","shape":[],"data_offsets":[0,4]},"none":{"dtype":"F32","shape":[0,2],"data_offsets":[4,4]}}`)
	index := []byte(`{"weight_map":{"a":"1.safetensors","unused":"1.safetensors","b":"1.safetensors","\"c\"":"2.safetensors","none":"2.safetensors"}}`)
	dir := folder(t, map[string][]byte{
		"1.safetensors": append(safetensors(string(one), 0), "aAbBcCuuuu11112222"...),
		"2.safetensors": append(safetensors(string(two), 0), "3333"...),
	})
	c, err := checkpoint.ReadHeaders("model.safetensors.index.json", index, headersOf(dir))
	if err != nil {
		t.Fatal(err)
	}
	var tensors []checkpoint.Tensor
	for _, name := range c.Names() {
		if tensor, err := c.Tensor(name); err != nil {
			t.Error(err)
		} else if name != "unused" {
			tensors = append(tensors, tensor)
		}
	}
	head, order, err := checkpoint.Part(tensors)
	if err != nil {
		t.Fatal(err)
	}
	slices.Reverse(tensors)
	if again, _, err := checkpoint.Part(tensors); err != nil || !bytes.Equal(again, head) {
		t.Errorf("in another order it is laid out otherwise: %v", err)
	}
	file := head
	if len(head)%8 != 0 {
		t.Errorf("the tensors begin at byte %d, which aligns none of them", len(head))
	}
	for _, tensor := range order {
		data, err := os.ReadFile(filepath.Join(dir, tensor.File))
		if err != nil {
			t.Fatal(err)
		}
		file = append(file, data[tensor.Offset:][:tensor.Length]...)
	}
	if !bytes.HasSuffix(file, []byte("111122223333aAbBcC")) { // float32 before float16
		t.Errorf("the file ends with %q", file[len(head):])
	}
	part, err := checkpoint.Open(folder(t, map[string][]byte{"model.safetensors": file}))
	if err != nil {
		t.Fatal(err)
	}
	if names := part.Names(); !slices.Equal(names, []string{`"c"`, "a", "b", "none"}) {
		t.Errorf("it holds %q", names)
	}
	for _, name := range part.Names() {
		got, err := part.Tensor(name)
		want, wanted := c.Tensor(name)
		if err != nil || wanted != nil || got.Type != want.Type || !slices.Equal(got.Shape, want.Shape) {
			t.Errorf("%+v, want %+v, %v %v", got, want, err, wanted)
		}
	}
}

func TestHeadersThatCannotBeReadSayWhy(t *testing.T) {
	t.Parallel()
	dir := folder(t, map[string][]byte{"short.safetensors": {1, 2}, "bad.safetensors": safetensors(`{"w":`, 8)})
	broken := errors.New("the line is down")
	for _, c := range []struct {
		name  string
		index string
		open  func(string) (io.ReaderAt, int64, error)
		is    error
		says  string
	}{
		{"short.safetensors", "", headersOf(dir), checkpoint.ErrCorrupt, "2 bytes"},
		{"bad.safetensors", "", headersOf(dir), checkpoint.ErrCorrupt, "header"},
		{"index", `{"weight_map":{"w":"../x"}}`, headersOf(dir), checkpoint.ErrCorrupt, "beside"},
		{"index", `{"weight_map":{"w":"bad.safetensors"}}`, headersOf(dir), checkpoint.ErrCorrupt, "bad.safetensors"},
		{"a", "", func(string) (io.ReaderAt, int64, error) { return nil, 0, broken }, broken, "a"},
		{"b", "", func(string) (io.ReaderAt, int64, error) { return failing{broken}, 100, nil }, broken, "b"},
	} {
		var index []byte
		if c.index != "" {
			index = []byte(c.index)
		}
		_, err := checkpoint.ReadHeaders(c.name, index, c.open)
		if !errors.Is(err, c.is) || !strings.Contains(err.Error(), c.says) || c.is != checkpoint.ErrCorrupt && errors.Is(err, checkpoint.ErrCorrupt) {
			t.Errorf("%s: %v", c.name, err)
		}
	}
}

type failing struct{ err error }

func (f failing) ReadAt([]byte, int64) (int, error) { return 0, f.err }
