package onnx

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"google.golang.org/protobuf/encoding/protowire"
)

// Description is what a model's file tells of it without being run.
type Description struct {
	Inputs  []Tensor // what a caller gives: not those that have an initializer
	Outputs []Tensor
	Files   []string // that weights lie in, as the model names them
	Params  int64    // the numbers of its weights
	// PerCall says that it scales activations over a whole call, so that what it gives
	// for a picture depends on the others of the batch.
	PerCall bool
}

// Tensor is an input or an output as it is declared.
type Tensor struct {
	Name  string
	Type  int     // as onnx.proto numbers them; 0 for what is no tensor
	Shape []int64 // -1 is an axis of any length; nil where the rank is not told
}

func (t Tensor) String() string {
	if t.Shape == nil {
		return fmt.Sprintf("%s %s of any shape", t.Name, TypeName(t.Type))
	}
	axes := make([]string, len(t.Shape))
	for i, n := range t.Shape {
		if axes[i] = fmt.Sprint(n); n < 0 {
			axes[i] = "?"
		}
	}
	return fmt.Sprintf("%s %s (%s)", t.Name, TypeName(t.Type), strings.Join(axes, ", "))
}

var typeNames = []string{"no tensor", "float32", "uint8", "int8", "uint16", "int16", "int32", "int64",
	"string", "bool", "float16", "float64", "uint32", "uint64", "complex64", "complex128", "bfloat16"}

// TypeName is how people call a type of tensors.
func TypeName(typ int) string {
	if typ < 0 || typ >= len(typeNames) {
		return fmt.Sprintf("type %d", typ)
	}
	return typeNames[typ]
}

// What no real model has, so that a hostile file ends soon and in little memory.
const (
	longestText      = 4096
	deepest          = 100 // messages in each other: a graph within a graph takes four
	mostInitializers = 1 << 20
	mostDeclared     = 1000 // inputs, outputs, other files
	mostAxes         = 64
	mostParams       = 1 << 50
)

// Describe reads a ModelProto of size bytes. Weights are passed over, so a file of
// gigabytes takes as long as its nodes.
func Describe(r io.ReaderAt, size int64) (Description, error) {
	d := &describer{initializers: map[string]bool{}}
	err := each(stretch{file: &window{r: r}, end: size}, d.model)
	if err == nil && !d.graphs {
		err = errors.New("it holds no graph")
	}
	if err != nil {
		return Description{}, fmt.Errorf("no ONNX model that can be read: %w", err)
	}
	// Before IR version 4 every initializer is listed as an input as well.
	d.Inputs = slices.DeleteFunc(d.Inputs, func(t Tensor) bool { return d.initializers[t.Name] })
	return d.Description, nil
}

type describer struct {
	Description
	graphs       bool
	initializers map[string]bool
}

// model reads a ModelProto.
func (d *describer) model(f field) error {
	switch f.number {
	case 7: // graph
		d.graphs = true
		return f.each(d.graph)
	case 25: // functions
		return f.each(d.function)
	}
	return nil
}

// graph reads the model's own GraphProto.
func (d *describer) graph(f field) error {
	switch f.number {
	case 11:
		return d.declare(&d.Inputs, f)
	case 12:
		return d.declare(&d.Outputs, f)
	}
	return d.subgraph(f)
}

// subgraph reads any GraphProto.
func (d *describer) subgraph(f field) error {
	switch f.number {
	case 1:
		return f.each(d.node)
	case 5:
		return d.initializer(f)
	case 15: // sparse_initializer
		return f.each(d.sparse)
	}
	return nil
}

// function reads a FunctionProto.
func (d *describer) function(f field) error {
	switch f.number {
	case 7:
		return f.each(d.node)
	case 11: // the defaults of its attributes
		return f.each(d.attribute)
	}
	return nil
}

func (d *describer) node(f field) error {
	switch f.number {
	case 4:
		op, err := f.text()
		d.PerCall = d.PerCall || op == "DynamicQuantizeLinear"
		return err
	case 5:
		return f.each(d.attribute)
	}
	return nil
}

