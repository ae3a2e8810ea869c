package models

import (
	"math"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/akin-search/akin/internal/golden"
	"github.com/akin-search/akin/internal/runtime"
)

// A latency session is replaced by a throughput session while it is used, and computes the same.
func TestASessionThatIsUsedMoreIsExchanged(t *testing.T) {
	t.Parallel()
	golden.Deps(t)
	e := NewEngine(Options{Library: library(t), ModelDir: filepath.Join("..", "runtime", "testdata", "families", "blip2-1024")})
	n, err := e.Open("blip2-1024", View{})
	if err != nil {
		t.Fatal(err)
	}
	run := n.QueryStage().Run
	pixels := make([]float32, 3*n.InputHeight*n.InputWidth)
	for i := range pixels {
		pixels[i] = float32(i%17)/8 - 1
	}
	embed := func() []float32 {
		out := make([]float32, n.Dim)
		if err := run(t.Context(), pixels, 1, out); err != nil {
			t.Error(err)
		}
		return out
	}
	first := embed()
	latency := n.single.current
	var users sync.WaitGroup
	for range 4 {
		users.Go(func() {
			for range latencyRuns {
				for i, v := range embed() {
					if math.Abs(float64(v-first[i])) > 1e-4 {
						t.Errorf("dimension %d: %g, and %g before", i, v, first[i])
					}
				}
			}
		})
	}
	users.Wait()
	waitForAnother(t, &n.single, latency)
	for start := time.Now(); latency.Run(t.Context(), pixels, 1, first) == nil; time.Sleep(time.Millisecond) {
		if time.Since(start) > time.Minute {
			t.Fatal("the first session is still open")
		}
	}
	embed()
	if err := e.Close(); err != nil {
		t.Error(err)
	}
	if err := run(t.Context(), pixels, 1, first); err == nil {
		t.Error("a closed model ran")
	}
}

// waitForAnother waits until a session is not the first any more.
func waitForAnother(t *testing.T, s *session, first *runtime.Session) {
	t.Helper()
	now := func() *runtime.Session {
		s.mu.RLock()
		defer s.mu.RUnlock()
		return s.current
	}
	for start := time.Now(); now() == first; time.Sleep(time.Millisecond) {
		if time.Since(start) > time.Minute {
			t.Fatal("the session is still the first")
		}
	}
}

// Pictures to index, after a picture that was asked with, are worth another network at once.
func TestASessionIsExchangedWhenManyRunsAreToCome(t *testing.T) {
	t.Parallel()
	golden.Deps(t)
	e := NewEngine(Options{Library: library(t), ModelDir: filepath.Join("..", "runtime", "testdata", "families", "blip2-1024")})
	defer e.Close()
	n, err := e.Open("blip2-1024", View{})
	if err != nil {
		t.Fatal(err)
	}
	pixels, out := make([]float32, 3*n.InputHeight*n.InputWidth), make([]float32, n.Dim)
	var s session
	defer s.close()
	if err := n.run(&s, 1, true)(t.Context(), pixels, 1, out); err != nil {
		t.Fatal(err)
	}
	latency := s.current
	if err := n.run(&s, 1, false)(t.Context(), pixels, 1, out); err != nil {
		t.Fatal(err)
	}
	waitForAnother(t, &s, latency)
}

// library is the path of the ONNX Runtime that set-up fetched.
func library(t *testing.T) string {
	t.Helper()
	found, err := filepath.Glob(filepath.Join(golden.Deps(t), "lib", "libonnxruntime*"))
	if err != nil || len(found) == 0 {
		t.Skip("ONNX Runtime is absent")
	}
	return found[len(found)-1]
}
