package runtime

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	goruntime "runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/klauspost/cpuid/v2"

	"github.com/akin-search/akin/internal/disk"
	"github.com/akin-search/akin/internal/glob"
	"github.com/akin-search/akin/internal/model"
	"github.com/akin-search/akin/internal/openvino"
)

// OpenVINO runs networks in bfloat16 on processors, and on Intel's graphics and neural processors. It
// is optional; docs/explanation/bfloat16.md says why it is used for what.

var intel struct {
	sync.Mutex
	library *openvino.Library
}

// OpenOpenVINO loads OpenVINO's library, libopenvino_c, at path. One process loads one, once.
func OpenOpenVINO(path string) error {
	intel.Lock()
	defer intel.Unlock()
	l, err := openvino.Open(path)
	if err == nil {
		intel.library = l
	}
	return err
}

// OpenVINOVersion returns the version of the loaded library, or "".
func OpenVINOVersion() string {
	if l := openedOpenVINO(); l != nil {
		return l.Version
	}
	return ""
}

func openedOpenVINO() *openvino.Library {
	intel.Lock()
	defer intel.Unlock()
	return intel.library
}

// CheckBFloat16 returns why the processor cannot compute in bfloat16: OpenVINO must have been loaded,
// and the processor must have instructions for it.
func CheckBFloat16() error {
	l := openedOpenVINO()
	if l == nil {
		return ErrNoOpenVINO
	}
	has, err := l.Property("CPU", "OPTIMIZATION_CAPABILITIES")
	if err == nil && !slices.Contains(strings.Fields(has), "BF16") {
		err = errors.New("this processor has no instructions for it, such as AMX-BF16 or AVX512-BF16")
	}
	return err
}

// FastBFloat16 reports whether the processor multiplies bfloat16 faster than float32: with AMX, or AMD's with AVX512-BF16, from
// Zen 4 on. Intel's with AVX512-BF16 alone do not: docs/explanation/bfloat16.md.
func FastBFloat16() bool {
	return cpuid.CPU.Supports(cpuid.AMXBF16, cpuid.AMXTILE) || cpuid.CPU.IsVendor(cpuid.AMD) && cpuid.CPU.Supports(cpuid.AVX512BF16)
}

// unit is OpenVINO's name of a device.
func (d Device) unit() string { return strings.ToUpper(d.part) }

// checkOpenVINO returns why networks cannot run on one of OpenVINO's devices.
func (d Device) checkOpenVINO(p model.Precision) error {
	l := openedOpenVINO()
	switch {
	case l == nil:
		return ErrNoOpenVINO
	case d == processor:
		return CheckBFloat16()
	case p == model.Int8, p == model.BFloat16:
		return fmt.Errorf("it does not compute in %s; its fast precision is fp16", p)
	case d == OpenVINONPU && p != model.Float16:
		return fmt.Errorf("it computes in fp16 only, not in %s", p)
	}
	found, err := l.Devices()
	if err != nil {
		return err
	}
	if !slices.ContainsFunc(found, func(name string) bool { kind, _, _ := strings.Cut(name, "."); return kind == d.unit() }) {
		return fmt.Errorf("OpenVINO finds no such processor with a driver, only %s", strings.Join(found, ", "))
	}
	return nil
}

// newOpenVINOSession loads a model's network for pictures.
func newOpenVINOSession(m *model.Model, o Options) (*Session, error) {
	if err := o.Device.checkOpenVINO(m.Precision); err != nil {
		return nil, &DeviceError{Device: o.Device.String(), Err: err}
	}
	weights := &mappings{}
	of, single, clean, err := o.linked(m)
	if err != nil { // as across file systems
		var graph model.Graph
		graph, err = m.Graph(model.SessionOptions{Map: weights.add})
		of, single, clean = openvino.Model{ONNX: graph.ONNX}, graph.Single, func() {}
	}
	if err != nil {
		weights.close()
		return nil, err
	}
	defer clean()
	shape := m.Preprocess.Shape()
	if o.Device == OpenVINONPU { // it takes no axes of any length
		single = true
		of.Shape = append([]int64{1}, shape...)
	}
	network, err := openedOpenVINO().Compile(of, o.Device.unit(), o.properties(m.Precision))
	if err != nil {
		weights.close()
		return nil, fmt.Errorf("load model %s from %s: %w", m.Name, m.Dir, err)
	}
	trim()
	return &Session{name: m.Name, shape: shape, dim: m.Dim, single: single, openvino: network, weights: weights, input: "pixels"}, nil
}

