package vector

import (
	"context"
	"fmt"
	"math"
	"math/bits"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"

	"github.com/akin-search/akin/internal/simd"
)

// nearSearch answers one query from the compact copies. Lists are looked through in the
// order of what they promise, rows are ruled out by what they can score at most, and
// those that are left are scored from the rows themselves.
type nearSearch struct {
	m     Matrix
	q     []float32
	o     *Options
	trust trust
	first []int       // row of each part
	asked []*question // of each part; nil for one without a compact copy
	floor float64     // least score of a hit

	sweeps []sweep // instead of visits, where a filter keeps few rows
	swept  atomic.Int64

	mu    sync.Mutex
	room  *room         // nil when the search is over
	limit atomic.Uint64 // float64 bits: what a row must be able to reach
}

// room is the memory of a search, kept for the next one: clearing it anew would cost more than
// filling it.
type room struct {
	visits    visits
	sums      []int32 // of a part's middles
	questions []*question
	walkers   []walker
}

var rooms = sync.Pool{New: func() any { return new(room) }}

// leave makes room for another search.
func (r *room) leave() {
	for i := range r.walkers {
		r.walkers[i].nearSearch = nil
	}
	rooms.Put(r)
}

// question gives one whose memory is free.
func (r *room) question(i int) *question {
	if i == len(r.questions) {
		r.questions = append(r.questions, new(question))
	}
	return r.questions[i]
}

// walkers gives n of them, which hits asks in the end.
func (s *nearSearch) walkers(n int) []walker {
	all := sized(s.room.walkers, n)
	for i := range all {
		w := &all[i]
		*w = walker{nearSearch: s, hopes: w.hopes[:0], best: w.best[:0], buffers: w.buffers}
	}
	s.room.walkers = all
	return all
}

// ulp is more than what rounding a score to float32 can make of it, relative to it.
const ulp = 1. / (1 << 22)

// raise lets the limit be no less than score, which K rows reach.
func (s *nearSearch) raise(score float64) {
	score -= ulp * math.Abs(score)
	for {
		old := s.limit.Load()
		if math.Float64frombits(old) >= score || s.limit.CompareAndSwap(old, math.Float64bits(score)) {
			return
		}
	}
}

func (s *nearSearch) least() float64 { return math.Float64frombits(s.limit.Load()) }

// keeps tells whether a row may be a hit.
func (s *nearSearch) keeps(row int) bool {
	return s.o.Keep == nil || s.o.Keep[row/64]>>(row%64)&1 != 0
}

// newNearSearch prepares a query, of which few says whether o keeps few rows; ok is false
// where the copies are of no use for it.
func newNearSearch(m Matrix, q []float32, o *Options, few bool) (s *nearSearch, ok bool) {
	s = &nearSearch{m: m, q: q, o: o, trust: certain, floor: math.Inf(-1), room: rooms.Get().(*room)}
	visits, questions := &s.room.visits, 0
	visits.heap, visits.later = visits.heap[:0], visits.later[:0]
	if o.HasMin {
		s.floor = float64(o.MinScore)
	}
	s.limit.Store(math.Float64bits(math.Inf(-1)))
	s.raise(s.floor)
	switch {
	case o.trust != (trust{}):
		s.trust = o.trust
	case o.Recall > 0 && o.Recall < 1:
		s.trust = m.trustFor(o.Recall, o.K)
	}
	row := 0
	for i, p := range m.Parts {
		s.first = append(s.first, row)
		row += len(p) / m.Dim
		s.asked = append(s.asked, nil)
		c := m.compact(i)
		if c == nil {
			continue
		}
		for j := range i { // a basis is asked once
			if s.asked[j] != nil && m.Compact[j].basis == c.basis {
				s.asked[i] = s.asked[j]
			}
		}
		if s.asked[i] == nil {
			s.asked[i] = s.room.question(questions)
			if questions++; !c.ask(s.asked[i], q, s.trust) {
				return nil, false
			}
		}
		if few {
			s.sweeps = c.addSweeps(s.sweeps, i)
		} else {
			s.room.sums = sized(s.room.sums, len(c.centres.panels)/c.basis.width)
			visits.later = c.addVisits(visits.later, i, s.asked[i], s.room.sums)
		}
	}
	visits.order()
	return s, true
}

