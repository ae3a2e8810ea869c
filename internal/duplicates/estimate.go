package duplicates

import (
	"context"
	"errors"
	"math"
	"slices"
	"sync"

	"github.com/akin-search/akin/api"
	"github.com/akin-search/akin/internal/disk"
	"github.com/akin-search/akin/internal/insight/copies"
	"github.com/akin-search/akin/internal/insight/evidence"
	"github.com/akin-search/akin/internal/record"
	"golang.org/x/sync/errgroup"
)

const (
	changedEach       = 3    // changed pictures made of each sampled picture
	maxChangedEach    = 12   // if fewer false matches are asked for
	maxChangedInTotal = 6000 //
)

// estimate measures the expected number of false matches: for each picture in a family, and for one more, the rate at which
// changed pictures are taken for duplicates. If that is more than MaxWrong, duplicates in families stay unless they are closer
// to their best than changed pictures come.
//
// A family is pictures that signatures hold for duplicates and the pixels do not, as pages of one form.
func (f *finder) estimate(ctx context.Context) error {
	c := f.out.Calibration
	sample := f.sample(calibrationSample)
	if err := f.measureChanged(ctx, sample, changedEach); err != nil {
		return err
	}
	in := f.families()
	c.Families, f.within = len(in), 1
	at := float64(min(len(in)+1, len(f.contents))) // pictures at risk
	rate := copies.Within(f.worst(0, 1), 1)
	if at*rate.Expected() > f.o.MaxWrong && f.anyDuplicateIn(in) { // measure more, and where the risk is
		each := max(changedEach, min(maxChangedEach, int(math.Ceil(1.5/f.o.MaxWrong))))
		if err := f.measureChanged(ctx, f.withFamilies(sample, in), each); err != nil {
			return err
		}
		rate = copies.Within(f.worst(0, 1), 1)
	}
	if at*rate.Expected() > f.o.MaxWrong {
		// Every other picture sets the limit; the rate within it is measured on the held-out ones.
		f.inFamily = in
		f.within = copies.Limit(f.worst(0, 2), at, f.o.MaxWrong)
		if rate = copies.Within(f.worst(1, 2), f.within); f.within == 0 || at*rate.Expected() > f.o.MaxWrong {
			f.within, at = 0, 1 // only equal pixels, and what is in no family
			rate = copies.Within(f.worst(0, 1), 1)
		}
	}
	c.Changed, c.Mistaken, c.Within = rate.N, rate.K, round(f.within)
	c.Wrong, c.WrongMost = round(at*rate.Expected()), round(at*rate.AtMost())
	return nil
}

// measureChanged makes some changed pictures of each content, and measures their distances from it.
func (f *finder) measureChanged(ctx context.Context, contents []int, each int) error {
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(min(maxComparisons, f.threads()))
	f.changes = make([][]float64, len(contents))
	var mu sync.Mutex
	done := 0
	for i, u := range contents {
		group.Go(func() (err error) {
			defer disk.Catch(&err)() // vectors are mapped
			for n := range each {
				worst, ok, err := f.compareChanged(ctx, u, n)
				if err != nil && !errors.Is(err, errUnreadable) {
					return err
				}
				if err == nil && ok {
					f.changes[i] = append(f.changes[i], worst)
				}
			}
			mu.Lock()
			defer mu.Unlock()
			done++
			f.o.Progress(api.Progress{Step: "changes", Done: done, Total: len(contents)})
			return ctx.Err()
		})
	}
	err := group.Wait()
	f.evidences.flush()
	return err
}

// compareChanged compares a picture with one made from it that differs in one place. The same number gives the same
// place; ok is false if the picture has none.
func (f *finder) compareChanged(ctx context.Context, u, number int) (worst float64, ok bool, err error) {
	key := changedKey(f.contents[u].hash, number)
	e, known := f.evidences.get(key)
	if !known {
		pic, err := f.gallery.get(ctx, u)
		if err != nil {
			return 0, false, err
		}
		small := copies.Seen(pic)
		defer func() { small.Release() }()
		if small.Width*small.Height > calibrationPixels {
			large := small
			small = scaledTo(large, calibrationPixels)
			large.Release()
		}
		e = evidence.Evidence{Reason: evidence.Nothing}
		if made := copies.Changed(small, uint64(number)); made != nil {
			e = evidence.Compare(small, made)
			made.Release()
		}
		e = f.evidences.put(key, e)
	}
	switch e.Reason {
	case evidence.NoReason, evidence.Place:
		return e.Worst, true, nil
	case evidence.Nothing:
		return 0, false, nil
	}
	return math.Inf(1), true, nil
}

// changedKey is the key of a content and a changed picture of it.
func changedKey(hash record.Hash, number int) evidenceKey {
	return keyOf(hash, record.Hash{byte(number)}, copies.Turns) // no content has that hash, and no pair that turn
}

// worst returns the distances of changed pictures: of every nth content, from the first.
func (f *finder) worst(first, nth int) (all []float64) {
	for i, of := range f.changes {
		if i%nth == first {
			all = append(all, of...)
		}
	}
	return all
}

// families returns the contents that have a similar one which is no duplicate of theirs.
func (f *finder) families() map[int]bool {
	duplicates := map[int]map[int]bool{}
	for _, p := range f.pairs {
		for _, of := range [][2]int{{p.a, p.b}, {p.b, p.a}} {
			if duplicates[of[0]] == nil {
				duplicates[of[0]] = map[int]bool{}
			}
			duplicates[of[0]][of[1]] = true
		}
	}
	// Two duplicates of a third picture differ by the losses of both. They show the same if the third shows at least as
	// much as either, for each was compared with it at its own resolution.
	viaThird := func(a, b int) bool {
		for third := range duplicates[a] {
			if duplicates[b][third] && f.size(third) >= max(f.size(a), f.size(b)) {
				return true
			}
		}
		return false
	}
	in := map[int]bool{}
	for _, p := range f.similar {
		if !viaThird(p.a, p.b) {
			in[p.a], in[p.b] = true, true
		}
	}
	return in
}

// anyDuplicateIn reports whether any duplicate is in a family.
func (f *finder) anyDuplicateIn(in map[int]bool) bool {
	return slices.ContainsFunc(f.pairs, func(p pair) bool { return in[p.a] || in[p.b] })
}

// withFamilies returns the sample and what is in a family, those with the lowest hashes first, as many as are changed.
func (f *finder) withFamilies(sample []int, in map[int]bool) []int {
	all := slices.Clone(sample)
	for _, u := range f.sample(len(f.contents)) {
		if in[u] && !slices.Contains(sample, u) {
			all = append(all, u)
		}
	}
	return all[:min(len(all), maxChangedInTotal/changedEach)]
}
