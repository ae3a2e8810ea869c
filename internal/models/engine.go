package models

import (
	"cmp"
	"context"
	"errors"
	goruntime "runtime"
	"slices"
	"sync"

	"github.com/akin-search/akin/internal/embed"
	"github.com/akin-search/akin/internal/model"
	"github.com/akin-search/akin/internal/picture"
	"github.com/akin-search/akin/internal/runtime"
)

// Engine holds the models in memory. A model's checkpoint is read when the model is first
// named; ONNX Runtime and a session are loaded when the first picture is embedded. Collections
// that are opened with the same Engine share its models. It is safe for concurrent use. Close it
// after those collections.
type Engine struct {
	options Options
	mu      sync.Mutex
	models  map[modelKey]*Network
}

type modelKey struct {
	name      string
	precision model.Precision
	view      View
}

// Network is a model and the sessions that it has used so far: one for batches, where each core runs
// a batch of its own; one for single pictures, which all cores share; one for texts; and one for
// patches.
type Network struct {
	*model.Model
	engine                         *Engine
	View                           View // part of the fingerprint
	Device                         runtime.Device
	batches, single, text, patches session
}

// NewEngine returns an Engine without models.
func NewEngine(o Options) *Engine {
	return &Engine{options: o, models: map[modelKey]*Network{}}
}

// Open finds a model and reads its checkpoint. The model computes in the precision of the options
// and is shown pictures in a view.
func (e *Engine) Open(name string, view View) (*Network, error) {
	precision := model.Precision(e.options.Precision)
	if precision == model.BFloat16 { // as asked for, and in nothing else
		if err := e.checkBFloat16(); err != nil {
			return nil, &runtime.BFloat16Error{Err: err}
		}
	}
	return e.OpenIn(name, precision, view)
}

// checkBFloat16 returns why bfloat16 cannot be computed here.
func (e *Engine) checkBFloat16() error {
	if _, err := loadOpenVINO(e.options); err != nil {
		return err
	}
	return runtime.CheckBFloat16()
}

