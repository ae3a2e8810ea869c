package server

import (
	"bytes"
	"encoding/json"
	"errors"
	"math"
	"mime/multipart"
	"net/http"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/akin-search/akin"
	"github.com/akin-search/akin/api"
	"github.com/akin-search/akin/client"
)

func number(v float64) *float64 { return &v }

// What a page shows beyond the bound of one answer: the pages of a search are the whole search in pieces.
func TestPagesOfASearchAreTheSearchInPieces(t *testing.T) {
	t.Parallel()
	shared(t)
	c := ask(t)
	for _, fuse := range []bool{false, true} {
		r := api.SearchRequest{Query: []api.SearchTerm{{Picture: "Chad"}}, Top: 1000, Fuse: fuse}
		whole, err := c.Search(t.Context(), collection, r)
		if err != nil {
			t.Fatal(err)
		}
		if n := len(whole.Hits); n < 20 {
			t.Fatalf("%d hits", n)
		}
		var pages []api.Hit
		for r.Top = 7; ; r.Skip += r.Top {
			page, err := c.Search(t.Context(), collection, r)
			if err != nil {
				t.Fatal(err)
			}
			if len(page.Hits) == 0 {
				break
			}
			pages = append(pages, page.Hits...)
		}
		if !reflect.DeepEqual(pages, whole.Hits) {
			t.Errorf("fused %v: pages differ from the whole", fuse)
		}
		for _, h := range whole.Hits {
			if info, err := c.Picture(t.Context(), collection, h.Name); err != nil || h.Width == 0 || h.Width != info.Width || h.Height != info.Height {
				t.Errorf("%s is %d × %d, not %+v, %v", h.Name, h.Width, h.Height, info, err)
			}
		}
	}
}

func TestTheHistogramCountsEveryScore(t *testing.T) {
	t.Parallel()
	shared(t)
	c := ask(t)
	for _, filter := range []*api.Filter{nil, {Names: []string{"*a*"}}} {
		r, err := c.Search(t.Context(), collection, api.SearchRequest{Query: []api.SearchTerm{{Picture: "Chad"}}, Top: 1000, Filter: filter, Histogram: true})
		if err != nil || r.Histogram == nil {
			t.Fatal(err, r.Histogram)
		}
		h := r.Histogram
		if last := r.Hits[len(r.Hits)-1].Score; math.Abs(h.High-r.Hits[0].Score) > 1e-5 || math.Abs(h.Low-last) > 1e-5 {
			t.Errorf("from %v to %v, but the hits from %v to %v", h.Low, h.High, last, r.Hits[0].Score)
		}
		// By hand: how many of the hits score in the upper half, which ends between two bins.
		counted, upper, above := 0, 0, 0
		for i, n := range h.Counts {
			counted += n
			if i >= len(h.Counts)/2 {
				upper += n
			}
		}
		for _, hit := range r.Hits {
			if hit.Score >= (h.Low+h.High)/2 {
				above++
			}
		}
		if counted != len(r.Hits) || upper != above {
			t.Errorf("%d counted, %d in the upper half; %d hits, %d there", counted, upper, len(r.Hits), above)
		}
	}
}

