package fusion

import (
	"cmp"
	"context"
	"math"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"

	"github.com/akin-search/akin/api"
	"github.com/akin-search/akin/internal/insight"
	"github.com/akin-search/akin/internal/vector"
)

// RankQuery asks for the ranks that some pictures have among the neighbours of one.
type RankQuery struct {
	Picture int64
	Others  []int64
}

// rankTogether is how many queries share a pass over the vectors.
const rankTogether = 64

// RanksOf returns, for each query, the ranks of its others, from 1: a list for each space and, if there
// are several, one for their fusion. 0 is for what a space does not have. Ranks are those of Rank and
// Fuse, but vectors are read once for many queries, and pictures are numbered once for all.
func (x *Fuser) RanksOf(ctx context.Context, queries []RankQuery) (ranks [][][]int, err error) {
	if x.fusion.Method != api.FuseRanks {
		if err := x.calibrate(ctx); err != nil {
			return nil, err
		}
	}
	t := x.tabulate()
	ranks = make([][][]int, len(queries))
	for first := 0; first < len(queries); first += rankTogether {
		block := queries[first:min(first+rankTogether, len(queries))]
		scores, err := t.scores(ctx, block)
		if err != nil {
			return nil, err
		}
		var next atomic.Int64
		var workers sync.WaitGroup
		work := func() {
			w := t.worker()
			for ctx.Err() == nil {
				i := int(next.Add(1)) - 1
				if i >= len(block) {
					return
				}
				ranks[first+i] = w.rank(block[i], scores[i])
			}
		}
		for range cmp.Or(max(0, x.Threads), runtime.GOMAXPROCS(0)) {
			workers.Go(work)
		}
		workers.Wait()
		if err := ctx.Err(); err != nil {
			return nil, err
		}
	}
	return ranks, nil
}

// rankTable numbers the pictures of all spaces: items, in the order of their ids, so that ties are
// ordered by id.
type rankTable struct {
	x       *Fuser
	ids     []int64
	item    map[int64]int32
	rows    [][]int32 // by space and item: its row, or -1
	weights []float64
	terms   [][]float64 // by space and rank: weight / (60 + rank)
}

func (x *Fuser) tabulate() *rankTable {
	t := &rankTable{x: x, item: map[int64]int32{}, weights: x.weights()}
	each := func(add func(s int, id int64, row int)) {
		for s, v := range x.Spaces {
			for row := range v.Matrix.Rows() {
				for i := range v.Of(row) {
					add(s, v.Pictures.ID(i), row)
				}
			}
		}
	}
	each(func(_ int, id int64, _ int) {
		if _, ok := t.item[id]; !ok {
			t.item[id] = 0
			t.ids = append(t.ids, id)
		}
	})
	slices.Sort(t.ids)
	for i, id := range t.ids {
		t.item[id] = int32(i)
	}
	for s := range x.Spaces {
		t.rows = append(t.rows, slices.Repeat([]int32{-1}, len(t.ids)))
		t.terms = append(t.terms, make([]float64, len(t.ids)))
		for at := range t.ids {
			t.terms[s][at] = insight.RankTerm(t.weights[s], at+1)
		}
	}
	each(func(s int, id int64, row int) { t.rows[s][t.item[id]] = int32(row) })
	return t
}

