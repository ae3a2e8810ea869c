package weaviate_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/akin-search/akin/internal/record"
	"github.com/akin-search/akin/internal/store"
	"github.com/akin-search/akin/internal/store/weaviate"
	"github.com/akin-search/akin/internal/store/weaviate/weaviatetest"
)

// What was committed is found after the node was killed in the same moment: also its index of
// vectors has it, whose log Weaviate does not write by itself before it answers. Where an index
// lacks pictures all the same, verify tells and repair mends it.
func TestKilledNodesFindWhatWasCommitted(t *testing.T) {
	nodes := weaviatetest.Start(t, 1, false)
	const n = 400
	type kept struct {
		*weaviate.Collection
		record.Space
		index  string
		synced bool
	}
	var all []kept
	for i, index := range []string{"flat", "hnsw", "flat", "hnsw"} {
		k := kept{index: index, synced: i < 2}
		put := func() {
			k.Collection, _, k.Space = openWith(t, nodes.Address(fmt.Sprintf("Killed%d", i))+"?index="+index, n)
		}
		if k.synced {
			put()
		} else {
			weaviate.WithoutSyncIndexes(put)
		}
		all = append(all, k)
	}
	nodes.Node(0).Kill()
	nodes.Node(0).Start(t)
	nodes.Node(0).Wait(t, time.Minute)
	finds := func(k kept) (found int) { // each asked for by its own vector
		for i := range n {
			near, _, err := k.Near(t.Context(), k.Space, around(i), 10, store.Filter{})
			if err != nil {
				t.Fatal(err)
			}
			for _, p := range near.Pictures.All() {
				if p.Source == fmt.Sprintf("/p/%04d.png", i) {
					found++
				}
			}
		}
		return found
	}
	for _, k := range all {
		found := finds(k)
		problems, err := k.Verify(t.Context())
		t.Logf("faults: a node killed when %d pictures were committed, indexes synced: %v: %s finds %d; verify: %q", n, k.synced, k.index, found, problems)
		strays := map[string]int{"flat": 0, "hnsw": n / 20}[k.index] // of a graph that passes for sound
		if err != nil || k.synced && found < n || len(problems) == 0 && found < n-strays || len(problems) > 0 && found == n ||
			found < n && k.index == "flat" && !strings.Contains(problems[0], fmt.Sprintf("lacks %d pictures of m", n-found)) {
			t.Errorf("%s finds %d, and verify says %q, %v", k.index, found, problems, err)
		}
		if k.synced {
			wantAll(t, k.Collection, k.Space, n)
			continue
		}
		r, err := k.Repair(t.Context())
		again := finds(k)
		t.Logf("faults: repaired, %s finds %d: %q", k.index, again, r.Done)
		if err != nil || len(r.Problems) > 0 || again < n {
			t.Errorf("repaired, %s finds %d of %d: %+v, %v", k.index, again, n, r, err)
		}
		wantAll(t, k.Collection, k.Space, n)
		must := map[string][]float32{}
		for i := range n {
			must[fmt.Sprintf("/p/%04d.png", i)] = around(i)
		}
		err = k.Each(t.Context(), []record.Space{k.Space}, func(some []record.Stored) error {
			for _, p := range some {
				want := slices.Clone(must[p.Source])
				if err := (record.Embedding{Vector: want}).Normalize(want); err != nil || !slices.Equal(p.Vectors[k.ID], want) {
					t.Errorf("%s has %v, want %v", p.Source, p.Vectors[k.ID], want)
				}
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
}

// A node that is killed in the middle of a write has, when the write went on, every picture, and
// finds each after a repair, by its name as well.
func TestKilledNodesAreMended(t *testing.T) {
	nodes := weaviatetest.Start(t, 1, false)
	const n = 3000
	c, w, s := openWith(t, nodes.Address("Torn"), 10)
	written := make(chan error)
	go func() { written <- w.Commit(t.Context(), batchOf(s, 10, n)) }()
	for began := time.Now(); time.Since(began) < 10*time.Second; time.Sleep(time.Millisecond) {
		if info, err := c.Info(t.Context()); err == nil && info.Pictures > 10 { // in the middle of it
			break
		}
	}
	nodes.Node(0).Kill()
	nodes.Node(0).Start(t)
	nodes.Node(0).Wait(t, time.Minute)
	if err := <-written; err != nil {
		t.Fatal(err)
	}
	before, err := c.Verify(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	r, err := c.Repair(t.Context())
	if err != nil || len(r.Problems) > 0 {
		t.Errorf("%+v, %v", r, err)
	}
	near, _, err := c.Near(t.Context(), s, around(0), 2*n, store.Filter{})
	if err != nil || near.Pictures.Len() != n {
		t.Errorf("it finds %d of %d, %v", near.Pictures.Len(), n, err)
	}
	var sources []string
	for i := range n {
		sources = append(sources, fmt.Sprintf("/p/%04d.png", i))
	}
	ids, _, err := c.List(t.Context(), nil, sources)
	if err != nil || len(ids) != n {
		t.Errorf("by their sources it finds %d of %d, %v", len(ids), n, err)
	}
	lost, doubled := wantAll(t, c, s, n)
	t.Logf("faults: a node killed in the middle of a write: %q; repaired: %q; %d lost, %d doubled", before, r.Done, lost, doubled)
}
