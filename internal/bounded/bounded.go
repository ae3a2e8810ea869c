// Package bounded is for tests: it holds what reads others' bytes to an amount of memory and
// a time, so that a fuzz run finds a small file that takes gigabytes or minutes, too.
package bounded

import (
	"math"
	"runtime"
	"testing"
	"time"
)

// tries is how often f is called before its cost is believed: what others do beside it is
// counted in the first and, with luck, not in the next; what f does itself is in all of them.
const tries = 5

// Run calls f, and fails the test where f allocated more than that many bytes, all together and
// freed or not, or took longer. What other goroutines allocate in the meantime counts as well, so
// that f is called again, up to five times, until a call is within both. Memory of C is not seen.
func Run(t testing.TB, mostBytes uint64, longest time.Duration, f func()) {
	t.Helper()
	leastBytes, shortest := uint64(math.MaxUint64), time.Duration(math.MaxInt64)
	for range tries {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		started := time.Now()
		f()
		took := time.Since(started)
		runtime.ReadMemStats(&after)
		leastBytes, shortest = min(leastBytes, after.TotalAlloc-before.TotalAlloc), min(shortest, took)
		if leastBytes <= mostBytes && shortest <= longest {
			return
		}
	}
	if leastBytes > mostBytes {
		t.Errorf("it took %d bytes of memory; %d are allowed", leastBytes, mostBytes)
	}
	if shortest > longest {
		t.Errorf("it took %s; %s are allowed", shortest, longest)
	}
}