// A search over HTTP finds what the library finds, which other tests hold to FAISS.
func TestSearchOverHTTPFindsWhatTheLibraryFinds(t *testing.T) {
	t.Parallel()
	dir, o := shared(t)
	c := ask(t)
	direct, err := akin.Open(t.Context(), o.Collection, o.Open)
	if err != nil {
		t.Fatal(err)
	}
	defer direct.Close()
	file, err := os.ReadFile(filepath.Join(dir, "flags", "Mali.png"))
	if err != nil {
		t.Fatal(err)
	}
	up, err := c.Upload(t.Context(), bytes.NewReader(file))
	if err != nil {
		t.Fatal(err)
	}
	if up.Width != 250 || up.Format != "png" || up.Bytes != len(file) {
		t.Errorf("%+v", up)
	}
	left := api.Crop{Width: 0.5, Height: 1, Relative: true}
	tag := api.Filter{Names: []string{"*o*"}}
	for _, x := range []struct {
		why  string
		r    api.SearchRequest
		q    api.Query
		want api.SearchOptions
	}{
		{"a name", api.SearchRequest{Query: []api.SearchTerm{{Picture: "Chad"}}, Top: 5}, akin.Like("Chad"), api.SearchOptions{Top: 5}},
		{"a name as a person types it", api.SearchRequest{Query: []api.SearchTerm{{Picture: "ivory coast"}}}, akin.Like("Ivory_Coast"), api.SearchOptions{}},
		{"an upload", api.SearchRequest{Query: []api.SearchTerm{{Upload: up.ID}}}, akin.LikeBytes("", file), api.SearchOptions{}},
		{"weights", api.SearchRequest{Query: []api.SearchTerm{{Picture: "Chad"}, {Picture: "France", Weight: number(-0.5)}}},
			akin.Like("Chad").Minus(akin.Like("France").Times(0.5)), api.SearchOptions{}},
		{"a region", api.SearchRequest{Query: []api.SearchTerm{{Picture: "Mexico", Crop: &left}}}, akin.Like("Mexico").Cropped(left), api.SearchOptions{}},
		{"a region of an upload", api.SearchRequest{Query: []api.SearchTerm{{Upload: up.ID, Crop: &left}}}, akin.LikeBytes("", file).Cropped(left), api.SearchOptions{}},
		{"a filter, a least score, itself", api.SearchRequest{Query: []api.SearchTerm{{Picture: "Romania"}}, MinScore: number(0.3), IncludeSelf: true,
			Filter: &api.Filter{Names: tag.Names}}, akin.Like("Romania"), api.SearchOptions{Filter: tag, MinScore: number(0.3), IncludeSelf: true}},
		{"folded", api.SearchRequest{Query: []api.SearchTerm{{Picture: "Indonesia"}}, Fold: true, MaxChance: 0.2}, akin.Like("Indonesia"), api.SearchOptions{Fold: true, MaxChance: 0.2}},
	} {
		got, err := c.Search(t.Context(), collection, x.r)
		if err != nil {
			t.Errorf("%s: %v", x.why, err)
			continue
		}
		x.want.Sizes = true
		want, err := direct.Search(t.Context(), x.q, x.want)
		if err != nil {
			t.Fatal(err)
		}
		if a, b := text(t, got.Hits), text(t, want.Hits); a != b || len(want.Hits) == 0 {
			t.Errorf("%s: over HTTP %s\nthe library  %s", x.why, a, b)
		}
	}

	compared, err := c.Compare(t.Context(), collection, api.SearchRequest{Query: []api.SearchTerm{{Picture: "Chad"}}})
	if err != nil {
		t.Fatal(err)
	}
	wanted, err := direct.Compare(t.Context(), akin.Like("Chad"), api.CompareOptions{})
	if err != nil || text(t, compared) != text(t, wanted) {
		t.Errorf("compare: %s\nwant %s, %v", text(t, compared), text(t, wanted), err)
	}
	var p *api.Problem
	if _, err := c.Disagree(t.Context(), collection, api.SearchRequest{Query: []api.SearchTerm{{Picture: "Chad"}}}); !errors.As(err, &p) || p.Status != http.StatusUnprocessableEntity {
		t.Errorf("one model disagrees: %v", err)
	}
	explained, err := c.Explain(t.Context(), collection, api.ExplainRequest{A: api.SearchTerm{Picture: "Chad"}, B: api.SearchTerm{Upload: up.ID}})
	if err != nil {
		t.Fatal(err)
	}
	x, err := direct.Explain(t.Context(), akin.Indexed("Chad"), akin.LikeBytes("", file), api.ExplainOptions{})
	if err != nil || explained.Score != x.Score || !reflect.DeepEqual(explained.A.Values, x.A.Values) || !reflect.DeepEqual(explained.B.Values, x.B.Values) {
		t.Errorf("explain: %v, want %v, %v", explained.Score, x.Score, err)
	}
	for _, address := range []string{explained.A.Picture, explained.A.Heat, explained.B.Picture, explained.B.Heat} {
		if head := "data:image/png;base64,iVBOR"; len(address) < 100 || address[:len(head)] != head {
			t.Errorf("explain: %.40s", address)
		}
	}
}

// Two models that are the same one agree.
func TestModelsDisagreeOverHTTP(t *testing.T) {
	t.Parallel()
	dir, o := own(t)
	direct, err := akin.Open(t.Context(), o.Collection, o.Open)
	if err != nil {
		t.Fatal(err)
	}
	defer direct.Close()
	e, err := direct.Export(t.Context(), "")
	if err != nil {
		t.Fatal(err)
	}
	var vectors bytes.Buffer
	file := filepath.Join(dir, "twin.csv")
	if err := errors.Join(e.Write(&vectors, "csv"), os.WriteFile(file, vectors.Bytes(), 0o666)); err != nil {
		t.Fatal(err)
	}
	if _, err := direct.Import(t.Context(), api.ImportOptions{Model: "twin", File: file}); err != nil {
		t.Fatal(err)
	}
	address, _ := serve(t, o)
	r, err := to(t, address, client.Options{}).Disagree(t.Context(), collection, api.SearchRequest{Query: []api.SearchTerm{{Picture: "Chad"}}, Top: 4})
	if err != nil || r.Top != 4 || len(r.Hits) != 4 || r.Hits[0].Name != "Romania" || r.Overlap[0][1] != 1 {
		t.Errorf("%+v, %v", r, err)
	}
}

