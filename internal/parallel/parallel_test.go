package parallel

import (
	"sync/atomic"
	"testing"
)

func TestEachIsCalledOnce(t *testing.T) {
	t.Parallel()
	for _, n := range []int{0, 1, 15, 16, 17, 1000} {
		calls := make([]atomic.Int32, n)
		Each(n, func(i int) { calls[i].Add(1) })
		for i := range calls {
			if c := calls[i].Load(); c != 1 {
				t.Errorf("of %d, %d was called %d times", n, i, c)
			}
		}
	}
}
