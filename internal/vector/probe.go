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

// compactSearch answers one query from the compact copies. Lists are probed in the order of
// their upper bounds, rows are ruled out by their own upper bounds, and the candidates that
// remain are scored from the vectors themselves.
type compactSearch struct {
	m       Matrix
	q       []float32
	o       *Options
	scale   boundScale
	first   []int            // row of each part
	queries []*preparedQuery // of each part; nil for one without a compact copy
	floor   float64          // minimum score of a hit

	ranges    []rowRange // scanned instead of the probe list, where a filter is selective
	nextRange atomic.Int64

	mu      sync.Mutex
	scratch *scratch      // nil when the search is over
	limit   atomic.Uint64 // float64 bits: a row with a lower upper bound is no hit
}

// scratch is the memory of a search. It is pooled: clearing new memory would cost more than
// filling it.
type scratch struct {
	probes  probeList
	sums    []int32 // of a part's centres
	queries []*preparedQuery
	probers []prober
}

var scratchPool = sync.Pool{New: func() any { return new(scratch) }}

// release returns the memory to the pool.
func (r *scratch) release() {
	for i := range r.probers {
		r.probers[i].compactSearch = nil
	}
	scratchPool.Put(r)
}

// query returns query i, in memory that is free to be overwritten.
func (r *scratch) query(i int) *preparedQuery {
	if i == len(r.queries) {
		r.queries = append(r.queries, new(preparedQuery))
	}
	return r.queries[i]
}

// newProbers returns n probers, whose candidates hits collects.
func (s *compactSearch) newProbers(n int) []prober {
	all := sized(s.scratch.probers, n)
	for i := range all {
		w := &all[i]
		*w = prober{compactSearch: s, candidates: w.candidates[:0], lowerBounds: w.lowerBounds[:0], buffers: w.buffers}
	}
	s.scratch.probers = all
	return all
}

// ulp exceeds the relative error of a score that is rounded to float32.
const ulp = 1. / (1 << 22)

// raiseLimit raises the limit to score, which K rows are known to reach.
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

// keeps reports whether the filter keeps a row.
func (s *compactSearch) keeps(row int) bool {
	return s.o.Keep == nil || s.o.Keep[row/64]>>(row%64)&1 != 0
}

// keepsAt reports whether the filter keeps the row at a position of a part's copy. A row past the end, which only a
// damaged file has, is not kept.
func (s *compactSearch) keepsAt(c *Compact, part, at int) bool {
	row := int(c.row[at])
	return row < c.Rows && s.keeps(s.first[part]+row)
}

// newSearch is a search of which nothing is prepared but its limit.
func newSearch(m Matrix, q []float32, o *Options) *compactSearch {
	s := &compactSearch{m: m, q: q, o: o, scale: exactBounds, floor: math.Inf(-1), scratch: scratchPool.Get().(*scratch)}
	if o.HasMin {
		s.floor = float64(o.MinScore)
	}
	s.limit.Store(math.Float64bits(math.Inf(-1)))
	s.raiseLimit(s.floor)
	return s
}

// newCompactSearch prepares a query for a search by lists. selective says that o keeps few rows. ok is false where the
// copies cannot bound the query's scores.
func newCompactSearch(m Matrix, q []float32, o *Options, selective bool) (s *compactSearch, ok bool) {
	s = newSearch(m, q, o)
	probes, queries := &s.scratch.probes, 0
	probes.heap, probes.unsorted = probes.heap[:0], probes.unsorted[:0]
	s.scale = o.bounds(m)
	row := 0
	for i, p := range m.Parts {
		s.first = append(s.first, row)
		row += len(p) / m.Dim
		s.queries = append(s.queries, nil)
		c := m.compact(i)
		if c == nil {
			continue
		}
		if t := o.prepared; t != nil && t.basis == c.basis {
			s.queries[i] = t
		}
		for j := range i { // parts that share a basis share the prepared query
			if s.queries[j] != nil && m.Compact[j].basis == c.basis {
				s.queries[i] = s.queries[j]
			}
		}
		if s.queries[i] == nil {
			s.queries[i] = s.scratch.query(queries)
			if queries++; !c.prepare(s.queries[i], q, s.scale) {
				return nil, false
			}
		}
		if selective {
			s.ranges = c.addRanges(s.ranges, i)
		} else {
			s.scratch.sums = sized(s.scratch.sums, len(c.centres.panels)/c.basis.width)
			probes.unsorted = c.addProbes(probes.unsorted, i, s.queries[i], s.scratch.sums)
		}
	}
	probes.sort()
	return s, true
}

// searchCompact is search for one query, by compact copies. ok is false where they cannot bound
// the query's scores.
func searchCompact(ctx context.Context, m Matrix, q []float32, o *Options) (hits []Hit, ok bool, err error) {
	if parts := o.byParts(m); parts != nil {
		return searchParts(ctx, parts, q, o)
	}
	if hits, ok := searchGraph(ctx, m, q, o); ok {
		return hits, true, nil
	}
	return searchLists(ctx, m, q, o)
}

// searchLists is searchCompact by lists.
func searchLists(ctx context.Context, m Matrix, q []float32, o *Options) (hits []Hit, ok bool, err error) {
	s, ok := newCompactSearch(m, q, o, o.selective(m.Rows()))
	if !ok {
		return nil, false, nil
	}
	probers := s.newProbers(threadsOf(o.Threads))
	var group disk.Group
	for i := range probers {
		if i > 0 {
			group.Go(func() { probers[i].run(ctx) })
		}
	}
	group.Do(func() { probers[0].run(ctx) })
	group.Wait()
	if err := ctx.Err(); err != nil {
		return nil, true, fmt.Errorf("search: %w", err)
	}
	return s.hits(), true, nil
}

