package models

import (
	"fmt"
	"math"

	"github.com/akin-search/akin/api"
	"github.com/akin-search/akin/internal/model"
)

// verified is a part that is being compared with a reference.
type verified struct{ api.VerifiedPart }

func newEmbeddingsPart(name string, p model.Precision) *verified {
	t := tolerances[p]
	return &verified{api.VerifiedPart{Part: name, OK: true, Cosine: 1, LeastCosine: t.cosine, Allowed: t.component}}
}

// fail keeps the first difference.
func (v *verified) fail(format string, args ...any) {
	if v.OK = false; v.Found == "" {
		v.Found = fmt.Sprintf(format, args...)
	}
}

// compare compares an embedding with the reference's.
func (v *verified) compare(of string, got, want []float32) {
	v.Count++
	cosine, component := apart(got, want)
	v.Cosine, v.Difference = min(v.Cosine, cosine), max(v.Difference, component)
	if !(cosine >= v.LeastCosine && component <= v.Allowed) {
		v.fail("%s: the cosine is %.6f, and a component is off by %.2g of the norm", of, cosine, component)
	}
}

// apart returns the cosine of two vectors of one length, and the largest difference of a component, as a share of
// the second's norm. Two zero vectors are equal.
func apart(got, want []float32) (cosine, component float64) {
	var dot, a, b, largest float64
	for i := range got {
		x, y := float64(got[i]), float64(want[i])
		dot, a, b, largest = dot+x*y, a+x*x, b+y*y, max(largest, math.Abs(x-y))
	}
	switch {
	case a == 0 && b == 0:
		return 1, 0
	case !(a > 0 && b > 0) || math.IsInf(a, 0): // not a number, or not a direction
		return -1, 1
	}
	return min(dot/math.Sqrt(a*b), 1), largest / math.Sqrt(b)
}
