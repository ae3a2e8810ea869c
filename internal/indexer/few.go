package indexer

import (
	"context"
	"sync"
	"sync/atomic"
	"time"

	"github.com/akin-search/akin/internal/embed"
)

// patience is how long the first picture waits for the walk to end. A walk over many files that are
// unchanged takes longer, but then loading a network for few pictures costs less than waiting on.
const patience = 300 * time.Millisecond

// fewness is whether a run has few pictures to embed, as the walk finds them.
type fewness struct {
	pictures atomic.Int64
	known    chan struct{} // closed when the walk has found more than few, or all, or after patience
	once     sync.Once
}

func newFewness() *fewness {
	f := &fewness{known: make(chan struct{})}
	time.AfterFunc(patience, f.close)
	return f
}

// found counts a picture.
func (f *fewness) found() {
	if f.pictures.Add(1) > embed.Few {
		f.close()
	}
}

// all says that there are no more.
func (f *fewness) all() { f.close() }

func (f *fewness) close() { f.once.Do(func() { close(f.known) }) }

// wait reports whether there are few, when that is known or has taken too long to find out: then those
// that were found so far count, and the next batch may have another answer.
func (f *fewness) wait(ctx context.Context) bool {
	select {
	case <-f.known:
	case <-ctx.Done():
	}
	return f.pictures.Load() <= embed.Few
}
