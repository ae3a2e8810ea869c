package vector

import (
	"context"
	"math"
	"slices"

	"github.com/akin-search/akin/internal/simd"
)

// firstListCount lists are scanned together at first.
const firstListCount = 16

// firstLists are the lists that a prober scans first, and together.
type firstLists struct {
	lists     []firstList
	sums      []int32     // of the coordinate codes of all their rows
	nearest   []rankedRow // a heap of the K rows that are nearest by coordinates, the farthest first
	positions []uint32    // of a list's rows that are in nearest
}

type firstList struct {
	probe
	from int // index of its first sum
}

// rankedRow is a row of the first lists: its score by coordinates, as float32, in the upper half, which orders rows,
// and the index of its sum in the lower.
type rankedRow int64

func rankRow(score float64, at int) rankedRow {
	return rankedRow(ordered(int32(math.Float32bits(float32(score)))))<<32 | rankedRow(at)
}

func (n rankedRow) score() float64 {
	return float64(math.Float32frombits(uint32(ordered(int32(n >> 32)))))
}

func (n rankedRow) at() int { return int(uint32(n)) }

// ordered maps the bits of a float32 to an integer of the same order, and back.
func ordered(bits int32) int32 { return bits ^ bits>>31&math.MaxInt32 }

// probeFirst scans up to n lists together and returns how many it scanned. At first there is no limit that would rule
// out rows. So the full codes of the K rows that are nearest by coordinates, of all these lists, are read first: the
// others must reach the scores of these.
func (w *prober) probeFirst(ctx context.Context, n int) int {
	b := &w.firstLists
	b.lists, b.sums, b.nearest = b.lists[:0], b.sums[:0], b.nearest[:0]
	whole := 0 // lists that were scanned by full codes
	for len(b.lists)+whole < n && ctx.Err() == nil {
		v, ok := w.next(max(w.lowerLimit(), b.lowerLimit(w.o.K)))
		if !ok {
			break
		}
		switch {
		case w.scanSelected(v):
		case w.m.Compact[v.part].whole():
			w.scanCodes(v)
			whole++
		default:
			w.addFirst(v)
		}
	}
	ranked := b.lowerLimit(w.o.K) > math.Inf(-1)
	for i := range b.lists {
		if !ranked {
			break
		}
		v := &b.lists[i]
		c := w.m.Compact[v.part]
		w.remaining = b.positionsOf(&c.lists[v.list], v.from, w.remaining[:0])
		w.scanRemaining(c, w.queries[v.part], &c.lists[v.list], int(v.part))
	}
	for i := range b.lists {
		v := &b.lists[i]
		if v.bound < w.lowerLimit() {
			continue
		}
		l := &w.m.Compact[v.part].lists[v.list]
		b.positions = b.positions[:0]
		if ranked {
			b.positions = b.positionsOf(l, v.from, b.positions)
		}
		first, end := l.span()
		w.scanCoordinates(v.probe, b.sums[v.from:][:end-first], b.positions)
	}
	return len(b.lists) + whole
}

// lowerLimit is the least score by coordinates of the K nearest rows; -Inf while there are fewer.
func (b *firstLists) lowerLimit(k int) float64 {
	if k <= 0 || len(b.nearest) < k {
		return math.Inf(-1)
	}
	return b.nearest[0].score()
}

// addFirst sums up a list's coordinates, and keeps those of its rows that are among the nearest.
func (w *prober) addFirst(v probe) {
	b, c, t := &w.firstLists, w.m.Compact[v.part], w.queries[v.part]
	l := &c.lists[v.list]
	first, end := l.span()
	from := len(b.sums)
	b.lists = append(b.lists, firstList{v, from})
	b.sums = slices.Grow(b.sums, end-first)[:from+end-first]
	sums := b.sums[from:]
	c.sumCoordinates(t, l, sums)
	if w.o.K <= 0 {
		return
	}
	scale := t.scale * float64(l.scale)
	score := t.mean + v.centre - scale*t.bias // plus scale times a sum
	w.bits = sized(w.bits, len(sums)/simd.PanelRows)
	simd.Reach(sums, c.residualNorm[first:end], float32(scale), 0, float32(max(-math.MaxFloat32, b.lowerLimit(w.o.K)-score)), w.bits)
	for i := range setBits(w.bits) {
		if i < int(l.count) && w.keepsAt(c, int(v.part), first+i) {
			b.nearest, _ = pushGreatest(b.nearest, w.o.K, rankRow(score+scale*float64(sums[i]), from+i))
		}
	}
}

// positionsOf appends the positions of those rows of a list that are among the nearest.
func (b *firstLists) positionsOf(l *list, from int, to []uint32) []uint32 {
	first, end := l.span()
	for _, row := range b.nearest {
		if at := row.at() - from; at >= 0 && at < end-first {
			to = append(to, uint32(first+at))
		}
	}
	return to
}
