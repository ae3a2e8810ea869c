package keypoint

import (
	"cmp"
	"math"
	"slices"
)

// spreadOf is how many keypoints of most contrast Spread chooses among.
const spreadOf = 1000

// Spread returns which keypoints to keep of a picture, at most so many, so that every part of it has some: those that are farthest from the
// nearest one of more contrast (Brown, Szeliski and Winder, "Multi-Image Matching using Multi-Scale Oriented Patches", CVPR 2005).
func (s *Set) Spread(most int) []int {
	points := s.Points[:min(spreadOf, len(s.Points))] // by contrast
	order := make([]int, len(points))
	alone := make([]float64, len(points)) // the squared distance to the nearest of more contrast
	for i, p := range points {
		order[i], alone[i] = i, math.Inf(1)
		for _, q := range points[:i] {
			dx, dy := float64(p.X-q.X), float64(p.Y-q.Y)
			alone[i] = min(alone[i], dx*dx+dy*dy)
		}
	}
	if len(order) > most {
		slices.SortStableFunc(order, func(i, j int) int { return cmp.Compare(alone[j], alone[i]) })
	}
	return order[:min(most, len(order))]
}
