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

	"github.com/akin-search/akin/internal/disk"
	"github.com/akin-search/akin/internal/simd"
)

// Options narrow a search.
type Options struct {
	K        int     // hits to return at most
	MinScore float32 // minimum score of a hit, if HasMin
	HasMin   bool
	Keep     []uint64 // bitmap of the rows that may be hits: row i is bit i%64 of word i/64; nil means all
	Tie      []int32  // the lower first among equal scores; nil means the row number
	Threads  int      // 0 means GOMAXPROCS
	// Recall is the target recall, in 0…1: lower is faster. 0 means exact.
	Recall float64

	scale    boundScale     // used instead of Recall by lists, where it is set
	extra    int            // and by graphs
	unknown  int            // 1 + a row that walks do not pass, as if it were in no graph; 0 for none
	prepared *preparedQuery // the query with these bounds, if it is prepared already
}

// Hit is a row that was found. A row whose score is NaN is never a hit.
type Hit struct {
	Row   int
	Score float32
}

const (
	// blockBytes of rows are scored at a time: large enough that handing blocks
	// out costs nothing, small enough that a block stays in a core's own cache
	// while a group of queries passes over it.
	blockBytes = 128 << 10
	// groupQueries share one pass over the rows. With more of them, reading the rows is
	// no longer the bottleneck.
	groupQueries = 32
)

// Search finds the K rows with the highest dot product to q: score descending,
// then tie key ascending, then row. The answer depends neither on Threads nor, unless
// Recall is below 1, on compact copies.
func Search(ctx context.Context, m Matrix, q []float32, o Options) (_ []Hit, err error) {
	defer disk.Catch(&err)()
	if err := check(m, [][]float32{q}, o); err != nil {
		return nil, err
	}
	if m.hasCompact() {
		if hits, ok, err := searchCompact(ctx, m, q, &o); ok {
			return hits, err
		}
	}
	return searchPlain(ctx, m, q, o)
}

// searchPlain is a search that reads all rows.
func searchPlain(ctx context.Context, m Matrix, q []float32, o Options) ([]Hit, error) {
	hits, err := search(ctx, m, [][]float32{q}, o)
	if err != nil {
		return nil, err
	}
	return hits[0], nil
}

// SearchBatch is Search for every row of qs. A group of queries shares one pass over the
// rows, which is faster than as many searches.
func SearchBatch(ctx context.Context, m, qs Matrix, o Options) (_ [][]Hit, err error) {
	defer disk.Catch(&err)()
	if err := qs.check(); err != nil {
		return nil, fmt.Errorf("search: queries: %w", err)
	}
	queries := make([][]float32, 0, qs.Rows())
	for _, p := range qs.Parts {
		for q := range slices.Chunk(p, max(1, qs.Dim)) {
			queries = append(queries, q)
		}
	}
	if err := check(m, queries, o); err != nil {
		return nil, err
	}
	return searchBatch(ctx, m, queries, o)
}

func searchBatch(ctx context.Context, m Matrix, queries [][]float32, o Options) ([][]Hit, error) {
	if m.hasCompact() {
		return searchCompactBatch(ctx, m, queries, &o)
	}
	hits := make([][]Hit, 0, len(queries))
	for group := range slices.Chunk(queries, groupQueries) {
		found, err := search(ctx, m, group, o)
		if err != nil {
			return nil, err
		}
		hits = append(hits, found...)
	}
	return hits, nil
}

