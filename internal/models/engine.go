package models

import (
	"context"
	"errors"
	"slices"
	"sync"

	"github.com/akin-search/akin/internal/embed"
	"github.com/akin-search/akin/internal/model"
	"github.com/akin-search/akin/internal/picture"
	"github.com/akin-search/akin/internal/runtime"
)

// Engine holds the models that are in use. A model is read when it is first
// named; ONNX Runtime is loaded, and a session made, when a picture must be run
// through it. Collections that are opened with the same Engine share its models; it is
// safe for concurrent use, and ends with Close, after those collections.
type Engine struct {
	options Options
	mu      sync.Mutex
	models  map[modelKey]*Network
}

type modelKey struct {
	name       string
	precision  model.Precision
	background picture.Background
}

// network is a model and, once something ran, its sessions: one for many pictures,
// where every core runs a batch of its own, one for a single picture, which all
// cores share, and one for texts. Few programs use more than one.
type Network struct {
	*model.Model
	engine             *Engine
	Background         picture.Background // that pictures are flattened on; its fingerprint tells, see background.go
	Device             runtime.Device
	many, single, text session
	places             session // of what it makes of each place; few programs ask
}

// NewEngine makes an Engine whose models run as the options say.
func NewEngine(o Options) *Engine {
	return &Engine{options: o, models: map[modelKey]*Network{}}
}

// open finds a model and reads its checkpoint, to compute in the precision of the
// options, and to see pictures on a background.
func (e *Engine) Open(name string, background picture.Background) (*Network, error) {
	return e.OpenIn(name, model.Precision(e.options.Precision), background)
}

func (e *Engine) OpenIn(name string, precision model.Precision, background picture.Background) (*Network, error) {
	if precision == "" {
		precision = model.Float32
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	key := modelKey{name, precision, background}
	if n, ok := e.models[key]; ok {
		return n, nil
	}
	var m *model.Model
	var err error
	o := model.Options{Precision: precision, Cache: e.options.Home.Cache()}
	if e.options.ModelDir != "" {
		m, err = model.OpenDir(e.options.ModelDir, o)
	} else {
		m, err = model.Open(name, modelPlaces(e.options, name), o)
	}
	if err != nil {
		return nil, err
	}
	if m.Dim == 0 { // an ONNX file that does not tell, in a folder that AddModel did not make
		if m.Dim, err = e.try(context.Background(), m); err != nil {
			return nil, err
		}
	}
	m.Fingerprint = FingerprintOn(m.Fingerprint, background)
	n := &Network{Model: m, engine: e, Background: background}
	if n.Device, err = e.device(precision); err != nil {
		return nil, err
	}
	e.models[key] = n
	return n, nil
}

// run embeds prepared pictures with threads cores a batch; few says that there may be no
// second one. It is safe for concurrent use.
func (n *Network) run(s *session, threads int, few bool) func(context.Context, []float32, int, []float32) error {
	load := n.loader(runtime.NewSession, threads)
	return func(ctx context.Context, pixels []float32, count int, out []float32) error {
		return s.lend(load, few && n.Device.LoadsFew(n.Model), func(s *runtime.Session) error { return s.Run(ctx, pixels, count, out) })
	}
}

// placesOf runs the model that gives what n makes of each place.
func (e *Engine) PlacesOf(n *Network) func(context.Context, []float32, int, []float32) error {
	p := &Network{Model: n.Places.Model, engine: e, Device: n.Device}
	return p.run(&n.places, e.options.Threads, true)
}

// embedText embeds one text; out is (Dim). The model must read text.
func (n *Network) EmbedText(ctx context.Context, text string, out []float32) error {
	tokens, err := n.Text.Tokenize(text)
	if err != nil {
		return err
	}
	load := n.loader(runtime.NewTextSession, n.engine.options.Threads)
	return n.text.lend(load, n.Device.LoadsFew(n.Model), func(s *runtime.Session) error { return s.RunText(ctx, tokens, 1, out) })
}

// device is where networks run. What was not asked for is not looked for: the part of
// ONNX Runtime for graphics cards takes seconds to load.
func (e *Engine) device(p model.Precision) (runtime.Device, error) {
	if d := e.options.Device; d != "" && d != "auto" {
		return runtime.ParseDevice(d)
	}
	library, err := e.library()
	if err != nil || p == model.Int8 || !runtime.HasCUDA(library) {
		return runtime.CPU, nil // what is missing is told when something must run
	}
	if err := runtime.Open(library); err != nil {
		return runtime.CPU, nil
	}
	return runtime.Best(), nil
}

func (e *Engine) library() (string, error) {
	return findLibrary(e.options.Library, e.options.Device, e.options.Home)
}

func (n *Network) loader(load func(*model.Model, runtime.Options) (*runtime.Session, error), threads int) loader {
	return func(few bool) (*runtime.Session, error) {
		if err := n.engine.load(); err != nil {
			return nil, err
		}
		return load(n.Model, runtime.Options{Threads: threads, Device: n.Device, Few: few})
	}
}

// load loads ONNX Runtime.
func (e *Engine) load() error {
	library, err := e.library()
	if err != nil {
		return err
	}
	return runtime.Open(library)
}

// widePixels is from when on a picture is given every core, one after the other: two at
// once would leave the caches, and double the gigabyte that EfficientNet-B7 takes.
const widePixels = 448 * 448

// stage is the model as the pipeline takes it, for many pictures.
func (n *Network) Stage() embed.Model {
	pixels := n.InputHeight * n.InputWidth
	m := embed.Model{
		Dim:        n.Dim,
		Input:      3 * pixels,
		Batch:      n.Device.Batch(n.Model),
		Background: n.Background,
		Prepare:    n.Preprocess.Apply,
		Run:        n.run(&n.many, 1, false),
	}
	if n.Device == runtime.CPU && pixels >= widePixels {
		m.Batch, m.Wide, m.Run = 1, true, n.run(&n.single, n.engine.options.Threads, false)
	}
	return m
}

// query is the model for a single picture.
func (n *Network) QueryStage() embed.Model {
	m := n.Stage()
	m.Batch, m.Run = 1, n.run(&n.single, n.engine.options.Threads, true)
	return m
}

// Models lists the models that are in memory, by name.
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

// Close ends the models' sessions.
func (e *Engine) Close() error {
	e.mu.Lock()
	defer e.mu.Unlock()
	var errs []error
	for _, n := range e.models {
		for _, s := range []*session{&n.many, &n.single, &n.text, &n.places} {
			errs = append(errs, s.close())
		}
	}
	clear(e.models)
	return errors.Join(errs...)
}

func (e *Engine) Limits() picture.Limits {
	return picture.Limits{Pixels: e.options.MaxPixels, Time: e.options.DecodeTime}
}
