package vector

import (
	"context"
	"fmt"
	"math"
	"slices"
	"sync/atomic"

	"github.com/akin-search/akin/internal/simd"
)

// searchCompactBatch answers many queries by compact copies. Each walks through its
// lists alone as long as coordinates rule out most rows; those queries that they do not
// help go over the whole codes together, four at a time, for then it is arithmetic that
// costs, and what is loaded is used four times.
func searchCompactBatch(ctx context.Context, m Matrix, queries [][]float32, o *Options) ([][]Hit, error) {
	threads := threadsOf(o.Threads)
	hits := make([][]Hit, len(queries))
	waiting := make([]*walker, len(queries))
	var plain []int
	single := *o
	single.Threads = 1
	var walked, stopped atomic.Int64
	inParallelUntil(ctx, len(queries), threads, func() func(int) {
		var lent buffers
		return func(i int) {
			s, ok := newNearSearch(m, queries[i], &single)
			if !ok {
				return
			}
			w := &walker{nearSearch: s, buffers: lent}
			switch {
			case walked.Load() > 16 && stopped.Load() > walked.Load()/2:
				waiting[i] = w // so it went with most before
			case w.walkUseful(ctx):
				hits[i] = s.hits([]walker{*w})
				walked.Add(1)
			default:
				waiting[i] = w
				walked.Add(1)
				stopped.Add(1)
			}
			lent, w.buffers = w.buffers, buffers{} // one that waits is another goroutine's
		}
	})
	var together []*walker
	for i, w := range waiting {
		switch {
		case w != nil:
			together = append(together, w)
		case hits[i] == nil:
			plain = append(plain, i)
		}
	}
	share := (len(together) + threads - 1) / threads
	tiles := slices.Collect(slices.Chunk(together, max(simd.TileQueries, min(tileGroup, share))))
	inParallelUntil(ctx, len(tiles), threads, func() func(int) {
		return func(i int) { walkTogether(ctx, m, tiles[i]) }
	})
	inParallelUntil(ctx, len(waiting), threads, func() func(int) {
		return func(i int) {
			if w := waiting[i]; w != nil {
				hits[i] = w.hits([]walker{*w})
			}
		}
	})
	for _, i := range plain {
		if ctx.Err() != nil {
			break
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

// tileGroup are the queries that go over a list one after another: their bytes and the
// list's stay in a core's own cache.
const tileGroup = 256

// walkUseful is walk that stops, and says so by false, where coordinates are useless.
func (w *walker) walkUseful(ctx context.Context) bool {
	for ctx.Err() == nil && !w.useless() {
		v, ok := w.visits.next(w.least())
		if !ok {
			return true
		}
		w.list(v)
	}
	return false
}

// short is a query in bytes, for simd.TileDots.
type short struct {
	scale, bias, slip float64
}

// walkTogether looks through all lists that the walkers have left, by whole codes.
func walkTogether(ctx context.Context, m Matrix, all []*walker) {
	n := (len(all) + simd.TileQueries - 1) / simd.TileQueries * simd.TileQueries
	for part, c := range m.Compact {
		if c == nil {
			continue
		}
		bytes, shorts := make([]int8, n*c.stride), make([]short, len(all))
		bounds := make([][]float64, len(all)) // by list; -Inf for one that was visited
		for i, w := range all {
			q := bytes[i*c.stride:][:m.Dim]
			scale, sum := signed(w.q, q)
			shorts[i] = short{scale: float64(scale), bias: float64(middleCode * sum)}
			shorts[i].slip = leftOut(w.q, q, float64(scale)) * w.asked[part].share * c.widest
			bounds[i] = make([]float64, len(c.lists))
			for j := range bounds[i] {
				bounds[i][j] = math.Inf(-1)
			}
			for _, v := range w.visits {
				if int(v.part) == part {
					bounds[i][v.list] = v.bound
				}
			}
		}
		var sums []int32
		for j := range c.lists {
			if ctx.Err() != nil {
				return
			}
			l := &c.lists[j]
			first, end := l.positions()
			codes := c.codes[first*c.stride : end*c.stride]
			sums = slices.Grow(sums[:0], simd.TileQueries*(end-first))[:simd.TileQueries*(end-first)]
			for at := 0; at < len(all); at += simd.TileQueries {
				tile := all[at:min(len(all), at+simd.TileQueries)]
				if !wanted(tile, bounds[at:], j) {
					continue
				}
				simd.TileDots(bytes[at*c.stride:][:simd.TileQueries*c.stride], codes, sums)
				for i, w := range tile {
					if bounds[at+i][j] >= w.least() {
						w.short(c, l, part, shorts[at+i], sums[i*(end-first):][:end-first])
					}
				}
			}
		}
	}
}

// wanted tells whether any of a tile's queries may find a hit in list j.
func wanted(tile []*walker, bounds [][]float64, j int) bool {
	for i, w := range tile {
		if bounds[i][j] >= w.least() {
			return true
		}
	}
	return false
}

// short looks at a list's rows by sums with the query's bytes.
func (w *walker) short(c *Compact, l *list, part int, q short, sums []int32) {
	first, _ := w.clear(l)
	t := w.asked[part]
	scale := q.scale * float64(l.whole)
	limit := w.least() - t.mean + scale*q.bias - q.slip
	reach(sums, c.off[first:], scale, t.length, limit, scale*math.Abs(q.bias)+2*t.length*c.longest, c.longest, w.bits)
	w.rows(c, t, l, part)
}
