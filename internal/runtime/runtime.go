// Package runtime runs models in ONNX Runtime, whose shared library is loaded
// when the first one needs it.
package runtime

import (
	"context"
	"errors"
	"fmt"
	"os"
	goruntime "runtime"
	"sync"

	ort "github.com/yalue/onnxruntime_go"

	"github.com/akin-search/akin/internal/model"
	"github.com/akin-search/akin/internal/openvino"
)

var library struct {
	sync.Mutex
	path string
}

// Open loads the library at path. One process loads one library, once; opening
// the same again does nothing.
func Open(path string) error {
	library.Lock()
	defer library.Unlock()
	if library.path == path {
		return nil
	}
	if library.path != "" {
		return fmt.Errorf("%w: %s is in use already", ErrLibrary, library.path)
	}
	info, err := os.Stat(path)
	if err != nil {
		return &LibraryError{Path: path, Err: withoutPath(err)}
	}
	if !info.Mode().IsRegular() {
		return &LibraryError{Path: path, Err: errors.New("not a regular file")}
	}
	// The library tells its maker of its use unless this is set before it starts; what
	// DisableTelemetry turns off is too late for its first message and for the file by
	// which it knows the machine again. Whoever sets the variable decides.
	if _, set := os.LookupEnv("ORT_DISABLE_TELEMETRY"); !set {
		if err := os.Setenv("ORT_DISABLE_TELEMETRY", "1"); err != nil {
			return fmt.Errorf("%w: %w", ErrLibrary, err)
		}
	}
	ort.SetSharedLibraryPath(path)
	if err := ort.InitializeEnvironment(ort.WithLogLevelError()); err != nil {
		return &LibraryError{Path: path, Err: fmt.Errorf("it is not ONNX Runtime 1.24 or newer for %s/%s: %w", goruntime.GOOS, goruntime.GOARCH, err)}
	}
	// On Windows the variable means nothing.
	if err := ort.DisableTelemetry(); err != nil {
		return &LibraryError{Path: path, Err: err}
	}
	library.path = path
	return nil
}

// withoutPath returns the cause of an error that names its file.
func withoutPath(err error) error {
	if e, ok := errors.AsType[*os.PathError](err); ok {
		return e.Err
	}
	return err
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}

// Version returns the version of the loaded library.
func Version() string { return ort.GetVersion() }

// Options of a session.
type Options struct {
	// Threads of one Run; 0 means all cores. For several batches at once, 1 has the best
	// throughput.
	Threads int
	// Streams is how many batches run at once, each on Threads; 0 means one. OpenVINO plans with it.
	Streams int
	Device  Device
	Cache   string // folder for what libraries make of networks when they load them, or ""
	// Latency makes a latency session, for a few runs: weights are used as they are in the
	// checkpoint, so it loads fast, and a run takes up to a third longer. See
	// Device.HasLatencySession.
	Latency bool
}

// session returns the options for ONNX Runtime.
func (o Options) session(p model.Precision) (*ort.SessionOptions, error) {
	if o.Device != CPU && (p == model.Int8 || p == model.BFloat16) {
		return nil, fmt.Errorf("%w: %s is for the processor; on %s fp16 is the fast precision", ErrDevice, p, o.Device)
	}
	options, err := ort.NewSessionOptions()
	if err != nil {
		return nil, fmt.Errorf("make a session: %w", err)
	}
	threads := o.Threads
	if threads <= 0 {
		threads = goruntime.NumCPU()
	}
	if err := errors.Join(
		options.SetIntraOpNumThreads(threads),
		options.SetInterOpNumThreads(1),
		// One block for all activations, laid out for each number of pictures ahead, takes a
		// tenth more memory and no less time.
		options.SetMemPattern(false),
		options.SetGraphOptimizationLevel(ort.GraphOptimizationLevelEnableAll),
	); err != nil {
		options.Destroy()
		return nil, fmt.Errorf("make a session: %w", err)
	}
	if o.Latency {
		if err := options.AddSessionConfigEntry("session.disable_prepacking", "1"); err != nil {
			options.Destroy()
			return nil, fmt.Errorf("make a session: %w", err)
		}
	}
	if err := o.Device.use(options, p); err != nil {
		options.Destroy()
		return nil, err
	}
	return options, nil
}

// Session is a loaded network of a model. It is safe for concurrent use, and owns memory outside
// of Go until Close.
type Session struct {
	name     string
	shape    []int64 // of one picture or text
	dim      int
	file     *model.File  // nil for a graph that akin wrote
	single   bool         // takes one picture at a time
	longest  int          // tokens of a text of any length, or 0
	mu       sync.RWMutex // held for reading while a batch runs
	session  *ort.DynamicAdvancedSession
	openvino *openvino.Network // instead of session
	weights  *mappings         // of openvino
	input    string
	bound    bool // the device has memory of its own
}

// NewSession loads a model's network for pictures; Open must have succeeded before.
func NewSession(m *model.Model, o Options) (*Session, error) {
	if m.ONNX != nil {
		return newFileSession(m, o)
	}
	if o.Device.kind == "openvino" {
		return newOpenVINOSession(m, o)
	}
	return newSession(m, m.Graph, "pixels", m.Preprocess.Shape(), o)
}

// NewTextSession loads a model's network for texts, which it must have.
func NewTextSession(m *model.Model, o Options) (*Session, error) {
	if o.Device.kind == "openvino" { // a text is short: ONNX Runtime is as fast, and exact
		o.Device = CPU
	}
	s, err := newSession(m, m.Text.Graph, "tokens", []int64{int64(m.Text.Tokens)}, o)
	if err == nil && m.Text.AnyLength {
		s.longest = m.Text.Tokens
	}
	return s, err
}

