// Package onnx writes neural networks as ONNX models: nodes in the order they
// run, and weights that either lie in the model or point into another file. Of models
// that others wrote it reads what they take and give.
//
// The format is the protobuf schema onnx.proto of ONNX, IR version 9, operator
// set 20.
package onnx

import (
	"encoding/binary"
	"fmt"
	"maps"
	"math"
	"slices"

	"google.golang.org/protobuf/encoding/protowire"
)

const (
	irVersion = 9
	opset     = 20

	fusedDomain   = "com.microsoft"
	blockedDomain = "com.microsoft.nchwc"
	ownOpset      = 1 // of both
)

// Value is the name of a tensor that flows through the graph.
type Value string

// Graph is a network being written. Its methods add to it, in order.
type Graph struct {
	name         string
	nodes        [][]byte
	initializers [][]byte
	inputs       [][]byte
	outputs      [][]byte
	made         int
	known        map[string]bool // initializers by name
	externals    []External
	own          map[string]bool // domains of ONNX Runtime's own whose operators it has
}

// NewGraph begins a network.
func NewGraph(name string) *Graph {
	return &Graph{name: name, known: map[string]bool{}, own: map[string]bool{}}
}

// Attr is one attribute of a node.
type Attr struct {
	Name  string
	Value any // int64, []int64, float32 or string
}

// Ints, Int, Float and Text make attributes.
func Ints(name string, v ...int64) Attr { return Attr{name, v} }
func Int(name string, v int64) Attr     { return Attr{name, v} }
func Float(name string, v float32) Attr { return Attr{name, v} }
func Text(name string, v string) Attr   { return Attr{name, v} }

// Input declares an input of a type; a text in shape is an axis of any length.
func (g *Graph) Input(name string, typ int, shape ...any) Value {
	g.inputs = append(g.inputs, valueInfo(name, typ, shape))
	return Value(name)
}

// Output declares that v, of float32, is an output, of that name.
func (g *Graph) Output(name string, v Value, shape ...any) {
	g.nodes = append(g.nodes, node("", "Identity", []Value{v}, []Value{Value(name)}, nil))
	g.outputs = append(g.outputs, valueInfo(name, Float32, shape))
}

// Node adds an operator with one output, and returns that output. An empty input
// is one that is left out.
func (g *Graph) Node(op string, inputs []Value, attrs ...Attr) Value {
	return g.Nodes(op, inputs, 1, attrs...)[0]
}

// Nodes adds an operator with several outputs, and returns them.
func (g *Graph) Nodes(op string, inputs []Value, outputs int, attrs ...Attr) []Value {
	return g.add("", op, inputs, outputs, attrs)
}

// Fused adds an operator with one output that ONNX Runtime has beyond ONNX's, which does
// the work of several (ContribOperators.md of https://github.com/microsoft/onnxruntime).
func (g *Graph) Fused(op string, inputs []Value, attrs ...Attr) Value {
	return g.add(fusedDomain, op, inputs, 1, attrs)[0]
}

// InBlocks adds an operator with one output on tensors whose channels lie in blocks, as ONNX
// Runtime writes them itself when it optimises convolutions
// (https://github.com/microsoft/onnxruntime, onnxruntime/core/graph/contrib_ops/nchwc_schema_defs.cc).
func (g *Graph) InBlocks(op string, inputs []Value, attrs ...Attr) Value {
	return g.add(blockedDomain, op, inputs, 1, attrs)[0]
}

func (g *Graph) add(domain, op string, inputs []Value, outputs int, attrs []Attr) []Value {
	g.made++
	if domain != "" {
		g.own[domain] = true
	}
	out := make([]Value, outputs)
	for i := range out {
		out[i] = Value(fmt.Sprintf("%s_%d", op, g.made))
		if i > 0 {
			out[i] += Value(fmt.Sprintf("_%d", i))
		}
	}
	g.nodes = append(g.nodes, node(domain, op, inputs, out, attrs))
	return out
}

// External is where the bytes of a weight lie.
type External struct {
	File   string // name of a file beside the model, or InMemory
	Offset int64  // in the file, or the address
	Length int64
}

// InMemory is the name of no file, but of the memory of this process. ONNX Runtime and OpenVINO know it
// (kTensorProtoMemoryAddressTag of onnxruntime/core/framework/tensorprotoutils.h; ORT_MEM_ADDR of
// openvino's src/frontends/onnx/frontend/src/utils/tensor_external_data.hpp).
const InMemory = "*/_ORT_MEM_ADDR_/*"

// Types of tensors, as onnx.proto numbers them.
const (
	Float32  = 1
	Uint8    = 2
	Int8     = 3
	Int64    = 7
	Float16  = 10
	BFloat16 = 16
)

// Weight adds a weight whose bytes lie in another file. Adding a name twice is
// adding it once.
func (g *Graph) Weight(name string, typ int, shape []int64, at External) Value {
	if !g.known[name] {
		g.known[name] = true
		g.externals = append(g.externals, at)
		b := tensor(name, typ, shape)
		for _, kv := range [][2]string{
			{"location", at.File}, {"offset", fmt.Sprint(at.Offset)}, {"length", fmt.Sprint(at.Length)},
		} {
			b = message(b, 13, text(text(nil, 1, kv[0]), 2, kv[1]))
		}
		g.initializers = append(g.initializers, integer(b, 14, 1)) // data_location: external
	}
	return Value(name)
}

