package geometry

import "github.com/akin-search/akin/internal/insight/keypoint"

// Places are the keypoints of a picture of so many pixels, without their descriptors.
type Places struct {
	Width, Height int
	Points        []keypoint.Point
}

// leastPlaces is how many pairs a transform of few places is made of. It proves nothing, and says what to look at.
const leastPlaces = 3

// Agreement returns how many transforms are expected by chance with which as many pairs of places agree as with the best one, as a
// logarithm. Each pair is the number of a place in a and of one in b. ok is false where too few agree with any.
func Agreement(a, b Places, pairs [][2]int) (log10 float64, ok bool) {
	all := make([]pair, len(pairs))
	for i, p := range pairs {
		all[i] = pair{a: a.Points[p[0]], b: b.Points[p[1]], i: i}
	}
	e, ok := best(all, leastPlaces, frame{float64(a.Width), float64(a.Height)}, frame{float64(b.Width), float64(b.Height)})
	return e.log10NFA, ok
}