func (d *describer) attribute(f field) error {
	switch f.number {
	case 5, 10: // tensors
		_, err := d.tensor(f)
		return err
	case 6, 11: // graphs
		return f.each(d.subgraph)
	case 22, 23: // sparse tensors
		return f.each(d.sparse)
	}
	return nil
}

// sparse reads a SparseTensorProto, whose values and indices are tensors.
func (d *describer) sparse(f field) error {
	if f.number != 1 && f.number != 2 {
		return nil
	}
	return d.initializer(f)
}

func (d *describer) initializer(f field) error {
	t, err := d.tensor(f)
	if err != nil {
		return err
	}
	if t.Type != Int64 { // those are shapes
		count := int64(1)
		for _, n := range t.Shape {
			if n < 0 || n > 0 && count > mostParams/n {
				return f.errorf("tensor %q has the shape %v", t.Name, t.Shape)
			}
			count *= n
		}
		if d.Params += count; d.Params > mostParams {
			return f.errorf("it has more weights than any model")
		}
	}
	if d.initializers[t.Name] = true; len(d.initializers) > mostInitializers {
		return f.errorf("it has more than %d initializers", mostInitializers)
	}
	return nil
}

// tensor reads a TensorProto and notes the file that its bytes lie in.
func (d *describer) tensor(f field) (t Tensor, err error) {
	external, location := false, ""
	err = f.each(func(f field) error {
		switch f.number {
		case 1:
			return f.integers(func(n int64) error {
				if t.Shape = append(t.Shape, n); len(t.Shape) > mostAxes {
					return f.errorf("a tensor has more than %d axes", mostAxes)
				}
				return nil
			})
		case 2:
			if n, ok := f.small(); ok {
				t.Type = int(n)
			}
		case 8:
			t.Name, err = f.text()
			return err
		case 13: // external_data, pairs of texts
			key, value := "", ""
			err := f.each(func(f field) (err error) {
				switch f.number {
				case 1:
					key, err = f.text()
				case 2:
					value, err = f.text()
				}
				return err
			})
			if key == "location" {
				location = value
			}
			return err
		case 14: // data_location
			if n, ok := f.small(); ok {
				external = n == 1
			}
		}
		return nil
	})
	if err != nil || !external || slices.Contains(d.Files, location) {
		return t, err
	}
	if d.Files = append(d.Files, location); len(d.Files) > mostDeclared {
		err = f.errorf("its weights lie in more than %d files", mostDeclared)
	}
	return t, err
}

// declare adds a ValueInfoProto.
func (d *describer) declare(to *[]Tensor, f field) error {
	var t Tensor
	err := f.each(func(f field) (err error) {
		switch f.number {
		case 1:
			t.Name, err = f.text()
		case 2: // a TypeProto
			err = f.each(func(f field) error {
				if f.number != 1 { // a tensor
					return nil
				}
				return f.each(t.declared)
			})
		}
		return err
	})
	if *to = append(*to, t); err == nil && len(*to) > mostDeclared {
		err = f.errorf("it has more than %d inputs or outputs", mostDeclared)
	}
	return err
}

// declared reads a TypeProto.Tensor.
func (t *Tensor) declared(f field) error {
	switch f.number {
	case 1:
		if n, ok := f.small(); ok {
			t.Type = int(n)
		}
	case 2: // a TensorShapeProto
		t.Shape = []int64{}
		return f.each(func(f field) error {
			if f.number != 1 {
				return nil
			}
			length := int64(-1)
			err := f.each(func(f field) error {
				if f.number == 1 && f.wire == protowire.VarintType && int64(f.value) > 0 { // some exporters write 0 for any length
					length = int64(f.value)
				}
				return nil
			})
			if t.Shape = append(t.Shape, length); len(t.Shape) > mostAxes {
				return f.errorf("%q has more than %d axes", t.Name, mostAxes)
			}
			return err
		})
	}
	return nil
}

// window is the stretch of a file that is being looked at.
type window struct {
	r    io.ReaderAt
	data []byte
	at   int64 // of data in the file
}

