package local

import (
	"maps"
	"sync"
)

// orders are the orders of a catalog. They outlive it: who lists the pictures after a commit gets the same ones, if it
// changed none of them, as when it gave tags; else the changed ones are sorted into the rest, which takes a tenth of the
// time of sorting all.
type orders struct {
	generation string // of the database

	making sync.Mutex // held while one is made

	mu     sync.Mutex // guards what follows
	made   map[string]*Order
	before map[string]*Order // of older generations, for those that were not made yet
}

// after returns the orders of a generation, which may be the same one.
func (o *orders) after(generation string) *orders {
	next := &orders{generation: generation, made: map[string]*Order{}, before: map[string]*Order{}}
	if o == nil {
		return next
	}
	if generation != "" && generation == o.generation {
		return o
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	maps.Copy(next.before, o.before)
	maps.Copy(next.before, o.made)
	return next
}

// get returns an order, or the one of before that it is to be made from; nil where there is none.
func (o *orders) get(by string) (known, before *Order) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.made[by], o.before[by]
}

func (o *orders) put(by string, made *Order) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.made[by] = made
	delete(o.before, by)
}
