package indexer

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/akin-search/akin/api"
	"github.com/akin-search/akin/internal/embed"
	"github.com/akin-search/akin/internal/models"
	"github.com/akin-search/akin/internal/record"
	"github.com/akin-search/akin/internal/source"
	"github.com/akin-search/akin/internal/space"
	"github.com/akin-search/akin/internal/store"
	"github.com/akin-search/akin/internal/vector"
)

// mostlySeeThrough is from what share of its area on a picture is counted as transparent.
const transparentShare = 0.1

// unread is the size of a file whose bytes could not be had: no file has it, so the
// next run tries again, while one that is no picture must change first.
const unreadableSize = -1

var (
	CommitRows = 256         // pictures of one commit
	CommitTime = time.Second // a picture waits no longer than this to be stored
)

// Index adds folders, files, and CSV or text lists of paths and addresses, and
// refreshes what it knows of them: only new and changed pictures are embedded, and
// a picture that moved keeps its embeddings. Pictures that cannot be read are in
// the report, and are tried again only when they change.
//
// Cancelling ctx ends it in order: what was embedded is stored, the report tells
// how much, and the next Index goes on from there.
func Index(ctx context.Context, c *space.Collection, paths []string, o api.IndexOptions) (api.IndexReport, error) {
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
	c.Mirror.Outdate()
	x.report.Seconds = time.Since(started).Seconds()
	return x.report, err
}

// Watch indexes the paths, and again whenever something below them changes, until
// ctx ends; each gets what Index gave.
func Watch(ctx context.Context, c *space.Collection, paths []string, o api.IndexOptions, each func(api.IndexReport, error)) error {
	walk := source.Options{Include: o.Include, Exclude: o.Exclude, Hidden: o.Hidden, Leave: c.Derived}
	return source.Watch(ctx, paths, walk, o.Poll, func() error {
		report, err := Index(ctx, c, paths, o)
		if ctx.Err() != nil {
			return ctx.Err()
		}
		each(report, err)
		return nil
	})
}

// indexer is one run of Index.
type indexer struct {
	c       *space.Collection
	o       api.IndexOptions
	writer  store.Writer
	models  []*models.Network
	spaces  []record.Space
	known   map[string]record.Known
	covered []map[int64]bool    // a model: the contents that it has embedded
	undated map[int64]bool      // contents whose files were not asked yet when they were taken
	tags    map[string][]string // source → what lists tag it with; the walk's, until it is over
	report  api.IndexReport
	meter   meter

	mu     sync.Mutex            // guards what follows: the walk adds, commits take
	seen   map[string]bool       // sources that the walk met
	jobs   map[int]source.Item   // on their way
	hashes []map[embed.Hash]bool // a model: the contents that are embedded or on their way
	rows   []api.Failure         // of lists, that give no picture; not nil

	batch []embed.Result // not yet stored
	since time.Time      // when the first of batch came
}

func newIndexer(ctx context.Context, c *space.Collection, o api.IndexOptions) (x *indexer, err error) {
	if err := o.Shard.Check(); err != nil {
		return nil, err
	}
	names := c.Options.Models
	if len(names) == 0 {
		name, err := indexModel(ctx, c)
		if err != nil {
			return nil, err
		}
		names = []string{name}
	}
	x = &indexer{
		c: c, o: o, seen: map[string]bool{}, jobs: map[int]source.Item{},
		tags: map[string][]string{}, rows: []api.Failure{},
		report: api.IndexReport{Collection: c.Location, Failed: []api.Failure{}, Models: names},
		meter:  meter{report: o.Progress, start: time.Now()},
	}
	for _, name := range names {
		background, err := c.Background(ctx, name)
		if err != nil {
			return nil, err
		}
		n, err := c.Engine.Open(name, background)
		if err != nil {
			return nil, err
		}
		x.models = append(x.models, n)
	}
	x.report.Background = x.models[0].Background.String()
	w, err := c.Writer()
	if err != nil {
		return nil, err
	}
	x.writer = w
	defer func() {
		if err != nil {
			_ = w.Close()
		}
	}()
	for i, n := range x.models {
		space, err := x.writer.Space(ctx, names[i], n.Fingerprint, n.Dim)
		if err != nil {
			return nil, err
		}
		hashes, ids, err := c.Store.Embedded(ctx, space.ID)
		if err != nil {
			return nil, err
		}
		x.spaces = append(x.spaces, space)
		x.hashes = append(x.hashes, hashes)
		x.covered = append(x.covered, ids)
	}
	for _, s := range x.spaces { // damage is told before work is added to it
		if c.Remote != nil {
			break
		}
		snapshot, err := c.Folder.Snapshot(ctx, s)
		if err != nil {
			return nil, err
		}
		if err := snapshot.Close(); err != nil {
			return nil, err
		}
	}
	if x.undated, err = c.Store.Undated(ctx); err != nil {
		return nil, err
	}
	x.known, err = c.Store.Known(ctx)
	return x, err
}

