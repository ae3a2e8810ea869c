package local

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"sort"

	"github.com/akin-search/akin/internal/disk"
	"github.com/akin-search/akin/internal/insight"
	"github.com/akin-search/akin/internal/simd"
)

const (
	allPairsRows = 632     // up to this many, every pair is scored
	samplePairs  = 200_000 // of larger spaces, drawn with a fixed seed
)

// randomPairs returns the scores of the space's random pairs, ascending.
func randomPairs(s *Snapshot) []float32 {
	var rows []int
	for r, first := range s.rows.first {
		if first >= 0 {
			rows = append(rows, r)
		}
	}
	n := len(rows)
	var scores []float32
	if n <= allPairsRows {
		for i, a := range rows {
			for _, b := range rows[:i] {
				scores = append(scores, simd.Dot(s.Matrix.Row(a), s.Matrix.Row(b)))
			}
		}
	} else {
		r := rand.New(rand.NewPCG(uint64(n), 1))
		scores = make([]float32, samplePairs)
		for i := range scores {
			a := r.IntN(n)
			b := r.IntN(n - 1)
			if b >= a {
				b++
			}
			scores[i] = simd.Dot(s.Matrix.Row(rows[a]), s.Matrix.Row(rows[b]))
		}
	}
	slices.Sort(scores)
	return scores
}

// ascending reports whether scores are sorted and none is NaN.
func ascending(scores []float32) bool {
	for i, s := range scores {
		if s != s || i > 0 && s < scores[i-1] {
			return false
		}
	}
	return true
}

// Chance is the fraction of random pairs of the space that score at least as high,
// in 0…1; 1 for a space of fewer than two pictures.
func (s *Snapshot) Chance(score float64) float64 {
	n := len(s.chance)
	if n == 0 {
		return 1
	}
	below := sort.Search(n, func(i int) bool { return float64(s.chance[i]) >= score })
	return float64(n-below) / float64(n)
}

// RandomPairs returns the scores of random pairs of the space, ascending.
func (s *Snapshot) RandomPairs() []float32 { return s.chance }

// Null is the null distribution of the space's scores.
func (s *Snapshot) Null() insight.Null {
	s.fit.Do(func() { s.null = insight.NewNull(s.chance, s.Space.Covered) })
	return s.null
}

// Median is the score that half of the random pairs reach; 0 without pairs.
func (s *Snapshot) Median() float64 {
	if len(s.chance) == 0 {
		return 0
	}
	return float64(s.chance[len(s.chance)/2])
}

// Calibrate stores the distribution of random pairs of every space that has
// changed, so that readers need not make it.
func (w *Writer) Calibrate(ctx context.Context) (err error) {
	defer disk.Catch(&err)()
	spaces, err := w.c.Spaces(ctx)
	if err != nil {
		return err
	}
	for _, space := range spaces {
		var rows int
		err := w.c.read(ctx, func(tx *readTx) error {
			return tx.one(`SELECT chance_rows FROM space WHERE id = ?`, []any{space.ID}, &rows)
		})
		if err != nil {
			return fmt.Errorf("calibrate %s: %w", space.Model, err)
		}
		if rows == space.Rows {
			continue
		}
		s, err := w.c.Snapshot(ctx, space)
		if err != nil {
			return err
		}
		err = w.c.exec(ctx, `UPDATE space SET chance = ?, chance_rows = ? WHERE id = ?`, bytesOf(s.chance), s.Space.Rows, space.ID)
		if closed := s.Close(); err == nil {
			err = closed
		}
		if err != nil {
			return fmt.Errorf("calibrate %s: %w", space.Model, err)
		}
	}
	return nil
}
