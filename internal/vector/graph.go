package vector

import (
	"context"
	"math"
	"math/bits"
	"slices"

	"github.com/akin-search/akin/internal/simd"
)

// graph links each row of a compact copy to rows that lie near it in different directions. A search to a target recall
// walks along the links, from full code to full code, toward the query: with many rows it reads fewer of them than a list by
// list one. Exact searches, and those that a filter leaves few rows of, need the lists.
type graph struct {
	degree  int
	links   []uint32 // (positions, degree): positions of rows nearby, the nearest first; noPosition where there are fewer
	groups  *centres // of lists that lie close together
	first   []uint32 // (groups + 1): the first list of each group; its lists follow one another
	recalls recalls  // by beamExtras
}

// beamExtras are how many more rows than hits a walk keeps in view. The recall of each is measured when the graph is made.
// None may become less than it was: the recalls in files would be those of more rows.
var beamExtras = [len(boundScales)]int{4, 12, 24, 45, 80, 150, 280, 520, 1000}

// walkBounds are the bounds by which a walk chooses the rows whose scores it computes, among those that it has found.
var walkBounds = boundScale{radius: 1, residual: 6, firstResidual: 6}

const (
	entryGroups = 6  // groups whose lists are compared with a query
	entryLists  = 16 // lists that a walk begins in
	together    = 8  // rows that a walk goes on from at a time: it waits for the memory of all their links together
	// leastWalked: where a filter keeps less of the rows, lists are searched. A walk goes through rows that are no hits, and has
	// to keep as many more in view.
	leastWalked = 0.8
	keptSample  = 1024 // words of a filter that tell how much it keeps
)

// width returns how many rows a walk has to keep in view, to reach what o asks of n rows, and how many of these may be hits;
// 0 where lists are to be searched.
func (g *graph) width(o *Options, n int) (width, hits int) {
	if g == nil || o.K <= 0 || o.K > hitCounts[len(hitCounts)-1] {
		return 0, 0
	}
	extra := o.extra
	if extra == 0 {
		if !o.hasTarget() {
			return 0, 0
		}
		if extra = g.extraFor(o.Recall, o.K, o.Keep != nil); extra == 0 {
			return 0, 0
		}
	}
	hits = o.K + extra
	if o.Keep == nil || o.unknown > 0 { // the filter of the latter is for the row that walks do not pass anyway
		return hits, hits
	}
	kept := o.keptShare(n)
	if kept < leastWalked {
		return 0, 0
	}
	return int(math.Ceil(float64(hits)/kept)) + hits/8 + 1, hits // near a query, a few more may be gone
}

// extraFor returns the smallest extra that reaches a recall of k hits; 0 where none does.
func (g *graph) extraFor(recall float64, k int, filtered bool) int {
	needed := g.recalls.needed(recall, k, filtered)
	if needed > float64(len(beamExtras)-1) {
		return 0
	}
	from := int(needed)
	a, b := float64(beamExtras[from]), float64(beamExtras[min(from+1, len(beamExtras)-1)])
	return int(math.Ceil(a + (needed-float64(from))*(b-a)))
}

// keptShare estimates the share of n rows that the filter keeps.
func (o *Options) keptShare(n int) float64 {
	words := n / 64
	if o.Keep == nil || words == 0 {
		return 1
	}
	sample := min(words, keptSample)
	kept := 0
	for i := range sample {
		kept += bits.OnesCount64(o.Keep[i*words/sample])
	}
	return float64(kept) / float64(64*sample)
}

// walk returns the width of a walk through the only part of m, as graph.width does.
func (o *Options) walk(m Matrix) (width, hits int) {
	if c := m.compact(0); len(m.Parts) == 1 && c != nil {
		return c.graph.width(o, c.Rows)
	}
	return 0, 0
}

