package vector

import "math"

// probe is a list that may hold a hit.
type probe struct {
	part, list int32
	centre     float64 // score of its centre, without the mean's
	bound      float64 // upper bound of its rows' scores
}

// probeList holds the lists that remain to be scanned: those with high bounds as a heap, the
// highest first, and the others unsorted. Most searches end before they need the others.
type probeList struct {
	heap     []probe
	unsorted []probe
	most     float64 // at least the bound of every unsorted one
	tier     int     // lists that are moved into the heap at a time
}

const (
	firstTier    = 64 // lists in the heap at first, about
	tierGrowth   = 4  // times as many are moved when these are used up
	sampledLists = 256
)

// sort makes the heap.
func (v *probeList) sort() {
	v.tier = firstTier
	v.raise()
}

// raise moves about tier lists with the highest bounds into the heap, which is empty. Which bound that is, a sample tells.
func (v *probeList) raise() {
	from := v.threshold()
	v.tier *= tierGrowth
	v.most = math.Inf(-1)
	rest := v.unsorted
	for i := 0; i < len(rest); {
		if b := rest[i].bound; b < from {
			v.most = max(v.most, b)
			i++
			continue
		}
		v.heap = append(v.heap, rest[i])
		rest[i] = rest[len(rest)-1]
		rest = rest[:len(rest)-1]
	}
	v.unsorted = rest
	v.heapify()
}

// threshold is a bound that at least one of the unsorted lists reaches, and about tier of them.
func (v *probeList) threshold() float64 {
	n := len(v.unsorted)
	if n <= max(v.tier, sampledLists) {
		return math.Inf(-1)
	}
	reach := max(1, sampledLists*v.tier/n)
	var room [sampledLists]float64
	greatest := room[:0]
	for i := range sampledLists {
		greatest, _ = pushGreatest(greatest, reach, v.unsorted[i*n/sampledLists].bound)
	}
	return greatest[0]
}

func (v *probeList) heapify() {
	for i := len(v.heap)/2 - 1; i >= 0; i-- {
		v.sink(i)
	}
}

// pop takes the probe with the highest bound, if that reaches limit.
func (v *probeList) pop(limit float64) (probe, bool) {
	if len(v.heap) == 0 && len(v.unsorted) > 0 && v.most >= limit {
		v.raise()
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