func newSession(m *model.Model, write func(model.SessionOptions) (model.Graph, error), input string, shape []int64, o Options) (*Session, error) {
	options, err := o.session(m.Precision)
	if err != nil {
		return nil, err
	}
	defer options.Destroy()
	var use model.SessionOptions
	if o.Device == CPU {
		use = model.SessionOptions{Throughput: !o.Latency, Block: block}
	}
	graph, err := write(use)
	if err != nil {
		return nil, err
	}
	// Weights are read directly from the files in this folder.
	if err := options.AddSessionConfigEntry("session.model_external_initializers_file_folder_path", graph.Folder); err != nil {
		return nil, fmt.Errorf("make a session: %w", err)
	}
	made := &Session{name: m.Name, shape: shape, dim: m.Dim, single: graph.Single, input: input, bound: o.Device != CPU}
	cache, cached := optimizedOf(m, graph, o)
	if cached {
		if session, ok := cache.load(input, o); ok {
			made.session = session
			return made, nil
		}
		keep, err := cache.begin(options)
		if err != nil {
			return nil, fmt.Errorf("make a session: %w", err)
		}
		defer keep()
	}
	session, err := ort.NewDynamicAdvancedSessionWithONNXData(graph.ONNX, []string{input}, []string{"embedding"}, options)
	if err != nil {
		return nil, fmt.Errorf("load model %s from %s: %w", m.Name, m.Dir, err)
	}
	made.session = session
	if use.Throughput {
		trim()
	}
	return made, nil
}

// Run embeds n prepared pictures: pixels is (n, 3, H, W), out (n, Dim).
func (s *Session) Run(ctx context.Context, pixels []float32, n int, out []float32) error {
	if s.file != nil {
		return s.runFile(ctx, pixels, n, out)
	}
	return run(ctx, s, pixels, n, out)
}

// RunText embeds n texts: tokens is (n, Tokens), out (n, Dim). If the model takes texts of any
// length, it embeds one.
func (s *Session) RunText(ctx context.Context, tokens []int64, n int, out []float32) error {
	if s.longest == 0 {
		return run(ctx, s, tokens, n, out)
	}
	if n != 1 || len(tokens) > s.longest || len(out) != s.dim {
		return fmt.Errorf("run %s: %d texts of %d tokens in all, of at most %d", s.name, n, len(tokens), s.longest)
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	if len(tokens) == 0 { // the sum of nothing
		clear(out)
		return nil
	}
	if err := runOnce(s, []int64{int64(len(tokens))}, tokens, 1, out); err != nil {
		return fmt.Errorf("run %s: %w", s.name, err)
	}
	return nil
}

func run[T float32 | int64](ctx context.Context, s *Session, values []T, n int, out []float32) error {
	size := int(ort.Shape(s.shape).FlattenedSize())
	if n < 1 || len(values) != n*size || len(out) != n*s.dim {
		return fmt.Errorf("run %s: %d times %v of %d values into %d", s.name, n, s.shape, len(values), len(out))
	}
	return s.inTurns(ctx, n, func(i, n int) error {
		if err := runOnce(s, s.shape, values[i*size:][:n*size], n, out[i*s.dim:][:n*s.dim]); err != nil {
			return fmt.Errorf("run %s: %w", s.name, err)
		}
		return nil
	})
}

// inTurns calls run once for n pictures, or for each of them if the network takes one at a time;
// i is the first picture of a call.
func (s *Session) inTurns(ctx context.Context, n int, run func(i, n int) error) error {
	at := n
	if s.single {
		at = 1
	}
	for i := 0; i < n; i += at {
		if err := ctx.Err(); err != nil {
			return err
		}
		if err := run(i, at); err != nil {
			return err
		}
	}
	return nil
}

func runOnce[T float32 | int64](s *Session, shape []int64, values []T, n int, out []float32) error {
	s.mu.RLock()
	defer s.mu.RUnlock()
	if values, ok := any(values).([]float32); ok && s.openvino != nil {
		return s.openvino.Run(values, append([]int64{int64(n)}, shape...), out)
	}
	if s.session == nil {
		return errors.New("the session is closed")
	}
	in, err := ort.NewTensor(append(ort.NewShape(int64(n)), shape...), values)
	if err != nil {
		return err
	}
	defer in.Destroy()
	to, err := ort.NewTensor(ort.NewShape(int64(n), int64(s.dim)), out)
	if err != nil {
		return err
	}
	defer to.Destroy()
	if s.bound {
		return s.runBound(in, to)
	}
	return s.session.Run([]ort.Value{in}, []ort.Value{to})
}

// runBound copies the input to the device first, so that one caller copies while the batch of
// another is computed.
func (s *Session) runBound(in, out ort.Value) error {
	b, err := s.session.CreateIoBinding()
	if err != nil {
		return err
	}
	defer b.Destroy()
	if err := errors.Join(b.BindInput(s.input, in), b.BindOutput("embedding", out)); err != nil {
		return err
	}
	return s.session.RunWithBinding(b)
}

// Close ends the session, after the batches that are running.
func (s *Session) Close() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.openvino != nil {
		s.openvino.Close()
		trim()
		return s.weights.close()
	}
	if s.session == nil {
		return nil
	}
	err := s.session.Destroy()
	s.session = nil
	trim()
	return err
}
