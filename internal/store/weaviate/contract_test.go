package weaviate_test

import (
	"errors"
	"fmt"
	"testing"

	"github.com/akin-search/akin/internal/record"
	"github.com/akin-search/akin/internal/store"
	"github.com/akin-search/akin/internal/store/storetest"
	"github.com/akin-search/akin/internal/store/weaviate"
	"github.com/akin-search/akin/internal/store/weaviate/weaviatetest"
)

func TestClusterContract(t *testing.T) {
	nodes := weaviatetest.Start(t, 3, false)
	classes := 0
	storetest.RunRemote(t, func(t *testing.T) (store.Remote, store.Writer) {
		classes++
		// A replica that a QUORUM did not wait for may be asked before it has the write.
		c, err := weaviate.Open(t.Context(), nodes.Address(fmt.Sprintf("Contract%d", classes))+"?consistency=ALL", "", false)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = c.Close() })
		w, err := c.Writer()
		if err != nil {
			t.Fatal(err)
		}
		return c, w
	})
}

func TestAKeyOpensACluster(t *testing.T) {
	nodes := weaviatetest.Start(t, 1, true)
	if _, err := weaviate.Open(t.Context(), nodes.Address("Locked"), "", false); !errors.Is(err, record.ErrAPIKey) {
		t.Errorf("without a key: %v", err)
	}
	if _, err := weaviate.Open(t.Context(), nodes.Address("Locked"), "another", false); err == nil || errors.Is(err, record.ErrCluster) {
		t.Errorf("with a wrong key: %v", err)
	}
	c, err := weaviate.Open(t.Context(), nodes.Address("Locked"), weaviatetest.Key, false)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	w, _ := c.Writer()
	s, err := w.Space(t.Context(), "m", "f", storetest.Dim)
	if err == nil {
		err = w.Commit(t.Context(), record.Batch{Puts: []record.Put{storetest.Put("/p/a.png", "A")}, Embeddings: []record.Embedding{storetest.Embedding(s, "A", 1, 0, 0, 0)}})
	}
	if err != nil {
		t.Fatal(err)
	}
	near, recall, err := c.Near(t.Context(), s, []float32{1, 0, 0, 0}, 3, store.Filter{})
	if err != nil || recall != 1 || near.Pictures.Len() != 1 {
		t.Errorf("%v, %v, %v", near, recall, err)
	}
	if _, err := weaviate.Open(t.Context(), nodes.Address("Absent"), weaviatetest.Key, true); !errors.Is(err, record.ErrNotFound) {
		t.Errorf("an absent one: %v", err)
	}
}
