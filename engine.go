package akin

import (
	"context"
	"errors"
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

// network is a model and, once something ran, its sessions: one for many pictures,
// where every core runs a batch of its own, and one for a single picture, which all
// cores share. Few programs use both.
type network struct {
	*model.Model
	engine       *engine
	many, single session
}

// session is made when it first runs.
type session struct {
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

// run embeds prepared pictures with threads cores a batch; it is safe for
// concurrent use.
func (n *network) run(s *session, threads int) func(context.Context, []float32, int, []float32) error {
	return func(ctx context.Context, pixels []float32, count int, out []float32) error {
		s.once.Do(func() { s.session, s.err = n.start(threads) })
		if s.err != nil {
			return s.err
		}
		return s.session.Run(ctx, pixels, count, out)
	}
}

func (n *network) start(threads int) (*runtime.Session, error) {
	library, err := findLibrary(n.engine.options.Library)
	if err != nil {
		return nil, err
	}
	if err := runtime.Open(library); err != nil {
		return nil, err
	}
	return runtime.NewSession(n.Model, runtime.Options{Threads: threads})
}

// batch is how many pictures a core runs at once: more leave its caches.
const batch = 4

// stage is the model as the pipeline takes it, for many pictures.
func (n *network) stage() embed.Model {
	return embed.Model{
		Dim:     n.Dim,
		Input:   3 * n.InputHeight * n.InputWidth,
		Batch:   batch,
		Prepare: n.Preprocess.Apply,
		Run:     n.run(&n.many, 1),
	}
}

// query is the model for a single picture.
func (n *network) query() embed.Model {
	m := n.stage()
	m.Batch, m.Run = 1, n.run(&n.single, n.engine.options.Threads)
	return m
}

func (e *engine) Close() error {
	e.mu.Lock()
	defer e.mu.Unlock()
	var errs []error
	for _, n := range e.models {
		for _, s := range []*session{&n.many, &n.single} {
			s.once.Do(func() { s.err = errors.New("the model is closed") })
			if s.session != nil {
				errs = append(errs, s.session.Close())
			}
		}
	}
	clear(e.models)
	return errors.Join(errs...)
}

func (e *engine) limits() picture.Limits {
	return picture.Limits{Pixels: e.options.MaxPixels, Time: e.options.DecodeTime}
}