// searchCompact is search for one query, by compact copies; ok is false where they are
// of no use for it.
func searchCompact(ctx context.Context, m Matrix, q []float32, o *Options) (hits []Hit, ok bool, err error) {
	s, ok := newNearSearch(m, q, o, o.few(m.Rows()))
	if !ok {
		return nil, false, nil
	}
	walkers := s.walkers(threadsOf(o.Threads))
	var group sync.WaitGroup
	for i := range walkers {
		if i > 0 {
			group.Go(func() { walkers[i].walk(ctx) })
		}
	}
	walkers[0].walk(ctx)
	group.Wait()
	if err := ctx.Err(); err != nil {
		return nil, true, fmt.Errorf("search: %w", err)
	}
	return s.hits(), true, nil
}

// threadsOf is the number of threads that n asks for.
func threadsOf(n int) int {
	if n <= 0 {
		return runtime.GOMAXPROCS(0)
	}
	return n
}

// hits scores what walkers could not rule out, and the rows that are in no list.
func (s *nearSearch) hits() []Hit {
	found := best{options: s.o, floor: float32(s.floor)}
	for i := range s.room.walkers {
		for _, h := range s.room.walkers[i].hopes {
			if h.most >= s.least() {
				found.offer(Hit{h.row, simd.Dot(s.q, s.m.Parts[h.part][(h.row-s.first[h.part])*s.m.Dim:][:s.m.Dim])})
			}
		}
	}
	s.rest(&found)
	slices.SortFunc(found.hits, s.o.compare)
	s.room.leave()
	s.room = nil
	if found.hits == nil {
		return []Hit{}
	}
	return found.hits[:min(len(found.hits), max(0, s.o.K))]
}

// rest offers the rows that are in no list.
func (s *nearSearch) rest(found *best) {
	for i, p := range s.m.Parts {
		from := 0
		if c := s.m.compact(i); c != nil {
			from = c.Rows
			for _, r := range c.odd {
				if row := s.first[i] + int(r); s.keeps(row) {
					found.offer(Hit{row, simd.Dot(s.q, p[int(r)*s.m.Dim:][:s.m.Dim])})
				}
			}
		}
		end := len(p) / s.m.Dim
		for a, b := range s.o.runs(s.first[i]+from, s.first[i]+end) {
			scores := make([]float32, b-a)
			simd.Dots(s.q, p[(a-s.first[i])*s.m.Dim:(b-s.first[i])*s.m.Dim], scores)
			for j, score := range scores {
				found.offer(Hit{a + j, score})
			}
		}
	}
}

// hope is a row that may be a hit.
type hope struct {
	part, row int
	most      float64 // what it can score at most
}

// walker looks through lists, one after another.
type walker struct {
	*nearSearch
	hopes []hope
	best  []float64 // a heap of the K best of what rows score at least, the worst first
	buffers
	seen     int // rows whose coordinates were looked at,
	survived int // and of these those that were not ruled out
	near     int // lists near the query that were looked through
}

// buffers are what looking through a list needs.
type buffers struct {
	sums     []int32
	bits     []uint16
	left     []uint32 // rows that bits has left
	leftSums []int32
	nearest  []int64
}

// clear makes room for a list.
func (b *buffers) clear(l *list) (first, end int) {
	first, end = l.positions()
	b.sums = slices.Grow(b.sums[:0], end-first)[:end-first]
	b.bits = slices.Grow(b.bits[:0], (end-first)/simd.PanelRows)[:(end-first)/simd.PanelRows]
	return first, end
}

// walk looks through lists until none is left that may hold a hit.
func (w *walker) walk(ctx context.Context) {
	w.sweep(ctx)
	for ctx.Err() == nil {
		w.mu.Lock()
		v, ok := w.room.visits.next(w.least())
		w.mu.Unlock()
		if !ok {
			return
		}
		if w.sifted(v) {
			continue
		}
		if w.useless() {
			w.wholeList(v)
		} else {
			w.list(v)
		}
	}
}

