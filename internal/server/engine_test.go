package server

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/akin-search/akin"
	"github.com/akin-search/akin/api"
	"github.com/akin-search/akin/client"
)

func TestCollectionsShareTheirModels(t *testing.T) {
	dir, o := shared(t)
	o.Open.Home = akin.Home(t.TempDir())
	o.Collection = ""
	names := []string{"one", "two"}
	for _, name := range names {
		path, err := o.Open.Home.CollectionFolder(name)
		if err == nil {
			err = os.CopyFS(path, os.DirFS(untouched()))
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	address, s := serve(t, o)
	c := to(t, address, client.Options{})
	file, err := os.Open(filepath.Join(dir, "flags", "Mali.png"))
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	up, err := c.Upload(t.Context(), file)
	if err != nil {
		t.Fatal(err)
	}
	left := api.Crop{Width: 0.5, Height: 1, Relative: true} // which no collection has an embedding of
	for _, name := range names {
		found, err := c.Search(t.Context(), name, api.SearchRequest{Query: []api.SearchTerm{{Upload: up.ID, Crop: &left}}})
		if err != nil || len(found.Hits) == 0 {
			t.Fatalf("%s: %+v, %v", name, found, err)
		}
		if told := get(t, s.Handler(), "GET", "/metrics", nil, nil).Body.String(); !strings.Contains(told, "\nakin_models 1\n") {
			t.Errorf("after a search in %s there should be one model in memory, not %v", name, s.collections.options.Engine.Models())
		}
	}
}