const windowBytes = 16 << 10

// bytes returns count bytes at a place, until it is called again; count is at most
// windowBytes.
func (w *window) bytes(at, count int64) ([]byte, error) {
	if from := at - w.at; from >= 0 && from+count <= int64(len(w.data)) {
		return w.data[from:][:count], nil
	}
	if cap(w.data) == 0 {
		w.data = make([]byte, windowBytes)
	}
	n, err := w.r.ReadAt(w.data[:windowBytes], at)
	w.data, w.at = w.data[:n], at
	if int64(n) < count {
		return nil, fmt.Errorf("at byte %d: %w", at, err)
	}
	return w.data[:count], nil
}

// stretch is what a message takes of the file.
type stretch struct {
	file    *window
	at, end int64
	depth   int
}

// field is one field: an integer, or bytes, which may be a message.
type field struct {
	number protowire.Number
	wire   protowire.Type
	value  uint64
	body   stretch
}

// each calls visit with the fields of a message, in order.
func each(m stretch, visit func(field) error) error {
	for m.at < m.end {
		tag, err := m.varint()
		if err != nil {
			return err
		}
		f := field{body: stretch{file: m.file, at: m.at, end: m.at, depth: m.depth + 1}}
		if f.number, f.wire = protowire.DecodeTag(tag); f.number < 1 {
			return f.errorf("a field has the number %d", tag>>3)
		}
		skip := int64(0)
		switch f.wire {
		case protowire.VarintType:
			f.value, err = m.varint()
		case protowire.Fixed32Type:
			skip = 4
		case protowire.Fixed64Type:
			skip = 8
		case protowire.BytesType:
			f.value, err = m.varint()
			if skip = int64(f.value); err == nil && f.value > uint64(m.end-m.at) {
				return f.errorf("%d bytes are said to follow where %d are left", f.value, m.end-m.at)
			}
		default:
			return f.errorf("a field of wire type %d", f.wire)
		}
		if err != nil {
			return err
		}
		if skip > m.end-m.at {
			return f.errorf("it ends within a number")
		}
		f.body.at, f.body.end = m.at, m.at+skip
		m.at += skip
		if err := visit(f); err != nil {
			return err
		}
	}
	return nil
}

func (m *stretch) varint() (uint64, error) {
	data, err := m.file.bytes(m.at, min(10, m.end-m.at))
	if err != nil {
		return 0, err
	}
	v, n := protowire.ConsumeVarint(data)
	if n < 0 {
		return 0, fmt.Errorf("at byte %d: %w", m.at, protowire.ParseError(n))
	}
	m.at += int64(n)
	return v, nil
}

func (f field) errorf(format string, args ...any) error {
	return fmt.Errorf("at byte %d: %w", f.body.at, fmt.Errorf(format, args...))
}

// each calls visit with the fields of the message that f is.
func (f field) each(visit func(field) error) error {
	if f.wire != protowire.BytesType {
		return f.errorf("field %d is no message", f.number)
	}
	if f.body.depth > deepest {
		return f.errorf("messages lie more than %d deep in each other", deepest)
	}
	return each(f.body, visit)
}

// integers calls visit with the values of a repeated integer, packed or not.
func (f field) integers(visit func(int64) error) error {
	switch f.wire {
	case protowire.VarintType:
		return visit(int64(f.value))
	case protowire.BytesType:
	default:
		return nil
	}
	for m := f.body; m.at < m.end; {
		v, err := m.varint()
		if err == nil {
			err = visit(int64(v))
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// small is an int32 or an enum: protobuf cuts what is longer to its lower 32 bits, and passes
// over a field of another wire type. ONNX Runtime sees what protobuf gives.
func (f field) small() (int32, bool) {
	return int32(f.value), f.wire == protowire.VarintType
}

func (f field) text() (string, error) {
	length := f.body.end - f.body.at
	if f.wire != protowire.BytesType || length > longestText {
		return "", f.errorf("a name of %d bytes", length)
	}
	data, err := f.body.file.bytes(f.body.at, length)
	return string(data), err
}