// scores returns the scores of all rows, by query and space; nil where a space lacks the query.
func (t *rankTable) scores(ctx context.Context, block []RankQuery) ([][][]float32, error) {
	out := make([][][]float32, len(block))
	for i := range out {
		out[i] = make([][]float32, len(t.rows))
	}
	for s, v := range t.x.Spaces {
		var vectors, to [][]float32
		for i, q := range block {
			if item, ok := t.item[q.Picture]; ok && t.rows[s][item] >= 0 {
				out[i][s] = make([]float32, v.Matrix.Rows())
				vectors, to = append(vectors, v.Matrix.Row(int(t.rows[s][item]))), append(to, out[i][s])
			}
		}
		if err := vector.ScoreAll(ctx, v.Matrix, vectors, t.x.Threads, to); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// rankWorker has the memory that one goroutine ranks with.
type rankWorker struct {
	*rankTable
	order, spare []uint64    // of a space: scores and items
	at           [][]int32   // by space and item: the place in the order, or -1
	standard     [][]float64 // by space and item: standard scores, NaN where there is none
	fused        []float64
	lacks        []bool // by item: it is not among the fused
}

func (t *rankTable) worker() *rankWorker {
	n := len(t.ids)
	w := &rankWorker{rankTable: t, order: make([]uint64, 0, n), spare: make([]uint64, n), fused: make([]float64, n), lacks: make([]bool, n)}
	for range t.rows {
		w.at = append(w.at, make([]int32, n))
		w.standard = append(w.standard, make([]float64, n))
	}
	return w
}

func (w *rankWorker) rank(q RankQuery, scores [][]float32) [][]int {
	self := int32(-1)
	if item, ok := w.item[q.Picture]; ok {
		self = item
	}
	others := make([]int32, len(q.Others)) // -1 for those of no space
	for i, id := range q.Others {
		item, ok := w.item[id]
		if others[i] = item; !ok || item == self {
			others[i] = -1
		}
	}
	var out [][]int
	for s := range w.rows {
		w.sort(s, self, scores[s])
		ranks := make([]int, len(others))
		for i, item := range others {
			if item >= 0 {
				ranks[i] = int(w.at[s][item]) + 1
			}
		}
		out = append(out, ranks)
	}
	if len(w.rows) == 1 {
		return out
	}
	if w.x.fusion.Method == api.FuseRanks {
		w.fuseRanks()
	} else {
		w.fuseScores()
	}
	return append(out, w.fusedRanks(others))
}

// sort orders the items of a space by their scores, without the query itself.
func (w *rankWorker) sort(s int, self int32, scores []float32) {
	for i := range w.at[s] {
		w.at[s][i] = -1
		w.standard[s][i] = math.NaN()
	}
	if scores == nil {
		return
	}
	w.order = w.order[:0]
	for item, row := range w.rows[s] {
		if row >= 0 && int32(item) != self {
			w.order = append(w.order, uint64(descending(scores[row]))<<32|uint64(item))
		}
	}
	sortHigh(w.order, w.spare[:len(w.order)])
	for at, o := range w.order {
		w.at[s][uint32(o)] = int32(at)
	}
	if w.x.fusion.Method == api.FuseRanks || len(w.rows) == 1 {
		return
	}
	own := 0. // the query's mean cosine to its nearest neighbours
	if w.x.hubness != nil {
		near := w.order[:min(insight.HubNeighbors, len(w.order))]
		for _, o := range near {
			own += float64(scores[w.rows[s][uint32(o)]]) / float64(len(near))
		}
	}
	for _, o := range w.order {
		item := uint32(o)
		row := w.rows[s][item]
		score := float64(scores[row])
		if w.x.hubness != nil {
			score = insight.CSLS(score, own, w.x.hubness[s][row])
		}
		w.standard[s][item] = w.x.scales[s].Standard(score)
	}
}

// descending maps scores to numbers of the opposite order; 0 and -0 are one.
func descending(score float32) uint32 {
	bits := math.Float32bits(score + 0)
	if bits>>31 != 0 {
		return bits
	}
	return ^(bits | 1<<31)
}

// sortHigh sorts numbers by their high 32 bits, and keeps the order of those that are equal in them.
func sortHigh(all, spare []uint64) {
	const digit = 11
	for shift := 32; shift < 64; shift += digit {
		var starts [1 << digit]int
		for _, v := range all {
			starts[v>>shift&(1<<digit-1)]++
		}
		sum := 0
		for i, n := range starts {
			starts[i] = sum
			sum += n
		}
		for _, v := range all {
			d := v >> shift & (1<<digit - 1)
			spare[starts[d]] = v
			starts[d]++
		}
		all, spare = spare, all
	}
	copy(spare, all) // after three passes, all is the caller's spare
}

// fuseRanks is insight.Fuse.
func (w *rankWorker) fuseRanks() {
	terms := make([]float64, len(w.at))
	for item := range w.fused {
		lacks := true
		for s := range w.at {
			// In order of size, as in insight.Fuse.
			term := 0.
			if at := w.at[s][item]; at >= 0 {
				term, lacks = w.terms[s][at], false
			}
			i := s
			for ; i > 0 && terms[i-1] > term; i-- {
				terms[i] = terms[i-1]
			}
			terms[i] = term
		}
		sum := 0.
		for _, term := range terms {
			sum += term
		}
		w.fused[item], w.lacks[item] = sum, lacks
	}
}

// fuseScores is insight.FuseScores.
func (w *rankWorker) fuseScores() {
	for item := range w.fused {
		sum, weight := 0., 0.
		for s, of := range w.standard {
			if w.weights[s] > 0 && !math.IsNaN(of[item]) {
				sum, weight = sum+w.weights[s]*of[item], weight+w.weights[s]
			}
		}
		if w.lacks[item] = weight == 0; weight > 0 {
			w.fused[item] = sum / weight
		}
	}
}

// fusedRanks counts, for each of others, the items before it.
func (w *rankWorker) fusedRanks(others []int32) []int {
	before := func(a, b int32) bool { return w.fused[a] > w.fused[b] || w.fused[a] == w.fused[b] && a < b }
	var order []int // of the others that have a rank
	for i, item := range others {
		if item >= 0 && !w.lacks[item] {
			order = append(order, i)
		}
	}
	slices.SortFunc(order, func(i, j int) int {
		switch a, b := others[i], others[j]; {
		case before(a, b):
			return -1
		case before(b, a):
			return 1
		}
		return 0
	})
	counts := make([]int, len(order)+1) // of items, by the first of order that they are before
	for item, lacks := range w.lacks {
		if lacks {
			continue
		}
		low, high := 0, len(order)
		for low < high {
			if middle := (low + high) / 2; before(int32(item), others[order[middle]]) {
				high = middle
			} else {
				low = middle + 1
			}
		}
		counts[low]++
	}
	ranks, rank := make([]int, len(others)), 1
	for i, o := range order {
		rank += counts[i]
		ranks[o] = rank
	}
	return ranks
}
