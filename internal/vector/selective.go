package vector

import (
	"context"
	"math"
	"math/bits"

	"github.com/akin-search/akin/internal/simd"
)

// selectiveShare: a filter that keeps no more than one row in so many is selective. Then the full
// codes of all kept rows are read: going list by list takes longer, and a list's bound says
// nothing about the few of its rows that are kept.
const selectiveShare = 64

// selective reports whether the filter keeps so few of n rows.
func (o *Options) selective(n int) bool {
	if o.Keep == nil {
		return false
	}
	kept := 0
	for _, word := range o.Keep[:(n+63)/64] {
		kept += bits.OnesCount64(word)
	}
	return kept <= n/selectiveShare
}

// rangeRows of a part, kept or not, are scanned at a time.
const rangeRows = 1 << 13

// rowRange is a run of a part's rows.
type rowRange struct{ part, from, end int }

// addRanges cuts a part into ranges.
func (c *Compact) addRanges(to []rowRange, part int) []rowRange {
	for from := 0; from < c.Rows; from += rangeRows {
		to = append(to, rowRange{part, from, min(c.Rows, from+rangeRows)})
	}
	return to
}

// scanRanges scans the rows that the filter keeps, regardless of lists, until no range
// remains.
func (w *prober) scanRanges(ctx context.Context) {
	for ctx.Err() == nil {
		next := int(w.nextRange.Add(1)) - 1
		if next >= len(w.ranges) {
			return
		}
		p := w.ranges[next]
		c, t, first := w.m.Compact[p.part], w.queries[p.part], w.first[p.part]
		where := c.positions()
		w.remaining = w.remaining[:0]
		for row := range w.o.kept(first+p.from, first+p.end) {
			if at := where.at[row-first]; at != noPosition {
				w.remaining = append(w.remaining, at)
			}
		}
		w.sumRemaining(c, t)
		for i, at := range w.remaining {
			w.consider(c, t, &c.lists[where.list[at/simd.PanelRows]], p.part, int(at), w.remainingSums[i])
		}
	}
}

// kept yields the rows between from and end that the filter keeps.
func (o *Options) kept(from, end int) func(yield func(row int) bool) {
	return func(yield func(row int) bool) {
		for first := from &^ 63; first < end; first += 64 {
			word := o.Keep[first/64]
			if first < from {
				word &= ^uint64(0) << (from - first)
			}
			if end-first < 64 {
				word &= 1<<(end-first) - 1
			}
			for ; word != 0; word &= word - 1 {
				if !yield(first + bits.TrailingZeros64(word)) {
					return
				}
			}
		}
	}
}

// noPosition is the position of a row that is in no list.
const noPosition = math.MaxUint32

// rowPositions locates rows: at is the position of each row, list the list of each panel.
type rowPositions struct{ at, list []uint32 }

func (c *Compact) findPositions() rowPositions {
	p := rowPositions{make([]uint32, c.Rows), c.ofPanels().list}
	for i := range p.at {
		p.at[i] = noPosition
	}
	for i := range c.lists {
		first := int(c.lists[i].first)
		for at, row := range c.row[first : first+int(c.lists[i].count)] {
			if int(row) < c.Rows { // always, except in a damaged file
				p.at[row] = uint32(first + at)
			}
		}
	}
	return p
}
