package space

import (
	"math"
	"strconv"

	"github.com/akin-search/akin/api"
	"github.com/akin-search/akin/internal/insight"
)

// Words for hits: see docs/scores.md.
const (
	nearRate    = 0.01 // of the hits that are called near, so many are luck at most
	relatedRate = 0.05
	Judged      = 10 // hits that are looked at together, also where fewer are asked for: words do not depend on that
)

// judge gives hits, which are in order, their words. Those whose pixels were compared have theirs, and the
// queried picture itself is judged by itself: neither makes others likelier.
func (v *Space) Judge(hits []api.Hit, self map[int64]bool, keep Passed) {
	if len(hits) == 0 {
		return
	}
	l := insight.NewNull(v.RandomPairs(), v.Space.Covered)
	asked := max(0, keep.Candidates-len(self))
	luck, at := make([]float64, 0, len(hits)), make([]int, 0, len(hits))
	for i := range hits {
		h := &hits[i]
		n := l.Expected(h.Score, asked)
		h.ByLuck = fewDigits(n)
		switch {
		case h.SamePixels:
			h.Grade = api.Same
		case self[h.ID]:
			h.Grade = word(0, insight.Discoveries([]float64{n}, nearRate), insight.Discoveries([]float64{n}, relatedRate))
		default:
			luck, at = append(luck, n), append(at, i)
		}
	}
	near, related := insight.Discoveries(luck, nearRate), insight.Discoveries(luck, relatedRate)
	for place, i := range at {
		hits[i].Grade = word(place, near, related)
	}
}

// word is the word of the hit at a place of a list of which so many are near and related.
func word(place, near, related int) api.Grade {
	switch {
	case place < near:
		return api.Near
	case place < related:
		return api.Related
	}
	return api.Weak
}

// fewDigits is an expected number with as many digits as are worth telling.
func fewDigits(n float64) *float64 {
	if n, err := strconv.ParseFloat(strconv.FormatFloat(n, 'g', 3, 64), 64); err == nil {
		return &n
	}
	return &n
}

// noGoodMatch reports whether luck explains all hits but the queried picture itself.
func NoGoodMatch(hits []api.Hit, t Target) bool {
	for _, h := range hits {
		if h.Grade != api.Weak && !t.Self[h.ID] {
			return false
		}
	}
	return true
}

// copyShare of the distance between two random pictures is about as far as copies go that are
// worth looking at: what resizing, recompressing and trimming move a picture.
const copyShare = 0.1

// close reports whether a score is as high as that of copies.
func (v *Space) close(score float64) bool {
	return 1-score <= copyShare*(1-math.Min(v.Median(), 1))
}
