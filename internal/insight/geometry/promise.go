package geometry

import (
	"math"

	"github.com/akin-search/akin/internal/insight/keypoint"
)

// Features are a picture's keypoints of most contrast. They tell quickly which pairs of pictures are worth a comparison.
type Features struct {
	in  frame
	set keypoint.Compact
}

// featuresMost keypoints of a picture are enough to see that it may share a part with another.
const featuresMost = 800

// Features returns a picture's features, which take about 130 kB.
func (p *Picture) Features() *Features { return &Features{p.frame(), p.set.Compact(featuresMost)} }

// Promising reports whether a transform that more features agree with than by chance leads from one picture to another. It
// proves nothing: pictures of one form promise as much as parts do.
func Promising(a, b *Features, o Options) bool {
	e, ok := best(mutual(a.set.Set(), b.set.Set()), a.in, b.in)
	return ok && e.log10NFA+o.compared() <= math.Log10(o.limit())
}
