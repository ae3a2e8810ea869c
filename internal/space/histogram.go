package space

import (
	"context"
	"math"

	"github.com/akin-search/akin/api"
	"github.com/akin-search/akin/internal/simd"
)

// histogramBins is more than a screen has room to tell apart in a panel, and few to send.
const histogramBins = 80

// histogram counts the scores of all pictures that may be hits.
func (v *Space) histogram(ctx context.Context, t QueryVector, filtered Filtered, self map[int64]bool) (*api.Histogram, error) {
	scores := make([]float64, 0, v.Pictures.Len())
	low, high := math.Inf(1), math.Inf(-1)
	for row := range v.Matrix.Rows() {
		if row%4096 == 0 && ctx.Err() != nil {
			return nil, ctx.Err()
		}
		if filtered.Rows != nil && !filtered.Rows.Has(row) {
			continue
		}
		score := math.NaN()
		for i := range v.Of(row) {
			if self[v.Pictures.ID(i)] || !filtered.Has(i) {
				continue
			}
			if math.IsNaN(score) {
				score = float64(simd.Dot(t.Unit, v.Matrix.Row(row)))
				low, high = min(low, score), max(high, score)
			}
			scores = append(scores, score)
		}
	}
	if len(scores) == 0 {
		return nil, nil
	}
	out := api.Histogram{Low: low, High: high, Counts: make([]int, histogramBins)}
	for _, s := range scores {
		bin := 0
		if high > low {
			bin = min(int((s-low)/(high-low)*histogramBins), histogramBins-1)
		}
		out.Counts[bin]++
	}
	return &out, nil
}