// sifted looks through a list of which the filter keeps so few rows that these alone are
// looked at; false where it keeps more.
func (w *walker) sifted(v visit) bool {
	if w.o.Keep == nil {
		return false
	}
	c, part := w.m.Compact[v.part], int(v.part)
	l := &c.lists[v.list]
	first, _ := l.positions()
	w.left = w.left[:0]
	keep, from, most := w.o.Keep, uint(w.first[part]), int(l.count)/siftShare
	for at, r := range c.row[first : first+int(l.count)] {
		row := from + uint(r)
		if int(r) >= c.Rows || keep[row/64]>>(row%64)&1 == 0 {
			continue
		}
		if len(w.left) == most {
			return false
		}
		w.left = append(w.left, uint32(first+at))
	}
	w.whole(c, w.asked[v.part], l, part)
	return true
}

// siftShare of a list's rows are looked at sooner by themselves than all by coordinates.
const siftShare = 16

// useless tells that coordinates rule out too little: they only cost time.
func (w *walker) useless() bool { return w.seen > 1024 && w.survived > w.seen/4 }

// list looks through one list, by coordinates and then by whole codes.
func (w *walker) list(v visit) {
	c, t := w.m.Compact[v.part], w.asked[v.part]
	l := &c.lists[v.list]
	first, end := w.clear(l)
	width := c.basis.width
	simd.PanelSums(t.bytes, c.panels[first*width:end*width], w.sums)
	counts := len(w.best) >= w.o.K
	if w.left = w.left[:0]; !counts {
		w.lead(c, t, l, int(v.part))
	}
	left := t.rest
	if w.trust.near > w.trust.rest && w.near < nearLists {
		w.near++
		left, counts = t.near, false
	}
	t.reachPlaces(c, l, left, v.middle, w.sums, w.least(), w.bits)
	for _, at := range w.left {
		at -= uint32(first)
		w.bits[at/simd.PanelRows] &^= 1 << (at % simd.PanelRows)
	}
	if counts {
		w.seen += int(l.count)
	}
	w.rows(c, t, l, int(v.part))
	if counts {
		w.survived += len(w.left)
	}
}

// lead looks at the whole codes of the K rows of a list that its coordinates hold nearest: while
// fewer than K rows are known, no other can be ruled out. It leaves them in w.left.
func (w *walker) lead(c *Compact, t *question, l *list, part int) {
	if w.o.K <= 0 || w.o.K >= int(l.count) {
		return
	}
	first, _ := l.positions()
	near := w.nearest[:0] // ascending: sums above, positions below
	for i, sum := range w.sums[:l.count] {
		x := int64(sum)<<32 | int64(first+i)
		if len(near) == w.o.K && x < near[0] {
			continue
		}
		if row := int(c.row[first+i]); row >= c.Rows || !w.keeps(w.first[part]+row) {
			continue
		}
		at, _ := slices.BinarySearch(near, x)
		if len(near) < w.o.K {
			near = slices.Insert(near, at, x)
		} else {
			copy(near, near[1:at])
			near[at-1] = x
		}
	}
	for _, x := range near {
		w.left = append(w.left, uint32(x))
	}
	w.nearest = near
	w.whole(c, t, l, part)
}

// wholeList looks through one list by whole codes alone.
func (w *walker) wholeList(v visit) {
	c, t := w.m.Compact[v.part], w.asked[v.part]
	l := &c.lists[v.list]
	first, end := w.clear(l)
	simd.WideDots(t.words, c.codes[first*c.stride:end*c.stride], w.sums)
	t.reachWhole(c, l, w.sums, w.least(), w.bits)
	for at := range set(w.bits) {
		w.hope(c, t, l, int(v.part), first+at, w.sums[at])
	}
}

// rows looks at the whole codes of the rows that w.bits has left of a list.
func (w *walker) rows(c *Compact, t *question, l *list, part int) {
	first, _ := l.positions()
	w.left = w.left[:0]
	for at := range set(w.bits) {
		if row := int(c.row[first+at]); row < c.Rows && w.keeps(w.first[part]+row) {
			w.left = append(w.left, uint32(first+at))
		}
	}
	w.whole(c, t, l, part)
}

