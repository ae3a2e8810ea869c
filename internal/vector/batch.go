package vector

import (
	"context"
	"fmt"
	"math"
	"slices"

	"github.com/akin-search/akin/internal/simd"
)

// searchCompactBatch answers many queries by compact copies. Each first scans the lists with the
// highest bounds by itself, which gives it a limit. The many lists that remain are scanned by a
// group of queries together: reading them is what takes time.
func searchCompactBatch(ctx context.Context, m Matrix, queries [][]float32, o *Options) ([][]Hit, error) {
	if parts := o.byParts(m); parts != nil {
		return searchPartsBatch(ctx, parts, queries, o)
	}
	threads := threadsOf(o.Threads)
	hits, walkers := make([][]Hit, len(queries)), make([]*prober, len(queries))
	single := *o
	single.Threads = 1
	if width, _ := o.walk(m); width > 0 {
		inParallel(ctx, len(queries), threads, func() func(int) {
			return func(i int) { hits[i], _ = searchGraph(ctx, m, queries[i], &single) }
		})
	}
	selective := o.selective(m.Rows())
	groups := slices.Collect(slices.Chunk(zeroTo(len(queries)), max(1, min(groupSize, (len(queries)+threads-1)/threads))))
	inParallel(ctx, len(groups), threads, func() func(int) {
		return func(g int) {
			var group []*prober
			for _, i := range groups[g] {
				if hits[i] != nil {
					continue
				}
				s, ok := newCompactSearch(m, queries[i], &single, selective)
				if !ok {
					continue
				}
				w := &s.newProbers(1)[0]
				walkers[i] = w
				alone := soloLists
				if s.scale.firstResidual > s.scale.residual {
					alone = probedFirstLists
				}
				if !w.runSome(ctx, alone) {
					group = append(group, w)
				}
			}
			probeTogether(ctx, m, group)
			for _, i := range groups[g] {
				if w := walkers[i]; w != nil {
					hits[i] = w.hits()
					walkers[i] = nil
				}
			}
		}
	})
	for i := range queries {
		if hits[i] != nil || ctx.Err() != nil {
			continue
		}
		found, err := search(ctx, m, queries[i:i+1], *o)
		if err != nil {
			return nil, err
		}
		hits[i] = found[0]
	}
	if err := ctx.Err(); err != nil {
		return nil, fmt.Errorf("search: %w", err)
	}
	return hits, nil
}

const (
	// groupSize queries scan a list one after another: their codes and the list's stay in a
	// core's own cache.
	groupSize = 256
	soloLists = 8 // lists that a query scans by itself before
)

func zeroTo(n int) []int {
	out := make([]int, n)
	for i := range out {
		out[i] = i
	}
	return out
}

// runSome is run over at most n lists. It reports whether none remains.
func (w *prober) runSome(ctx context.Context, n int) bool {
	w.scanRanges(ctx)
	for n -= w.probeFirst(ctx, n); ; n-- {
		v, ok := w.next(w.lowerLimit())
		if !ok {
			return true
		}
		if n <= 0 || ctx.Err() != nil || w.coarse() {
			w.scratch.probes.unsorted = append(w.scratch.probes.unsorted, v)
			return false
		}
		if !w.scanSelected(v) {
			w.scanList(v)
		}
	}
}

// coarseQuery is a query rounded to bytes, for simd.TileDots.
type coarseQuery struct {
	bytes                 []int8
	scale, bias, rounding float64
	seen, survived        int // rows that were scanned by it, and those that were not ruled out
}

// tooCoarse reports that bytes rule out too few rows, as for a query with few large values. At
// first many rows survive, whatever the query.
func (s *coarseQuery) tooCoarse() bool { return s.seen > 1<<14 && s.survived > s.seen/8 }

