package akin

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"github.com/akin-search/akin/internal/embed"
	"github.com/akin-search/akin/internal/model"
	"github.com/akin-search/akin/internal/picture"
	"github.com/akin-search/akin/internal/runtime"
)

// engine holds the models that are in use. A model is read when it is first
// named; ONNX Runtime is loaded, and a session made, when a picture must be run
// through it.
type engine struct {
	options Options
	mu      sync.Mutex
	models  map[string]*network
}

// network is a model and, once something ran, its session.
type network struct {
	*model.Model
	engine  *engine
	once    sync.Once
	session *runtime.Session
	err     error
}

func newEngine(o Options) *engine {
	return &engine{options: o, models: map[string]*network{}}
}

// open finds a model and reads its checkpoint.
func (e *engine) open(name string) (*network, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if n, ok := e.models[name]; ok {
		return n, nil
	}
	var m *model.Model
	var err error
	if e.options.ModelDir != "" {
		m, err = model.OpenDir(e.options.ModelDir)
	} else {
		m, err = model.Open(name, modelDirs(e.options))
	}
	if err != nil {
		return nil, err
	}
	n := &network{Model: m, engine: e}
	e.models[name] = n
	return n, nil
}

// run embeds n prepared pictures; it is safe for concurrent use.
func (n *network) run(ctx context.Context, pixels []float32, count int, out []float32) error {
	n.once.Do(func() { n.session, n.err = n.start() })
	if n.err != nil {
		return n.err
	}
	return n.session.Run(ctx, pixels, count, out)
}

func (n *network) start() (*runtime.Session, error) {
	library, err := findLibrary(n.engine.options.Library)
	if err != nil {
		return nil, err
	}
	if err := runtime.Open(library); err != nil {
		return nil, err
	}
	s, err := runtime.NewSession(n.Model, runtime.Options{Threads: n.engine.options.Threads})
	if err != nil {
		return nil, fmt.Errorf("load model %s: %w", n.Name, err)
	}
	return s, nil
}

// stage is the model as the pipeline takes it.
func (n *network) stage() embed.Model {
	return embed.Model{
		Dim:     n.Dim,
		Input:   3 * n.InputHeight * n.InputWidth,
		Batch:   8,
		Prepare: n.Preprocess.Apply,
		Run:     n.run,
	}
}

func (e *engine) Close() error {
	e.mu.Lock()
	defer e.mu.Unlock()
	var errs []error
	for _, n := range e.models {
		n.once.Do(func() { n.err = errors.New("the collection is closed") })
		if n.session != nil {
			errs = append(errs, n.session.Close())
		}
	}
	clear(e.models)
	return errors.Join(errs...)
}

func (e *engine) limits() picture.Limits {
	return picture.Limits{Pixels: e.options.MaxPixels, Time: e.options.DecodeTime}
}
