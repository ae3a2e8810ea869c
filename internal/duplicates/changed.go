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
	"github.com/akin-search/akin/internal/picture"
	"github.com/akin-search/akin/internal/record"
	"github.com/akin-search/akin/internal/resample"
	"golang.org/x/sync/errgroup"
)

const (
	changedEach      = 3    // changed pictures made of each that copies are made of, and of each of a family
	changedEachMost  = 12   // where fewer wrong ones are asked for, at most
	changedTotalMost = 6000 // in all
)

// changed compares a picture with one that is made of it and differs in one place. The same number gives the same
// place; ok is false where the picture has none. What was measured is kept with the evidence of pairs.
func (f *finder) compareChanged(ctx context.Context, u, number int) (worst float64, ok bool, err error) {
	key := changeOf(f.contents[u].hash, number)
	e, known := f.evidences.get(key)
	if !known {
		pic, err := f.gallery.get(ctx, u)
		if err != nil {
			return 0, false, err
		}
		small := calibrationSize(copies.Seen(pic))
		defer small.Release()
		if made := copies.Changed(small, uint64(number)); made != nil {
			e = evidence.Compare(small, made)
			made.Release()
		} else {
			e = evidence.Evidence{Reason: evidence.Nothing}
		}
		f.evidences.put(key, e)
	}
	switch e.Reason {
	case evidence.NoReason, evidence.Place:
		return e.Worst, true, nil
	case evidence.Nothing:
		return 0, false, nil
	}
	return math.Inf(1), true, nil
}

// changeOf is the key of a content and a changed picture of it.
func changeOf(hash record.Hash, number int) [16]byte {
	return pairOf(hash, record.Hash{byte(number)}, copies.Turns) // no content has that hash, and no pair that turn
}

// calibrationSize is a picture with as many pixels as made ones are compared at, at most; it takes p over.
func calibrationSize(p *picture.Picture) *picture.Picture {
	n := p.Width * p.Height
	if n <= calibratedPixels {
		return p
	}
	defer p.Release()
	k := math.Sqrt(calibratedPixels / float64(n))
	return resample.Resize(p, max(1, int(k*float64(p.Width))), max(1, int(k*float64(p.Height))), resample.Bilinear)
}

// change makes so many changed pictures of each unit, and measures how far these are from it.
func (f *finder) measureChanged(ctx context.Context, units []int, each int) error {
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(min(comparers, f.threads()))
	f.changes = make([][]float64, len(units))
	var mu sync.Mutex
	done := 0
	for i, u := range units {
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
			f.o.Progress(api.Progress{Step: "changes", Done: done, Total: len(units)})
			return ctx.Err()
		})
	}
	err := group.Wait()
	f.evidences.flush()
	return err
}

// estimate tells how many wrong ones are to be expected: of each picture that has one as much alike as copies
// which is none, and of one more, as often as changed pictures are taken for copies. Where these are too many it
// lets of such pictures only those go that are nearer to the best than changed ones come.
func (f *finder) estimate(ctx context.Context) error {
	c := f.out.Calibration
	sample := f.sample(calibrated)
	if err := f.measureChanged(ctx, sample, changedEach); err != nil {
		return err
	}
	in := f.families()
	c.Families, f.within = len(in), 1
	of := float64(min(len(in)+1, len(f.contents)))
	rate := copies.Within(f.worst(0, 1), 1)
	if of*rate.Expected() > f.o.MaxWrong && f.anyCopyIn(in) { // measured where the risk is, and more of it
		if err := f.measureChanged(ctx, f.inFamilies(in, sample), max(changedEach, min(changedEachMost, int(math.Ceil(1.5/f.o.MaxWrong))))); err != nil {
			return err
		}
		rate = copies.Within(f.worst(0, 1), 1)
	}
	if of*rate.Expected() > f.o.MaxWrong {
		// The limit is of the changes of every other picture; how often it is wrong is counted on those between.
		f.inFamily = in
		f.within = copies.Limit(f.worst(0, 2), of, f.o.MaxWrong)
		if rate = copies.Within(f.worst(1, 2), f.within); f.within == 0 || of*rate.Expected() > f.o.MaxWrong {
			f.within, of = 0, 1 // pixels that are equal, and what is in no family
			rate = copies.Within(f.worst(0, 1), 1)
		}
	}
	c.Changed, c.Mistaken, c.Within = rate.N, rate.K, round(f.within)
	c.Wrong, c.WrongMost = round(of*rate.Expected()), round(of*rate.AtMost())
	return nil
}

// worst is how far changed pictures are from what they were made of: of every nth picture, from the first.
func (f *finder) worst(first, nth int) (all []float64) {
	for i, of := range f.changes {
		if i%nth == first {
			all = append(all, of...)
		}
	}
	return all
}

// anyCopyIn reports whether a copy is held back where pictures in families stay.
func (f *finder) anyCopyIn(in map[int]bool) bool {
	return slices.ContainsFunc(f.pairs, func(p pair) bool { return in[p.a] || in[p.b] })
}

// familiar are the sample and what is in a family, as many as are changed, those with the least hashes first.
func (f *finder) inFamilies(in map[int]bool, sample []int) []int {
	all := slices.Clone(sample)
	for _, u := range f.sample(len(f.contents)) {
		if in[u] && !slices.Contains(sample, u) {
			all = append(all, u)
		}
	}
	return all[:min(len(all), changedTotalMost/changedEach)]
}
