package duplicates

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"sync"

	"github.com/akin-search/akin/api"
	"github.com/akin-search/akin/internal/disk"
	"golang.org/x/sync/errgroup"
)

// maxComparisons bounds how many pairs are compared at once: each takes up to 300 MB.
const maxComparisons = 4

// examine compares the pixels of candidates. Two duplicates of a third picture that shows at least as much as either need
// not be compared with one another: they are in one group through it, and differ by the losses of both (see
// families). So the largest picture of each group is compared with the others first.
func (f *finder) examine(ctx context.Context, candidates []candidate) error {
	e := newExamination(f, candidates)
	done := 0
	for len(e.open) > 0 {
		now := e.next()
		if e.skipped > 0 {
			done += e.skipped
			f.o.Progress(api.Progress{Step: "pixels", Done: done, Total: len(candidates)})
		}
		if err := f.examineAll(ctx, candidates, now, &done); err != nil {
			return err
		}
	}
	return nil
}

// examineAll compares the pixels of some of the candidates, in parallel.
func (f *finder) examineAll(ctx context.Context, candidates []candidate, which []int, done *int) error {
	group, comparing := errgroup.WithContext(ctx)
	group.SetLimit(min(maxComparisons, f.threads()))
	var mu sync.Mutex
	for _, i := range which {
		group.Go(func() (err error) {
			defer disk.Catch(&err)() // vectors are mapped
			c := &candidates[i]
			e, err := f.compared(comparing, c.a, c.b, c.turn)
			if err != nil && !errors.Is(err, errUnreadable) {
				return err
			}
			c.evidence, c.seen = e, err == nil
			mu.Lock()
			defer mu.Unlock()
			*done++
			f.o.Progress(api.Progress{Step: "pixels", Done: *done, Total: len(candidates)})
			return comparing.Err()
		})
	}
	err := group.Wait()
	f.evidences.flush()
	return err
}

// examination is the order in which candidates are compared.
type examination struct {
	f          *finder
	candidates []candidate
	rank       map[int]int   // of contents: those that show most come first
	at         map[pair]int  // the candidate of two upright contents, the first in rank first
	near       map[int][]int // content → those before it in rank that it has a candidate with
	open       []int         // candidates that are not compared yet, by the ranks of both
	waiting    map[int]bool  // the same, as a set
	skipped    int           // by the last call of next
}

func newExamination(f *finder, candidates []candidate) *examination {
	e := &examination{f: f, candidates: candidates, rank: map[int]int{}, at: map[pair]int{}, near: map[int][]int{}, waiting: map[int]bool{}}
	var order []int
	for _, c := range candidates {
		order = append(order, c.a, c.b)
	}
	slices.Sort(order)
	order = slices.Compact(order)
	pixels := func(u int) int { return f.summaries[u].width * f.summaries[u].height }
	slices.SortFunc(order, func(a, b int) int {
		return cmp.Or(cmp.Compare(pixels(b), pixels(a)), f.pictureOrder(f.contents[a].pictures[0], f.contents[b].pictures[0]))
	})
	for i, u := range order {
		e.rank[u] = i
	}
	for i, c := range candidates {
		e.open = append(e.open, i)
		e.waiting[i] = true
		if c.turn == 0 {
			p := e.ranked(i)
			e.at[p] = i
			e.near[p.b] = append(e.near[p.b], p.a)
		}
	}
	slices.SortFunc(e.open, func(i, j int) int {
		p, q := e.ranked(i), e.ranked(j)
		return cmp.Or(cmp.Compare(e.rank[p.a], e.rank[q.a]), cmp.Compare(e.rank[p.b], e.rank[q.b]), cmp.Compare(candidates[i].turn, candidates[j].turn))
	})
	return e
}

// ranked returns a candidate's pair, the first in rank first.
func (e *examination) ranked(i int) pair {
	c := e.candidates[i]
	if e.rank[c.a] < e.rank[c.b] {
		return pair{c.a, c.b}
	}
	return pair{c.b, c.a}
}

// next returns the candidates that can be compared now. A candidate waits while both its pictures have one with a third
// before them in rank that is not compared yet, and is skipped if both turn out to be duplicates of the third. What
// is skipped depends on what the pixels say, never on which comparison ends first.
func (e *examination) next() (now []int) {
	e.skipped = 0
	var later, skipped []int
	for _, i := range e.open {
		switch via, wait := e.viaThird(i); {
		case via:
			skipped = append(skipped, i)
		case wait:
			later = append(later, i)
		default:
			now = append(now, i)
		}
	}
	for _, i := range skipped {
		e.candidates[i].viaThird = true
		delete(e.waiting, i)
	}
	for _, i := range now {
		delete(e.waiting, i)
	}
	e.open, e.skipped = later, len(skipped)
	return now
}

// viaThird reports whether both contents of a candidate are duplicates of one before them in rank, or else whether
// that is still to be seen.
func (e *examination) viaThird(i int) (via, wait bool) {
	if e.candidates[i].turn != 0 || e.mayBeFromLossy(i) {
		return false, false
	}
	p := e.ranked(i)
	for _, third := range e.near[p.b] {
		first, ok := e.at[pair{third, p.a}]
		if !ok || e.rank[third] > e.rank[p.a] {
			continue
		}
		second := e.at[pair{third, p.b}]
		if e.isSame(first) && e.isSame(second) {
			return true, false
		}
		wait = wait || e.mayBeSame(first) && e.mayBeSame(second)
	}
	return false, wait
}

func (e *examination) isSame(i int) bool {
	return e.candidates[i].seen && e.candidates[i].evidence.Same
}

func (e *examination) mayBeSame(i int) bool { return e.waiting[i] || e.isSame(i) }

// mayBeFromLossy reports whether one of a candidate's contents may have been made from the other: see findFromLossy.
func (e *examination) mayBeFromLossy(i int) bool {
	c := e.candidates[i]
	a, b := e.f.format(c.a), e.f.format(c.b)
	if isLossy(b) {
		a, b = b, a
	}
	x, y := e.f.summaries[c.a], e.f.summaries[c.b]
	return x.width == y.width && x.height == y.height && isLossy(a) && isLossless(b)
}