// Externals are where the weights lie that were added, in their order.
func (g *Graph) Externals() []External { return g.externals }

// Floats adds a small constant of float32.
func (g *Graph) Floats(v []float32, shape ...int64) Value {
	var raw []byte
	for _, x := range v {
		raw = binary.LittleEndian.AppendUint32(raw, math.Float32bits(x))
	}
	return g.constant(Float32, shape, raw)
}

// Int64s adds a small constant of int64.
func (g *Graph) Int64s(v []int64, shape ...int64) Value {
	var raw []byte
	for _, x := range v {
		raw = binary.LittleEndian.AppendUint64(raw, uint64(x))
	}
	return g.constant(Int64, shape, raw)
}

// Int8s adds a constant of int8, whose values are raw's bytes.
func (g *Graph) Int8s(raw []byte, shape ...int64) Value { return g.constant(Int8, shape, raw) }

func (g *Graph) constant(typ int, shape []int64, raw []byte) Value {
	g.made++
	name := fmt.Sprintf("constant_%d", g.made)
	b := tensor(name, typ, shape)
	g.initializers = append(g.initializers, blob(b, 9, raw)) // raw_data
	return Value(name)
}

// Bytes is the finished model, a ModelProto.
func (g *Graph) Bytes() []byte {
	parts := []struct {
		field protowire.Number
		items [][]byte
	}{{1, g.nodes}, {2, [][]byte{[]byte(g.name)}}, {5, g.initializers}, {11, g.inputs}, {12, g.outputs}}
	size := 0 // of the GraphProto, which may have a gigabyte: it is written once
	for _, part := range parts {
		for _, item := range part.items {
			size += protowire.SizeTag(part.field) + protowire.SizeBytes(len(item))
		}
	}
	model := make([]byte, 0, size+128)
	model = text(integer(model, 1, irVersion), 2, "akin")
	model = protowire.AppendVarint(protowire.AppendTag(model, 7, protowire.BytesType), uint64(size))
	for _, part := range parts {
		for _, item := range part.items {
			model = message(model, part.field, item)
		}
	}
	model = message(model, 8, integer(nil, 2, opset))
	for _, domain := range slices.Sorted(maps.Keys(g.own)) {
		model = message(model, 8, integer(text(nil, 1, domain), 2, ownOpset))
	}
	return model
}

// node is a NodeProto.
func node(domain, op string, inputs, outputs []Value, attrs []Attr) []byte {
	var b []byte
	for _, in := range inputs {
		b = text(b, 1, string(in))
	}
	for _, out := range outputs {
		b = text(b, 2, string(out))
	}
	b = text(b, 3, string(outputs[0]))
	b = text(b, 4, op)
	for _, a := range attrs {
		b = message(b, 5, attribute(a))
	}
	if domain != "" {
		b = text(b, 7, domain)
	}
	return b
}

// attribute is an AttributeProto.
func attribute(a Attr) []byte {
	b := text(nil, 1, a.Name)
	kind := 0
	switch v := a.Value.(type) {
	case float32:
		b = protowire.AppendTag(b, 2, protowire.Fixed32Type)
		b, kind = protowire.AppendFixed32(b, math.Float32bits(v)), 1
	case int64:
		b, kind = integer(b, 3, v), 2
	case string:
		b, kind = text(b, 4, v), 3
	case []int64:
		for _, x := range v {
			b = integer(b, 8, x)
		}
		kind = 7
	default:
		panic(fmt.Sprintf("onnx: attribute %s of %T", a.Name, a.Value)) // a mistake in an architecture file
	}
	return integer(b, 20, int64(kind))
}

// tensor is the head of a TensorProto.
func tensor(name string, typ int, shape []int64) []byte {
	var b []byte
	for _, n := range shape {
		b = integer(b, 1, n)
	}
	b = integer(b, 2, int64(typ))
	return text(b, 8, name)
}

// valueInfo is a ValueInfoProto of a tensor.
func valueInfo(name string, typ int, shape []any) []byte {
	var dims []byte
	for _, n := range shape {
		switch n := n.(type) {
		case int:
			dims = message(dims, 1, integer(nil, 1, int64(n)))
		case string:
			dims = message(dims, 1, text(nil, 2, n))
		default:
			panic(fmt.Sprintf("onnx: axis of %T", n)) // a mistake in an architecture file
		}
	}
	tensor := message(nil, 1, message(integer(nil, 1, int64(typ)), 2, dims))
	return message(text(nil, 1, name), 2, tensor)
}

func integer(b []byte, field protowire.Number, v int64) []byte {
	return protowire.AppendVarint(protowire.AppendTag(b, field, protowire.VarintType), uint64(v))
}

func text(b []byte, field protowire.Number, v string) []byte {
	return protowire.AppendString(protowire.AppendTag(b, field, protowire.BytesType), v)
}

func blob(b []byte, field protowire.Number, v []byte) []byte {
	return protowire.AppendBytes(protowire.AppendTag(b, field, protowire.BytesType), v)
}

func message(b []byte, field protowire.Number, v []byte) []byte { return blob(b, field, v) }