// Scores returns the dot product of q with every row.
func Scores(ctx context.Context, m Matrix, q []float32, threads int) (_ []float32, err error) {
	defer disk.Catch(&err)()
	if err := checkQuery(m, q); err != nil {
		return nil, err
	}
	out := make([]float32, m.Rows())
	err = scan(ctx, m, threads, func() func(int, []float32) {
		return func(first int, rows []float32) {
			simd.Dots(q, rows, out[first:first+len(rows)/m.Dim])
		}
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

// ScoreAll is Scores of several queries in one pass over the rows; out has a slice of Rows values for each.
func ScoreAll(ctx context.Context, m Matrix, queries [][]float32, threads int, out [][]float32) (err error) {
	defer disk.Catch(&err)()
	if err := check(m, queries, Options{}); err != nil {
		return err
	}
	return scan(ctx, m, threads, func() func(int, []float32) {
		return func(first int, rows []float32) {
			for i, q := range queries {
				simd.Dots(q, rows, out[i][first:first+len(rows)/m.Dim])
			}
		}
	})
}

func checkQuery(m Matrix, q []float32) error {
	if err := m.check(); err != nil {
		return fmt.Errorf("search: %w", err)
	}
	if len(q) != m.Dim && m.Rows() > 0 {
		return fmt.Errorf("search: the query has %d values, the rows %d; was it made by another model?", len(q), m.Dim)
	}
	return nil
}

// check checks that queries and options fit the rows.
func check(m Matrix, queries [][]float32, o Options) error {
	for _, q := range queries {
		if err := checkQuery(m, q); err != nil {
			return err
		}
	}
	n := m.Rows()
	if o.Keep != nil && len(o.Keep) < (n+63)/64 {
		return fmt.Errorf("search: the filter covers %d rows of %d", 64*len(o.Keep), n)
	}
	if o.Tie != nil && len(o.Tie) < n {
		return fmt.Errorf("search: there are %d tie keys for %d rows", len(o.Tie), n)
	}
	return nil
}

// search answers a group of queries in one pass over the rows.
func search(ctx context.Context, m Matrix, queries [][]float32, o Options) ([][]Hit, error) {
	floor := float32(math.Inf(-1))
	if o.HasMin {
		floor = o.MinScore
	}
	var mu sync.Mutex
	var all [][]best // by goroutine and query
	err := scan(ctx, m, o.Threads, func() func(int, []float32) {
		found := make([]best, len(queries))
		for i := range found {
			found[i] = best{options: &o, floor: floor}
		}
		mu.Lock()
		all = append(all, found)
		mu.Unlock()
		var scores []float32
		return func(first int, rows []float32) {
			for from, to := range o.runs(first, first+len(rows)/m.Dim) {
				scores = slices.Grow(scores[:0], to-from)[:to-from]
				for i, q := range queries {
					simd.Dots(q, rows[(from-first)*m.Dim:(to-first)*m.Dim], scores)
					for j, s := range scores {
						found[i].offer(Hit{from + j, s})
					}
				}
			}
		}
	})
	if err != nil {
		return nil, err
	}
	out := make([][]Hit, len(queries))
	for i := range out {
		out[i] = []Hit{}
		for _, found := range all {
			out[i] = append(out[i], found[i].hits...)
		}
		slices.SortFunc(out[i], o.compare)
		out[i] = out[i][:min(len(out[i]), max(0, o.K))]
	}
	return out, nil
}

// runs yields the longest runs [from, to) of kept rows between first and end.
func (o *Options) runs(first, end int) func(yield func(from, to int) bool) {
	return func(yield func(from, to int) bool) {
		if o.Keep == nil {
			yield(first, end)
			return
		}
		for from := first; from < end; {
			from = o.next(from, end, 0)
			to := o.next(from, end, ^uint64(0))
			if from < to && !yield(from, to) {
				return
			}
			from = to
		}
	}
}

// next returns the first row from i on, before end, whose bit is set; with flip all
// ones, the first whose bit is not.
func (o *Options) next(i, end int, flip uint64) int {
	for i < end {
		word := (o.Keep[i/64] ^ flip) >> (i % 64)
		if word != 0 {
			return min(end, i+bits.TrailingZeros64(word))
		}
		i += 64 - i%64
	}
	return end
}

// compare orders hits, the better first.
func (o *Options) compare(a, b Hit) int {
	if a.Score != b.Score {
		return cmp.Compare(b.Score, a.Score)
	}
	if o.Tie != nil && o.Tie[a.Row] != o.Tie[b.Row] {
		return cmp.Compare(o.Tie[a.Row], o.Tie[b.Row])
	}
	return cmp.Compare(a.Row, b.Row)
}

// best collects the K best of the hits that it is offered, in a heap whose root is
// the worst of them.
type best struct {
	options *Options
	floor   float32 // minimum score
	hits    []Hit
}

func (b *best) offer(h Hit) {
	o := b.options
	if !(h.Score >= b.floor) { // also for NaN
		return
	}
	if len(b.hits) < o.K {
		b.hits = append(b.hits, h)
		if len(b.hits) == o.K {
			for i := o.K/2 - 1; i >= 0; i-- {
				b.sink(i)
			}
		}
		return
	}
	if o.K <= 0 || h.Score < b.hits[0].Score || o.compare(h, b.hits[0]) > 0 {
		return
	}
	b.hits[0] = h
	b.sink(0)
}

func (b *best) sink(i int) {
	for {
		worst := i
		for child := 2*i + 1; child <= 2*i+2 && child < len(b.hits); child++ {
			if b.options.compare(b.hits[child], b.hits[worst]) > 0 {
				worst = child
			}
		}
		if worst == i {
			return
		}
		b.hits[i], b.hits[worst] = b.hits[worst], b.hits[i]
		i = worst
	}
}

// scan distributes blocks of rows to goroutines, each with a visit of its own,
// until all are visited or ctx ends.
func scan(ctx context.Context, m Matrix, threads int, newVisit func() func(first int, rows []float32)) error {
	if threads <= 0 {
		threads = runtime.GOMAXPROCS(0)
	}
	values := max(1, blockBytes/4/max(1, m.Dim)) * m.Dim // of a block
	blocks := 0
	for _, p := range m.Parts {
		if len(p) > 0 {
			blocks += (len(p)-1)/values + 1
		}
	}
	var mu sync.Mutex
	var rest []float32 // of the piece that is being distributed
	parts, first := m.Parts, 0
	next := func() (int, []float32) {
		mu.Lock()
		defer mu.Unlock()
		for len(rest) == 0 {
			if len(parts) == 0 {
				return 0, nil
			}
			rest, parts = parts[0], parts[1:]
		}
		at, rows := first, rest[:min(values, len(rest))]
		first += len(rows) / m.Dim
		rest = rest[len(rows):]
		return at, rows
	}
	work := func() {
		visit := newVisit()
		for ctx.Err() == nil {
			at, rows := next()
			if rows == nil {
				return
			}
			visit(at, rows)
		}
	}
	var group disk.Group
	for range min(threads, blocks) - 1 {
		group.Go(work)
	}
	group.Do(work)
	group.Wait()
	if err := ctx.Err(); err != nil {
		return fmt.Errorf("search: %w", err)
	}
	return nil
}