func text(t *testing.T, v any) string {
	t.Helper()
	data, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

// A search in a URL has what a search in a body has, but for what belongs to a page or needs a structure of its own.
func TestASearchInAURLHasTheOptionsOfOneInABody(t *testing.T) {
	t.Parallel()
	only := map[string]string{
		"query": "q", "histogram": "", "models": "", "fusion": "", "filter": "under",
	}
	inURL := map[string]bool{}
	for _, f := range reflect.VisibleFields(reflect.TypeFor[getSearchInput]()) {
		name, _, _ := strings.Cut(f.Tag.Get("query"), ",")
		inURL[name] = true
	}
	for _, f := range reflect.VisibleFields(reflect.TypeFor[api.SearchRequest]()) {
		name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
		if other, ok := only[name]; ok {
			name = other
		}
		if name != "" && !inURL[name] {
			t.Errorf("a search in a URL has no %s", name)
		}
	}
}

func TestAddressesAndFormsAreSearchesAsWell(t *testing.T) {
	t.Parallel()
	dir, _ := shared(t)
	h := handler(t, nil)
	names := func(w interface{ Result() *http.Response }) (names []string) {
		t.Helper()
		answer := w.Result()
		var r api.Result
		if err := json.NewDecoder(answer.Body).Decode(&r); err != nil || answer.StatusCode != 200 {
			t.Fatalf("%d, %v", answer.StatusCode, err)
		}
		for _, hit := range r.Hits {
			names = append(names, hit.Name)
		}
		return names
	}
	post := func(body string) []string {
		return names(get(t, h, "POST", base+"/collections/flags.akin/search", map[string]string{"Content-Type": "application/json"}, bytes.NewReader([]byte(body))))
	}
	chad, err := os.ReadFile(filepath.Join(dir, "flags", "Chad.png"))
	if err != nil {
		t.Fatal(err)
	}
	var upload api.Upload
	w := get(t, h, "POST", base+"/uploads", map[string]string{"Content-Type": "image/png"}, bytes.NewReader(chad))
	if err := json.NewDecoder(w.Body).Decode(&upload); err != nil || upload.ID == "" {
		t.Fatalf("%d, %v", w.Code, err)
	}
	for _, x := range []struct{ why, address, body string }{
		{"an upload", "?q=upload:" + upload.ID + "&q=-France", `{"query":[{"upload":"` + upload.ID + `"},{"picture":"France","weight":-1}]}`},
		{"a name", "?q=Chad&top=3", `{"query":[{"picture":"Chad"}],"top":3}`},
		{"plus and minus", "?q=Chad&q=-France&q=0.5:Mali", `{"query":[{"picture":"Chad"},{"picture":"France","weight":-1},{"picture":"Mali","weight":0.5}]}`},
		{"minus with a weight", "?q=Chad&q=-2:France", `{"query":[{"picture":"Chad"},{"picture":"France","weight":-2}]}`},
		{"no weak hits", "?q=Chad&top=1000&min_score=0.6", `{"query":[{"picture":"Chad"}],"top":1000,"min_score":0.6}`},
		{"a comma in a term", "?q=" + "Chad&include_self=true", `{"query":[{"picture":"Chad"}],"include_self":true}`},
	} {
		got, want := names(get(t, h, "GET", base+"/collections/flags.akin/search"+x.address, nil, nil)), post(x.body)
		if !reflect.DeepEqual(got, want) || len(want) == 0 {
			t.Errorf("%s: %v, want %v", x.why, got, want)
		}
	}

	var body bytes.Buffer
	form := multipart.NewWriter(&body)
	for _, name := range []string{"Chad", "Mali"} {
		part, err := form.CreateFormFile("picture", name+".png")
		if err != nil {
			t.Fatal(err)
		}
		data, err := os.ReadFile(filepath.Join(dir, "flags", name+".png"))
		if err != nil {
			t.Fatal(err)
		}
		_, _ = part.Write(data)
	}
	_ = form.WriteField("query", `{"query":[{"picture":"France","weight":-1}],"top":4}`)
	_ = form.Close()
	got := names(get(t, h, "POST", base+"/collections/flags.akin/search", map[string]string{"Content-Type": form.FormDataContentType()}, &body))
	// The files are indexed ones: by bytes they are those.
	want := post(`{"query":[{"picture":"Chad"},{"picture":"Mali"},{"picture":"France","weight":-1}],"top":8,"include_self":true}`)
	if len(got) != 4 || !reflect.DeepEqual(got, want[:4]) {
		t.Errorf("a form: %v, want %v", got, want[:4])
	}
}
