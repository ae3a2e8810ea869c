package server

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/akin-search/akin/api"
	"github.com/akin-search/akin/internal/disk"
)

const (
	jobsAtOnce  = 2         // that run; each uses all cores
	jobsWaiting = 32        // that wait for those
	jobsKept    = 100       // that ended
	resultsKept = 256 << 20 // bytes of their results
)

// jobs runs jobs, and remembers those that ended last.
type jobs struct {
	ctx    context.Context // of all; its end ends them
	stop   context.CancelFunc
	places chan struct{}
	wait   sync.WaitGroup

	mu     sync.Mutex
	all    []*job // in the order of their making
	closed bool
}

// job is a api.Job that goes on.
type job struct {
	cancel context.CancelFunc

	mu      sync.Mutex
	now     api.Job
	changed chan struct{} // closed at the next change
}

func newJobs() *jobs {
	ctx, stop := context.WithCancel(context.Background())
	return &jobs{ctx: ctx, stop: stop, places: make(chan struct{}, jobsAtOnce)}
}

// start queues a job; run tells how far it is, and gives what becomes its result.
func (js *jobs) start(kind, collection string, run func(ctx context.Context, tell func(api.Progress)) (any, error)) (*job, error) {
	js.mu.Lock()
	defer js.mu.Unlock()
	if js.closed {
		return nil, errShuttingDown
	}
	if js.count() >= jobsAtOnce+jobsWaiting {
		return nil, fmt.Errorf("%d jobs are waiting: %w", jobsWaiting, errBusy)
	}
	ctx, cancel := context.WithCancel(js.ctx)
	j := &job{cancel: cancel, changed: make(chan struct{}), now: api.Job{
		ID: strings.ToLower(rand.Text()), Kind: kind, Collection: collection, State: api.JobQueued, Created: time.Now().UTC(),
	}}
	js.all = append(js.all, j)
	js.wait.Go(func() {
		defer cancel()
		j.run(ctx, js.places, run)
		js.forgetOld()
	})
	return j, nil
}

// open is how many jobs run or wait.
func (js *jobs) open() int {
	js.mu.Lock()
	defer js.mu.Unlock()
	return js.count()
}

// count is open; the caller holds the mutex.
func (js *jobs) count() (n int) {
	for _, j := range js.all {
		if !j.state().Ended() {
			n++
		}
	}
	return n
}

func (j *job) run(ctx context.Context, places chan struct{}, run func(ctx context.Context, tell func(api.Progress)) (any, error)) {
	select {
	case places <- struct{}{}:
		defer func() { <-places }()
	case <-ctx.Done():
	}
	if ctx.Err() != nil { // also where a place came free at the same time
		j.end(nil, ctx.Err())
		return
	}
	j.update(func(now *api.Job) { at := time.Now().UTC(); now.State, now.Started = api.JobRunning, &at })
	result, err := safely(func() (any, error) {
		return run(ctx, func(p api.Progress) { j.update(func(now *api.Job) { now.Progress = p }) })
	})
	if ctx.Err() != nil && err == nil {
		err = ctx.Err() // an index that was stopped tells what it did
	}
	j.end(result, err)
}

// safely turns a panic into an error: one job does not end the others.
func safely(run func() (any, error)) (result any, err error) {
	defer func() {
		if caught := recover(); caught != nil {
			err = fmt.Errorf("the server failed at this job: %v", caught)
		}
	}()
	defer disk.Catch(&err)() // what it catches is no mistake of the server's
	return run()
}

func (j *job) end(result any, err error) {
	var data json.RawMessage
	if err == nil {
		data, err = json.Marshal(result)
	}
	j.update(func(now *api.Job) {
		at := time.Now().UTC()
		now.Finished = &at
		switch {
		case err == nil:
			now.State, now.Result, now.Progress.Step = api.JobDone, data, ""
		case errors.Is(err, context.Canceled):
			now.State = api.JobCancelled
		default:
			now.State, now.Error = api.JobFailed, told(problemOf(err))
		}
	})
}

func (j *job) update(change func(*api.Job)) {
	j.mu.Lock()
	defer j.mu.Unlock()
	change(&j.now)
	close(j.changed)
	j.changed = make(chan struct{})
}

// state gives the job as it is.
func (j *job) state() api.Job {
	now, _ := j.watch()
	return now
}

// watch gives the job as it is, and a channel that closes at the next change.
func (j *job) watch() (api.Job, <-chan struct{}) {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.now, j.changed
}

// finish waits until the job ended, the time is over or ctx is.
func (j *job) finish(ctx context.Context, patience time.Duration) api.Job {
	over := time.NewTimer(patience)
	defer over.Stop()
	for {
		now, changed := j.watch()
		if now.Ended() {
			return now
		}
		select {
		case <-changed:
		case <-over.C:
			return now
		case <-ctx.Done():
			return now
		}
	}
}

// list gives all jobs, the last one first, without their results.
func (js *jobs) list() []api.Job {
	js.mu.Lock()
	defer js.mu.Unlock()
	out := make([]api.Job, 0, len(js.all))
	for i := len(js.all) - 1; i >= 0; i-- {
		now := js.all[i].state()
		now.Result = nil
		out = append(out, now)
	}
	return out
}

var errNoJob = errors.New("there is no such job, or it was long ago")

func (js *jobs) get(id string) (*job, error) {
	js.mu.Lock()
	defer js.mu.Unlock()
	for _, j := range js.all {
		if j.now.ID == id { // which never changes
			return j, nil
		}
	}
	return nil, fmt.Errorf("%.64q: %w", id, errNoJob)
}

// remove cancels a job that runs or waits, and forgets one that ended.
func (js *jobs) remove(id string) error {
	j, err := js.get(id)
	if err != nil {
		return err
	}
	if !j.state().Ended() {
		j.cancel()
		return nil
	}
	js.mu.Lock()
	defer js.mu.Unlock()
	js.drop(func(other *job) bool { return other == j })
	return nil
}

// forgetOld keeps so many jobs that ended, and so much of what they gave.
func (js *jobs) forgetOld() {
	js.mu.Lock()
	defer js.mu.Unlock()
	count, bytes := 0, 0
	old := map[*job]bool{}
	for i := len(js.all) - 1; i >= 0; i-- {
		now := js.all[i].state()
		if !now.Ended() {
			continue
		}
		count, bytes = count+1, bytes+len(now.Result)
		if count > jobsKept || count > 1 && bytes > resultsKept {
			old[js.all[i]] = true
		}
	}
	js.drop(func(j *job) bool { return old[j] })
}

// drop forgets jobs; the caller holds the mutex.
func (js *jobs) drop(old func(*job) bool) {
	left := js.all[:0:0]
	for _, j := range js.all {
		if !old(j) {
			left = append(left, j)
		}
	}
	js.all = left
}

// close cancels all jobs and waits for them: what an index has embedded is stored.
func (js *jobs) close() {
	js.mu.Lock()
	js.closed = true
	js.mu.Unlock()
	js.stop()
	js.wait.Wait()
}
