// Package openvino runs ONNX models with OpenVINO, by the C interface of its shared library, which is
// loaded when the first one needs it
// (https://docs.openvino.ai, group "OpenVINO Runtime C API").
package openvino

// #cgo linux LDFLAGS: -ldl
// #include <stdlib.h>
// #include "openvino.h"
import "C"

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"unsafe"
)

// Library is a loaded libopenvino_c with its core. It stays loaded, and is safe for concurrent use.
type Library struct {
	Path    string
	Version string
	c       C.struct_akin_openvino
	core    unsafe.Pointer
}

var opened struct {
	sync.Mutex
	library *Library
}

// Open loads the library at path. One process loads one library, once; opening the same again
// returns it.
func Open(path string) (*Library, error) {
	opened.Lock()
	defer opened.Unlock()
	if l := opened.library; l != nil {
		if l.Path != path {
			return nil, fmt.Errorf("load %s: %s is in use already", path, l.Path)
		}
		return l, nil
	}
	l := &Library{Path: path}
	name := C.CString(path)
	defer C.free(unsafe.Pointer(name))
	var version message
	if err := call(func(text *C.char) C.int {
		return C.akin_openvino_open(&l.c, name, &l.core, &version[0], text)
	}); err != nil {
		return nil, fmt.Errorf("load %s: it is not OpenVINO 2026.4 or newer: %w", path, err)
	}
	l.Version = version.String()
	opened.library = l
	return l, nil
}

// Devices returns the names of the devices that networks can run on, as CPU, GPU.0 or NPU.
func (l *Library) Devices() ([]string, error) {
	var names message
	err := call(func(text *C.char) C.int { return C.akin_openvino_devices(&l.c, l.core, &names[0], text) })
	return strings.Fields(names.String()), err
}

// Property returns a property of a device, as its FULL_DEVICE_NAME.
func (l *Library) Property(device, key string) (string, error) {
	d, k := C.CString(device), C.CString(key)
	defer C.free(unsafe.Pointer(d))
	defer C.free(unsafe.Pointer(k))
	var value message
	err := call(func(text *C.char) C.int { return C.akin_openvino_property(&l.c, l.core, d, k, &value[0], text) })
	return value.String(), err
}

// Model is a network in ONNX with one input and one output, both of float32.
type Model struct {
	Path  string  // of its file, in the folder of its weights, which are mapped; or "" for
	ONNX  []byte  // the model itself; its weights may lie elsewhere in memory, as long as the network lives
	Shape []int64 // that its input gets, or nil for that of the model, whose axes may be of any length
}

// Address returns where mapped bytes lie, for weights that are in memory.
func Address(data []byte) uintptr { return uintptr(unsafe.Pointer(unsafe.SliceData(data))) }

// Network is a model that was compiled for a device. It is safe for concurrent use, and owns memory
// outside of Go until Close.
type Network struct {
	library  *Library
	compiled unsafe.Pointer
	mu       sync.Mutex
	idle     []unsafe.Pointer // requests: each runs one batch at a time, and keeps its activations
}

// Compile makes a model ready to run on a device, with properties of OpenVINO.
func (l *Library) Compile(m Model, device string, properties map[string]string) (*Network, error) {
	var owned []unsafe.Pointer
	defer func() {
		for _, p := range owned {
			C.free(p)
		}
	}()
	text := func(s string) *C.char {
		c := C.CString(s)
		owned = append(owned, unsafe.Pointer(c))
		return c
	}
	// Arrays of C's pointers lie in C, as cgo wants it.
	list := func(words []string) **C.char {
		array := C.malloc(C.size_t(max(1, len(words))) * C.size_t(unsafe.Sizeof((*C.char)(nil))))
		owned = append(owned, array)
		for i, w := range words {
			unsafe.Slice((**C.char)(array), len(words))[i] = text(w)
		}
		return (**C.char)(array)
	}
	keys := slices.Sorted(maps.Keys(properties))
	values := make([]string, len(keys))
	for i, k := range keys {
		values[i] = properties[k]
	}
	var path *C.char
	if m.Path != "" {
		path = text(m.Path)
	}
	n := &Network{library: l}
	err := call(func(why *C.char) C.int {
		return C.akin_openvino_compile(&l.c, l.core, path, (*C.char)(unsafe.Pointer(unsafe.SliceData(m.ONNX))), C.size_t(len(m.ONNX)),
			(*C.int64_t)(unsafe.SliceData(m.Shape)), C.size_t(len(m.Shape)), text(device), list(keys), list(values), C.size_t(len(keys)), &n.compiled, why)
	})
	if err != nil {
		return nil, err
	}
	return n, nil
}

// Run runs a batch: in has the shape of the model's input, and out is all of its output.
func (n *Network) Run(in []float32, shape []int64, out []float32) error {
	size := int64(1)
	for _, d := range shape {
		size *= d
	}
	if len(in) == 0 || int64(len(in)) != size || len(out) == 0 {
		return fmt.Errorf("%d values of the shape %v into %d", len(in), shape, len(out))
	}
	request, err := n.take()
	if err != nil {
		return err
	}
	defer n.give(request)
	return call(func(text *C.char) C.int {
		return C.akin_openvino_run(&n.library.c, request, (*C.float)(&in[0]), (*C.int64_t)(&shape[0]), C.size_t(len(shape)),
			(*C.float)(&out[0]), C.size_t(len(out)), text)
	})
}

func (n *Network) take() (request unsafe.Pointer, err error) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.compiled == nil {
		return nil, errors.New("the network is closed")
	}
	if last := len(n.idle) - 1; last >= 0 {
		request = n.idle[last]
		n.idle = n.idle[:last]
		return request, nil
	}
	err = call(func(text *C.char) C.int {
		return C.akin_openvino_request(&n.library.c, n.compiled, &request, text)
	})
	return request, err
}

func (n *Network) give(request unsafe.Pointer) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.idle = append(n.idle, request)
}

// Close frees the network. No batch may be running.
func (n *Network) Close() {
	n.mu.Lock()
	defer n.mu.Unlock()
	for _, request := range n.idle {
		C.akin_openvino_free_request(&n.library.c, request)
	}
	if n.compiled != nil {
		C.akin_openvino_free_compiled(&n.library.c, n.compiled)
	}
	n.idle, n.compiled = nil, nil
}

type message [C.AKIN_TEXT]C.char

func (m *message) String() string { return C.GoString(&m[0]) }

// call calls a function that returns 0 with a message in text where it fails.
func call(f func(text *C.char) C.int) error {
	var text message
	if f(&text[0]) != 0 {
		return nil
	}
	return errors.New(plain(text.String()))
}

// plain strips the positions in OpenVINO's code from its message.
func plain(text string) string {
	var kept []string
	for line := range strings.Lines(text) {
		line = strings.TrimSpace(line)
		if line == "" || strings.HasPrefix(line, "Exception from ") || strings.HasPrefix(line, "Check '") {
			continue
		}
		kept = append(kept, line)
	}
	if len(kept) == 0 {
		return strings.TrimSpace(text)
	}
	return strings.Join(kept, " ")
}