// linked writes the graph into a folder with hard links to its weights: OpenVINO maps what lies in the
// graph's folder, and copies what is given to it in memory. clean removes the folder; what is mapped stays.
func (o Options) linked(m *model.Model) (of openvino.Model, single bool, clean func(), err error) {
	if o.Cache == "" || len(m.Weights) == 0 {
		return of, false, nil, errors.ErrUnsupported
	}
	parent := filepath.Join(o.Cache, "openvino")
	if err := os.MkdirAll(parent, 0o777); err != nil {
		return of, false, nil, err
	}
	// Killed processes leave links behind.
	left, _ := glob.Files(parent, "graph-*")
	for _, path := range left {
		if info, err := os.Stat(path); err == nil && time.Since(info.ModTime()) > time.Hour {
			_ = os.RemoveAll(path)
		}
	}
	folder, err := os.MkdirTemp(parent, "graph-*")
	if err != nil {
		return of, false, nil, err
	}
	clean = func() { _ = os.RemoveAll(folder) }
	defer func() {
		if err != nil {
			clean()
		}
	}()
	graph, err := m.Graph(model.SessionOptions{})
	if err != nil {
		return of, false, nil, err
	}
	files := map[string]bool{}
	for _, t := range m.Weights {
		files[t.File] = true
	}
	for file := range files {
		name, err := filepath.Rel(graph.Folder, file)
		if err != nil {
			return of, false, nil, err
		}
		real, err := filepath.EvalSymlinks(file) // a link to a link leads out of the folder
		if err != nil {
			return of, false, nil, err
		}
		at := filepath.Join(folder, name)
		if err := errors.Join(os.MkdirAll(filepath.Dir(at), 0o777), os.Link(real, at)); err != nil {
			return of, false, nil, err
		}
	}
	of.Path = filepath.Join(folder, "graph.onnx")
	return of, graph.Single, clean, os.WriteFile(of.Path, graph.ONNX, 0o666)
}

// mappings are files that are mapped into memory.
type mappings struct {
	files map[string][]byte
	unmap []func() error
}

// add maps a file, once, and returns its address.
func (m *mappings) add(path string) (uintptr, error) {
	data, ok := m.files[path]
	if !ok {
		f, err := os.Open(path)
		if err != nil {
			return 0, err
		}
		defer f.Close()
		info, err := f.Stat()
		if err != nil {
			return 0, err
		}
		mapped, unmap, err := disk.Map(f, info.Size())
		if err != nil {
			return 0, fmt.Errorf("map %s: %w", path, err)
		}
		data = mapped
		if m.files == nil {
			m.files = map[string][]byte{}
		}
		m.files[path], m.unmap = data, append(m.unmap, unmap)
	}
	return openvino.Address(data), nil
}

func (m *mappings) close() error {
	var errs []error
	for _, unmap := range m.unmap {
		errs = append(errs, unmap())
	}
	m.files, m.unmap = nil, nil
	return errors.Join(errs...)
}

// inOpenVINO are OpenVINO's names of precisions.
var inOpenVINO = map[model.Precision]string{model.Float32: "f32", model.Float16: "f16", model.BFloat16: "bf16"}

// properties are OpenVINO's properties for a session.
func (o Options) properties(p model.Precision) map[string]string {
	properties := map[string]string{"INFERENCE_PRECISION_HINT": inOpenVINO[p]}
	if o.Device != processor {
		properties["PERFORMANCE_HINT"] = "THROUGHPUT"
		if o.Cache != "" { // compiling takes up to minutes
			properties["CACHE_DIR"] = filepath.Join(o.Cache, "openvino", "compiled")
		}
		return properties
	}
	threads, streams := o.Threads, max(1, o.Streams)
	if threads <= 0 {
		threads = goruntime.NumCPU()
	}
	properties["NUM_STREAMS"] = strconv.Itoa(streams)
	properties["INFERENCE_NUM_THREADS"] = strconv.Itoa(threads * streams)
	properties["ENABLE_CPU_PINNING"] = "NO" // other threads decode pictures meanwhile
	properties["ENABLE_HYPER_THREADING"] = "YES"
	return properties
}
