package vector

import "math"

// visit is a list that may hold a hit.
type probe struct {
	part, list int32
	centre     float64 // score of its middle, without the mean's
	bound      float64 // no row of the list scores more
}

// visits are the lists that are still to be looked through: those that promise most as
// a heap, the highest bound first, and the others as they came.
type probeList struct {
	heap     []probe
	unsorted []probe
}

// promising is how far below the highest bound lists are ordered at first. Most searches
// end before they come to the others, and then these were never ordered.
const sortedMargin = 0.2

// order begins the heap.
func (v *probeList) sort() {
	most := math.Inf(-1)
	for i := range v.unsorted {
		if b := v.unsorted[i].bound; b > most {
			most = b
		}
	}
	kept := v.unsorted[:0]
	for _, l := range v.unsorted {
		if l.bound >= most-sortedMargin {
			v.heap = append(v.heap, l)
		} else {
			kept = append(kept, l)
		}
	}
	v.unsorted = kept
	v.heapify()
}

func (v *probeList) heapify() {
	for i := len(v.heap)/2 - 1; i >= 0; i-- {
		v.sink(i)
	}
}

// next takes the visit with the highest bound, where that reaches limit.
func (v *probeList) pop(limit float64) (probe, bool) {
	if len(v.heap) == 0 {
		v.heap, v.unsorted = append(v.heap, v.unsorted...), v.unsorted[:0]
		v.heapify()
	}
	if len(v.heap) == 0 || v.heap[0].bound < limit {
		return probe{}, false
	}
	first, last := v.heap[0], len(v.heap)-1
	v.heap[0] = v.heap[last]
	v.heap = v.heap[:last]
	v.sink(0)
	return first, true
}

// each yields the visits that are left.
func (v *probeList) each(yield func(probe) bool) {
	for _, all := range [][]probe{v.heap, v.unsorted} {
		for _, l := range all {
			if !yield(l) {
				return
			}
		}
	}
}

func (v *probeList) sink(i int) {
	h := v.heap
	for {
		most := i
		for child := 2*i + 1; child <= 2*i+2 && child < len(h); child++ {
			if h[child].bound > h[most].bound {
				most = child
			}
		}
		if most == i {
			return
		}
		h[i], h[most] = h[most], h[i]
		i = most
	}
}
