package cluster_test

import (
	"testing"
	"time"

	"github.com/akin-search/akin/internal/cluster"
	"github.com/akin-search/akin/internal/collection"
	"github.com/akin-search/akin/internal/weaviate"
)

// What was committed is found after the node was killed in the same moment: also its index of
// vectors has it, whose log Weaviate does not write by itself before it answers.
func TestKilledNodesFindWhatWasCommitted(t *testing.T) {
	nodes := weaviate.Start(t, 1, false)
	const n = 400
	indexes := []string{"flat", "hnsw"}
	var at [2]*cluster.Collection
	var spaces [2]collection.Space
	for i, index := range indexes {
		at[i], _, spaces[i] = openWith(t, nodes.Address("Killed_"+index)+"?index="+index, n)
	}
	nodes.Node(0).Kill()
	nodes.Node(0).Start(t)
	nodes.Node(0).Wait(t, time.Minute)
	for i, index := range indexes {
		near, _, err := at[i].Near(t.Context(), spaces[i], around(0), 2*n, cluster.Filter{})
		if err != nil {
			t.Fatal(err)
		}
		lost, doubled := wantAll(t, at[i], spaces[i], n)
		t.Logf("faults: a node killed when %d pictures were committed: %s finds %d; %d lost, %d doubled", n, index, near.Pictures.Len(), lost, doubled)
		if near.Pictures.Len() != n {
			t.Errorf("%s has %d of %d", index, near.Pictures.Len(), n)
		}
	}
}