// indexModel is the model to index with where none is named: the collection's own, so that what is
// added is found with the rest, unless that one was imported.
func indexModel(ctx context.Context, c *space.Collection) (string, error) {
	active, err := c.Active(ctx)
	if err != nil {
		return "", err
	}
	active = slices.DeleteFunc(active, record.Space.Imported)
	return cmp.Or(c.DefaultModel(active), models.DefaultModel), nil
}

// run walks the paths and embeds what is new.
func (x *indexer) run(ctx context.Context, paths []string) error {
	stages := make([]embed.Model, len(x.models))
	callers := x.c.Options.Threads
	for i, n := range x.models {
		stages[i] = n.Stage()
		callers = n.Device.Callers(callers) // the same for all but int8, which the processor computes
	}
	jobs := make(chan embed.Job, 1024)
	inner, cancel := context.WithCancel(ctx)
	defer cancel()
	walked := make(chan error, 1)
	go func() {
		defer close(jobs)
		walked <- x.walk(inner, paths, jobs)
	}()
	err := embed.Run(inner, jobs, stages, embed.Options{
		Workers: x.c.Options.Threads, Networks: callers, Limits: x.c.Engine.Limits(), Need: x.missing,
	}, func(r embed.Result) error { return x.collect(inner, r) })
	cancel()
	walkErr := <-walked
	// What was embedded is stored, also when the run was stopped.
	err = errors.Join(x.commit(context.WithoutCancel(ctx)), err)
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if err == nil || errors.Is(err, context.Canceled) {
		err = errors.Join(err, walkErr)
	}
	return err
}

// walk sends what the collection does not know yet.
func (x *indexer) walk(ctx context.Context, paths []string, jobs chan<- embed.Job) error {
	id := 0
	var linked []string
	err := source.Walk(ctx, paths, source.Options{
		Include: x.o.Include, Exclude: x.o.Exclude, Hidden: x.o.Hidden, Within: x.o.Within, Leave: x.c.Derived, Problem: x.o.Problem,
		Linked: func(path string) {
			if !slices.ContainsFunc(paths, func(p string) bool { abs, _ := filepath.Abs(p); return abs == path }) {
				linked = append(linked, path)
			}
		},
		Columns: x.o.Columns, Row: x.rowFailed, Understood: x.understood,
	}, func(it source.Item) error {
		if !x.o.Shard.Has(it.Source) {
			return nil
		}
		x.mu.Lock()
		twice := x.seen[it.Source]
		x.seen[it.Source] = true
		x.mu.Unlock()
		for _, t := range it.Tags {
			tag, err := record.CleanTag(t)
			if err == nil {
				x.tags[it.Source] = append(x.tags[it.Source], tag)
			} else if x.o.Problem != nil {
				x.o.Problem(it.Source, err)
			}
		}
		if twice {
			return nil
		}
		if x.unchanged(it) {
			x.mu.Lock()
			x.report.Unchanged++
			if x.known[it.Source].Failed {
				x.report.Unreadable++
			}
			x.mu.Unlock()
			return nil
		}
		x.mu.Lock()
		job := id
		x.jobs[job] = it
		x.mu.Unlock()
		id++
		x.meter.found()
		select {
		case jobs <- embed.Job{ID: job, Read: func(ctx context.Context) ([]byte, error) {
			return source.Read(ctx, it, x.c.Client, 0)
		}}:
			return nil
		case <-ctx.Done():
			return ctx.Err()
		}
	})
	x.meter.counted()
	x.mu.Lock()
	defer x.mu.Unlock()
	x.report.Linked = linked
	x.report.Failed = append(slices.Clip(x.rows), x.report.Failed...)
	return err
}

// row keeps what is wrong with a row of a list.
func (x *indexer) rowFailed(list string, row int, item string, err error) {
	f := api.Failure{Source: item, Error: fmt.Sprintf("%s, row %d: %s", list, row, err)}
	if item == "" {
		f.Source = list
	}
	x.mu.Lock()
	defer x.mu.Unlock()
	x.rows = append(x.rows, f)
}

func (x *indexer) understood(u api.Understood) {
	x.mu.Lock()
	x.report.Lists = append(x.report.Lists, u)
	x.mu.Unlock()
	if x.o.Understood != nil {
		x.o.Understood(u)
	}
}