// searchGraph answers a query by a walk through the only part of m. ok is false where lists have to.
func searchGraph(ctx context.Context, m Matrix, q []float32, o *Options) (hits []Hit, ok bool) {
	width, wanted := o.walk(m)
	if width == 0 {
		return nil, false
	}
	c, s := m.compact(0), newSearch(m, q, o)
	t := s.scratch.query(0)
	if !c.prepare(t, q, walkBounds) {
		s.scratch.release()
		return nil, false
	}
	s.first, s.queries = []int{0}, []*preparedQuery{t}
	w := &s.newProbers(1)[0]
	w.walk(c, t, width)
	if w.considerFound(c, t) < wanted { // the filter keeps less here than elsewhere, for which no recall was measured
		s.scratch.release()
		exact := *o
		exact.scale = exactBounds
		hits, ok, err := searchLists(ctx, m, q, &exact)
		return hits, ok && err == nil
	}
	return s.hits(), true
}

// beam holds the rows that a walk keeps in view.
type beam struct {
	width   int
	steps   []step   // the best first
	visited []uint64 // bitmap of positions; empty between walks
	seen    []uint32 // the positions in it
	near    []uint32 // positions of the rows that are looked at together,
	sums    []int32  // and the sums of their codes
}

// step is a row that a walk has found: its score, as float32, in the upper half, which orders steps, twice its position in the
// lower, and 1 if the walk has gone on from it.
type step int64

func newStep(score float32, at uint32) step {
	return step(ordered(int32(math.Float32bits(score))))<<32 | step(at)<<1
}

func (s step) at() int    { return int(uint32(s) >> 1) }
func (s step) done() bool { return s&1 != 0 }

// mostPositions are as many as a step can tell apart.
const mostPositions = 1 << 31

func (b *beam) begin(positions, width int) {
	b.width, b.steps = width, b.steps[:0]
	if words := (positions + 63) / 64; len(b.visited) < words {
		b.visited = make([]uint64, words)
	}
}

func (b *beam) end() {
	for _, at := range b.seen {
		b.visited[at/64] = 0
	}
	b.seen = b.seen[:0]
}

// look adds the positions that were not looked at before to those that are. A damaged file may name some past the end, of n.
func (b *beam) look(links []uint32, n int) {
	from := len(b.near)
	b.near = slices.Grow(b.near, len(links))[:from+len(links)]
	near, visited := b.near, b.visited
	for _, at := range links {
		if int(at) >= n {
			continue
		}
		// Without a branch: whether a row was seen is hard to foresee.
		word, bit := visited[at/64], at%64
		near[from] = at
		from += int(^word >> bit & 1)
		visited[at/64] = word | 1<<bit
	}
	b.near = near[:from]
}

// add puts a step in its place if it is among the best, and returns this place.
func (b *beam) add(s step) int {
	n := len(b.steps)
	if n == b.width {
		if s <= b.steps[n-1] {
			return n
		}
		n--
	} else {
		b.steps = append(b.steps, s)
	}
	low := 0
	for steps := b.steps[:n]; len(steps) > 0; {
		// Without a branch, likewise.
		half := (len(steps) + 1) / 2
		move := 0
		if steps[half-1] > s {
			move = half
		}
		low += move
		steps = steps[move : len(steps)-half+move]
	}
	copy(b.steps[low+1:n+1], b.steps[low:n])
	b.steps[low] = s
	return low
}

// walk fills the beam: it goes on from the best rows that it has not gone on from, until none is left.
func (w *prober) walk(c *Compact, t *preparedQuery, width int) {
	g, b := c.graph, &w.beam
	b.begin(len(c.row), width)
	if row := w.o.unknown - 1; row >= 0 {
		if at := c.positions().at[row]; at != noPosition {
			b.visited[at/64] |= 1 << (at % 64)
			b.seen = append(b.seen, at)
		}
	}
	b.near = b.near[:0]
	w.enter(c, t)
	for at := w.lookAt(c, t); at < len(b.steps); {
		var from [together]int
		n := 0
		for ; at < len(b.steps) && n < together; at++ {
			if s := b.steps[at]; !s.done() {
				b.steps[at] |= 1
				from[n] = s.at() * g.degree
				simd.Ask(g.links[from[n]:][:g.degree])
				n++
			}
		}
		b.near = b.near[:0]
		for _, first := range from[:n] {
			b.look(g.links[first:][:g.degree], len(c.row))
		}
		at = min(at, w.lookAt(c, t))
	}
	b.end()
}

