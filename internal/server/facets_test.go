package server

import (
	"encoding/json"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/akin-search/akin"
	"github.com/akin-search/akin/api"
	"github.com/akin-search/akin/client"
)

// photographed is a server of a collection with the pictures of internal/picture/testdata/metadata, whose metadata make.sh
// there wrote.
func photographed(t *testing.T) (*client.Client, *Server) {
	t.Helper()
	_, o := own(t)
	c, err := akin.Open(t.Context(), o.Collection, o.Open)
	if err != nil {
		t.Fatal(err)
	}
	r, err := c.Index(t.Context(), []string{"../picture/testdata/metadata"}, api.IndexOptions{Include: []string{"*.jpg", "*.png"}})
	if err != nil || r.Added != 6 {
		t.Fatalf("%+v, %v", r, err)
	}
	if err := c.Close(); err != nil {
		t.Fatal(err)
	}
	address, s := serve(t, o)
	return to(t, address, client.Options{}), s
}

func TestPicturesAreFilteredByMetadata(t *testing.T) {
	t.Parallel()
	c, s := photographed(t)
	for _, x := range []struct {
		why    string
		filter api.Filter
		want   []string
	}{
		{"cameras", api.Filter{Cameras: []string{"nikon d850", "*r5"}}, []string{"all", "exif"}},
		{"a lens", api.Filter{Lenses: []string{"24-70mm f/2.8"}}, []string{"all"}},
		{"stars; a sidecar gives xmp three", api.Filter{Rating: 3}, []string{"all", "xmp"}},
		{"a label", api.Filter{Labels: []string{"green"}}, []string{"all"}},
		{"keywords", api.Filter{Keywords: []string{"Paris", "été"}}, []string{"all"}},
		{"a keyword with signs of addresses", api.Filter{Keywords: []string{"<b> & c"}}, []string{"xmp"}},
		{"words of title and caption", api.Filter{Captions: []string{"L'AUBE tour"}}, []string{"all"}},
		{"the words of a sidecar", api.Filter{Captions: []string{"from", "sidecar"}}, []string{"xmp"}},
		{"near", api.Filter{Near: []float64{-33.8568, 151.2153, 0.1}}, []string{"exif"}},
		{"a box", api.Filter{Box: []float64{48, -3, 49, -2}}, []string{"all"}},
		{"a year that has not come", api.Filter{Taken: "2999"}, nil},
	} {
		list, err := c.Pictures(t.Context(), collection, api.ListOptions{Filter: x.filter, Sort: "name"})
		var names []string
		for _, p := range list.Pictures {
			names = append(names, p.Name)
		}
		if err != nil || !slices.Equal(names, x.want) {
			t.Errorf("%s: %v, %v, want %v", x.why, names, err, x.want)
		}
		found, err := c.Search(t.Context(), collection, api.SearchRequest{Query: []api.SearchTerm{{Picture: "Chad"}}, Filter: &x.filter})
		if x.want == nil {
			if status(err) != http.StatusUnprocessableEntity {
				t.Errorf("%s: %v", x.why, err)
			}
		} else if err != nil || len(found.Hits) != len(x.want) {
			t.Errorf("%s: %+v, %v, want %v", x.why, found.Hits, err, x.want)
		}
		if x.want == nil {
			continue
		}
		var got api.Result
		query := url.Values{"q": {"Chad"}}
		for key, values := range map[string][]string{"camera": x.filter.Cameras, "lens": x.filter.Lenses, "label": x.filter.Labels, "keyword": x.filter.Keywords, "caption": x.filter.Captions} {
			query[key] = values
		}
		if x.filter.Near == nil && x.filter.Box == nil && x.filter.Rating == 0 {
			answer := get(t, s.Handler(), "GET", "/api/v1/collections/"+collection+"/search?"+query.Encode(), nil, nil)
			if err := json.Unmarshal(answer.Body.Bytes(), &got); err != nil || len(got.Hits) != len(x.want) {
				t.Errorf("%s: in a URL: %s", x.why, answer.Body)
			}
		}
	}
	found, err := c.Search(t.Context(), collection, api.SearchRequest{Query: []api.SearchTerm{{Picture: "Chad"}}, Metadata: true, Top: 1000})
	told := map[string]*api.Metadata{}
	for _, h := range found.Hits {
		told[h.Name] = h.Metadata
	}
	if m := told["exif"]; err != nil || m == nil || m.Camera != "Canon EOS R5" || m.Caption != "Opera" || m.Position == nil || told["plain"] != nil || told["all"].Rating != 4 {
		t.Errorf("hits that tell of themselves: %+v, %v", told, err)
	}
	_, err = c.Pictures(t.Context(), collection, api.ListOptions{Filter: api.Filter{Cameras: []string{"D850"}}})
	if status(err) != http.StatusUnprocessableEntity || !strings.Contains(err.Error(), "did you mean NIKON D850?") {
		t.Errorf("a camera that no picture has: %v", err)
	}
	for _, bad := range []string{"near=1,2", "near=1,2,x", "near=91,0,1", "box=1,2,3,4,5", "box=10,0,0,1", "rating=6", "rating=x", "camera=%5Ba*", "caption=%21", "taken=yesterday"} {
		for _, path := range []string{"pictures?", "facets?", "search?q=Chad&"} {
			if answer := get(t, s.Handler(), "GET", "/api/v1/collections/"+collection+"/"+path+bad, nil, nil); answer.Code != http.StatusUnprocessableEntity {
				t.Errorf("%s%s: %d %s", path, bad, answer.Code, answer.Body)
			}
		}
	}
}

func TestFacets(t *testing.T) {
	t.Parallel()
	c, _ := photographed(t)
	f, err := c.Facets(t.Context(), collection, api.FacetOptions{})
	if err != nil {
		t.Fatal(err)
	}
	want := []api.FacetValue{{Value: "Apple iPhone 15", Pictures: 1}, {Value: "Canon EOS R5", Pictures: 1}, {Value: "NIKON D850", Pictures: 1}}
	if !slices.Equal(f.Cameras, want) || f.Located != 2 || f.Captioned != 5 || len(f.Years) == 0 {
		t.Errorf("%+v", f)
	}
	f, err = c.Facets(t.Context(), collection, api.FacetOptions{Filter: api.Filter{Near: []float64{48.858222, -2.2945, 1}}, Limit: 1})
	if err != nil || !slices.Equal(f.Cameras, want[2:]) || len(f.Keywords) != 1 || f.Located != 1 {
		t.Errorf("%+v, %v", f, err)
	}
	if f, err = c.Facets(t.Context(), collection, api.FacetOptions{Filter: api.Filter{Names: []string{"nobody's"}}}); err != nil || len(f.Cameras) > 0 || f.Cameras == nil {
		t.Errorf("of no picture: %+v, %v", f, err)
	}
}