// probeTogether scans all lists that remain for the probers: by coordinates or, for queries that
// coordinates do not help, by full codes, four queries at a time.
func probeTogether(ctx context.Context, m Matrix, all []*prober) {
	for part, c := range m.Compact {
		if c == nil || len(all) == 0 {
			continue
		}
		t := newQueryGroup(m, part, all)
		for j := range c.lists {
			if ctx.Err() != nil {
				return
			}
			t.list(j)
		}
	}
}

// queryGroup is a group of queries that scans the lists of a part together.
type queryGroup struct {
	part   int
	c      *Compact
	all    []*prober
	probes [][]probe     // of a query, by list; part is -1 where the list need not be scanned
	coarse []coarseQuery // made when first needed
	tile   []int         // queries that scan the list by full codes
	bytes  []int8        // of a tile
	sums   []int32
}

func newQueryGroup(m Matrix, part int, all []*prober) *queryGroup {
	c := m.Compact[part]
	t := &queryGroup{part: part, c: c, all: all, probes: make([][]probe, len(all)), coarse: make([]coarseQuery, len(all)), bytes: make([]int8, simd.TileQueries*c.stride)}
	for i, w := range all {
		t.probes[i] = make([]probe, len(c.lists))
		for j := range t.probes[i] {
			t.probes[i][j].part = -1
		}
		for v := range w.scratch.probes.each {
			if int(v.part) == part {
				t.probes[i][v.list] = v
			}
		}
	}
	return t
}

// list scans a list for every query that may have a hit in it.
func (t *queryGroup) list(j int) {
	t.tile = t.tile[:0]
	for i, w := range t.all {
		switch v := t.probes[i][j]; {
		case v.part < 0 || v.bound < w.lowerLimit() || w.scanSelected(v):
		case (w.coarse() || t.c.whole()) && t.coarse[i].tooCoarse():
			w.scanCodes(v)
		case w.coarse() || t.c.whole():
			t.tile = append(t.tile, i)
		default:
			w.scanList(v)
		}
	}
	l := &t.c.lists[j]
	first, end := l.span()
	codes := t.c.codes[first*t.c.stride : end*t.c.stride]
	t.sums = slices.Grow(t.sums[:0], simd.TileQueries*(end-first))[:simd.TileQueries*(end-first)]
	for tile := range slices.Chunk(t.tile, simd.TileQueries) {
		for k, i := range tile {
			copy(t.bytes[k*t.c.stride:], t.coarseQuery(i).bytes)
		}
		simd.TileDots(t.bytes, codes, t.sums)
		for k, i := range tile {
			t.all[i].scanCoarse(t.c, l, t.part, t.coarseQuery(i), t.sums[k*(end-first):][:end-first])
		}
	}
}

// coarseQuery returns query i in bytes.
func (t *queryGroup) coarseQuery(i int) *coarseQuery {
	s := &t.coarse[i]
	if s.bytes == nil {
		w := t.all[i]
		s.bytes = make([]int8, t.c.stride)
		scale, sum := signed(w.q, simd.TileMost(), s.bytes[:t.c.Dim])
		s.scale, s.bias = float64(scale), float64(middleCode*sum)
		s.rounding = roundingError(w.q, s.bytes, s.scale) * w.queries[t.part].boundShare * t.c.longestCode
	}
	return s
}

// scanCoarse scans a list's rows by sums with the query's bytes.
func (w *prober) scanCoarse(c *Compact, l *list, part int, q *coarseQuery, sums []int32) {
	first, _ := w.clear(l)
	t := w.queries[part]
	scale := q.scale * float64(l.codeScale)
	limit := w.lowerLimit() - t.mean + scale*q.bias - q.rounding
	mark(sums, c.codeError[first:], scale, t.length, limit, scale*math.Abs(q.bias)+2*t.length*c.longest, c.longest, w.bits)
	w.scanMarked(c, t, l, part)
	if len(w.lowerBounds) >= w.o.K {
		q.seen += int(l.count)
		q.survived += len(w.remaining)
	}
}
