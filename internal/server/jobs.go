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
	jobsAtOnce  = 2         // running; each uses all cores
	jobsWaiting = 32        // queued
	jobsKept    = 100       // ended
	resultsKept = 256 << 20 // bytes of results of ended jobs
)

// jobs runs jobs, and keeps the last ones that ended.
type jobs struct {
	ctx    context.Context // parent of every job's
	stop   context.CancelFunc
	places chan struct{}
	wait   sync.WaitGroup

	mu     sync.Mutex
	all    []*job // in the order of creation
	closed bool
}

// job is a running api.Job.
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

// start queues a job.
func (js *jobs) start(kind, collection string, run work) (*job, error) {
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

// open returns how many jobs are running or queued.
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

func (j *job) run(ctx context.Context, places chan struct{}, run work) {
	select {
	case places <- struct{}{}:
		defer func() { <-places }()
	case <-ctx.Done():
	}
	if ctx.Err() != nil { // select may have chosen a free place
		j.end(nil, ctx.Err())
		return
	}
	j.update(func(now *api.Job) { at := time.Now().UTC(); now.State, now.Started = api.JobRunning, &at })
	result, err := safely(func() (any, error) {
		return run(ctx, func(p api.Progress) { j.update(func(now *api.Job) { now.Progress = p }) })
	})
	if ctx.Err() != nil && err == nil {
		err = ctx.Err() // a cancelled Index returns a report and no error
	}
	j.end(result, err)
}

// safely turns a panic into an error, so that one job cannot end the process.
func safely(run func() (any, error)) (result any, err error) {
	defer func() {
		if caught := recover(); caught != nil {
			err = fmt.Errorf("internal error: %v", caught)
		}
	}()
	defer disk.Catch(&err)() // a read error of a mapped file
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
			now.State, now.Error = api.JobFailed, jobProblem(problemOf(err))
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

// state returns the job's current state.
func (j *job) state() api.Job {
	now, _ := j.watch()
	return now
}

// watch returns the job's current state, and a channel that is closed at the next change.
func (j *job) watch() (api.Job, <-chan struct{}) {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.now, j.changed
}

// finish waits until the job has ended, the time has passed or ctx is done.
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

// list returns all jobs, newest first, without their results.
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

var errNoJob = errors.New("job not found or expired")

func (js *jobs) get(id string) (*job, error) {
	js.mu.Lock()
	defer js.mu.Unlock()
	for _, j := range js.all {
		if j.now.ID == id { // immutable
			return j, nil
		}
	}
	return nil, fmt.Errorf("%.64q: %w", id, errNoJob)
}

// remove cancels a running or queued job, and deletes an ended one.
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

// forgetOld deletes the oldest ended jobs beyond jobsKept and resultsKept.
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

// drop deletes jobs; the caller holds the mutex.
func (js *jobs) drop(old func(*job) bool) {
	left := js.all[:0:0]
	for _, j := range js.all {
		if !old(j) {
			left = append(left, j)
		}
	}
	js.all = left
}

// close cancels all jobs and waits for them to store what they have.
func (js *jobs) close() {
	js.mu.Lock()
	js.closed = true
	js.mu.Unlock()
	js.stop()
	js.wait.Wait()
}
