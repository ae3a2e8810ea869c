package space

import (
	"math"
	"strconv"

	"github.com/akin-search/akin/api"
	"github.com/akin-search/akin/internal/insight"
)

// docs/explanation/scores.md describes the grades.
const (
	nearRate    = 0.01 // false discovery rate of the hits that are graded near
	relatedRate = 0.05
	gradedHits  = 10 // graded together even where fewer are wanted, so that grades do not depend on it
)

// grade sets ByLuck and Grade of hits, which are in order. Hits with the same pixels are graded same, and the query's
// own picture is graded by itself, so that neither raises the grades of others.
func (v *Space) grade(hits []api.Hit, self map[int64]bool, filtered Filtered) {
	if len(hits) == 0 {
		return
	}
	l := v.Null()
	searched := max(0, filtered.Candidates-len(self))
	luck, at := make([]float64, 0, len(hits)), make([]int, 0, len(hits))
	for i := range hits {
		h := &hits[i]
		n := l.Expected(h.Score, searched)
		h.ByLuck = threeDigits(n)
		switch {
		case h.SamePixels:
			h.Grade = api.Same
		case self[h.ID]:
			h.Grade = gradeAt(0, insight.Discoveries([]float64{n}, nearRate), insight.Discoveries([]float64{n}, relatedRate))
		default:
			luck, at = append(luck, n), append(at, i)
		}
	}
	near, related := insight.Discoveries(luck, nearRate), insight.Discoveries(luck, relatedRate)
	for place, i := range at {
		hits[i].Grade = gradeAt(place, near, related)
	}
}

// gradeAt returns the grade of the hit at a place of a list, of which the first so many are near and related.
func gradeAt(place, near, related int) api.Grade {
	switch {
	case place < near:
		return api.Near
	case place < related:
		return api.Related
	}
	return api.Weak
}

// threeDigits rounds an expected number to three significant digits.
func threeDigits(n float64) *float64 {
	var digits [24]byte
	if n, err := strconv.ParseFloat(string(strconv.AppendFloat(digits[:0], n, 'g', 3, 64)), 64); err == nil {
		return &n
	}
	return &n
}

// NoGoodMatch reports whether luck explains all hits except the query's own picture.
func NoGoodMatch(hits []api.Hit, t QueryVector) bool {
	for _, h := range hits {
		if h.Grade != api.Weak && !t.Self[h.ID] {
			return false
		}
	}
	return true
}

// duplicateShare of the distance between two random pictures is farther than resizing, saving anew and
// trimming move most pictures (half a flag's size: 0.12 under the default model): closer pictures are worth
// comparing by pixels, which decide.
const duplicateShare = 0.2

// mayBeDuplicate reports whether a score is as high as that of duplicates.
func (v *Space) mayBeDuplicate(score float64) bool {
	return 1-score <= duplicateShare*(1-math.Min(v.Median(), 1))
}