// lookAt scores the rows that are looked at. It returns the best place that one of them takes.
func (w *prober) lookAt(c *Compact, t *preparedQuery) int {
	g, b := c.graph, &w.beam
	best := len(b.steps)
	if len(b.near) == 0 {
		return best
	}
	b.seen = append(b.seen, b.near...)
	b.sums = sized(b.sums, len(b.near))
	simd.WideDotsAt(t.code, c.codes, b.near, b.sums)
	scales, bias := c.ofPanels().scale, int32(t.codeBias)
	for i, at := range b.near {
		place := b.add(newStep(scales[at/simd.PanelRows]*float32(b.sums[i]-bias), at))
		if place < best {
			best = place
			simd.Ask(g.links[int(at)*g.degree:][:g.degree])
		}
	}
	return best
}

// enter looks at the middles of the lists whose centres score most: of those in the groups whose centres do.
func (w *prober) enter(c *Compact, t *preparedQuery) {
	g, b := c.graph, &w.beam
	var room [entryGroups]rankedRow
	groups := room[:0]
	for i, sum := range w.centreSums(t, g.groups, 0, g.groups.count) {
		groups, _ = pushGreatest(groups, entryGroups, rankedRow(sum)<<32|rankedRow(i))
	}
	var more [entryLists]rankedRow
	lists := more[:0]
	for _, group := range groups {
		from, to := int(g.first[group.at()]), int(g.first[group.at()+1])
		for i, sum := range w.centreSums(t, c.centres, from, to) {
			if rank := rankedRow(sum)<<32 | rankedRow(from+i); len(lists) < entryLists || rank > lists[0] {
				lists, _ = pushGreatest(lists, entryLists, rank)
			}
		}
	}
	for _, list := range lists {
		b.look([]uint32{c.lists[list.at()].first}, len(c.row))
	}
}

// centreSums sums up the coordinates of centres from, up to to.
func (w *prober) centreSums(t *preparedQuery, c *centres, from, to int) []int32 {
	first, end := from/simd.PanelRows*simd.PanelRows, panelCount(to)*simd.PanelRows
	w.sums = sized(w.sums, end-first)
	simd.PanelSums(t.bytes, c.panels[first*c.width:end*c.width], w.sums)
	return w.sums[from-first : to-first]
}

// considerFound makes candidates of the rows in the beam, and returns how many of them the filter keeps.
func (w *prober) considerFound(c *Compact, t *preparedQuery) (kept int) {
	w.remaining = w.remaining[:0]
	for _, s := range w.beam.steps {
		if w.keepsAt(c, 0, s.at()) {
			w.remaining = append(w.remaining, uint32(s.at()))
		}
	}
	w.sumRemaining(c, t)
	of := c.ofPanels().list
	for i, at := range w.remaining {
		w.consider(c, t, &c.lists[of[at/simd.PanelRows]], 0, int(at), w.remainingSums[i])
	}
	return len(w.remaining)
}

// panelTables tell the list of each panel, and the scale of its full codes.
type panelTables struct {
	list  []uint32
	scale []float32
}

func (c *Compact) findPanels() panelTables {
	n := len(c.row) / simd.PanelRows
	t := panelTables{make([]uint32, n), make([]float32, n)}
	for i := range c.lists {
		first, end := c.lists[i].span()
		for panel := first / simd.PanelRows; panel < end/simd.PanelRows; panel++ {
			t.list[panel], t.scale[panel] = uint32(i), c.lists[i].codeScale
		}
	}
	return t
}
