package vector

import "math"

// probe is a list that may hold a hit.
type probe struct {
	part, list int32
	centre     float64 // score of its centre, without the mean's
	bound      float64 // upper bound of its rows' scores
}

// probeList holds the lists that remain to be scanned: those with high bounds as a heap, the
// highest first, and the others unsorted.
type probeList struct {
	heap     []probe
	unsorted []probe
}

// sortedMargin is how far below the highest bound lists are put into the heap at first. Most
// searches end before they need the others.
const sortedMargin = 0.2

// sort makes the heap.
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

// pop takes the probe with the highest bound, if that reaches limit.
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

// each yields the probes that remain.
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
