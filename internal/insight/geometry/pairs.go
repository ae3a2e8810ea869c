package geometry

import (
	"math"

	"github.com/akin-search/akin/internal/insight/keypoint"
	"github.com/akin-search/akin/internal/simd"
)

// ratio is how much nearer a descriptor's nearest must be than the nearest of another place (Lowe 2004, section 7.1).
const ratio = 0.85

// pair is a keypoint of a and the one of b that is most like it.
type pair struct {
	a, b keypoint.Point
	i, j int // their places in the sets
}

// mutual pairs the keypoints of two sets that are each other's nearest, and clearly so.
func mutual(a, b *keypoint.Set) []pair {
	if len(a.Points) == 0 || len(b.Points) == 0 {
		return nil
	}
	ab, clear := nearest(a, b)
	ba, _ := nearest(b, a)
	var out []pair
	for i, j := range ab {
		if j >= 0 && clear[i] && ba[j] == i {
			out = append(out, pair{a: a.Points[i], b: b.Points[j], i: i, j: j})
		}
	}
	return out
}

// nearest finds for each descriptor of a the nearest of b. clear tells those whose nearest of another place is farther by ratio.
// Keypoints of one place, which differ in their direction or little in scale, are no rivals.
func nearest(a, b *keypoint.Set) (best []int, clear []bool) {
	best, clear = make([]int, len(a.Points)), make([]bool, len(a.Points))
	inParallel(len(a.Points), func(i int) {
		scores := make([]float32, len(b.Points))
		simd.Dots(a.Descriptor(i), b.Descriptors, scores)
		first := 0
		for j, s := range scores {
			if s > scores[first] {
				first = j
			}
		}
		second := float32(-1)
		for j, s := range scores {
			if s > second && !samePlace(b.Points[j], b.Points[first]) {
				second = s
			}
		}
		best[i] = first
		clear[i] = distance(scores[first]) < ratio*distance(second)
	})
	return best, clear
}

func distance(dot float32) float64 { return math.Sqrt(max(0, 2-2*float64(dot))) }

// samePlace reports whether two keypoints describe nearly the same pixels.
func samePlace(p, q keypoint.Point) bool {
	d := math.Hypot(float64(p.X-q.X), float64(p.Y-q.Y))
	return d < 1.5*float64(min(p.Scale, q.Scale))
}
