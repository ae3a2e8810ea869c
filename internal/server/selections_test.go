package server

import (
	"net/http"
	"slices"
	"testing"

	"github.com/akin-search/akin/api"
	"github.com/akin-search/akin/client"
)

func TestASelectionIsQueriedByItsMean(t *testing.T) {
	t.Parallel()
	_, o := own(t)
	address, _ := serve(t, o)
	c := to(t, address, client.Options{})
	kept, err := c.KeepSelection(t.Context(), collection, "Chad", "Romania", "Mali")
	if err != nil || kept.Count != 3 {
		t.Fatalf("%+v, %v", kept, err)
	}
	if got, err := c.Selection(t.Context(), collection, kept.ID); err != nil || !slices.Equal(got.Pictures, []string{"Chad", "Mali", "Romania"}) {
		t.Errorf("%+v, %v", got, err)
	}
	// Embeddings have length 1, so the mean has the direction of the sum.
	var sum []api.SearchTerm
	for _, name := range []string{"Chad", "Romania", "Mali"} {
		sum = append(sum, api.SearchTerm{Picture: name})
	}
	want, err := c.Search(t.Context(), collection, api.SearchRequest{Query: sum})
	if err != nil {
		t.Fatal(err)
	}
	got, err := c.Search(t.Context(), collection, api.SearchRequest{Query: []api.SearchTerm{{Selection: kept.ID}}})
	if err != nil || len(got.Hits) != len(want.Hits) || got.Query[0].Mean != 3 {
		t.Fatalf("%d hits, want %d, %v", len(got.Hits), len(want.Hits), err)
	}
	for i, h := range got.Hits {
		if h.Name != want.Hits[i].Name || h.Score-want.Hits[i].Score > 1e-5 || want.Hits[i].Score-h.Score > 1e-5 {
			t.Errorf("hit %d: %s %g, want %s %g", i+1, h.Name, h.Score, want.Hits[i].Name, want.Hits[i].Score)
		}
	}
	_, err = c.Search(t.Context(), collection, api.SearchRequest{Query: []api.SearchTerm{{Selection: "0011223344556677889900aa"}}})
	if status(err) != http.StatusNotFound {
		t.Errorf("one that is not stored: %v", err)
	}
	if _, err := c.KeepSelection(t.Context(), collection); status(err) != http.StatusUnprocessableEntity {
		t.Errorf("an empty one: %v", err)
	}
}
