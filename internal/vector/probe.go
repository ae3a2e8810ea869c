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
	m     Matrix
	q     []float32
	o     *Options
	trust boundScale
	first []int            // row of each part
	asked []*preparedQuery // of each part; nil for one without a compact copy
	floor float64          // least score of a hit

	sweeps []rowRange // instead of visits, where a filter keeps few rows
	swept  atomic.Int64

	mu    sync.Mutex
	room  *scratch      // nil when the search is over
	limit atomic.Uint64 // float64 bits: what a row must be able to reach
}

// room is the memory of a search, kept for the next one: clearing it anew would cost more than
// filling it.
type scratch struct {
	visits    probeList
	sums      []int32 // of a part's middles
	questions []*preparedQuery
	walkers   []prober
}

var scratchPool = sync.Pool{New: func() any { return new(scratch) }}

// leave makes room for another search.
func (r *scratch) leave() {
	for i := range r.walkers {
		r.walkers[i].compactSearch = nil
	}
	scratchPool.Put(r)
}

// question gives one whose memory is free.
func (r *scratch) question(i int) *preparedQuery {
	if i == len(r.questions) {
		r.questions = append(r.questions, new(preparedQuery))
	}
	return r.questions[i]
}

// walkers gives n of them, which hits asks in the end.
func (s *compactSearch) walkers(n int) []prober {
	all := sized(s.room.walkers, n)
	for i := range all {
		w := &all[i]
		*w = prober{compactSearch: s, hopes: w.hopes[:0], best: w.best[:0], buffers: w.buffers}
	}
	s.room.walkers = all
	return all
}

// ulp is more than what rounding a score to float32 can make of it, relative to it.
const ulp = 1. / (1 << 22)

// raise lets the limit be no less than score, which K rows reach.
func (s *compactSearch) raise(score float64) {
	score -= ulp * math.Abs(score)
	for {
		old := s.limit.Load()
		if math.Float64frombits(old) >= score || s.limit.CompareAndSwap(old, math.Float64bits(score)) {
			return
		}
	}
}

func (s *compactSearch) least() float64 { return math.Float64frombits(s.limit.Load()) }

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
	s = &compactSearch{m: m, q: q, o: o, trust: exactBounds, floor: math.Inf(-1), room: scratchPool.Get().(*scratch)}
	visits, questions := &s.room.visits, 0
	visits.heap, visits.later = visits.heap[:0], visits.later[:0]
	if o.HasMin {
		s.floor = float64(o.MinScore)
	}
	s.limit.Store(math.Float64bits(math.Inf(-1)))
	s.raise(s.floor)
	switch {
	case o.scale != (boundScale{}):
		s.trust = o.scale
	case o.Recall > 0 && o.Recall < 1:
		s.trust = m.scaleFor(o.Recall, o.K)
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
			if questions++; !c.prepare(s.asked[i], q, s.trust) {
				return nil, false
			}
		}
		if few {
			s.sweeps = c.addRanges(s.sweeps, i)
		} else {
			s.room.sums = sized(s.room.sums, len(c.centres.panels)/c.basis.width)
			visits.later = c.addProbes(visits.later, i, s.asked[i], s.room.sums)
		}
	}
	visits.order()
	return s, true
}

