// Package embed turns a stream of picture files into embeddings.
//
// Four stages run concurrently, each with bounded memory:
//
//	read                          some goroutines, so that a slow disk or network is ahead of the next
//	hash, decode, prepare         one goroutine a core
//	network                       a few goroutines, each takes what is ready as one batch
//	emit                          one goroutine, in the order of the jobs (order.go)
//
// Every picture is read once for all models, and decoded once where they need it at the same size;
// it is not decoded at all if no model needs its content. A slow stage makes the previous one wait.
package embed

import (
	"context"
	"crypto/sha256"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/sync/errgroup"
	"golang.org/x/sync/semaphore"

	"github.com/akin-search/akin/internal/picture"
)

// Hash is the SHA-256 of a file's bytes, by which embeddings are stored.
type Hash = [sha256.Size]byte

// Model is what the pipeline needs of a model.
type Model struct {
	Dim   int // length of one embedding
	Input int // float32 values of one prepared picture
	Batch int // largest n of Run
	// Wide says that a call of Run uses all cores, so that no other call, of any model, should run
	// at the same time.
	Wide bool
	// Background is what pictures with transparency are flattened on.
	Background picture.Background
	// Enough returns how large a picture of width x height must be decoded at least, see picture.DecodeReduced; nil
	// decodes all pictures at their full size.
	Enough func(width, height int) (int, int)
	// Prepare fills dst, (Input), from a picture that has been flattened.
	Prepare func(pic *picture.Picture, dst []float32)
	// Run embeds n prepared pictures; pixels is (n, Input), out (n, Dim). It is
	// called by several goroutines at once.
	Run func(ctx context.Context, pixels []float32, n int, out []float32) error
	// RunFew is Run of a network that is loaded in less time and takes longer for each batch, on all cores;
	// nil if the model has no such. Options.Few decides.
	RunFew func(ctx context.Context, pixels []float32, n int, out []float32) error
}

// EnoughOf is the size that a file is decoded at for the model, as picture.Enough returns it.
func (m Model) EnoughOf(info picture.Info) (width, height int) {
	if m.Enough == nil {
		return info.Width, info.Height
	}
	width, height = m.Enough(info.Width, info.Height)
	return picture.Enough(info, width, height)
}

// Few is how many pictures at most are embedded in less time by RunFew.
const Few = 7

// Flatten prepares a picture on the model's background. It does not change pic.
func (m Model) Flatten(pic *picture.Picture, dst []float32) picture.Ground {
	seen, ground := pic.On(m.Background)
	m.Prepare(seen, dst)
	if seen != pic {
		seen.Release()
	}
	return ground
}

// share returns how many of the concurrent calls one call of this model counts for.
func (m Model) share(calls int) int {
	if m.Wide {
		return calls
	}
	return 1
}

// Job is one picture to embed.
type Job struct {
	ID   int
	Size int64 // of the file, 0 if it is not known
	Read func(ctx context.Context) ([]byte, error)
}

// Result is the result of a job.
type Result struct {
	ID   int
	Hash Hash // zero if the file could not be read
	Info picture.Info
	// Metadata is what the file says, if it is a picture. What only its decoder told is in Info.Shot.
	Metadata picture.Metadata
	Decoded  bool // false if no model needed the picture
	Reduced  bool // it was decoded at less than its size, for a model at least
	// SeeThrough is the share of a decoded picture's area that is transparent, 0 to 1.
	SeeThrough float64
	// Blank says that a transparent picture became an area of one colour on a model's background.
	Blank   bool
	Vectors [][]float32 // per model; nil if it was not needed
	Err     error       // the picture could not be read or decoded
}

// Options bound what the pipeline uses. The zero value suits most programs.
type Options struct {
	Readers  int   // goroutines that read files; 0 means two per worker, and four at least
	Workers  int   // goroutines that decode; 0 means one per core
	Networks int   // concurrent calls of Run over all models; 0 means one per core
	Memory   int64 // bytes of pictures, files and decoders held at once; 0 means 256 MiB. One picture may need more
	Limits   picture.Limits
	// Need returns which models still need a content, and is called once per content in progress. Nil
	// embeds every job.
	Need func(Hash) []bool
	// Few reports whether there are at most Few pictures to embed, in so far as that is known. It is asked
	// before each batch. Nil says no.
	Few func(context.Context) bool
	// Window is how many jobs may be started and not yet emitted; 0 means 1024. Results wait in it for
	// those of slower, earlier jobs.
	Window int
	// Patience is how long a full window waits for its first job before it skips it, and emits it when
	// it is done; 0 means 30 s.
	Patience time.Duration
}

const (
	defaultMemory   = 256 << 20
	aheadShare      = 4 // files that nobody has taken may fill a quarter of the memory
	defaultWindow   = 1024
	defaultPatience = 30 * time.Second
)