// whole looks at the whole codes of the rows that are left of a list.
func (w *walker) whole(c *Compact, t *question, l *list, part int) {
	w.sumLeft(c, t)
	for i, at := range w.left {
		w.hope(c, t, l, part, int(at), w.leftSums[i])
	}
}

// sumLeft sums up the whole codes of the rows that are left.
func (w *walker) sumLeft(c *Compact, t *question) {
	w.leftSums = slices.Grow(w.leftSums[:0], len(w.left))[:len(w.left)]
	simd.WideDotsAt(t.words, c.codes, w.left, w.leftSums)
}

// hope keeps a row that may be a hit, by the sum of its whole code.
func (w *walker) hope(c *Compact, t *question, l *list, part, at int, sum int32) {
	least, most := t.bounds(c, l, at, sum)
	if most < w.least() {
		return
	}
	row := w.first[part] + int(c.row[at])
	if int(c.row[at]) >= c.Rows || !w.keeps(row) { // a row past the end is a damaged file's
		return
	}
	w.hopes = append(w.hopes, hope{part, row, most})
	w.offer(least)
}

// set yields the bits that are set.
func set(words []uint16) func(yield func(i int) bool) {
	return func(yield func(i int) bool) {
		for i, word := range words {
			for ; word != 0; word &= word - 1 {
				if !yield(16*i + bits.TrailingZeros16(word)) {
					return
				}
			}
		}
	}
}

// offer takes note that a row scores at least so much.
func (w *walker) offer(least float64) {
	k := w.o.K
	if len(w.best) < k {
		w.best = append(w.best, least)
		if len(w.best) < k {
			return
		}
		for i := k/2 - 1; i >= 0; i-- {
			w.sink(i)
		}
		w.raise(w.best[0])
		return
	}
	if k <= 0 || least <= w.best[0] {
		return
	}
	w.best[0] = least
	w.sink(0)
	w.raise(w.best[0])
}

func (w *walker) sink(i int) {
	for {
		small := i
		for child := 2*i + 1; child <= 2*i+2 && child < len(w.best); child++ {
			if w.best[child] < w.best[small] {
				small = child
			}
		}
		if small == i {
			return
		}
		w.best[i], w.best[small] = w.best[small], w.best[i]
		i = small
	}
}

// visit is a list that may hold a hit.
type visit struct {
	part, list int32
	middle     float64 // score of its middle, without the mean's
	bound      float64 // no row of the list scores more
}

// visits are the lists that are still to be looked through: those that promise most as
// a heap, the highest bound first, and the others as they came.
type visits struct {
	heap  []visit
	later []visit
}

// promising is how far below the highest bound lists are ordered at first. Most searches
// end before they come to the others, and then these were never ordered.
const promising = 0.2

// order begins the heap.
func (v *visits) order() {
	most := math.Inf(-1)
	for i := range v.later {
		if b := v.later[i].bound; b > most {
			most = b
		}
	}
	kept := v.later[:0]
	for _, l := range v.later {
		if l.bound >= most-promising {
			v.heap = append(v.heap, l)
		} else {
			kept = append(kept, l)
		}
	}
	v.later = kept
	v.heapify()
}

func (v *visits) heapify() {
	for i := len(v.heap)/2 - 1; i >= 0; i-- {
		v.sink(i)
	}
}

// next takes the visit with the highest bound, where that reaches limit.
func (v *visits) next(limit float64) (visit, bool) {
	if len(v.heap) == 0 {
		v.heap, v.later = append(v.heap, v.later...), v.later[:0]
		v.heapify()
	}
	if len(v.heap) == 0 || v.heap[0].bound < limit {
		return visit{}, false
	}
	first, last := v.heap[0], len(v.heap)-1
	v.heap[0] = v.heap[last]
	v.heap = v.heap[:last]
	v.sink(0)
	return first, true
}

// each yields the visits that are left.
func (v *visits) each(yield func(visit) bool) {
	for _, all := range [][]visit{v.heap, v.later} {
		for _, l := range all {
			if !yield(l) {
				return
			}
		}
	}
}

func (v *visits) sink(i int) {
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
