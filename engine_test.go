package akin

import (
	"math"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/akin-search/akin/internal/golden"
	"github.com/akin-search/akin/internal/picture"
	"github.com/akin-search/akin/internal/runtime"
)

// Two collections that share an Engine have each model once, and closing one of them
// leaves it to the other.
func TestEngineIsSharedByCollections(t *testing.T) {
	t.Parallel()
	golden.Deps(t)
	e := NewEngine(Options{})
	flag := filepath.Join(golden.Flags(t), "images", "Chad.png")
	var used []*network
	var collections []*Collection
	for range 2 {
		c, err := Open(filepath.Join(t.TempDir(), "flags.akin"), Options{Engine: e})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := c.Index(t.Context(), []string{flag}, IndexOptions{}); err != nil {
			t.Fatal(err)
		}
		n, err := c.engine.open(DefaultModel, picture.Drop)
		if err != nil {
			t.Fatal(err)
		}
		used, collections = append(used, n), append(collections, c)
	}
	if names := e.Models(); len(names) != 1 || used[0] != used[1] || used[0].many.session == nil {
		t.Errorf("in memory: %v, the same one: %v", names, used[0] == used[1])
	}
	if err := collections[0].Close(); err != nil {
		t.Fatal(err)
	}
	if hits, err := collections[1].Search(t.Context(), Like(flag), SearchOptions{IncludeSelf: true}); err != nil || len(hits.Hits) != 1 {
		t.Errorf("after the other was closed: %+v, %v", hits, err)
	}
	if err := collections[1].Close(); err != nil {
		t.Error(err)
	}
	if err := e.Close(); err != nil || len(e.Models()) != 0 {
		t.Errorf("%v, %v", e.Models(), err)
	}
}

// A network for few runs gives way to one for many, while it is used, and answers as before.
func TestASessionThatIsUsedMoreIsExchanged(t *testing.T) {
	t.Parallel()
	golden.Deps(t)
	e := NewEngine(Options{ModelDir: filepath.Join("internal", "runtime", "testdata", "families", "blip2-1024")})
	n, err := e.open("blip2-1024", picture.Drop)
	if err != nil {
		t.Fatal(err)
	}
	run := n.query().Run
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
	few := n.single.session
	var users sync.WaitGroup
	for range 4 {
		users.Go(func() {
			for range fewRuns {
				for i, v := range embed() {
					if math.Abs(float64(v-first[i])) > 1e-4 {
						t.Errorf("dimension %d: %g, and %g before", i, v, first[i])
					}
				}
			}
		})
	}
	users.Wait()
	waitForAnother(t, &n.single, few)
	for start := time.Now(); few.Run(t.Context(), pixels, 1, first) == nil; time.Sleep(time.Millisecond) {
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
		return s.session
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
	e := NewEngine(Options{ModelDir: filepath.Join("internal", "runtime", "testdata", "families", "blip2-1024")})
	defer e.Close()
	n, err := e.open("blip2-1024", picture.Drop)
	if err != nil {
		t.Fatal(err)
	}
	pixels, out := make([]float32, 3*n.InputHeight*n.InputWidth), make([]float32, n.Dim)
	var s session
	defer s.close()
	if err := n.run(&s, 1, true)(t.Context(), pixels, 1, out); err != nil {
		t.Fatal(err)
	}
	few := s.session
	if err := n.run(&s, 1, false)(t.Context(), pixels, 1, out); err != nil {
		t.Fatal(err)
	}
	waitForAnother(t, &s, few)
}
