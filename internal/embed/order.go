package embed

import (
	"context"
	"sync"
	"time"
)

// numbered is a job and its position among all jobs.
type numbered struct {
	Job
	at int
}

// done is the result of the job at a position.
type done struct {
	at     int
	result Result
}

// order puts results into the order of their jobs. Early results wait in a window: a job takes a slot
// when it starts, and frees it when its result is emitted.
type order struct {
	slots chan struct{}

	mu     sync.Mutex
	next   int            // position to emit next
	ready  map[int]Result // done, and waiting for an earlier one
	late   map[int]bool   // skipped, and not done
	over   []Result       // skipped before and done now: emitted at once
	claims map[Hash]int   // content being embedded → position of the job that does it
	failed map[Hash]error // contents that could not be decoded
}

func newOrder(window int) *order {
	return &order{
		slots: make(chan struct{}, window), ready: map[int]Result{}, late: map[int]bool{},
		claims: map[Hash]int{}, failed: map[Hash]error{},
	}
}

// number assigns positions to jobs while the window has slots.
func (p *pipeline) number(ctx context.Context, jobs <-chan Job, out chan<- numbered) error {
	for at := 0; ; at++ {
		select {
		case p.order.slots <- struct{}{}:
		case <-ctx.Done():
			return ctx.Err()
		}
		var job Job
		ok := false
		select {
		case job, ok = <-jobs:
		case <-ctx.Done():
			return ctx.Err()
		}
		if !ok {
			return nil
		}
		select {
		case out <- numbered{job, at}:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// emit emits all results, or until ctx ends: then those that are done, in order, with gaps.
func (p *pipeline) emit(ctx context.Context, emit func(Result) error) error {
	o := p.order
	impatient := time.NewTimer(p.options.Patience)
	defer impatient.Stop()
	waiting := -1 // the position that impatient was started for
	for {
		select {
		case d, ok := <-p.results:
			if !ok {
				return o.flush(emit)
			}
			o.add(d)
		case <-impatient.C:
			if waiting >= 0 {
				o.pass(waiting)
				waiting = -1
			}
		case <-ctx.Done():
			for {
				select {
				case d, ok := <-p.results:
					if ok {
						o.add(d)
						continue
					}
				default:
				}
				break
			}
			if err := o.flush(emit); err != nil {
				return err
			}
			return ctx.Err()
		}
		for {
			r, ok := o.take()
			if !ok {
				break
			}
			if err := emit(r); err != nil {
				return err
			}
		}
		if at, full := o.stuck(); full && at != waiting {
			impatient.Reset(p.options.Patience)
			waiting = at
		} else if !full {
			waiting = -1
		}
	}
}

// claimed reports whether another job embeds a content already, or could not.
func (o *order) claimed(h Hash) bool {
	_, is := o.claims[h]
	return is || o.failed[h] != nil
}

// add stores a result.
func (o *order) add(d done) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if !o.late[d.at] {
		o.ready[d.at] = d.result
		return
	}
	delete(o.late, d.at)
	o.release(d.at, &d.result)
	o.over = append(o.over, d.result)
}

// take returns the next result, if it is done.
func (o *order) take() (Result, bool) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if len(o.over) > 0 {
		r := o.over[0]
		o.over = o.over[1:]
		return r, true
	}
	r, ok := o.ready[o.next]
	if !ok {
		return Result{}, false
	}
	if by, claimed := o.claims[r.Hash]; claimed && by != o.next {
		// A later job, on a faster core, embeds the same content: its result goes to the first, so
		// that what is stored does not depend on timing.
		other, there := o.ready[by]
		if !there {
			return Result{}, false
		}
		r.Vectors, other.Vectors = other.Vectors, r.Vectors
		r.Err, r.Decoded, r.Reduced = other.Err, other.Decoded, other.Reduced
		o.ready[by], o.claims[r.Hash] = other, o.next
	}
	o.release(o.next, &r)
	o.advance()
	return r, true
}

// release ends the claim of a position that is being emitted. A content that could not be decoded
// cannot be decoded from another file either.
func (o *order) release(at int, r *Result) {
	if r.Hash == (Hash{}) {
		return
	}
	if by, claimed := o.claims[r.Hash]; claimed && by == at {
		delete(o.claims, r.Hash)
		if r.Err != nil {
			o.failed[r.Hash] = r.Err
		}
	}
	if r.Err == nil {
		r.Err = o.failed[r.Hash]
	}
}

func (o *order) advance() {
	delete(o.ready, o.next)
	o.next++
	<-o.slots
}

// stuck returns the position that a full window waits for.
func (o *order) stuck() (at int, full bool) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.next, len(o.slots) == cap(o.slots)
}

// pass skips a position, if it is still the next.
func (o *order) pass(at int) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if at != o.next || len(o.slots) < cap(o.slots) {
		return
	}
	if r, ok := o.ready[at]; ok { // waiting for another job of the same content
		o.over = append(o.over, r)
	} else {
		o.late[at] = true
	}
	o.advance()
}

// flush emits what is done. It omits a result whose content another job should have embedded: it would
// be stored without embeddings.
func (o *order) flush(emit func(Result) error) error {
	for {
		r, ok := o.take()
		if ok {
			if err := emit(r); err != nil {
				return err
			}
			continue
		}
		o.mu.Lock()
		left := len(o.ready)
		if left > 0 {
			delete(o.ready, o.next)
			o.next++
		}
		o.mu.Unlock()
		if left == 0 {
			return nil
		}
	}
}
