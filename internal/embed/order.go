package embed

import (
	"context"
	"sync"
	"time"
)

// numbered is a job and its place among all.
type numbered struct {
	Job
	at int
}

// done is what became of the job at a place.
type done struct {
	at     int
	result Result
}

// order returns results in the order of their jobs. Those that come too soon wait in a
// window: a slot of it is taken before a job is begun, and free again when its result
// was emitted.
type order struct {
	slots chan struct{}

	mu     sync.Mutex
	next   int            // the place that is to be emitted next
	ready  map[int]Result // done, and waiting for one before
	late   map[int]bool   // let pass, and not done
	over   []Result       // to be emitted at once: they were let pass
	claims map[Hash]int   // a content that is being embedded → the place of the job that does it
	failed map[Hash]error // contents that could not be decoded
}

func newOrder(window int) *order {
	return &order{
		slots: make(chan struct{}, window), ready: map[int]Result{}, late: map[int]bool{},
		claims: map[Hash]int{}, failed: map[Hash]error{},
	}
}

// number returns jobs their places, as far as the window has room.
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

// emit returns results to emit until all are, or ctx ends: then those that are done, in
// order, without those that are missing between them.
func (p *pipeline) emit(ctx context.Context, emit func(Result) error) error {
	o := p.order
	impatient := time.NewTimer(p.options.Patience)
	defer impatient.Stop()
	waiting := -1 // the place that impatient was started for
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

// add takes a result in.
func (o *order) add(d done) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if !o.late[d.at] {
		o.ready[d.at] = d.result
		return
	}
	delete(o.late, d.at)
	o.settle(d.at, &d.result)
	o.over = append(o.over, d.result)
}

// take returns the result that is next, where it is there.
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
		// A later job, on a quicker core, embeds the same content: the first has it, so that
		// what is stored does not depend on the cores.
		other, there := o.ready[by]
		if !there {
			return Result{}, false
		}
		r.Vectors, other.Vectors = other.Vectors, r.Vectors
		r.Err, r.Decoded = other.Err, other.Decoded
		o.ready[by], o.claims[r.Hash] = other, o.next
	}
	o.settle(o.next, &r)
	o.advance()
	return r, true
}

// settle ends the claim of a place that is emitted now. What could not be decoded cannot be
// decoded out of another file either.
func (o *order) settle(at int, r *Result) {
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

// stuck reports which place holds up a window that is full.
func (o *order) stuck() (at int, full bool) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.next, len(o.slots) == cap(o.slots)
}

// pass goes on without the result of a place, if that is still the next.
func (o *order) pass(at int) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if at != o.next || len(o.slots) < cap(o.slots) {
		return
	}
	if r, ok := o.ready[at]; ok { // it waits for another job of its content
		o.over = append(o.over, r)
	} else {
		o.late[at] = true
	}
	o.advance()
}

// flush returns what is done to emit. A result whose content another job was to embed is left
// out: it would be stored without its embeddings.
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