// searchCompact is search for one query, by compact copies; ok is false where they are
// of no use for it.
func searchCompact(ctx context.Context, m Matrix, q []float32, o *Options) (hits []Hit, ok bool, err error) {
	s, ok := newCompactSearch(m, q, o, o.selective(m.Rows()))
	if !ok {
		return nil, false, nil
	}
	walkers := s.walkers(threadsOf(o.Threads))
	var group disk.Group
	for i := range walkers {
		if i > 0 {
			group.Go(func() { walkers[i].walk(ctx) })
		}
	}
	group.Do(func() { walkers[0].walk(ctx) })
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
	for four := range slices.Chunk(s.hopes(), 4) {
		if four[0].most < s.least() {
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
			s.raise(float64(found.hits[0].Score))
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

// hopes are all walkers' hopes that are left. Where these are more than K, they come in the order of what they can
// score, for what the first score rules others out.
func (s *compactSearch) hopes() []candidate {
	all := s.room.walkers[0].hopes[:0]
	for i := range s.room.walkers {
		for _, h := range s.room.walkers[i].hopes {
			if h.most >= s.least() {
				all = append(all, h)
			}
		}
	}
	s.room.walkers[0].hopes = all
	if len(all) > s.o.K {
		slices.SortFunc(all, func(a, b candidate) int { return cmp.Compare(b.most, a.most) })
	}
	return all
}

// rest offers the rows that are in no list.
func (s *compactSearch) rest(found *best) {
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
	most      float64 // what it can score at most
}

// walker looks through lists, one after another.
type prober struct {
	*compactSearch
	hopes []candidate
	best  []float64 // a heap of the K best of what rows score at least, the worst first
	buffers
	seen     int // rows whose coordinates were looked at,
	survived int // and of these those that were not ruled out
	near     int // lists near the query that were looked through
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
func (w *prober) walk(ctx context.Context) {
	w.sweep(ctx)
	w.begin(ctx, firstListCount)
	for ctx.Err() == nil {
		v, ok := w.next(w.least())
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

// next takes the list that promises most, where that reaches limit.
func (w *prober) next(limit float64) (probe, bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.room.visits.next(limit)
}

// sifted looks through a list of which the filter keeps so few rows that these alone are
// looked at; false where it keeps more.
func (w *prober) sifted(v probe) bool {
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
	w.whole(c, w.asked[v.part], l, part)
	return true
}

// siftShare of a list's rows are looked at sooner by themselves than all by coordinates.
const selectedShare = 16

// useless tells that coordinates rule out too little: they only cost time.
func (w *prober) useless() bool { return w.seen > 1024 && w.survived > w.seen/4 }

// list looks through one list, by coordinates and then by whole codes.
func (w *prober) list(v probe) {
	c := w.m.Compact[v.part]
	l := &c.lists[v.list]
	w.clear(l)
	c.sumCoordinates(w.asked[v.part], l, w.sums)
	w.placed(v, w.sums, nil)
}

// placed looks through a list whose coordinates are summed up, but for the positions in seen.
func (w *prober) placed(v probe, sums []int32, seen []uint32) {
	c, t := w.m.Compact[v.part], w.asked[v.part]
	l := &c.lists[v.list]
	counts, left := len(w.best) >= w.o.K, t.rest
	if w.trust.near > w.trust.rest && w.near < probedFirstLists {
		w.near++
		left, counts = t.near, false
	}
	w.bits = sized(w.bits, len(sums)/simd.PanelRows)
	t.reachPlaces(c, l, left, v.middle, sums, w.least(), w.bits)
	first, _ := l.span()
	for _, at := range seen {
		at -= uint32(first)
		w.bits[at/simd.PanelRows] &^= 1 << (at % simd.PanelRows)
	}
	w.rows(c, t, l, int(v.part))
	if counts {
		w.seen += int(l.count)
		w.survived += len(w.remaining)
	}
}

// wholeList looks through one list by whole codes alone.
func (w *prober) wholeList(v probe) {
	c, t := w.m.Compact[v.part], w.asked[v.part]
	l := &c.lists[v.list]
	first, end := w.clear(l)
	simd.WideDots(t.words, c.codes[first*c.stride:end*c.stride], w.sums)
	t.reachWhole(c, l, w.sums, w.least(), w.bits)
	for at := range setBits(w.bits) {
		w.hope(c, t, l, int(v.part), first+at, w.sums[at])
	}
}

// rows looks at the whole codes of the rows that w.bits has left of a list.
func (w *prober) rows(c *Compact, t *preparedQuery, l *list, part int) {
	first, _ := l.span()
	w.remaining = w.remaining[:0]
	for at := range setBits(w.bits) {
		if w.keepsAt(c, part, first+at) {
			w.remaining = append(w.remaining, uint32(first+at))
		}
	}
	w.whole(c, t, l, part)
}

// whole looks at the whole codes of the rows that are left of a list.
func (w *prober) whole(c *Compact, t *preparedQuery, l *list, part int) {
	w.sumLeft(c, t)
	for i, at := range w.remaining {
		w.hope(c, t, l, part, int(at), w.remainingSums[i])
	}
}

// sumLeft sums up the whole codes of the rows that are left.
func (w *prober) sumLeft(c *Compact, t *preparedQuery) {
	w.remainingSums = slices.Grow(w.remainingSums[:0], len(w.remaining))[:len(w.remaining)]
	simd.WideDotsAt(t.words, c.codes, w.remaining, w.remainingSums)
}

// hope keeps a row that may be a hit, by the sum of its whole code.
func (w *prober) hope(c *Compact, t *preparedQuery, l *list, part, at int, sum int32) {
	least, most := t.bounds(c, l, at, sum)
	if most < w.least() || !w.keepsAt(c, part, at) {
		return
	}
	w.hopes = append(w.hopes, candidate{part, w.first[part] + int(c.row[at]), most})
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
	if w.best, kept = pushGreatest(w.best, w.o.K, least); kept && len(w.best) == w.o.K {
		w.raise(w.best[0])
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
