package geometry

import (
	"math"

	"github.com/akin-search/akin/internal/insight/keypoint"
	"github.com/akin-search/akin/internal/parallel"
	"github.com/akin-search/akin/internal/simd"
)

// ratio is how much nearer a descriptor's nearest must be than the nearest of another place (Lowe 2004, section 7.1).
const ratio = 0.85

// pair is a keypoint of a and the one of b that is most like it.
type pair struct {
	a, b keypoint.Point
	i    int // the place of a's in its set
}

// mutual pairs the keypoints of two sets that are each other's nearest, and clearly so: the nearest of b's other places is
// farther by ratio. Keypoints of one place, which differ in their direction or little in scale, are no rivals.
func mutual(a, b *keypoint.Set) []pair {
	if len(a.Points) == 0 || len(b.Points) == 0 {
		return nil
	}
	match := make([]int, len(a.Points)) // in b; -1 where there is none
	parallel.Each(len(a.Points), func(i int) {
		match[i] = -1
		scores := make([]float32, len(b.Points))
		simd.Dots(a.Descriptor(i), b.Descriptors, scores)
		first, second := largest(scores), float32(-1)
		for j, s := range scores {
			if s > second && !samePlace(b.Points[j], b.Points[first]) {
				second = s
			}
		}
		if distance(scores[first]) < ratio*distance(second) {
			match[i] = first
		}
	})
	back := make([]bool, len(a.Points))
	parallel.Each(len(a.Points), func(i int) {
		if match[i] >= 0 {
			scores := make([]float32, len(a.Points))
			simd.Dots(b.Descriptor(match[i]), a.Descriptors, scores)
			back[i] = largest(scores) == i
		}
	})
	var out []pair
	for i, j := range match {
		if back[i] {
			out = append(out, pair{a: a.Points[i], b: b.Points[j], i: i})
		}
	}
	return out
}

// largest is the place of the largest score, the first of equal ones.
func largest(scores []float32) (at int) {
	for i, s := range scores {
		if s > scores[at] {
			at = i
		}
	}
	return at
}

func distance(dot float32) float64 { return math.Sqrt(max(0, 2-2*float64(dot))) }

// samePlace reports whether two keypoints describe nearly the same pixels.
func samePlace(p, q keypoint.Point) bool {
	d := math.Hypot(float64(p.X-q.X), float64(p.Y-q.Y))
	return d < 1.5*float64(min(p.Scale, q.Scale))
}