// threadsOf returns n, or GOMAXPROCS where n is 0.
func threadsOf(n int) int {
	if n <= 0 {
		return runtime.GOMAXPROCS(0)
	}
	return n
}

// hits scores the candidates that remain, and the rows that are in no list.
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

// remainingCandidates returns the candidates of all probers that can still reach the limit. More than K of them are
// sorted by upper bound: the scores of the first rule out others.
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

// offerUnlisted scores the rows that are in no list.
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

// candidate is a row that may be a hit.
type candidate struct {
	part, row int
	upper     float64 // bound of its score
}

// prober scans lists, one after another.
type prober struct {
	*compactSearch
	candidates  []candidate
	lowerBounds []float64 // a heap of the K greatest lower bounds, the least first
	buffers
	scanned     int // rows whose coordinate codes were read,
	survived    int // and those among them that were not ruled out
	probedFirst int // lists that were scanned with firstResidual
}

// buffers are the memory for scanning a list.
type buffers struct {
	sums          []int32
	bits          []uint16 // marks of rows that can reach the limit
	remaining     []uint32 // positions of the marked rows that the filter keeps
	remainingSums []int32
	firstLists    firstLists
	beam          beam
}

// clear resizes the buffers for a list.
func (b *buffers) clear(l *list) (first, end int) {
	first, end = l.span()
	b.sums, b.bits = sized(b.sums, end-first), sized(b.bits, (end-first)/simd.PanelRows)
	return first, end
}

// run scans lists until none remains that may hold a hit.
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

// next takes the list with the highest bound, if that reaches limit.
func (w *prober) next(limit float64) (probe, bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.scratch.probes.pop(limit)
}

// scanSelected scans only the rows that the filter keeps of a list. It returns false, and scans
// none, where they are too many for that.
func (w *prober) scanSelected(v probe) bool {
	if w.o.Keep == nil {
		return false
	}
	c, part := w.m.Compact[v.part], int(v.part)
	l := &c.lists[v.list]
	first, _ := l.span()
	w.remaining = w.remaining[:0]
	keep, from, limit := w.o.Keep, uint(w.first[part]), int(l.count)/selectedShare
	for at, r := range c.row[first : first+int(l.count)] {
		row := from + uint(r)
		if int(r) >= c.Rows || keep[row/64]>>(row%64)&1 == 0 {
			continue
		}
		if len(w.remaining) == limit {
			return false
		}
		w.remaining = append(w.remaining, uint32(first+at))
	}
	w.scanRemaining(c, w.queries[v.part], l, part)
	return true
}

// selectedShare: up to one row in so many, scanning the kept rows of a list is faster than
// scanning all its coordinates.
const selectedShare = 16

// coarse reports that coordinates rule out too few rows to pay for themselves.
func (w *prober) coarse() bool { return w.scanned > 1024 && w.survived > w.scanned/4 }

// scanList scans a list, by coordinates and then by full codes.
func (w *prober) scanList(v probe) {
	c := w.m.Compact[v.part]
	if c.whole() {
		w.scanCodes(v)
		return
	}
	l := &c.lists[v.list]
	w.clear(l)
	c.sumCoordinates(w.queries[v.part], l, w.sums)
	w.scanCoordinates(v, w.sums, nil)
}

// scanCoordinates scans a list, given the sums of its coordinate codes, except for the positions in seen.
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

// scanCodes scans a list by full codes alone.
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

// scanMarked reads the full codes of the rows of a list that w.bits marks.
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

// scanRemaining reads the full codes of a list's remaining rows.
func (w *prober) scanRemaining(c *Compact, t *preparedQuery, l *list, part int) {
	w.sumRemaining(c, t)
	for i, at := range w.remaining {
		w.consider(c, t, l, part, int(at), w.remainingSums[i])
	}
}

// sumRemaining sums up the full codes of the remaining rows.
func (w *prober) sumRemaining(c *Compact, t *preparedQuery) {
	w.remainingSums = slices.Grow(w.remainingSums[:0], len(w.remaining))[:len(w.remaining)]
	simd.WideDotsAt(t.code, c.codes, w.remaining, w.remainingSums)
}

// consider makes a row a candidate if it can reach the limit, by the sum of its full code.
func (w *prober) consider(c *Compact, t *preparedQuery, l *list, part, at int, sum int32) {
	lower, upper := t.bounds(c, l, at, sum)
	if upper < w.lowerLimit() || !w.keepsAt(c, part, at) {
		return
	}
	w.candidates = append(w.candidates, candidate{part, w.first[part] + int(c.row[at]), upper})
	w.offer(lower)
}

// setBits yields the bits that are set.
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

// offer records that a row scores at least that much.
func (w *prober) offer(lower float64) {
	var kept bool
	if w.lowerBounds, kept = pushGreatest(w.lowerBounds, w.o.K, lower); kept && len(w.lowerBounds) == w.o.K {
		w.raiseLimit(w.lowerBounds[0])
	}
}

// pushGreatest adds x if it is among the k greatest. From k values on they are a heap with the least at the root.
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

// sink moves an element down to its place in a heap with the least at the root.
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