// OpenIn is Open in another precision. Where bfloat16 cannot be computed, its networks compute in float32.
func (e *Engine) OpenIn(name string, precision model.Precision, view View) (*Network, error) {
	if precision == "" || precision == model.Auto {
		precision = model.Float32
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	key := modelKey{name, precision, view}
	if n, ok := e.models[key]; ok {
		return n, nil
	}
	go e.readLibraryAhead()
	var m *model.Model
	var err error
	o := model.Options{Precision: precision, Cache: e.options.Home.Cache()}
	if e.options.ModelDir != "" {
		m, err = model.OpenDir(e.options.ModelDir, o)
	} else {
		m, err = openModel(name, e.options, o)
	}
	if err != nil {
		return nil, err
	}
	if m.Dim == 0 { // an ONNX file that does not declare it, in a folder that AddModel did not make
		if m.Dim, err = e.try(context.Background(), m); err != nil {
			return nil, err
		}
	}
	m.Fingerprint = view.on(m.Fingerprint)
	n := &Network{Model: m, engine: e, View: view}
	if n.Device, err = e.device(precision); err != nil {
		return nil, err
	}
	e.models[key] = n
	return n, nil
}

// runFunc is embed.Model's Run.
type runFunc = func(ctx context.Context, pixels []float32, n int, out []float32) error

// run embeds prepared pictures with so many threads per batch; latency says that there may be no
// second batch. It is safe for concurrent use.
func (n *Network) run(s *session, threads int, latency bool) runFunc {
	load := n.pictureLoader(threads)
	return func(ctx context.Context, pixels []float32, count int, out []float32) error {
		return s.run(load, latency && n.Device.HasLatencySession(n.Model), func(s *runtime.Session) error { return s.Run(ctx, pixels, count, out) })
	}
}

// PatchesOf runs the model that computes the vectors of n's patches.
func (e *Engine) PatchesOf(n *Network) func(context.Context, []float32, int, []float32) error {
	p := &Network{Model: n.Patches.Model, engine: e, Device: n.Device.ForPatches()}
	return p.run(&n.patches, e.options.Threads, true)
}

// EmbedText embeds one text into out, (Dim). The model must read text.
func (n *Network) EmbedText(ctx context.Context, text string, out []float32) error {
	tokens, err := n.Text.Tokenize(text)
	if err != nil {
		return err
	}
	load := n.loader(runtime.NewTextSession, n.engine.options.Threads)
	return n.text.run(load, n.Device.HasLatencySession(n.Model), func(s *runtime.Session) error { return s.RunText(ctx, tokens, 1, out) })
}

// device returns where networks run. It looks for a graphics card only if one may be used: ONNX
// Runtime's CUDA provider takes seconds to load.
func (e *Engine) device(p model.Precision) (runtime.Device, error) {
	if d := e.options.Device; d != "" && d != "auto" {
		return runtime.ParseDevice(d)
	}
	library, err := e.library()
	if err != nil || p == model.Int8 || p == model.BFloat16 || !runtime.HasCUDA(library) {
		return runtime.CPU, nil // a missing library is reported when a model must run
	}
	if err := runtime.Open(library); err != nil {
		return runtime.CPU, nil
	}
	return runtime.Best(), nil
}

func (e *Engine) library() (string, error) {
	return findLibrary(e.options.Library, e.options.Device, e.options.Home)
}

// readLibraryAhead makes the system read ONNX Runtime from disk.
func (e *Engine) readLibraryAhead() {
	if library, err := e.library(); err == nil {
		runtime.ReadAhead(model.WholeFile(library))
	}
}

// readAhead makes the system read ONNX Runtime and the weights of the network for pictures from disk. The library
// comes first: it would wait behind gigabytes of weights.
func (n *Network) readAhead() {
	n.engine.readLibraryAhead()
	if n.Stored != nil {
		runtime.ReadAhead(n.Stored())
	}
}

// pictureLoader loads the network for pictures, whose weights are read ahead.
func (n *Network) pictureLoader(threads int) loader {
	load := n.loader(runtime.NewSession, threads)
	return func(latency bool) (*runtime.Session, error) {
		go n.readAhead()
		return load(latency)
	}
}

func (n *Network) loader(load func(*model.Model, runtime.Options) (*runtime.Session, error), threads int) loader {
	return func(latency bool) (*runtime.Session, error) {
		if err := n.engine.load(); err != nil {
			return nil, err
		}
		if n.Precision == model.BFloat16 || n.Device == runtime.OpenVINOGPU || n.Device == runtime.OpenVINONPU {
			if _, err := loadOpenVINO(n.engine.options); err != nil && n.Device != runtime.CPU {
				return nil, &runtime.DeviceError{Device: n.Device.String(), Err: err}
			}
		}
		o := runtime.Options{Threads: threads, Device: n.Device.For(n.Precision), Cache: n.engine.options.Home.Cache(), Latency: latency}
		if threads == 1 {
			o.Streams = cmp.Or(n.engine.options.Threads, goruntime.NumCPU())
		}
		return load(n.Model, o)
	}
}

// load loads ONNX Runtime.
func (e *Engine) load() error {
	_, err := loadLibrary(e.options)
	return err
}

// widePixels is the size from which one picture at a time uses all cores: two at once would not fit
// into the caches, and would double the gigabyte that EfficientNet-B7 takes.
const widePixels = 448 * 448

// Preload begins to load the network that QueryStage runs, if it is not loaded. A first run that
// comes before it is done waits for it, and has its error.
func (n *Network) Preload() {
	go func() {
		_ = n.single.open(n.pictureLoader(n.engine.options.Threads), n.Device.HasLatencySession(n.Model))
	}()
}

// Stage returns the model for a pipeline of many pictures.
func (n *Network) Stage() embed.Model {
	pixels := n.InputHeight * n.InputWidth
	m := embed.Model{
		Dim:        n.Dim,
		Input:      n.Preprocess.Size(),
		Batch:      n.Device.Batch(n.Model),
		Background: n.View.Background,
		Enough:     n.View.Decode.enough(n.Preprocess),
		Prepare:    n.View.Colour.prepare(n.Preprocess.Apply),
		Run:        n.run(&n.batches, 1, false),
	}
	if n.Device == runtime.CPU && pixels >= widePixels {
		m.Batch, m.Wide, m.Run = 1, true, n.run(&n.single, n.engine.options.Threads, false)
	}
	if n.Device.HasLatencySession(n.Model) {
		m.RunFew = n.runFew(m.Run)
	}
	return m
}

// runFew runs batches as QueryStage does, unless the session for many pictures is loaded.
func (n *Network) runFew(many runFunc) runFunc {
	few := n.run(&n.single, n.engine.options.Threads, true)
	return func(ctx context.Context, pixels []float32, count int, out []float32) error {
		if n.batches.isOpen() {
			return many(ctx, pixels, count, out)
		}
		return few(ctx, pixels, count, out)
	}
}

// QueryStage returns the model for a single picture.
func (n *Network) QueryStage() embed.Model {
	m := n.Stage()
	m.Batch, m.Run, m.RunFew = 1, n.run(&n.single, n.engine.options.Threads, true), nil
	return m
}

// Models returns the names of the models in memory, sorted.
func (e *Engine) Models() []string {
	e.mu.Lock()
	defer e.mu.Unlock()
	var names []string
	for key := range e.models {
		names = append(names, key.name)
	}
	slices.Sort(names)
	return names
}

// Close closes all sessions.
func (e *Engine) Close() error {
	e.mu.Lock()
	defer e.mu.Unlock()
	var errs []error
	for _, n := range e.models {
		for _, s := range []*session{&n.batches, &n.single, &n.text, &n.patches} {
			errs = append(errs, s.close())
		}
	}
	clear(e.models)
	return errors.Join(errs...)
}

// Limits returns the limits of pictures that the options set.
func (e *Engine) Limits() picture.Limits {
	return e.options.Limits()
}
