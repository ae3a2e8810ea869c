package server

import (
	"bytes"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/akin-search/akin/weaviate"

	"github.com/akin-search/akin"
	"github.com/akin-search/akin/api"
	"github.com/akin-search/akin/client"
	"github.com/akin-search/akin/internal/store/weaviate/weaviatetest"
)

func init() { weaviate.Register("") }

// A server of a collection in a cluster answers as that of one in a folder: searches,
// pictures, tags, reports, copies and what was decided about them.
func TestAClusterIsServedAsAFolder(t *testing.T) {
	nodes := weaviatetest.Start(t, 1, false)
	from, o := shared(t)
	home := t.TempDir()
	o.Open.Home = akin.Home(home)
	folder := to(t, first(serve(t, o)), client.Options{})
	const served = "flags.akin"
	o.Collection = nodes.Address("Served") + "?replicas=1"
	if _, err := akin.Copy(t.Context(), filepath.Join(from, "flags.akin"), o.Collection, api.CopyOptions{Home: home}); err != nil {
		t.Fatal(err)
	}
	c := to(t, first(serve(t, o)), client.Options{})
	const name = "Served"
	all, err := c.Collections(t.Context())
	if err != nil || len(all) != 1 || all[0].Name != name || all[0].Pictures != len(flags) || len(all[0].Folders) != 1 {
		t.Fatalf("%+v, %v", all, err)
	}

	chad, err := os.ReadFile(filepath.Join(from, "flags", "Chad.png"))
	if err != nil {
		t.Fatal(err)
	}
	uploaded, err := c.Upload(t.Context(), bytes.NewReader(chad))
	if err != nil {
		t.Fatal(err)
	}
	at, err := folder.Upload(t.Context(), bytes.NewReader(chad))
	if err != nil {
		t.Fatal(err)
	}
	for _, x := range []struct {
		why       string
		far, near api.SearchTerm
	}{
		{"a name", api.SearchTerm{Picture: "Chad"}, api.SearchTerm{Picture: "Chad"}},
		{"a picture that is sent", api.SearchTerm{Upload: uploaded.ID}, api.SearchTerm{Upload: at.ID}},
	} {
		have, err := c.Search(t.Context(), name, api.SearchRequest{Query: []api.SearchTerm{x.far}})
		if err != nil {
			t.Fatal(err)
		}
		want, err := folder.Search(t.Context(), served, api.SearchRequest{Query: []api.SearchTerm{x.near}})
		if err != nil {
			t.Fatal(err)
		}
		if len(have.Hits) == 0 || text(t, have.Hits) != text(t, want.Hits) {
			t.Errorf("%s finds\n%s\nwant\n%s", x.why, text(t, have.Hits), text(t, want.Hits))
		}
	}
	compared, err := c.Compare(t.Context(), name, api.SearchRequest{Query: []api.SearchTerm{{Picture: "Chad"}}})
	if err != nil || len(compared.Rows) == 0 || compared.Rows[0].Hits[0].Name != "Romania" {
		t.Errorf("%+v, %v", compared, err)
	}

	list, err := c.Pictures(t.Context(), name, api.ListOptions{Typed: "ma"})
	if err != nil || list.Total == 0 {
		t.Errorf("%+v, %v", list, err)
	}
	about, err := c.Picture(t.Context(), name, "Chad")
	if err != nil || !about.HasFile || about.Bytes != int64(len(chad)) || !slices.Equal(about.CoveredBy, []string{akin.DefaultModel}) {
		t.Errorf("%+v, %v", about, err)
	}
	small, err := c.Thumbnail(t.Context(), name, "Chad", 64)
	if err != nil || len(small.Data) == 0 || small.Hash != about.Hash {
		t.Errorf("a thumbnail: %d bytes of %s, %v", len(small.Data), small.Hash, err)
	}
	file, err := c.File(t.Context(), name, "Chad")
	if err != nil {
		t.Fatal(err)
	}
	data, err := io.ReadAll(file)
	if file.Close(); err != nil || !bytes.Equal(data, chad) {
		t.Errorf("a file of %d bytes, %v", len(data), err)
	}
	if _, err := c.Picture(t.Context(), name, "Atlantis"); status(err) != http.StatusNotFound {
		t.Errorf("a picture that is not there: %v", err)
	}
	tagged, err := c.AddTag(t.Context(), name, "sea", "Chad")
	if err != nil || tagged.Changed != 1 {
		t.Errorf("%+v, %v", tagged, err)
	}
	narrow, err := c.Search(t.Context(), name, api.SearchRequest{Query: []api.SearchTerm{{Picture: "Romania"}}, Filter: &api.Filter{Tags: []string{"sea"}}})
	if err != nil || len(narrow.Hits) != 1 || narrow.Hits[0].Name != "Chad" {
		t.Errorf("%+v, %v", narrow, err)
	}

	// Copies: a new one is indexed through the server, found, and reviewed.
	pictures := filepath.Join(t.TempDir(), "more")
	if err := os.MkdirAll(pictures, 0o777); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(pictures, "Chad2.png"), chad, 0o666); err != nil {
		t.Fatal(err)
	}
	var report api.IndexReport
	if err := c.Run(t.Context(), name, "index", map[string]any{"paths": []string{pictures}}, &report, nil); err != nil || report.Added != 1 || report.Embedded != 0 {
		t.Errorf("%+v, %v", report, err)
	}
	copies := func() int {
		t.Helper()
		var d api.Duplicates
		if err := c.Run(t.Context(), name, "dupes", map[string]any{"exact": true}, &d, nil); err != nil {
			t.Fatal(err)
		}
		return len(d.Groups)
	}
	if n := copies(); n != 1 {
		t.Errorf("%d groups of copies", n)
	}
	if n, err := c.Review(t.Context(), name, []string{"Chad", "Chad2"}); err != nil || n != 1 || copies() != 0 {
		t.Errorf("reviewed: %d, %v", n, err)
	}
	if n, err := c.Unreview(t.Context(), name, "Chad"); err != nil || n != 1 || copies() != 1 {
		t.Errorf("not reviewed any more: %d, %v", n, err)
	}
	var m api.Map
	if err := c.Run(t.Context(), name, "map", nil, &m, nil); err != nil || len(m.Pictures) != len(flags)+1 {
		t.Errorf("%d on the map, %v", len(m.Pictures), err)
	}
	var checked struct{ Problems []string }
	for _, repair := range []bool{false, true} {
		if err := c.Run(t.Context(), name, "verify", map[string]bool{"repair": repair}, &checked, nil); err != nil || len(checked.Problems) > 0 {
			t.Errorf("verify, repair %v: %+v, %v", repair, checked, err)
		}
	}
}

func first(address string, _ *Server) string { return address }
