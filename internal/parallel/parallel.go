// Package parallel spreads pieces of work over all cores.
package parallel

import (
	"runtime"
	"sync"
	"sync/atomic"
)

// step is how many pieces are taken at a time: they are small.
const step = 16

// Each calls f for 0…n-1, and returns when all calls have. Their order is open, so that f(i) writes to what is i's alone.
func Each(n int, f func(i int)) {
	var next atomic.Int64
	var wait sync.WaitGroup
	for range min(runtime.GOMAXPROCS(0), (n+step-1)/step) {
		wait.Go(func() {
			for {
				first := int(next.Add(step)) - step
				if first >= n {
					return
				}
				for i := first; i < min(n, first+step); i++ {
					f(i)
				}
			}
		})
	}
	wait.Wait()
}
