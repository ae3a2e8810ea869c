package vector

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"math/bits"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"

	"github.com/akin-search/akin/internal/disk"
	"github.com/akin-search/akin/internal/simd"
)

// nearSearch answers one query from the compact copies. Lists are looked through in the
// order of what they promise, rows are ruled out by what they can score at most, and
// those that are left are scored from the rows themselves.
type compactSearch struct {
	m       Matrix
	q       []float32
	o       *Options
	scale   boundScale
	first   []int            // row of each part
	queries []*preparedQuery // of each part; nil for one without a compact copy
	floor   float64          // least score of a hit

	ranges    []rowRange // instead of visits, where a filter keeps few rows
	nextRange atomic.Int64

	mu      sync.Mutex
	scratch *scratch      // nil when the search is over
	limit   atomic.Uint64 // float64 bits: what a row must be able to reach
}

// room is the memory of a search, kept for the next one: clearing it anew would cost more than
// filling it.
type scratch struct {
	probes  probeList
	sums    []int32 // of a part's middles
	queries []*preparedQuery
	probers []prober
}

var scratchPool = sync.Pool{New: func() any { return new(scratch) }}

// leave makes room for another search.
func (r *scratch) release() {
	for i := range r.probers {
		r.probers[i].compactSearch = nil
	}
	scratchPool.Put(r)
}

// question gives one whose memory is free.
func (r *scratch) query(i int) *preparedQuery {
	if i == len(r.queries) {
		r.queries = append(r.queries, new(preparedQuery))
	}
	return r.queries[i]
}

// walkers gives n of them, which hits asks in the end.
func (s *compactSearch) newProbers(n int) []prober {
	all := sized(s.scratch.probers, n)
	for i := range all {
		w := &all[i]
		*w = prober{compactSearch: s, candidates: w.candidates[:0], lowerBounds: w.lowerBounds[:0], buffers: w.buffers}
	}
	s.scratch.probers = all
	return all
}

// ulp is more than what rounding a score to float32 can make of it, relative to it.
const ulp = 1. / (1 << 22)

// raise lets the limit be no less than score, which K rows reach.
func (s *compactSearch) raiseLimit(score float64) {
	score -= ulp * math.Abs(score)
	for {
		old := s.limit.Load()
		if math.Float64frombits(old) >= score || s.limit.CompareAndSwap(old, math.Float64bits(score)) {
			return
		}
	}
}

func (s *compactSearch) lowerLimit() float64 { return math.Float64frombits(s.limit.Load()) }

// keeps tells whether a row may be a hit.
func (s *compactSearch) keeps(row int) bool {
	return s.o.Keep == nil || s.o.Keep[row/64]>>(row%64)&1 != 0
}

// keepsAt tells whether the row at a position of a part's copy may be a hit; one past the end is a damaged file's.
func (s *compactSearch) keepsAt(c *Compact, part, at int) bool {
	row := int(c.row[at])
	return row < c.Rows && s.keeps(s.first[part]+row)
}

// newNearSearch prepares a query, of which few says whether o keeps few rows; ok is false
// where the copies are of no use for it.
func newCompactSearch(m Matrix, q []float32, o *Options, few bool) (s *compactSearch, ok bool) {
	s = &compactSearch{m: m, q: q, o: o, scale: exactBounds, floor: math.Inf(-1), scratch: scratchPool.Get().(*scratch)}
	visits, questions := &s.scratch.probes, 0
	visits.heap, visits.unsorted = visits.heap[:0], visits.unsorted[:0]
	if o.HasMin {
		s.floor = float64(o.MinScore)
	}
	s.limit.Store(math.Float64bits(math.Inf(-1)))
	s.raiseLimit(s.floor)
	switch {
	case o.scale != (boundScale{}):
		s.scale = o.scale
	case o.Recall > 0 && o.Recall < 1:
		s.scale = m.scaleFor(o.Recall, o.K)
	}
	row := 0
	for i, p := range m.Parts {
		s.first = append(s.first, row)
		row += len(p) / m.Dim
		s.queries = append(s.queries, nil)
		c := m.compact(i)
		if c == nil {
			continue
		}
		for j := range i { // a basis is asked once
			if s.queries[j] != nil && m.Compact[j].basis == c.basis {
				s.queries[i] = s.queries[j]
			}
		}
		if s.queries[i] == nil {
			s.queries[i] = s.scratch.query(questions)
			if questions++; !c.prepare(s.queries[i], q, s.scale) {
				return nil, false
			}
		}
		if few {
			s.ranges = c.addRanges(s.ranges, i)
		} else {
			s.scratch.sums = sized(s.scratch.sums, len(c.centres.panels)/c.basis.width)
			visits.unsorted = c.addProbes(visits.unsorted, i, s.queries[i], s.scratch.sums)
		}
	}
	visits.sort()
	return s, true
}

