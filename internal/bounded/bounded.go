// Package bounded is for tests: it holds what reads others' bytes to an amount of memory and
// a time, so that a fuzz run finds a small file that takes gigabytes or minutes, too.
package bounded

import (
	"runtime"
	"testing"
	"time"
)

// Run calls f, and fails the test where f allocated more than that many bytes, all together and
// freed or not, or took longer. What other goroutines allocate counts as well: it is for fuzz
// targets and for tests that do not run in parallel. Memory of C is not seen.
func Run(t testing.TB, mostBytes uint64, longest time.Duration, f func()) {
	t.Helper()
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	started := time.Now()
	f()
	took := time.Since(started)
	runtime.ReadMemStats(&after)
	if n := after.TotalAlloc - before.TotalAlloc; n > mostBytes {
		t.Errorf("it took %d bytes of memory; %d are allowed", n, mostBytes)
	}
	if took > longest {
		t.Errorf("it took %s; %s are allowed", took, longest)
	}
}
