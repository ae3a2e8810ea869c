package onnx

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"google.golang.org/protobuf/encoding/protowire"

	"github.com/akin-search/akin/internal/bounded"
)

func describe(data []byte) (Description, error) {
	return Describe(bytes.NewReader(data), int64(len(data)))
}

// The files of testdata are those of torch's exporter; make.py wrote them.
func TestAFileTellsWhatItTakesAndGives(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ file, says string }{
		{"nchw.onnx", "[pixel_values float32 (?, 3, 12, 10)] [embedding float32 (?, 5)] [] 1073 false"},
		{"nhwc.onnx", "[pixel_values float32 (?, 12, 10, 3)] [embedding float32 (?, 5)] [] 1073 false"},
		{"single.onnx", "[pixel_values float32 (1, 3, 12, 10)] [embedding float32 (1, 5)] [] 1073 false"},
		{"tokens.onnx", "[pixel_values float32 (?, 3, 12, 10)] [last_hidden_state float32 (?, 30, 6) pooler_output float32 (?, 4)] [] 196 false"},
		{"external.onnx", "[pixel_values float32 (?, 3, 12, 10)] [embedding float32 (?, 5)] [external.weights] 1073 false"},
		{"half.onnx", "[pixel_values float16 (?, 3, 12, 10)] [embedding float16 (?, 5)] [] 1073 false"},
		{"open.onnx", "[pixel_values float32 (?, ?, ?, ?)] [embedding float32 (?, ?)] [] 1073 false"},
		{"quantized.onnx", "[pixel_values float32 (?, 3, 12, 10)] [embedding float32 (?, 5)] [] 1073 true"},
		{"old.onnx", "[x float32 (?, 3, 12, 10)] [y float32 (?, 4)] [] 1440 false"}, // its weight is an input as well
	} {
		data, err := os.ReadFile(filepath.Join("testdata", c.file))
		if err != nil {
			t.Fatal(err)
		}
		d, err := describe(data)
		if err != nil {
			t.Errorf("%s: %v", c.file, err)
			continue
		}
		if says := fmt.Sprint(d.Inputs, d.Outputs, d.Files, d.Params, d.PerCall); says != c.says {
			t.Errorf("%s: %s, not %s", c.file, says, c.says)
		}
		// Wherever it is cut off, it is an error or less is told, and nothing worse.
		for n := range data {
			if d, err := describe(data[:n]); err == nil && len(d.Inputs) > 1 {
				t.Errorf("%s cut to %d bytes: %v", c.file, n, d)
			}
		}
	}
}

func TestWhatAkinWritesIsReadBack(t *testing.T) {
	t.Parallel()
	g := NewGraph("tiny")
	x := g.Input("pixels", Float32, "n", 3, 1, 2)
	w := g.Weight("w", Float16, []int64{2, 6}, External{File: "w.bin"})
	g.Output("embedding", g.Node("MatMul", []Value{x, w}), "n", 2)
	d, err := describe(g.Bytes())
	if says := fmt.Sprint(d.Inputs, d.Outputs, d.Files, d.Params); err != nil || says != "[pixels float32 (?, 3, 1, 2)] [embedding float32 (?, 2)] [w.bin] 12" {
		t.Errorf("%s, %v", says, err)
	}
}