// searchCompact is search for one query, by compact copies; ok is false where they are
// of no use for it.
func searchCompact(ctx context.Context, m Matrix, q []float32, o *Options) (hits []Hit, ok bool, err error) {
	s, ok := newCompactSearch(m, q, o, o.selective(m.Rows()))
	if !ok {
		return nil, false, nil
	}
	walkers := s.newProbers(threadsOf(o.Threads))
	var group disk.Group
	for i := range walkers {
		if i > 0 {
			group.Go(func() { walkers[i].run(ctx) })
		}
	}
	group.Do(func() { walkers[0].run(ctx) })
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
func (s *compactSearch) hits() []Hit {
	found := best{options: s.o, floor: float32(s.floor)}
	for four := range slices.Chunk(s.remainingCandidates(), 4) {
		if four[0].upper < s.lowerLimit() {
			break
		}
		var rows [4][]float32
		for i := range rows {
			h := four[i%len(four)]
			rows[i] = s.m.Parts[h.part][(h.row-s.first[h.part])*s.m.Dim:][:s.m.Dim]
		}
		scores := simd.DotsOf(s.q, &rows)
		for i, h := range four {
			found.offer(Hit{h.row, scores[i]})
		}
		if s.o.K > 0 && len(found.hits) == s.o.K {
			s.raiseLimit(float64(found.hits[0].Score))
		}
	}
	s.offerUnlisted(&found)
	slices.SortFunc(found.hits, s.o.compare)
	s.scratch.release()
	s.scratch = nil
	if found.hits == nil {
		return []Hit{}
	}
	return found.hits[:min(len(found.hits), max(0, s.o.K))]
}

// hopes are all walkers' hopes that are left. Where these are more than K, they come in the order of what they can
// score, for what the first score rules others out.
func (s *compactSearch) remainingCandidates() []candidate {
	all := s.scratch.probers[0].candidates[:0]
	for i := range s.scratch.probers {
		for _, h := range s.scratch.probers[i].candidates {
			if h.upper >= s.lowerLimit() {
				all = append(all, h)
			}
		}
	}
	s.scratch.probers[0].candidates = all
	if len(all) > s.o.K {
		slices.SortFunc(all, func(a, b candidate) int { return cmp.Compare(b.upper, a.upper) })
	}
	return all
}

// rest offers the rows that are in no list.
func (s *compactSearch) offerUnlisted(found *best) {
	for i, p := range s.m.Parts {
		from := 0
		if c := s.m.compact(i); c != nil {
			from = c.Rows
			for _, r := range c.outliers {
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
type candidate struct {
	part, row int
	upper     float64 // what it can score at most
}

// walker looks through lists, one after another.
type prober struct {
	*compactSearch
	candidates  []candidate
	lowerBounds []float64 // a heap of the K best of what rows score at least, the worst first
	buffers
	scanned     int // rows whose coordinates were looked at,
	survived    int // and of these those that were not ruled out
	probedFirst int // lists near the query that were looked through
}

// buffers are what looking through a list needs.
type buffers struct {
	sums          []int32
	bits          []uint16
	remaining     []uint32 // rows that bits has left
	remainingSums []int32
	firstLists    firstLists
}

// clear makes room for a list.
func (b *buffers) clear(l *list) (first, end int) {
	first, end = l.span()
	b.sums, b.bits = sized(b.sums, end-first), sized(b.bits, (end-first)/simd.PanelRows)
	return first, end
}

// walk looks through lists until none is left that may hold a hit.
func (w *prober) run(ctx context.Context) {
	w.scanRanges(ctx)
	w.probeFirst(ctx, firstListCount)
	for ctx.Err() == nil {
		v, ok := w.next(w.lowerLimit())
		if !ok {
			return
		}
		if w.scanSelected(v) {
			continue
		}
		if w.coarse() {
			w.scanCodes(v)
		} else {
			w.scanList(v)
		}
	}
}

// next takes the list that promises most, where that reaches limit.
func (w *prober) next(limit float64) (probe, bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.scratch.probes.pop(limit)
}

// sifted looks through a list of which the filter keeps so few rows that these alone are
// looked at; false where it keeps more.
func (w *prober) scanSelected(v probe) bool {
	if w.o.Keep == nil {
		return false
	}
	c, part := w.m.Compact[v.part], int(v.part)
	l := &c.lists[v.list]
	first, _ := l.span()
	w.remaining = w.remaining[:0]
	keep, from, most := w.o.Keep, uint(w.first[part]), int(l.count)/selectedShare
	for at, r := range c.row[first : first+int(l.count)] {
		row := from + uint(r)
		if int(r) >= c.Rows || keep[row/64]>>(row%64)&1 == 0 {
			continue
		}
		if len(w.remaining) == most {
			return false
		}
		w.remaining = append(w.remaining, uint32(first+at))
	}
	w.scanRemaining(c, w.queries[v.part], l, part)
	return true
}

// siftShare of a list's rows are looked at sooner by themselves than all by coordinates.
const selectedShare = 16

// useless tells that coordinates rule out too little: they only cost time.
func (w *prober) coarse() bool { return w.scanned > 1024 && w.survived > w.scanned/4 }

// list looks through one list, by coordinates and then by whole codes.
func (w *prober) scanList(v probe) {
	c := w.m.Compact[v.part]
	l := &c.lists[v.list]
	w.clear(l)
	c.sumCoordinates(w.queries[v.part], l, w.sums)
	w.scanCoordinates(v, w.sums, nil)
}

// placed looks through a list whose coordinates are summed up, but for the positions in seen.
func (w *prober) scanCoordinates(v probe, sums []int32, seen []uint32) {
	c, t := w.m.Compact[v.part], w.queries[v.part]
	l := &c.lists[v.list]
	counts, left := len(w.lowerBounds) >= w.o.K, t.residual
	if w.scale.firstResidual > w.scale.residual && w.probedFirst < probedFirstLists {
		w.probedFirst++
		left, counts = t.firstResidual, false
	}
	w.bits = sized(w.bits, len(sums)/simd.PanelRows)
	t.markByCoordinates(c, l, left, v.centre, sums, w.lowerLimit(), w.bits)
	first, _ := l.span()
	for _, at := range seen {
		at -= uint32(first)
		w.bits[at/simd.PanelRows] &^= 1 << (at % simd.PanelRows)
	}
	w.scanMarked(c, t, l, int(v.part))
	if counts {
		w.scanned += int(l.count)
		w.survived += len(w.remaining)
	}
}

// wholeList looks through one list by whole codes alone.
func (w *prober) scanCodes(v probe) {
	c, t := w.m.Compact[v.part], w.queries[v.part]
	l := &c.lists[v.list]
	first, end := w.clear(l)
	simd.WideDots(t.code, c.codes[first*c.stride:end*c.stride], w.sums)
	t.markByCode(c, l, w.sums, w.lowerLimit(), w.bits)
	for at := range setBits(w.bits) {
		w.consider(c, t, l, int(v.part), first+at, w.sums[at])
	}
}

// rows looks at the whole codes of the rows that w.bits has left of a list.
func (w *prober) scanMarked(c *Compact, t *preparedQuery, l *list, part int) {
	first, _ := l.span()
	w.remaining = w.remaining[:0]
	for at := range setBits(w.bits) {
		if w.keepsAt(c, part, first+at) {
			w.remaining = append(w.remaining, uint32(first+at))
		}
	}
	w.scanRemaining(c, t, l, part)
}

// whole looks at the whole codes of the rows that are left of a list.
func (w *prober) scanRemaining(c *Compact, t *preparedQuery, l *list, part int) {
	w.sumRemaining(c, t)
	for i, at := range w.remaining {
		w.consider(c, t, l, part, int(at), w.remainingSums[i])
	}
}

// sumLeft sums up the whole codes of the rows that are left.
func (w *prober) sumRemaining(c *Compact, t *preparedQuery) {
	w.remainingSums = slices.Grow(w.remainingSums[:0], len(w.remaining))[:len(w.remaining)]
	simd.WideDotsAt(t.code, c.codes, w.remaining, w.remainingSums)
}

// hope keeps a row that may be a hit, by the sum of its whole code.
func (w *prober) consider(c *Compact, t *preparedQuery, l *list, part, at int, sum int32) {
	least, most := t.bounds(c, l, at, sum)
	if most < w.lowerLimit() || !w.keepsAt(c, part, at) {
		return
	}
	w.candidates = append(w.candidates, candidate{part, w.first[part] + int(c.row[at]), most})
	w.offer(least)
}

// set yields the bits that are set.
func setBits(words []uint16) func(yield func(i int) bool) {
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
func (w *prober) offer(least float64) {
	var kept bool
	if w.lowerBounds, kept = pushGreatest(w.lowerBounds, w.o.K, least); kept && len(w.lowerBounds) == w.o.K {
		w.raiseLimit(w.lowerBounds[0])
	}
}

// keepGreatest adds x where it is among the k greatest. From k on they are a heap, the least the first.
func pushGreatest[T cmp.Ordered](heap []T, k int, x T) (_ []T, kept bool) {
	if len(heap) < k {
		heap = append(heap, x)
		if len(heap) == k {
			for i := k/2 - 1; i >= 0; i-- {
				sink(heap, i)
			}
		}
		return heap, true
	}
	if k <= 0 || x <= heap[0] {
		return heap, false
	}
	heap[0] = x
	sink(heap, 0)
	return heap, true
}

// sink lets an element go down to its place in a heap whose least is the first.
func sink[T cmp.Ordered](heap []T, i int) {
	for {
		small := i
		for child := 2*i + 1; child <= 2*i+2 && child < len(heap); child++ {
			if heap[child] < heap[small] {
				small = child
			}
		}
		if small == i {
			return
		}
		heap[i], heap[small] = heap[small], heap[i]
		i = small
	}
}
