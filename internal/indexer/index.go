// Package indexer turns folders, files and lists into stored embeddings: it walks the sources,
// embeds what is new or changed, and commits pictures in the order of the walk.
package indexer

import (
	"context"
	"errors"
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/akin-search/akin/api"
	"github.com/akin-search/akin/internal/embed"
	"github.com/akin-search/akin/internal/picture"
	"github.com/akin-search/akin/internal/record"
	"github.com/akin-search/akin/internal/source"
)

// Store is what a run reads of a collection. Package store's Store has these methods.
type Store interface {
	Embedded(ctx context.Context, space int64) (map[record.Hash]bool, map[int64]bool, error)
	Known(ctx context.Context) (map[string]record.Known, error)
	Places(ctx context.Context, hash record.Hash) ([]record.Picture, error)
	TagsOf(ctx context.Context) (map[int64][]string, error)
	Sidecars(ctx context.Context) (map[int64]int64, error)
	Undated(ctx context.Context) (map[int64]bool, error)
}

// Writer is what a run writes to. Package store's Writer has these methods.
type Writer interface {
	Space(ctx context.Context, model, fingerprint string, dim int) (record.Space, error)
	Commit(ctx context.Context, b record.Batch) error
	Tag(ctx context.Context, taggings []record.Tagging) (int, error)
	Calibrate(ctx context.Context) error
	Prepare(ctx context.Context, progress func(done, total int)) error
	Close() error
}

// Model is a model to index with.
type Model struct {
	Name        string
	Fingerprint string
	Decode      string // for the report
	Colour      string // for the report
	Stage       embed.Model
}

// Collection is what a run adds pictures to, and what it may use for that.
type Collection struct {
	Location string // for the report
	Derived  string // a folder that is not indexed
	Store    Store
	Writer   func() (Writer, error)
	Check    func(ctx context.Context, s record.Space) error // finds damage before a run adds to it; may be nil
	Changed  func()                                          // called when a run ends; may be nil

	Models  []Model
	Begun   []api.BegunSpace // for the report
	Threads int              // 0 means one a core
	Calls   int              // of models at a time; 0 means one a core
	Limits  picture.Limits
	Client  *source.Client
}

// Run indexes paths. See Index.
func Run(ctx context.Context, c Collection, paths []string, o api.IndexOptions) (api.IndexReport, error) {
	started := time.Now()
	x, err := newIndexer(ctx, c, o)
	if err != nil {
		return api.IndexReport{}, err
	}
	err = x.run(ctx, paths)
	if err == nil {
		err = x.tag(ctx)
	}
	if err == nil {
		err = x.prune(ctx, paths)
	}
	if err == nil {
		err = x.writer.Calibrate(ctx)
	}
	if err == nil {
		err = x.writer.Prepare(ctx, x.meter.ordered)
	}
	err = errors.Join(err, x.writer.Close())
	if c.Changed != nil {
		c.Changed()
	}
	x.report.Seconds = time.Since(started).Seconds()
	return x.report, err
}

// indexer is one run.
type indexer struct {
	c       Collection
	o       api.IndexOptions
	writer  Writer
	spaces  []record.Space
	known   map[string]record.Known
	covered []map[int64]bool // by model: contents that have an embedding
	undated map[int64]bool   // contents whose files were not yet read for the date they were taken
	written map[int64]int64  // by picture: when the sidecar that its metadata is of was written
	beside  source.Sidecars
	tags    map[string][]string // source → tags from lists; written by the walk alone
	report  api.IndexReport
	meter   meter
	few     *fewness

	mu     sync.Mutex            // guards the fields below, which the walk and commits share
	seen   map[string]bool       // sources that the walk met
	jobs   map[int]source.Item   // not yet committed
	hashes []map[embed.Hash]bool // by model: contents that are embedded, or about to be
	rows   []api.Failure         // rows of lists that are not pictures; not nil

	batch []embed.Result // not yet committed
	since time.Time      // when the first of batch came
}

func newIndexer(ctx context.Context, c Collection, o api.IndexOptions) (x *indexer, err error) {
	if err := o.Shard.Check(); err != nil {
		return nil, err
	}
	x = &indexer{
		c: c, o: o, seen: map[string]bool{}, jobs: map[int]source.Item{},
		tags: map[string][]string{}, rows: []api.Failure{},
		report: api.IndexReport{Collection: c.Location, Failed: []api.Failure{}, Begun: c.Begun, Background: c.Models[0].Stage.Background.String(), Decode: c.Models[0].Decode, Colour: c.Models[0].Colour},
		meter:  meter{report: o.Progress, start: time.Now(), progress: api.Progress{Step: api.StepFinding}},
	}
	w, err := c.Writer()
	if err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			_ = w.Close()
		}
	}()
	x.writer = w
	for _, m := range c.Models {
		s, err := w.Space(ctx, m.Name, m.Fingerprint, m.Stage.Dim)
		if err != nil {
			return nil, err
		}
		if c.Check != nil {
			if err := c.Check(ctx, s); err != nil {
				return nil, err
			}
		}
		hashes, contents, err := c.Store.Embedded(ctx, s.ID)
		if err != nil {
			return nil, err
		}
		x.report.Models = append(x.report.Models, m.Name)
		x.spaces = append(x.spaces, s)
		x.hashes = append(x.hashes, hashes)
		x.covered = append(x.covered, contents)
	}
	if x.undated, err = c.Store.Undated(ctx); err != nil {
		return nil, err
	}
	if x.written, err = c.Store.Sidecars(ctx); err != nil {
		return nil, err
	}
	x.known, err = c.Store.Known(ctx)
	return x, err
}

// run walks the paths and embeds what is new.
func (x *indexer) run(ctx context.Context, paths []string) error {
	stages := make([]embed.Model, len(x.c.Models))
	for i, m := range x.c.Models {
		stages[i] = m.Stage
	}
	x.few = newFewness()
	jobs := make(chan embed.Job, 1024)
	inner, cancel := context.WithCancel(ctx)
	defer cancel()
	walked := make(chan error, 1)
	go func() {
		defer close(jobs)
		walked <- x.walk(inner, paths, jobs)
	}()
	err := embed.Run(inner, jobs, stages, embed.Options{
		Workers: x.c.Threads, Networks: x.c.Calls, Limits: x.c.Limits, Need: x.missing, Few: x.few.wait,
	}, func(r embed.Result) error { return x.collect(inner, r) })
	cancel()
	walkErr := <-walked
	// What was embedded is committed even if the run was cancelled.
	err = errors.Join(x.commit(context.WithoutCancel(ctx)), err)
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if err == nil || errors.Is(err, context.Canceled) {
		err = errors.Join(err, walkErr)
	}
	return err
}

// tag adds the tags of lists to pictures. It removes none: people may have added the others.
func (x *indexer) tag(ctx context.Context) error {
	if len(x.tags) == 0 {
		return nil
	}
	known, err := x.c.Store.Known(ctx)
	if err != nil {
		return err
	}
	had, err := x.c.Store.TagsOf(ctx)
	if err != nil {
		return err
	}
	var taggings []record.Tagging
	for _, src := range slices.Sorted(maps.Keys(x.tags)) {
		k, ok := known[src]
		for _, t := range x.tags[src] {
			if ok && !slices.Contains(had[k.ID], t) {
				taggings = append(taggings, record.Tagging{Picture: k.ID, Tag: t})
			}
		}
	}
	x.report.Tagged, err = x.writer.Tag(ctx, taggings)
	return err
}