// unchanged reports whether nothing is to be done for an item.
func (x *indexer) unchanged(it source.Item) bool {
	return x.covers(it) && (it.Address || !x.undated[x.known[it.Source].Content])
}

// covers reports whether every model knows what an item holds, as far as can be
// told without reading it. An address is not asked again once it gave a picture: it
// has no date.
func (x *indexer) covers(it source.Item) bool {
	k, ok := x.known[it.Source]
	if !ok || !it.Address && (k.Size != it.Size || k.Mtime != it.ModTime.UnixNano()) {
		return false
	}
	if k.Failed {
		return !it.Address
	}
	for _, ids := range x.covered {
		if !ids[k.Content] {
			return false
		}
	}
	return true
}

// need tells which models lack a content. What is asked for is on its way: a
// second file with the same bytes needs nothing.
func (x *indexer) missing(h embed.Hash) []bool {
	x.mu.Lock()
	defer x.mu.Unlock()
	need := make([]bool, len(x.models))
	for i := range need {
		need[i] = !x.hashes[i][h]
		x.hashes[i][h] = true
	}
	return need
}

// take keeps a result until there are enough for a commit.
func (x *indexer) collect(ctx context.Context, r embed.Result) error {
	if len(x.batch) == 0 {
		x.since = time.Now()
	}
	x.batch = append(x.batch, r)
	if ctx.Err() != nil {
		return nil // run stores it
	}
	if len(x.batch) >= CommitRows || time.Since(x.since) >= CommitTime {
		return x.commit(ctx)
	}
	return nil
}

// store commits what was kept.
func (x *indexer) commit(ctx context.Context) error {
	if len(x.batch) == 0 {
		return nil
	}
	// Results come in the order of the walk, and so names and ids are given in it.
	b := record.Batch{Move: map[int64]record.Put{}}
	var counts api.IndexReport
	moved := map[int64]bool{}
	for _, r := range x.batch {
		x.mu.Lock()
		it := x.jobs[r.ID]
		delete(x.jobs, r.ID)
		x.mu.Unlock()
		put := record.Put{
			Name: it.Name, Source: it.Source, Root: it.Root, Size: it.Size, Mtime: it.ModTime.UnixNano(),
			Hash: r.Hash, Format: r.Info.Format, Width: r.Info.Width, Height: r.Info.Height, Taken: r.Info.Taken,
		}
		if it.Address {
			put.Mtime = 0
		}
		k, known := x.known[it.Source]
		for i, v := range r.Vectors {
			if v != nil && !vector.Normalize(v) {
				r.Err = fmt.Errorf("%s gives it an embedding that is zero or not finite", x.spaces[i].Model)
			}
		}
		if r.Err != nil && known && !k.Failed && x.covers(it) {
			// It was read for its date alone; what was learnt of it stays.
			counts.Unchanged++
			continue
		}
		if r.Err != nil {
			if r.Hash == (embed.Hash{}) {
				put.Size = unreadableSize
			}
			put.Error = r.Err.Error()
			counts.Failed = append(counts.Failed, api.Failure{Source: it.Source, Error: put.Error})
			b.Puts = append(b.Puts, put)
			continue
		}
		var embeddings []record.Embedding
		for i, v := range r.Vectors {
			if v != nil {
				embeddings = append(embeddings, record.Embedding{Space: x.spaces[i].ID, Hash: r.Hash, Vector: v})
			}
		}
		if r.Decoded {
			counts.Decoded++
			if r.SeeThrough >= transparentShare {
				counts.Transparent++
			}
			if r.Blank {
				counts.Blank = append(counts.Blank, it.Source)
			}
		}
		b.Embeddings = append(b.Embeddings, embeddings...)
		counts.Embedded += len(embeddings)
		switch id, ok, err := x.movedFrom(ctx, it, r.Hash, moved); {
		case err != nil:
			return err
		case ok && !known:
			moved[id] = true
			b.Move[id] = put
			counts.Renamed++
			continue
		case !known:
			counts.Added++
		case !it.Address && (k.Size != it.Size || k.Mtime != it.ModTime.UnixNano()) || k.Failed:
			counts.Changed++
		default:
			counts.Unchanged++ // embedded by a new model
		}
		b.Puts = append(b.Puts, put)
	}
	if err := x.writer.Commit(ctx, b); err != nil {
		return err
	}
	x.mu.Lock()
	x.report.Added += counts.Added
	x.report.Changed += counts.Changed
	x.report.Renamed += counts.Renamed
	x.report.Unchanged += counts.Unchanged
	x.report.Embedded += counts.Embedded
	x.report.Decoded += counts.Decoded
	x.report.Transparent += counts.Transparent
	x.report.Blank = append(x.report.Blank, counts.Blank...)
	x.report.Failed = append(x.report.Failed, counts.Failed...)
	x.mu.Unlock()
	x.meter.done(len(x.batch))
	x.batch = x.batch[:0]
	return nil
}

