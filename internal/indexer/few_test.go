package indexer

import (
	"context"
	"fmt"
	"image/color"
	"path/filepath"
	"sync/atomic"
	"testing"
	"time"

	"github.com/akin-search/akin/api"
	"github.com/akin-search/akin/internal/embed"
)

// A run over many pictures loads the network for many, and one that finds few among them that are new does not.
func TestFewNewPicturesDoNotLoadTheNetworkForMany(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	c, _ := open(t)
	var few, many atomic.Int64
	stage := meanColour()
	run := stage.Run
	count := func(calls *atomic.Int64) func(context.Context, []float32, int, []float32) error {
		return func(ctx context.Context, pixels []float32, n int, out []float32) error {
			calls.Add(int64(n))
			return run(ctx, pixels, n, out)
		}
	}
	stage.Run, stage.RunFew = count(&many), count(&few)
	c.Models[0].Stage = stage
	add := func(name string, pictures int) {
		for i := range pictures {
			paint(t, filepath.Join(dir, fmt.Sprintf("%s%d.png", name, i)), color.RGBA{byte(10 + i), byte(len(name)), 200, 255})
		}
	}
	for _, step := range []struct {
		why  string
		add  func()
		want [2]int64
	}{
		{"a new collection", func() { add("a", embed.Few+1) }, [2]int64{0, embed.Few + 1}},
		{"one new picture", func() { add("bb", 1) }, [2]int64{1, 0}},
		{"as many as are few", func() { add("ccc", embed.Few) }, [2]int64{embed.Few, 0}},
		{"nothing new", func() {}, [2]int64{0, 0}},
	} {
		step.add()
		few.Store(0)
		many.Store(0)
		if _, err := Run(t.Context(), c, []string{dir}, api.IndexOptions{}); err != nil {
			t.Fatalf("%s: %v", step.why, err)
		}
		if got := [2]int64{few.Load(), many.Load()}; got != step.want {
			t.Errorf("%s: %v pictures by the network for few and for many, want %v", step.why, got, step.want)
		}
	}
}

// The first picture does not wait for the end of a long walk; what the walk finds later counts then.
func TestFewIsNotWaitedForWithoutEnd(t *testing.T) {
	t.Parallel()
	f := newFewness()
	f.found()
	started := time.Now()
	if !f.wait(t.Context()) {
		t.Error("one picture is not few")
	}
	if waited := time.Since(started); waited < patience/2 || waited > 20*patience {
		t.Errorf("waited %s", waited)
	}
	for range embed.Few {
		f.found()
	}
	if f.wait(t.Context()) {
		t.Errorf("%d pictures are few", embed.Few+1)
	}
	cancelled, cancel := context.WithCancel(t.Context())
	cancel()
	if !newFewness().wait(cancelled) {
		t.Error("no pictures are not few")
	}
}
