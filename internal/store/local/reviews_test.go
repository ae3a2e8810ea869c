package local

import (
	"testing"
)

func TestACollectionOfAnOlderFormatHasNoReviews(t *testing.T) {
	t.Parallel()
	c, _ := openOld(t, version1(t), Options{ReadOnly: true})
	if got, err := c.Reviews(t.Context()); err != nil || len(got) > 0 {
		t.Errorf("%v, %v", got, err)
	}
}
