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

// examine compares the pixels of the pairs that signatures propose. Two copies of a third picture that shows at
// least as much as either need not be compared with one another: they are in one group through it, and what differs between
// them are the losses of both (families). So the largest picture of each group is compared with the others first.
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

// examineAll compares the pixels of some of the candidates, on all cores.
func (f *finder) examineAll(ctx context.Context, candidates []candidate, which []int, done *int) error {
	group, comparing := errgroup.WithContext(ctx)
	group.SetLimit(min(comparers, f.threads()))
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

// examination is what is still to be compared of the candidates.
type examination struct {
	f          *finder
	candidates []candidate
	rank       map[int]int   // of units: those that show most come first
	at         map[pair]int  // the candidate of two units as they lie, the first in rank first
	near       map[int][]int // of a unit, those before it in rank that it has a candidate with
	open       []int         // candidates that are not compared, by the ranks of both
	waits      map[int]bool  // of these
	skipped    int           // by the last call of next
}

func newExamination(f *finder, candidates []candidate) *examination {
	e := &examination{f: f, candidates: candidates, rank: map[int]int{}, at: map[pair]int{}, near: map[int][]int{}, waits: map[int]bool{}}
	var order []int
	for _, c := range candidates {
		order = append(order, c.a, c.b)
	}
	slices.Sort(order)
	order = slices.Compact(order)
	pixels := func(u int) int { return f.summaries[u].width * f.summaries[u].height }
	slices.SortFunc(order, func(a, b int) int {
		if d := cmp.Compare(pixels(b), pixels(a)); d != 0 {
			return d
		}
		return f.comparePictures(f.contents[a].pictures[0], f.contents[b].pictures[0])
	})
	for i, u := range order {
		e.rank[u] = i
	}
	for i, c := range candidates {
		e.open = append(e.open, i)
		e.waits[i] = true
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

// ranked is a candidate's pair, the first in rank first.
func (e *examination) ranked(i int) pair {
	c := e.candidates[i]
	if e.rank[c.a] < e.rank[c.b] {
		return pair{c.a, c.b}
	}
	return pair{c.b, c.a}
}

// next takes the candidates that can be compared now. Where both pictures have a candidate with one before them, that is
// compared first; where both turned out to be its copies, they are left out. What is left out depends on what
// the pixels say, and never on which comparison ends first.
func (e *examination) next() (now []int) {
	e.skipped = 0
	var later []int
	for _, i := range e.open {
		switch ofOne, must := e.viaThird(i); {
		case ofOne:
			e.candidates[i].ofOne = true
			e.skipped++
		case must:
			later = append(later, i)
		default:
			now = append(now, i)
		}
	}
	for _, i := range e.open {
		if e.candidates[i].ofOne {
			delete(e.waits, i)
		}
	}
	for _, i := range now {
		delete(e.waits, i)
	}
	e.open = later
	return now
}

// throughAnother tells whether both pictures of a candidate are copies of one before them, or whether that is to be
// seen yet.
func (e *examination) viaThird(i int) (ofOne, must bool) {
	if e.candidates[i].turn != 0 || e.mayBeDerived(i) {
		return false, false
	}
	p := e.ranked(i)
	for _, r := range e.near[p.b] {
		other, ok := e.at[pair{r, p.a}]
		if !ok || e.rank[r] > e.rank[p.a] {
			continue
		}
		first, second := e.candidates[other], e.candidates[e.at[pair{r, p.b}]]
		if first.seen && first.evidence.Same && second.seen && second.evidence.Same {
			return true, false
		}
		possible := func(k int, c candidate) bool { return e.waits[k] || c.seen && c.evidence.Same }
		must = must || possible(other, first) && possible(e.at[pair{r, p.b}], second)
	}
	return false, must
}

// mayBeDerived tells whether one of a pair may have been made of the other one and hold no more: see findDerived.
func (e *examination) mayBeDerived(i int) bool {
	c := e.candidates[i]
	a, b := e.f.format(c.a), e.f.format(c.b)
	if isLossy(b) {
		a, b = b, a
	}
	x, y := e.f.summaries[c.a], e.f.summaries[c.b]
	return x.width == y.width && x.height == y.height && isLossy(a) && isLossless(b)
}
