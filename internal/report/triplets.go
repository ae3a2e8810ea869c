package report

import (
	"context"
	"fmt"
	"io"
	"slices"

	"github.com/akin-search/akin/api"
	"github.com/akin-search/akin/internal/insight"
	"github.com/akin-search/akin/internal/record"
	"github.com/akin-search/akin/internal/space"
	"github.com/akin-search/akin/internal/vector"
)

// ReadTriplets reads triplets from a table with the columns ref, left, right and share or choice, and counts the answers that
// prefer neither picture.
func ReadTriplets(r io.Reader) (triplets []api.Triplet, undecided int, err error) {
	return insight.ReadTriplets(r)
}

// EvaluateTriplets returns how often each model answers as people do which of two pictures is more like a third. Triplets
// with a name that the collection does not have are skipped, and the names reported.
func EvaluateTriplets(ctx context.Context, c *space.Collection, triplets []api.Triplet, models []string) (api.TripletEvaluation, error) {
	e, err := newEvaluator(ctx, c, api.EvaluateOptions{Models: models})
	if err != nil {
		return api.TripletEvaluation{}, err
	}
	defer e.close()
	out := api.TripletEvaluation{Summary: map[string]api.TripletSummary{}, Models: []string{}, Tests: []api.PairedTest{}}
	found, pictures, missing := e.findTriplets(triplets)
	out.Missing = missing
	votes := insight.PoolTriplets(found, func(i int) (ref, left, right int) { return pictures[i][0], pictures[i][1], pictures[i][2] })
	if len(votes) == 0 {
		return out, fmt.Errorf("evaluate: %w: no triplet has all of its names in %s", record.ErrNotIndexed, c.Location)
	}
	out.Triplets, out.Raters = len(votes), insight.Agreement(votes)
	score := func(answer func(insight.Votes) (float64, bool)) api.TripletSummary {
		var refs []int
		var scores []float64
		for _, v := range votes {
			if s, ok := answer(v); ok {
				refs, scores = append(refs, v.Ref), append(scores, s)
			}
		}
		return insight.ScoreTriplets(refs, scores)
	}
	out.Majority = score(func(v insight.Votes) (float64, bool) { return max(v.Share(), 1-v.Share()), true })
	out.Refs = len(out.Majority.PerRef)
	for _, s := range e.fuser.Spaces {
		if err := ctx.Err(); err != nil {
			return out, err
		}
		out.Models = append(out.Models, s.Model)
		out.Summary[s.Model] = score(func(v insight.Votes) (float64, bool) { return answerTriplet(s, v) })
	}
	out.Tests = compareAll(out.Models, func(a, b string) (difference, p float64, ok bool) {
		x, y := out.Summary[a], out.Summary[b]
		if x.Triplets != len(votes) || y.Triplets != len(votes) {
			return 0, 0, false
		}
		return x.TwoAFC - y.TwoAFC, insight.CompareTriplets(x, y), true
	})
	return out, nil
}

// answerTriplet scores a model's answer; ok is false where the model lacks one of the pictures.
func answerTriplet(s *space.Space, v insight.Votes) (score float64, ok bool) {
	rows := [3][]float32{}
	for i, picture := range []int{v.Ref, v.Left, v.Right} {
		row, ok := s.RowOf(int64(picture))
		if !ok {
			return 0, false
		}
		rows[i] = s.Matrix.Row(row)
	}
	left, right := vector.Dot(rows[0], rows[1]), vector.Dot(rows[0], rows[2])
	return insight.TwoAFC(float64(left), float64(right), v.Share()), true
}

// findTriplets finds the pictures of triplets, and returns the names that the collection does not have. A triplet of which
// two names are one picture is left out.
func (e *evaluator) findTriplets(triplets []api.Triplet) (found []api.Triplet, pictures [][3]int, missing []string) {
	known, absent := map[string]int{}, map[string]bool{}
	find := func(name string) (int, bool) {
		if id, ok := known[name]; ok || absent[name] {
			return id, ok
		}
		id, err := e.find(name)
		if err != nil {
			absent[name] = true
			missing = append(missing, name)
			return 0, false
		}
		known[name] = int(id)
		return int(id), true
	}
	for _, t := range triplets {
		ref, ok := find(t.Ref)
		left, okLeft := find(t.Left)
		right, okRight := find(t.Right)
		ids := []int{ref, left, right}
		slices.Sort(ids)
		if ok && okLeft && okRight && len(slices.Compact(ids)) == 3 {
			found, pictures = append(found, t), append(pictures, [3]int{ref, left, right})
		}
	}
	return found, pictures, missing
}
