package runtime

import (
	"errors"
	"fmt"
	"path/filepath"
	goruntime "runtime"
	"strconv"
	"strings"

	ort "github.com/yalue/onnxruntime_go"

	"github.com/akin-search/akin/internal/model"
	"github.com/akin-search/akin/internal/onnx"
)

// Device is where networks run. The zero value is the processor.
type Device struct {
	kind   string // "", "cuda", "coreml" or "openvino"
	number int    // of the graphics card, from 0
	part   string // of OpenVINO's devices: "cpu", "gpu" or "npu"
}

// CPU is the processor, CUDA the first of NVIDIA's cards, CoreML Apple's. OpenVINOGPU and OpenVINONPU are
// Intel's graphics and neural processor.
var (
	CPU         = Device{}
	CUDA        = Device{kind: "cuda"}
	CoreML      = Device{kind: "coreml"}
	OpenVINOGPU = Device{kind: "openvino", part: "gpu"}
	OpenVINONPU = Device{kind: "openvino", part: "npu"}
)

// processor is the processor in bfloat16.
var processor = Device{kind: "openvino", part: "cpu"}

// Devices are the kinds of device; of graphics cards, the first one.
var Devices = []Device{CPU, CUDA, CoreML, OpenVINOGPU, OpenVINONPU}

// For returns the device that computes in a precision where d was chosen: the processor computes bfloat16 with OpenVINO,
// if that is loaded and has it, and else continues in float32 what was made in bfloat16.
func (d Device) For(p model.Precision) Device {
	if d == CPU && p == model.BFloat16 && CheckBFloat16() == nil {
		return processor
	}
	return d
}

// ForPatches returns the device for a model's patches where d is that for its embeddings: OpenVINO's
// devices run embeddings only.
func (d Device) ForPatches() Device {
	if d.kind == "openvino" {
		return CPU
	}
	return d
}

// OnProcessor reports whether networks run on the processor, in any precision.
func (d Device) OnProcessor() bool { return d == CPU || d == processor }

// ParseDevice reads cpu, cuda, cuda:N, coreml, openvino:gpu or openvino:npu.
func ParseDevice(s string) (Device, error) {
	kind, number, numbered := strings.Cut(s, ":")
	n, err := strconv.Atoi(number)
	switch {
	case s == "cpu":
		return CPU, nil
	case s == "coreml":
		return CoreML, nil
	case kind == "cuda" && !numbered:
		return CUDA, nil
	case kind == "cuda" && err == nil && n >= 0 && n < 64:
		return Device{kind: kind, number: n}, nil
	case s == OpenVINOGPU.String():
		return OpenVINOGPU, nil
	case s == OpenVINONPU.String():
		return OpenVINONPU, nil
	}
	return CPU, fmt.Errorf("%w: unknown device %q: want cpu, cuda, cuda:N, coreml, openvino:gpu or openvino:npu", ErrDevice, s)
}

func (d Device) String() string {
	switch {
	case d == CPU:
		return "cpu"
	case d.part != "":
		return d.kind + ":" + d.part
	case d.number > 0:
		return fmt.Sprintf("%s:%d", d.kind, d.number)
	}
	return d.kind
}

// Batch returns the batch size with the best throughput.
func (d Device) Batch(m *model.Model) int {
	const usual = 224 * 224 // pixels
	most := m.Batch
	switch d.kind {
	case "cuda":
		most = 64 // thousands of cores need large batches
	case "coreml":
		most = 8
	case "openvino":
		if d == OpenVINOGPU {
			most = 8
		}
	}
	return max(1, most*usual/max(m.InputHeight*m.InputWidth, usual))
}

// HasLatencySession reports whether a latency session of a model loads faster than a throughput
// session: it does if the latter packs weights.
func (d Device) HasLatencySession(m *model.Model) bool {
	return d == CPU && m.Packs && m.Precision == model.Float32
}