// filled returns the options with what their zero values mean.
func (o Options) filled() Options {
	cores := runtime.GOMAXPROCS(0)
	if o.Workers <= 0 {
		o.Workers = cores
	}
	if o.Readers <= 0 {
		o.Readers = max(4, 2*o.Workers)
	}
	if o.Networks <= 0 {
		o.Networks = cores
	}
	if o.Memory <= 0 {
		o.Memory = defaultMemory
	}
	if o.Window <= 0 {
		o.Window = defaultWindow
	}
	if o.Patience <= 0 {
		o.Patience = defaultPatience
	}
	return o
}

// Run embeds every job from jobs until the channel is closed, and calls emit with each result, one at
// a time, in the order of the jobs. With Options.Need the first of several jobs of the same content
// gets the embeddings. Run returns when all results are emitted, or with the first error of a model, of
// emit or of ctx; results that were complete by then are still emitted, unless emit failed. A picture
// that cannot be read is not an error of Run: its result has the error.
func Run(ctx context.Context, jobs <-chan Job, models []Model, o Options, emit func(Result) error) error {
	o = o.filled()
	g, ctx := errgroup.WithContext(ctx)
	p := &pipeline{
		options: o,
		models:  models,
		order:   newOrder(o.Window),
		unread:  semaphore.NewWeighted(o.Memory / aheadShare),
		decoded: semaphore.NewWeighted(o.Memory),
		network: semaphore.NewWeighted(int64(o.Networks)),
		results: make(chan done, 64),
		queues:  make([]chan prepared, len(models)),
		buffers: make([]sync.Pool, len(models)),
	}

	for i, m := range models {
		// A full batch may wait while each call runs another one.
		p.queues[i] = make(chan prepared, m.Batch)
	}
	inOrder := make(chan numbered)
	g.Go(func() error {
		defer close(inOrder)
		return p.number(ctx, jobs, inOrder)
	})
	files := make(chan file) // each reader holds one file that nobody has taken
	var reading, decoding, running sync.WaitGroup
	for range o.Readers {
		reading.Add(1)
		g.Go(func() error {
			defer reading.Done()
			return p.read(ctx, inOrder, files)
		})
	}
	g.Go(func() error {
		reading.Wait()
		close(files)
		return nil
	})
	for range o.Workers {
		decoding.Add(1)
		g.Go(func() error {
			defer decoding.Done()
			return p.decode(ctx, files)
		})
	}
	for i := range models {
		for range o.Networks / models[i].share(o.Networks) {
			running.Add(1)
			g.Go(func() error {
				defer running.Done()
				return p.embed(ctx, i)
			})
		}
	}
	g.Go(func() error { // a stage's channel is closed after its last sender ended
		decoding.Wait()
		for _, q := range p.queues {
			close(q)
		}
		running.Wait()
		close(p.results)
		return nil
	})
	g.Go(func() error { return p.emit(ctx, emit) })
	return g.Wait()
}

type pipeline struct {
	options Options
	models  []Model
	unread  *semaphore.Weighted // bytes of files that nobody has taken
	decoded *semaphore.Weighted // bytes of decoded pictures
	network *semaphore.Weighted // calls of Model.Run
	order   *order
	results chan done
	queues  []chan prepared // one a model
	buffers []sync.Pool     // of *[]float32, one picture's input each
}

// prepared is one picture on its way into one model.
type prepared struct {
	pixels *[]float32
	owner  *pending
}

// pending collects the embeddings of one picture from all its models.
type pending struct {
	done
	left atomic.Int32
}

// file is what a job read.
type file struct {
	numbered
	data   []byte
	err    error
	weight int64 // that it counts in pipeline.unread
}

