package weaviate_test

import (
	"context"
	"errors"
	"fmt"
	"math"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/akin-search/akin/internal/record"
	"github.com/akin-search/akin/internal/store"
	"github.com/akin-search/akin/internal/store/local"
	"github.com/akin-search/akin/internal/store/storetest"
	"github.com/akin-search/akin/internal/store/weaviate"
	"github.com/akin-search/akin/internal/store/weaviate/weaviatetest"
)

// around is a unit vector for each i, different from all others.
func around(i int) []float32 {
	angle := float64(i) / 1000
	return []float32{float32(math.Cos(angle)), float32(math.Sin(angle)), 0, 0}
}

// batchOf are the pictures from one number to another.
func batchOf(s record.Space, from, to int) (b record.Batch) {
	for i := from; i < to; i++ {
		source := fmt.Sprintf("/p/%04d.png", i)
		b.Puts = append(b.Puts, storetest.Put(source, source))
		b.Embeddings = append(b.Embeddings, record.Embedding{Space: s.ID, Hash: storetest.Hash(source), Vector: around(i)})
	}
	return b
}

// longOnly skips a test of a minute that `make test-long` runs.
func longOnly(t *testing.T) {
	t.Helper()
	if os.Getenv("AKIN_FAULTS") == "" {
		t.Skip("AKIN_FAULTS is not set: make test-long sets it")
	}
}

// wantAll reads everything: each of n pictures is there once, with its embedding, and nothing is
// wrong but what may be.
func wantAll(t *testing.T, c *weaviate.Collection, s record.Space, n int, but ...string) (lost, doubled int) {
	t.Helper()
	seen := map[string]int{}
	err := c.Each(t.Context(), []record.Space{s}, func(some []record.Stored) error {
		for _, p := range some {
			if p.Vectors[s.ID] != nil {
				seen[p.Source]++
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	for i := range n {
		source := fmt.Sprintf("/p/%04d.png", i)
		switch seen[source] {
		case 0:
			lost++
		case 1:
		default:
			doubled++
		}
		delete(seen, source)
	}
	problems, err := c.Verify(t.Context())
	problems = slices.DeleteFunc(problems, func(p string) bool {
		return slices.ContainsFunc(but, func(word string) bool { return strings.Contains(p, word) })
	})
	if err != nil || lost+doubled+len(seen)+len(problems) > 0 {
		t.Errorf("%d lost, %d doubled, %d others, %q, %v", lost, doubled, len(seen), problems[:min(3, len(problems))], err)
	}
	return lost, doubled
}

// rightOf tells whether a search found the nearest of picture i among n: those around it.
func rightOf(s *local.Snapshot, i int) bool {
	found := map[string]bool{}
	for k := range s.Pictures.Len() {
		found[s.Pictures.At(k).Source] = true
	}
	for k := i - 2; k <= i+2; k++ {
		if !found[fmt.Sprintf("/p/%04d.png", k)] {
			return false
		}
	}
	return true
}

func openWith(t *testing.T, address string, n int) (*weaviate.Collection, store.Writer, record.Space) {
	t.Helper()
	c, err := weaviate.Open(t.Context(), address, "", false)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close() })
	w, _ := c.Writer()
	s, err := w.Space(t.Context(), "m", "f", storetest.Dim)
	if err == nil {
		err = w.Commit(t.Context(), batchOf(s, 0, n))
	}
	if err == nil {
		err = w.Calibrate(t.Context())
	}
	if err != nil {
		t.Fatal(err)
	}
	return c, w, s
}

// With two of three nodes gone a majority cannot be asked: whoever asks is told so, in a
// bounded time. When they come back, what was cut off is done again, and nothing is lost
// or doubled.
func TestTwoOfThreeNodesGone(t *testing.T) {
	longOnly(t)
	nodes := weaviatetest.Start(t, 3, false)
	const before, after = 300, 500
	c, w, s := openWith(t, nodes.Address("Gone"), before)
	const patience = 10 * time.Second
	normal := weaviate.SetPatience(patience)
	defer func() { weaviate.SetPatience(normal) }()
	nodes.Node(1).Kill()
	nodes.Node(2).Kill()
	var asked sync.WaitGroup
	var mu sync.Mutex
	longest := time.Duration(0)
	for what, do := range map[string]func(ctx context.Context) error{
		"a search": func(ctx context.Context) error {
			near, _, err := c.Near(ctx, s, around(100), 9, store.Filter{})
			if err == nil && !rightOf(near, 100) {
				t.Errorf("a search gives a wrong answer")
			}
			return err
		},
		"a write": func(ctx context.Context) error { return w.Commit(ctx, batchOf(s, before, after)) },
		"a review": func(ctx context.Context) error {
			_, err := w.Review(ctx, []record.Review{{storetest.Hash("A"): 2}})
			return err
		},
		"a reading": func(ctx context.Context) error {
			return c.Each(ctx, nil, func([]record.Stored) error { return nil })
		},
		"an opening": func(ctx context.Context) error {
			c, err := weaviate.Open(ctx, nodes.Address("Gone"), "", true)
			if err == nil {
				return c.Close()
			}
			return err
		},
	} {
		asked.Go(func() {
			began := time.Now()
			err := do(t.Context())
			took := time.Since(began)
			t.Logf("faults: two of three nodes gone: %s: after %.1f s: %v", what, took.Seconds(), err)
			mu.Lock()
			defer mu.Unlock()
			longest = max(longest, took)
			if what == "a write" && err == nil {
				t.Errorf("a write found a majority")
			}
			if err != nil && (!errors.Is(err, record.ErrCluster) || !strings.Contains(err.Error(), "127.0.0.1")) {
				t.Errorf("%s: %v", what, err)
			}
		})
	}
	asked.Wait()
	if longest > patience+2*weaviate.CallTime {
		t.Errorf("it took %v to be told", longest)
	}
	weaviate.SetPatience(normal)
	for _, i := range []int{1, 2} {
		nodes.Node(i).Start(t)
	}
	for _, i := range []int{1, 2} {
		nodes.Node(i).Wait(t, 2*time.Minute)
	}
	began := time.Now()
	if err := w.Commit(t.Context(), batchOf(s, before, after)); err != nil {
		t.Fatal(err)
	}
	near, _, err := c.Near(t.Context(), s, around(after-10), 9, store.Filter{})
	if err != nil || !rightOf(near, after-10) {
		t.Errorf("when they are back a search gives %v, %v", near, err)
	}
	took := time.Since(began)
	wantAll(t, c, s, after, "its index lacks") // of a node that was killed
	r, err := c.Repair(t.Context())
	if err != nil || len(r.Problems) > 0 {
		t.Errorf("repair: %+v, %v", r, err)
	}
	lost, doubled := wantAll(t, c, s, after)
	t.Logf("faults: two of three nodes gone and back: told after %.1f s at most, with a patience of %v; written %.1f s after they served; repaired: %q; %d lost, %d doubled",
		longest.Seconds(), patience, took.Seconds(), r.Done, lost, doubled)
}