// Callers returns how many batches to run at once: one per core of the processor; on a graphics card
// two, so that one is copied while the other is computed.
func (d Device) Callers(cores int) int {
	if d.OnProcessor() {
		return cores
	}
	return 2
}

// Best returns the fastest device that works: a graphics card if its library is installed, else the
// processor. Open must have succeeded.
func Best() Device {
	if hasCUDALibrary() && CUDA.Check() == nil {
		return CUDA
	}
	return CPU
}

// Check runs a network of one operator on the device. Open must have succeeded; for OpenVINO's devices,
// OpenOpenVINO.
func (d Device) Check() error {
	g := onnx.NewGraph("check")
	g.Output("embedding", g.Node("Relu", []onnx.Value{g.Input("pixels", onnx.Float32, "n", 3, 1, 1)}), "n", 3, 1, 1)
	m := &model.Model{Spec: model.Spec{Name: "check", Dim: 3, InputWidth: 1, InputHeight: 1}, Preprocess: model.Preprocess{Width: 1, Height: 1}}
	if d == OpenVINONPU {
		m.Precision = model.Float16
	}
	m.Graph = func(model.SessionOptions) (model.Graph, error) { return model.Graph{ONNX: g.Bytes()}, nil }
	s, err := NewSession(m, Options{Threads: 1, Device: d})
	if err != nil {
		return err
	}
	return s.Close()
}

// use makes a session run on the device.
func (d Device) use(o *ort.SessionOptions, precision model.Precision) error {
	var err error
	switch d.kind {
	case "cuda":
		err = d.useCUDA(o)
	case "coreml":
		err = useCoreML(o, precision)
	}
	if err != nil {
		return &DeviceError{Device: d.String(), Err: errors.New(plain(err))}
	}
	return nil
}

// plain strips the position in ONNX Runtime's code from its error.
func plain(err error) string {
	text := err.Error()
	if _, after, found := strings.Cut(text, " : FAIL : "); found {
		text = after
	}
	if strings.Contains(text, "libcuda.so.1:") {
		return "the card's driver is missing (libcuda.so.1)"
	}
	return text
}

func (d Device) useCUDA(o *ort.SessionOptions) error {
	if !hasCUDALibrary() {
		return fmt.Errorf("ONNX Runtime's CUDA provider is not beside %s", library.path)
	}
	if err := preloadCUDA(filepath.Dir(library.path)); err != nil {
		return err
	}
	cuda, err := ort.NewCUDAProviderOptions()
	if err != nil {
		return err
	}
	defer cuda.Destroy()
	if err := cuda.Update(map[string]string{
		"device_id": strconv.Itoa(d.number),
		// TF32 keeps 10 bits of a product's factors, so it is not float32.
		"use_tf32": "0",
		// Memory grows by what is requested, not to the next power of two: a batch of
		// EfficientNet-B7 takes gigabytes.
		"arena_extend_strategy": "kSameAsRequested",
	}); err != nil {
		return err
	}
	return o.AppendExecutionProviderCUDA(cuda)
}

func useCoreML(o *ort.SessionOptions, precision model.Precision) error {
	if goruntime.GOOS != "darwin" {
		return fmt.Errorf("it exists on macOS only, and this is %s", goruntime.GOOS)
	}
	units := "CPUAndGPU" // the neural engine computes in float16 only
	if precision == model.Float16 {
		units = "ALL"
	}
	return o.AppendExecutionProviderCoreMLV2(map[string]string{"ModelFormat": "MLProgram", "MLComputeUnits": units})
}

// cudaLibraries are the names of ONNX Runtime's CUDA provider.
var cudaLibraries = map[string]string{
	"linux":   "libonnxruntime_providers_cuda.so",
	"windows": "onnxruntime_providers_cuda.dll",
}

// HasCUDA reports whether the CUDA provider lies beside the ONNX Runtime at path.
func HasCUDA(path string) bool {
	name := cudaLibraries[goruntime.GOOS]
	return name != "" && exists(filepath.Join(filepath.Dir(path), name))
}

func hasCUDALibrary() bool { return HasCUDA(library.path) }