// read reads files before they are needed.
func (p *pipeline) read(ctx context.Context, jobs <-chan numbered, files chan<- file) error {
	for job := range jobs { // closed when ctx ends, too
		f := file{numbered: job, weight: min(max(job.Size, 1), p.options.Memory/aheadShare)}
		if err := p.unread.Acquire(ctx, f.weight); err != nil {
			return err
		}
		if f.data, f.err = job.Read(ctx); ctx.Err() != nil {
			return ctx.Err()
		}
		select {
		case files <- f:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	return nil
}

func (p *pipeline) decode(ctx context.Context, files <-chan file) error {
	for {
		select {
		case f, ok := <-files:
			if !ok {
				return nil
			}
			p.unread.Release(f.weight)
			if err := p.one(ctx, f); err != nil {
				return err
			}
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// one takes a job as far as the queues of its models.
func (p *pipeline) one(ctx context.Context, job file) error {
	owner := &pending{done: done{at: job.at, result: Result{ID: job.ID, Vectors: make([][]float32, len(p.models))}}}
	r := &owner.result
	data := job.data
	if job.err != nil {
		r.Err = job.err
		return p.send(ctx, owner.done)
	}
	r.Hash = sha256.Sum256(data)
	need := p.need(job.at, r.Hash)
	wanted := 0
	for _, n := range need {
		if n {
			wanted++
		}
	}

	info, err := picture.InspectContext(ctx, data, p.options.Limits)
	if ctx.Err() != nil {
		return ctx.Err()
	}
	r.Info = info
	if err == nil {
		r.Metadata = picture.ReadMetadata(data)
	}
	if err != nil || wanted == 0 {
		r.Err = err
		return p.send(ctx, owner.done)
	}
	inputs, err := p.prepare(ctx, data, r, need)
	if err != nil {
		return err
	}
	if r.Err != nil {
		return p.send(ctx, owner.done)
	}
	owner.left.Store(int32(wanted))
	for i, pixels := range inputs {
		if pixels == nil {
			continue
		}
		select {
		case p.queues[i] <- prepared{pixels, owner}:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	return nil
}

// prepare decodes the picture and makes the input of every model that needs it. A picture
// is decoded once for each of the sizes that are enough for models: what a model sees does
// not depend on the others. The decoded pixels are gone when it returns. What is wrong with
// the picture goes to r.Err.
func (p *pipeline) prepare(ctx context.Context, data []byte, r *Result, need []bool) ([]*[]float32, error) {
	inputs := make([]*[]float32, len(p.models))
	for i, m := range p.models {
		if !need[i] || inputs[i] != nil {
			continue
		}
		width, height := m.EnoughOf(r.Info)
		var alike []int // the models that see the picture at this size
		for j := i; j < len(p.models); j++ {
			if w, h := p.models[j].EnoughOf(r.Info); need[j] && w == width && h == height {
				alike = append(alike, j)
			}
		}
		if err := p.prepareAt(ctx, data, width, height, r, alike, inputs); err != nil || r.Err != nil {
			return nil, err
		}
	}
	return inputs, nil
}

// prepareAt makes the inputs of some models of a picture that is decoded at one size.
func (p *pipeline) prepareAt(ctx context.Context, data []byte, width, height int, r *Result, models []int, inputs []*[]float32) error {
	weight := min(picture.ReducedCost(data, r.Info, width, height), p.options.Memory)
	if err := p.decoded.Acquire(ctx, weight); err != nil {
		return err
	}
	defer p.decoded.Release(weight)
	pic, info, err := picture.DecodeReduced(ctx, data, p.options.Limits, width, height)
	if err != nil {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		r.Err = err
		return nil
	}
	defer pic.Release()
	r.Info, r.Decoded, r.SeeThrough = info, true, pic.SeeThrough()
	r.Reduced = r.Reduced || pic.Width*pic.Height < info.Width*info.Height
	for _, i := range models {
		inputs[i] = p.buffer(i)
		ground := p.models[i].Flatten(pic, *inputs[i])
		r.Blank = r.Blank || ground.Blank
	}
	return nil
}

// need reports which models are to embed a content for the job at a place.
func (p *pipeline) need(at int, h Hash) []bool {
	if p.options.Need == nil { // every job wants all, also of a content that others have
		need := make([]bool, len(p.models))
		for i := range need {
			need[i] = true
		}
		return need
	}
	p.order.mu.Lock()
	defer p.order.mu.Unlock()
	if p.order.claimed(h) {
		return make([]bool, len(p.models))
	}
	need := p.options.Need(h)
	if slices.Contains(need, true) {
		p.order.claims[h] = at
	}
	return need
}

func (p *pipeline) buffer(model int) *[]float32 {
	if b, ok := p.buffers[model].Get().(*[]float32); ok {
		return b
	}
	b := make([]float32, p.models[model].Input)
	return &b
}

// embed runs one model over whatever is ready: as many pictures as fit a batch
// when the network is the slower stage, single ones when decoding is.
func (p *pipeline) embed(ctx context.Context, model int) error {
	m := p.models[model]
	pixels := make([]float32, m.Batch*m.Input)
	out := make([]float32, m.Batch*m.Dim)
	owners := make([]*pending, 0, m.Batch)
	for {
		owners = owners[:0]
		add := func(in prepared) {
			copy(pixels[len(owners)*m.Input:], *in.pixels)
			p.buffers[model].Put(in.pixels)
			owners = append(owners, in.owner)
		}
		select {
		case in, ok := <-p.queues[model]:
			if !ok {
				return nil
			}
			add(in)
		case <-ctx.Done():
			return ctx.Err()
		}
		run, share := m.Run, int64(m.share(p.options.Networks))
		if m.RunFew != nil && p.options.Few != nil && p.options.Few(ctx) {
			run, share = m.RunFew, int64(p.options.Networks)
		}
		if err := p.network.Acquire(ctx, share); err != nil {
			return err
		}
	fill:
		for len(owners) < m.Batch {
			select {
			case in, ok := <-p.queues[model]:
				if !ok {
					break fill
				}
				add(in)
			default:
				break fill
			}
		}
		n := len(owners)
		err := run(ctx, pixels[:n*m.Input], n, out[:n*m.Dim])
		p.network.Release(share)
		if err != nil {
			return err // of the network: no picture is to blame
		}
		for i, owner := range owners {
			owner.result.Vectors[model] = append([]float32(nil), out[i*m.Dim:(i+1)*m.Dim]...)
			if owner.left.Add(-1) == 0 {
				if err := p.send(ctx, owner.done); err != nil {
					return err
				}
			}
		}
	}
}

func (p *pipeline) send(ctx context.Context, d done) error {
	select {
	case p.results <- d:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