// movedFrom finds the picture that an unknown file was before: one of the same
// bytes, whose own file is gone.
func (x *indexer) movedFrom(ctx context.Context, it source.Item, h embed.Hash, moved map[int64]bool) (int64, bool, error) {
	if it.Address {
		return 0, false, nil
	}
	places, err := x.c.Store.Places(ctx, h)
	if err != nil {
		return 0, false, err
	}
	for _, p := range places {
		if moved[p.ID] || source.IsAddress(p.Source) || strings.HasPrefix(p.Source, "import:") {
			continue
		}
		if _, err := os.Lstat(p.Source); errors.Is(err, os.ErrNotExist) {
			return p.ID, true, nil
		}
	}
	return 0, false, nil
}

// tag gives the pictures of lists their tags, and takes none away: the others may
// be of people.
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

// forget counts the known pictures under the paths that the walk did not meet,
// and with Prune removes them.
func (x *indexer) prune(ctx context.Context, paths []string) error {
	var roots []string
	for _, p := range paths {
		if source.IsAddress(p) {
			continue
		}
		abs, err := filepath.Abs(p)
		if err != nil {
			return err
		}
		roots = append(roots, abs)
	}
	known, err := x.c.Store.Known(ctx) // with what moved meanwhile
	if err != nil {
		return err
	}
	var gone []int64
	of := map[string][]int64{} // root → what is gone of it
	for src, k := range known {
		if x.seen[src] || !x.o.Shard.Has(src) || source.IsAddress(src) || strings.HasPrefix(src, "import:") {
			continue
		}
		at := slices.IndexFunc(roots, func(root string) bool { return source.Under(src, root) })
		if at < 0 {
			continue
		}
		if _, err := os.Lstat(src); errors.Is(err, os.ErrNotExist) {
			of[roots[at]] = append(of[roots[at]], k.ID)
		}
	}
	for root, ids := range of {
		if x.o.Prune && !x.o.PruneEmpty && x.isEmptied(root) {
			x.report.Missing += len(ids)
			if x.o.Problem != nil {
				x.o.Problem(root, fmt.Errorf("it has no picture any more, and had %d: they are kept, for its disk may be away; --prune-empty forgets them", len(ids)))
			}
			continue
		}
		gone = append(gone, ids...)
	}
	if !x.o.Prune {
		x.report.Missing = len(gone)
		return nil
	}
	slices.Sort(gone)
	if len(gone) > 0 {
		if err := x.writer.Commit(ctx, record.Batch{Remove: gone}); err != nil {
			return fmt.Errorf("forget %d pictures: %w", len(gone), err)
		}
	}
	x.report.Removed = len(gone)
	return nil
}

// isEmptied reports whether a root is a folder in which the walk met nothing: what is left of
// a disk that is not mounted looks so.
func (x *indexer) isEmptied(root string) bool {
	if info, err := os.Stat(root); err != nil || !info.IsDir() {
		return false
	}
	for src := range x.seen {
		if source.Under(src, root) {
			return false
		}
	}
	return true
}

// meter tells progress.
type meter struct {
	mu       sync.Mutex
	report   func(api.Progress)
	start    time.Time
	last     time.Time
	progress api.Progress
}

func (m *meter) found() {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.progress.Total++
	m.send(false)
}

func (m *meter) counted() {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.progress.Counted = true
}

func (m *meter) done(n int) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.progress.Done += n
	m.send(true)
}

// ordered tells how many vectors were put in order for searches.
func (m *meter) ordered(done, total int) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.report != nil {
		m.report(api.Progress{Ordered: done, ToOrder: total, Counted: true})
	}
}

func (m *meter) send(always bool) {
	if m.report == nil || !always && time.Since(m.last) < 100*time.Millisecond {
		return
	}
	m.last = time.Now()
	p := m.progress
	if elapsed := time.Since(m.start).Seconds(); p.Done > 0 && elapsed > 0 {
		p.Rate = float64(p.Done) / elapsed
		if p.Counted {
			p.Left = time.Duration(float64(p.Total-p.Done) / p.Rate * float64(time.Second))
		}
	}
	m.report(p)
}
