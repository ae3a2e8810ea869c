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

	"golang.org/x/sys/cpu"

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

// FastBFloat16 reports whether the processor multiplies bfloat16 faster than float32.
func FastBFloat16() bool { return cpu.X86.HasAMXBF16 || cpu.X86.HasAVX512BF16 }

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
	graph, err := m.Graph(model.SessionOptions{Beside: true})
	if err != nil {
		return nil, err
	}
	if graph.Temporary {
		defer os.RemoveAll(graph.Folder)
	}
	shape := m.Preprocess.Shape()
	of := openvino.Model{Path: graph.File, ONNX: graph.ONNX}
	if o.Device == OpenVINONPU { // it takes no axes of any length
		graph.Single = true
		of.Shape = append([]int64{1}, shape...)
	}
	if graph.File != "" {
		of.ONNX = nil
	}
	network, err := openedOpenVINO().Compile(of, o.Device.unit(), o.properties(m.Precision, graph))
	if err != nil {
		return nil, fmt.Errorf("load model %s from %s: %w", m.Name, m.Dir, err)
	}
	trim()
	return &Session{name: m.Name, shape: shape, dim: m.Dim, single: graph.Single, openvino: network, input: "pixels"}, nil
}

// inOpenVINO are OpenVINO's names of precisions.
var inOpenVINO = map[model.Precision]string{model.Float32: "f32", model.Float16: "f16", model.BFloat16: "bf16"}

// properties are OpenVINO's properties for a session.
func (o Options) properties(p model.Precision, graph model.Graph) map[string]string {
	properties := map[string]string{"INFERENCE_PRECISION_HINT": inOpenVINO[p]}
	if o.Device != processor {
		properties["PERFORMANCE_HINT"] = "THROUGHPUT"
		if graph.File != "" && !graph.Temporary { // compiling takes up to minutes
			properties["CACHE_DIR"] = filepath.Join(graph.Folder, "compiled")
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
