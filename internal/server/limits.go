package server

import (
	"context"
	"errors"
	"io"
	"net/http"
	"runtime"
	"sync/atomic"
	"time"
)

func (l Limits) filled() Limits {
	set := func(to *int64, value int64) {
		if *to <= 0 {
			*to = value
		}
	}
	set(&l.UploadBytes, 32e6)
	set(&l.BodyBytes, 256<<20)
	set(&l.KeptBytes, 256<<20)
	count := func(to *int, value int) {
		if *to <= 0 {
			*to = value
		}
	}
	cores := runtime.GOMAXPROCS(0)
	count(&l.Running, max(1, cores/2))
	count(&l.Waiting, 32)
	count(&l.Searching, 4*cores)
	count(&l.Connections, 2048)
	if l.KeptTime <= 0 {
		l.KeptTime = time.Hour
	}
	if l.Sending <= 0 {
		l.Sending = time.Minute
	}
	if l.Request <= 0 {
		l.Request = 2 * time.Minute
	}
	return l
}

// errBusy reports that a limit is reached.
var errBusy = errors.New("the server is busy: try again later")

// gate bounds how many requests run at a time, and how many wait.
type gate struct {
	slots   chan struct{}
	waiting atomic.Int64
	most    int64
}

func newGate(through, waiting int) *gate {
	return &gate{slots: make(chan struct{}, through), most: int64(waiting)}
}

// enter waits for a place. It returns errBusy if too many are waiting.
func (g *gate) enter(ctx context.Context) (leave func(), err error) {
	leave = func() { <-g.slots }
	select {
	case g.slots <- struct{}{}:
		return leave, nil
	default:
	}
	if g.waiting.Add(1) > g.most {
		g.waiting.Add(-1)
		return nil, errBusy
	}
	defer g.waiting.Add(-1)
	select {
	case g.slots <- struct{}{}:
		return leave, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// budget bounds the memory of all request bodies together.
type budget struct {
	used  atomic.Int64
	limit int64
}

// body charges a request's body to the budget as it is read, so that a client takes no more than it has
// sent.
type body struct {
	io.ReadCloser
	of   *budget
	paid int64
}

func (b *budget) watch(r *http.Request) (done func()) {
	if r.Body == nil || r.Body == http.NoBody {
		return func() {}
	}
	w := &body{ReadCloser: r.Body, of: b}
	r.Body = w
	return func() { b.used.Add(-w.paid) }
}

func (b *body) Read(p []byte) (int, error) {
	n, err := b.ReadCloser.Read(p)
	b.paid += int64(n)
	if b.of.used.Add(int64(n)) > b.of.limit {
		return n, errBusy
	}
	return n, err
}