// A weight may lie in a graph within a node, in an attribute, or in a function.
func TestEveryFileOfWeightsIsFound(t *testing.T) {
	t.Parallel()
	weight := func(file string) []byte {
		b := tensor(file, Float32, []int64{1})
		b = message(b, 13, text(text(nil, 1, "location"), 2, file))
		return integer(b, 14, 1)
	}
	inner := message(nil, 5, weight("in a graph of a node"))
	node := message(nil, 5, message(nil, 6, inner))
	node = message(node, 5, message(nil, 11, message(nil, 5, weight("in graphs of a node"))))
	node = message(node, 5, message(nil, 5, weight("in an attribute")))
	node = message(node, 5, message(nil, 10, weight("in an attribute of several")))
	node = message(node, 5, message(nil, 22, message(nil, 2, weight("in the indices of a sparse attribute"))))
	graph := message(nil, 1, node)
	graph = message(graph, 15, message(nil, 1, weight("in a sparse initializer")))
	graph = message(graph, 5, integer(weight("not external"), 14, 0))
	function := message(nil, 7, message(nil, 5, message(nil, 5, weight("in a function"))))
	function = message(function, 11, message(nil, 5, weight("in a default of a function")))
	d, err := describe(message(message(nil, 7, graph), 25, function))
	if err != nil {
		t.Fatal(err)
	}
	want := []string{"in a graph of a node", "in graphs of a node", "in an attribute", "in an attribute of several",
		"in the indices of a sparse attribute", "in a sparse initializer", "in a function", "in a default of a function"}
	if !slices.Equal(d.Files, want) {
		t.Errorf("%q", d.Files)
	}
}

func TestAHostileFileIsAnErrorSoon(t *testing.T) {
	t.Parallel()
	deep := []byte{}
	for range 60 { // nodes with graphs with nodes …, with lengths that are right
		deep = message(nil, 1, message(nil, 5, message(nil, 6, deep)))
	}
	var dims []byte
	for range 100 {
		dims = integer(dims, 1, 2)
	}
	many := bytes.Repeat(message(nil, 12, text(nil, 1, "x")), mostDeclared+1)
	for _, c := range []struct {
		why  string
		data []byte
		says string
	}{
		{"it is empty", nil, "holds no graph"},
		{"it is a picture", []byte("\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR"), "no ONNX model"},
		{"it is text", []byte("<!DOCTYPE html><html>"), "no ONNX model"},
		{"it is a safetensors file", append([]byte{48, 0, 0, 0, 0, 0, 0, 0}, `{"w":{"dtype":"F32"}}`...), "no ONNX model"},
		{"a length goes past the end", []byte{7<<3 | 2, 200}, "at byte"},
		{"a length is negative", protowire.AppendVarint([]byte{7<<3 | 2}, 1<<63+5), "are left"},
		{"a length goes past the message around it", append(message(nil, 7, []byte{1<<3 | 2, 100}), make([]byte, 200)...), "are left"},
		{"a number never ends", bytes.Repeat([]byte{0xff}, 20), "at byte"},
		{"a fixed number is cut off", message(nil, 7, []byte{1<<3 | 1, 0}), "ends within a number"},
		{"graphs lie in graphs", message(nil, 7, deep), "deep in each other"},
		{"the graph is an integer", integer(nil, 7, 1), "no message"},
		{"a group", []byte{7<<3 | 3}, "wire type 3"},
		{"a field is numbered 0", []byte{2, 0}, "number 0"},
		{"a name is long", message(nil, 7, message(nil, 11, text(nil, 1, strings.Repeat("x", longestText+1)))), "a name of 4097 bytes"},
		{"a tensor has many axes", message(nil, 7, message(nil, 5, dims)), "axes"},
		{"a tensor's size overflows", message(nil, 7, message(nil, 5, tensor("w", Float32, []int64{1 << 40, 1 << 40}))), "the shape"},
		{"a tensor's size is negative", message(nil, 7, message(nil, 5, tensor("w", Float32, []int64{-1}))), "the shape"},
		{"thousands of outputs", message(nil, 7, many), "inputs or outputs"},
	} {
		start := time.Now()
		_, err := describe(c.data)
		if err == nil || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: %v", c.why, err)
		}
		if d := time.Since(start); d > time.Second {
			t.Errorf("%s: it took %s", c.why, d)
		}
	}
}

// hole is a file of a gigabyte that counts what is read of it.
type hole struct {
	head, tail []byte
	size, read int64
}

func (h *hole) ReadAt(p []byte, at int64) (int, error) {
	h.read += int64(len(p))
	clear(p)
	if at < int64(len(h.head)) {
		copy(p, h.head[at:])
	}
	if from := h.size - int64(len(h.tail)); at >= from {
		copy(p, h.tail[at-from:])
	}
	return len(p), nil
}

