package duplicates

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"slices"

	"github.com/akin-search/akin/api"
	"github.com/akin-search/akin/internal/embed"
	"github.com/akin-search/akin/internal/insight/copies"
	"github.com/akin-search/akin/internal/insight/evidence"
	"github.com/akin-search/akin/internal/picture"
	"github.com/akin-search/akin/internal/source"
)

const (
	// Signatures propose a pair up to this distance, where nearly all made copies are within 1. Most duplicates that were
	// lightened in a way that the made copies were not lie between 1.5 and 2, and the pixels decide.
	proposedWithin = 2
	// A pair within this distance that is no duplicate is reported as a series.
	seriesWithin = 1
)

// find calibrates, and finds the pairs of contents that are duplicates.
func (f *finder) find(ctx context.Context) (err error) {
	f.embedded, f.failed, f.accepted = map[pairKey]float64{}, map[int]bool{}, map[pairKey]bool{}
	for t := copies.Turn(1); t < copies.Turns; t++ {
		if (f.o.Mirrored || !t.Mirror()) && (f.o.Rotated || t.Quarters() == 0) {
			f.turns = append(f.turns, t)
		}
	}
	f.out.Calibration = &api.DuplicateCalibration{}
	if f.network, err = f.c.NetworkOf(f.v.Space); err != nil {
		f.out.Calibration.Unembedded = err.Error()
	}
	if err := f.calibrate(ctx); err != nil {
		return err
	}
	candidates, err := f.propose(ctx)
	if err != nil {
		return err
	}
	if err := f.examine(ctx, candidates); err != nil {
		return err
	}
	f.decide(candidates)
	if err := f.estimate(ctx); err != nil {
		return err
	}
	return f.findFromLossy(ctx)
}

// propose returns the pairs that may be duplicates.
func (f *finder) propose(ctx context.Context) ([]candidate, error) {
	candidates, err := f.neighbors(ctx)
	if err != nil {
		return nil, err
	}
	if err := f.sign(ctx, candidates, len(f.turns) > 0); err != nil {
		return nil, err
	}
	candidates = uniqueCandidates(append(candidates, f.transparentNeighbors()...))
	if err := f.compare(ctx, candidates, proposedWithin); err != nil {
		return nil, err
	}
	candidates = slices.DeleteFunc(candidates, func(c candidate) bool { return !(c.distance <= proposedWithin) })
	if len(f.turns) > 0 {
		turned, err := f.turnedNeighbors(ctx, candidates)
		if err != nil {
			return nil, err
		}
		candidates = append(candidates, turned...)
	}
	return candidates, nil
}

// decide sorts what was examined into duplicates and similar pairs.
//
// If the smaller picture is too small to show what is written on the larger one, the pixels neither differ nor agree.
// Then the pair counts as duplicates only if nothing else in the collection is as similar.
func (f *finder) decide(candidates []candidate) {
	similar := map[int]int{} // by content: how many are similar to it
	for _, c := range candidates {
		if c.viaThird || c.seen && (c.distance <= seriesWithin || c.evidence.Verdict != evidence.Different) {
			similar[c.a]++
			similar[c.b]++
		}
	}
	for _, c := range candidates {
		if c.viaThird {
			f.pairs = append(f.pairs, pair{c.a, c.b})
		}
		if !c.seen || f.summaries[c.a].blank || f.summaries[c.b].blank {
			continue
		}
		switch {
		case c.evidence.Same, c.evidence.Reason == evidence.Writing && similar[c.a] == 1 && similar[c.b] == 1:
			f.pairs = append(f.pairs, pair{c.a, c.b})
			f.accepted[pairKey{c.a, c.b, c.turn}] = true
		case c.distance <= seriesWithin && c.turn == 0:
			f.similar = append(f.similar, pair{c.a, c.b})
		}
	}
}

// findFromLossy finds the lossless files with the pixels of a lossy duplicate. Lossy compression changes pixels, so
// these were made from the lossy file and hold no more than it.
func (f *finder) findFromLossy(ctx context.Context) error {
	f.fromLossy = map[int]bool{}
	for _, p := range f.pairs {
		lossy, other := p.a, p.b
		if !isLossy(f.format(lossy)) {
			lossy, other = other, lossy
		}
		if !isLossy(f.format(lossy)) || !isLossless(f.format(other)) || f.fromLossy[other] || f.size(lossy) != f.size(other) {
			continue
		}
		r, ok, err := f.relation(ctx, lossy, other)
		if err != nil {
			return err
		}
		if ok && r.moved.Difference <= 3 {
			same, err := f.samePixels(ctx, lossy, other, r.turn)
			if err != nil && !errors.Is(err, errUnreadable) {
				return err
			}
			f.fromLossy[other] = same
		}
	}
	return nil
}

func (f *finder) format(u int) string {
	return f.files[f.v.Pictures.ID(f.contents[u].pictures[0])].Format
}

func isLossless(format string) bool {
	f, _ := picture.FormatOf(format)
	return f.Lossless
}

func isLossy(format string) bool {
	f, _ := picture.FormatOf(format)
	return f.Lossy
}

// mayHaveAlpha reports whether pictures of a format may have transparency: embeddings ignore it, so
// their signatures are compared as well.
func mayHaveAlpha(format string) bool {
	f, _ := picture.FormatOf(format)
	return f.Alpha
}

// samePixels reports whether b, turned, has the pixels of a, up to the rounding of another decoder.
func (f *finder) samePixels(ctx context.Context, a, b int, t copies.Turn) (bool, error) {
	x, err := f.decode(ctx, a)
	if err != nil {
		return false, err
	}
	defer x.Release()
	unturned, err := f.decode(ctx, b)
	if err != nil {
		return false, err
	}
	defer unturned.Release()
	y := t.Apply(unturned)
	defer y.Release()
	if x.Width != y.Width || x.Height != y.Height {
		return false, nil
	}
	for i, v := range x.Pix {
		if d := int(v) - int(y.Pix[i]); d < -1 || d > 1 {
			return false, nil
		}
	}
	return true, nil
}

func (f *finder) threads() int {
	if n := f.c.Options.Threads; n > 0 {
		return n
	}
	return runtime.GOMAXPROCS(0)
}

// errUnreadable is of a picture whose file cannot be read or decoded: it is left out.
var errUnreadable = errors.New("the picture cannot be read")

// decode reads a content's picture from the first of its files that holds it. The error is errUnreadable if
// none does.
func (f *finder) decode(ctx context.Context, u int) (*picture.Picture, error) {
	var problem error
	for _, i := range f.contents[u].pictures {
		from := f.v.Pictures.Borrow(i).Source
		data, err := source.Bytes(ctx, f.c.Client, from)
		if err == nil && embed.HashOf(data) != f.contents[u].hash {
			err = fmt.Errorf("%s: %w", from, api.ErrChanged)
		}
		if err == nil {
			var pic *picture.Picture
			if pic, _, err = picture.Decode(ctx, data, f.c.Engine.Limits()); err == nil {
				return pic, nil
			}
		}
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		problem = err
	}
	return nil, errors.Join(errUnreadable, problem)
}
