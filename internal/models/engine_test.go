package models

import (
	"math"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/akin-search/akin/internal/golden"
	"github.com/akin-search/akin/internal/picture"
	"github.com/akin-search/akin/internal/runtime"
)

// A latency session is replaced by a throughput session while it is used, and computes the same.
func TestASessionThatIsUsedMoreIsExchanged(t *testing.T) {
	t.Parallel()
	golden.Deps(t)
	e := NewEngine(Options{Library: library(t), ModelDir: filepath.Join("..", "runtime", "testdata", "families", "blip2-1024")})
	n, err := e.Open("blip2-1024", picture.Drop)
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
	n, err := e.Open("blip2-1024", picture.Drop)
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

// Few pictures are embedded by the session of queries, to the same vectors, until the one for many is there.
func TestFewPicturesAreEmbeddedByTheSessionOfQueries(t *testing.T) {
	t.Parallel()
	golden.Deps(t)
	e := NewEngine(Options{Library: library(t), ModelDir: filepath.Join("..", "runtime", "testdata", "families", "blip2-1024")})
	defer e.Close()
	n, err := e.Open("blip2-1024", picture.Drop)
	if err != nil {
		t.Fatal(err)
	}
	stage := n.Stage()
	pixels := make([]float32, 2*stage.Input)
	for i := range pixels {
		pixels[i] = float32(i%13)/6 - 1
	}
	few, many := make([]float32, 2*n.Dim), make([]float32, 2*n.Dim)
	if err := stage.RunFew(t.Context(), pixels, 2, few); err != nil {
		t.Fatal(err)
	}
	if n.batches.isOpen() || !n.single.isOpen() || !n.single.latency {
		t.Errorf("the session for many is open: %v; of queries: %v, for latency: %v", n.batches.isOpen(), n.single.isOpen(), n.single.latency)
	}
	if err := stage.Run(t.Context(), pixels, 2, many); err != nil {
		t.Fatal(err)
	}
	for i := range few {
		if math.Abs(float64(few[i]-many[i])) > 1e-4 {
			t.Errorf("dimension %d: %g by the session for few, %g by the one for many", i, few[i], many[i])
		}
	}
	before := n.single.runs.Load()
	if err := stage.RunFew(t.Context(), pixels, 2, few); err != nil {
		t.Fatal(err)
	}
	if n.single.runs.Load() != before || !slices.Equal(few, many) {
		t.Error("the session of queries ran while the one for many was there")
	}
}

// A network that is loaded ahead is the one that the first query runs, and its error is the query's.
func TestANetworkIsLoadedAhead(t *testing.T) {
	t.Parallel()
	golden.Deps(t)
	dir := filepath.Join("..", "runtime", "testdata", "families", "blip2-1024")
	e := NewEngine(Options{Library: library(t), ModelDir: dir})
	n, err := e.Open("blip2-1024", picture.Drop)
	if err != nil {
		t.Fatal(err)
	}
	n.Preload()
	for started := time.Now(); !n.single.isOpen(); time.Sleep(time.Millisecond) {
		if time.Since(started) > time.Minute {
			t.Fatal("it is not loaded")
		}
	}
	ahead := n.single.current
	out := make([]float32, n.Dim)
	if err := n.QueryStage().Run(t.Context(), make([]float32, 3*n.InputHeight*n.InputWidth), 1, out); err != nil || n.single.current != ahead {
		t.Errorf("%v; the session is another one: %v", err, n.single.current != ahead)
	}
	n.Preload()
	if err := e.Close(); err != nil {
		t.Error(err)
	}

	absent := NewEngine(Options{Library: filepath.Join(t.TempDir(), "absent.so"), ModelDir: dir})
	defer absent.Close()
	if n, err = absent.Open("blip2-1024", picture.Drop); err != nil {
		t.Fatal(err)
	}
	n.Preload()
	if err := n.QueryStage().Run(t.Context(), make([]float32, 3*n.InputHeight*n.InputWidth), 1, out); err == nil {
		t.Error("a network ran without its library")
	}
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