func TestWeightsArePassedOver(t *testing.T) {
	t.Parallel()
	const weights = 1 << 30
	w := protowire.AppendVarint(protowire.AppendTag(tensor("w", Float32, []int64{weights / 4}), 9, protowire.BytesType), weights)
	tail := valueInfoField(12, "embedding", "n", 5)
	graph := protowire.AppendVarint(protowire.AppendTag(nil, 5, protowire.BytesType), uint64(len(w))+weights)
	graph = append(graph, w...)
	head := protowire.AppendVarint(protowire.AppendTag(nil, 7, protowire.BytesType), uint64(len(graph))+weights+uint64(len(tail)))
	head = append(head, graph...)
	h := &hole{head: head, tail: tail, size: int64(len(head)) + weights + int64(len(tail))}
	d, err := Describe(h, h.size)
	if err != nil || d.Params != weights/4 || fmt.Sprint(d.Outputs) != "[embedding float32 (?, 5)]" {
		t.Errorf("%+v, %v", d, err)
	}
	if h.read > 1<<16 {
		t.Errorf("%d bytes were read", h.read)
	}
}

func valueInfoField(field protowire.Number, name string, shape ...any) []byte {
	return message(nil, field, valueInfo(name, Float32, shape))
}

func FuzzDescribe(f *testing.F) {
	files, err := filepath.Glob(filepath.Join("testdata", "*.onnx"))
	if err != nil || len(files) == 0 {
		f.Fatal("no seeds", err)
	}
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(data)
		f.Add(data[:len(data)/2])
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		var d Description
		var err error
		bounded.Run(t, 16<<20+100*uint64(len(data)), 5*time.Second, func() { d, err = describe(data) })
		if err != nil {
			return
		}
		if len(d.Inputs) > mostDeclared || len(d.Outputs) > mostDeclared || len(d.Files) > mostDeclared || d.Params < 0 {
			t.Errorf("%d inputs, %d outputs, %d files, %d weights", len(d.Inputs), len(d.Outputs), len(d.Files), d.Params)
		}
		_ = fmt.Sprint(d.Inputs, d.Outputs)
	})
}

// protobuf cuts an enum to 32 bits, and passes over fields of another wire type: where ONNX
// Runtime reads weights out of another file, so does the fingerprint.
func TestEnumsAreReadAsProtobufReadsThem(t *testing.T) {
	t.Parallel()
	weight := func(location ...[]byte) []byte {
		b := tensor("w", Float32, []int64{1})
		b = message(b, 13, text(text(nil, 1, "location"), 2, "other.bin"))
		for _, l := range location {
			b = append(b, l...)
		}
		return message(nil, 7, message(message(nil, 5, b), 11, valueInfo("x", Float32, []any{1})))
	}
	external := integer(nil, 14, 1)
	for _, c := range []struct {
		why      string
		model    []byte
		external bool
	}{
		{"external", weight(external), true},
		{"in the file", weight(integer(nil, 14, 0)), false},
		{"33 bits", weight(integer(nil, 14, 0x100000001)), true},
		{"33 bits of nothing", weight(integer(nil, 14, 0x100000000)), false},
		{"the last one counts", weight(external, integer(nil, 14, 0)), false},
		{"a field of four bytes is another", weight(external, protowire.AppendFixed32(protowire.AppendTag(nil, 14, protowire.Fixed32Type), 0)), true},
		{"and so is a text", weight(external, text(nil, 14, "")), true},
		{"a text of one letter is no 1", weight(text(nil, 14, "x")), false},
	} {
		d, err := describe(c.model)
		if err != nil || (len(d.Files) == 1) != c.external {
			t.Errorf("%s: files %q, %v", c.why, d.Files, err)
		}
	}
	d, err := describe(message(nil, 7, message(nil, 11, text(message(nil, 2, message(nil, 1, integer(nil, 1, 0x100000000+Float16))), 1, "x"))))
	if err != nil || len(d.Inputs) != 1 || d.Inputs[0].Type != Float16 {
		t.Errorf("a type of 33 bits: %v, %v", d.Inputs, err)
	}
}
