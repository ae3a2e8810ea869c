package server

import (
	"bytes"
	"encoding/hex"
	"image"

	"github.com/akin-search/akin/api"

	_ "image/jpeg"

	_ "image/png"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/akin-search/akin"
	"github.com/akin-search/akin/client"
)

func TestPicturesComeByThePageAndAsTyped(t *testing.T) {
	t.Parallel()
	c := ask(t)
	var all []string
	o := api.ListOptions{Limit: 8}
	for {
		page, err := c.Pictures(t.Context(), collection, o)
		if err != nil {
			t.Fatal(err)
		}
		if page.Total != len(flags) || len(page.Pictures) > 8 {
			t.Errorf("a page of %d, %d in all", len(page.Pictures), page.Total)
		}
		for _, p := range page.Pictures {
			all = append(all, p.Name)
		}
		if page.Next == "" {
			break
		}
		o.After = page.Next
	}
	// The order is that of indexing: the folder's, but for pictures that took their time.
	if got, want := slices.Sorted(slices.Values(all)), slices.Sorted(slices.Values(flags)); !slices.Equal(got, want) {
		t.Errorf("%v\nwant %v", got, want)
	}
	for _, x := range []struct {
		typed string
		limit int
		want  []string
	}{
		{"ro", 0, []string{"Romania"}},
		{"AN", 0, []string{"Andorra", "France", "Iceland", "Ireland", "Netherlands", "Poland", "Romania", "São_Tomé_and_Príncipe"}}, // heads first
		{"sao tome", 0, []string{"São_Tomé_and_Príncipe"}},
		{"TOMÉ", 0, []string{"São_Tomé_and_Príncipe"}},
		{"ivory c", 0, []string{"Ivory_Coast"}},
		{"an", 1, []string{"Andorra"}},
		{"xyz", 0, nil},
		{"frnace", 0, []string{"France"}}, // two letters are swapped
		{"icelnad", 1, []string{"Iceland"}},
	} {
		page, err := c.Pictures(t.Context(), collection, api.ListOptions{Typed: x.typed, Limit: x.limit})
		var names []string
		for _, p := range page.Pictures {
			names = append(names, p.Name)
		}
		if len(names) > 1 {
			slices.Sort(names[1:]) // the first one alone begins with what was typed
		}
		if err != nil || !slices.Equal(names, x.want) || x.limit == 0 && page.Next != "" {
			t.Errorf("%q: %v, %v; want %v", x.typed, names, err, x.want)
		}
		if misspelt := x.typed == "frnace" || x.typed == "icelnad"; page.Misspelt != misspelt {
			t.Errorf("%q: misspelt is %v", x.typed, page.Misspelt)
		}
		if x.limit == 1 && !page.Misspelt { // the page after the last head begins with what holds it elsewhere
			page, err := c.Pictures(t.Context(), collection, api.ListOptions{Typed: x.typed, Limit: 1, After: page.Next})
			if err != nil || len(page.Pictures) != 1 || page.Pictures[0].Name == "Andorra" || page.Total != 8 {
				t.Errorf("the next page: %+v, %v", page, err)
			}
		}
	}
	for _, cursor := range []string{"x", "7.1", "0.-1", "0", "0.1.2", "../../etc"} {
		if _, err := c.Pictures(t.Context(), collection, api.ListOptions{After: cursor}); status(err) != http.StatusUnprocessableEntity {
			t.Errorf("cursor %q: %v", cursor, err)
		}
	}
}

// status is that of a problem; 0 for another error.
func status(err error) int {
	if p, ok := err.(*api.Problem); ok {
		return p.Status
	}
	return 0
}

func TestThumbnailsAndFilesAreThoseThatWereIndexed(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	_, o := shared(t)
	if err := copyFlags(depsOf(t), filepath.Join(dir, "flags")); err != nil {
		t.Fatal(err)
	}
	o.Collection = filepath.Join(dir, "own.akin")
	direct, err := akin.Open(t.Context(), o.Collection, o.Open)
	if err != nil {
		t.Fatal(err)
	}
	defer direct.Close()
	if _, err := direct.Index(t.Context(), []string{filepath.Join(dir, "flags", "Chad.png"), filepath.Join(dir, "flags", "Mexico.png")}, api.IndexOptions{}); err != nil {
		t.Fatal(err)
	}
	address, _ := serve(t, o)
	c := to(t, address, client.Options{})
	small, err := c.Thumbnail(t.Context(), "own.akin", "Mexico", 64)
	if err != nil {
		t.Fatal(err)
	}
	m, _, err := image.Decode(bytes.NewReader(small.Data))
	if err != nil || max(m.Bounds().Dx(), m.Bounds().Dy()) != 64 {
		t.Errorf("%v, %v", m.Bounds(), err)
	}
	info, err := c.Picture(t.Context(), "own.akin", "Mexico")
	if err != nil || small.Hash != info.Hash || !info.HasFile || info.Width != 250 || len(info.CoveredBy) != 1 {
		t.Errorf("%+v, %v; the thumbnail is of %s", info, err, small.Hash)
	}
	if hash, err := hex.DecodeString(info.Hash); err != nil || len(hash) != 32 {
		t.Errorf("hash %s", info.Hash)
	}

	// Asked again it is not sent again, and it is kept on disk.
	where := address + base + "/collections/own.akin/thumbnail?size=64&name=Mexico"
	r, _ := http.NewRequest("GET", where, nil)
	r.Header.Set("If-None-Match", `"`+info.Hash+`-64-alpha"`)
	if answer, err := http.DefaultClient.Do(r); err != nil || answer.StatusCode != http.StatusNotModified {
		t.Errorf("%v, %v", answer, err)
	}
	kept, _ := filepath.Glob(filepath.Join(o.Collection, "thumbs", "64-alpha", info.Hash[:2], info.Hash+".*"))
	if len(kept) != 1 {
		t.Errorf("kept: %v", kept)
	}
	body, err := c.File(t.Context(), "own.akin", "Mexico")
	if err != nil {
		t.Fatal(err)
	}
	got, err := io.ReadAll(body)
	body.Close()
	want, _ := os.ReadFile(filepath.Join(dir, "flags", "Mexico.png"))
	if err != nil || !bytes.Equal(got, want) {
		t.Errorf("%d bytes, not %d: %v", len(got), len(want), err)
	}

	// Whatever lies in the place of an indexed file stays there.
	secret := filepath.Join(dir, "secret.txt")
	if err := os.WriteFile(secret, []byte("secret"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"Mexico", "Chad"} {
		if err := os.Remove(filepath.Join(dir, "flags", name+".png")); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Symlink(secret, filepath.Join(dir, "flags", "Mexico.png")); err != nil {
		t.Skip(err)
	}
	if _, err := c.File(t.Context(), "own.akin", "Mexico"); status(err) != http.StatusConflict {
		t.Errorf("another file in its place: %v", err)
	}
	if _, err := c.Thumbnail(t.Context(), "own.akin", "Mexico", 512); status(err) != http.StatusConflict {
		t.Errorf("a thumbnail of it: %v", err)
	}
	if _, err := c.Thumbnail(t.Context(), "own.akin", "Mexico", 64); err != nil {
		t.Errorf("the one that is kept: %v", err)
	}
	if _, err := c.File(t.Context(), "own.akin", "Chad"); status(err) != http.StatusNotFound {
		t.Errorf("a file that is gone: %v", err)
	}
	if _, err := c.Search(t.Context(), "own.akin", api.SearchRequest{Query: []api.SearchTerm{{Picture: secret}}}); status(err) != http.StatusNotFound {
		t.Errorf("a path as a name: %v", err)
	}
}

// An SVG may hold a script: what serves it says that none runs.
func TestFilesAreServedAsPicturesAlone(t *testing.T) {
	t.Parallel()
	h := handler(t, nil)
	w := get(t, h, "GET", base+"/collections/flags.akin/file?name=Chad", nil, nil)
	for header, want := range map[string]string{
		"Content-Type": "image/png", "X-Content-Type-Options": "nosniff", "Content-Disposition": "inline",
		"Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; img-src data:; sandbox; frame-ancestors 'none'",
	} {
		if got := w.Header().Get(header); got != want {
			t.Errorf("%s: %q, want %q", header, got, want)
		}
	}
	part := get(t, h, "GET", base+"/collections/flags.akin/file?name=Chad", map[string]string{"Range": "bytes=0-7"}, nil)
	if part.Code != http.StatusPartialContent || part.Body.String() != "\x89PNG\r\n\x1a\n" {
		t.Errorf("a part: %d, %q", part.Code, part.Body)
	}
}

func TestTagsAndExportOverHTTP(t *testing.T) {
	t.Parallel()
	_, o := own(t)
	address, _ := serve(t, o)
	c := to(t, address, client.Options{})
	if r, err := c.AddTag(t.Context(), collection, "tricolour", "Chad", "Romania", "Mali"); err != nil || r.Changed != 3 {
		t.Errorf("%+v, %v", r, err)
	}
	if r, err := c.RemoveTag(t.Context(), collection, "tricolour", "Mali"); err != nil || r.Changed != 1 {
		t.Errorf("%+v, %v", r, err)
	}
	if _, err := c.AddTag(t.Context(), collection, "x", "Nowhere"); status(err) != http.StatusNotFound {
		t.Errorf("%v", err)
	}
	if tags, err := c.Tags(t.Context(), collection); err != nil || len(tags) != 1 || tags[0].Pictures != 2 {
		t.Errorf("%+v, %v", tags, err)
	}
	r, err := c.Search(t.Context(), collection, api.SearchRequest{Query: []api.SearchTerm{{Picture: "Andorra"}}, Filter: &api.Filter{Tags: []string{"tricolour"}}})
	if err != nil || len(r.Hits) != 2 {
		t.Errorf("%+v, %v", r.Hits, err)
	}
	if p, err := c.Pictures(t.Context(), collection, api.ListOptions{Tag: "Tricolour"}); err != nil || p.Total != 2 || !slices.Equal(p.Pictures[0].Tags, []string{"tricolour"}) {
		t.Errorf("%+v, %v", p, err)
	}
	for _, x := range []struct {
		why    string
		filter api.Filter
		want   int
	}{
		{"two tags, of which one is nobody's", api.Filter{Tags: []string{"tricolour", "nobody's"}}, 0},
		{"a name", api.Filter{Names: []string{"Chad"}}, 1},
		{"a name that has the tag", api.Filter{Names: []string{"Chad"}, NotTags: []string{"tricolour"}, Tags: nil}, 0},
		{"a time that has not come", api.Filter{After: "2999"}, 0},
	} {
		if p, err := c.Pictures(t.Context(), collection, api.ListOptions{Filter: x.filter}); err != nil || p.Total != x.want {
			t.Errorf("%s: %d, %v; want %d", x.why, p.Total, err, x.want)
		}
	}
	if r, err := c.RenameTag(t.Context(), collection, "TRICOLOUR", "three colours"); err != nil || r.Changed != 2 {
		t.Errorf("renamed: %+v, %v", r, err)
	}
	if p, err := c.Pictures(t.Context(), collection, api.ListOptions{Tag: "Three Colours"}); err != nil || p.Total != 2 {
		t.Errorf("renamed: %+v, %v", p, err)
	}
	if _, err := c.RenameTag(t.Context(), collection, "three colours", "a;b"); status(err) != http.StatusUnprocessableEntity {
		t.Errorf("a name that no tag may have: %v", err)
	}
	for _, want := range []int{2, 0} { // the second time there is none
		if r, err := c.DeleteTag(t.Context(), collection, "three colours"); err != nil || r.Changed != want {
			t.Errorf("deleted: %+v, %v; want %d", r, err, want)
		}
	}
	if tags, err := c.Tags(t.Context(), collection); err != nil || len(tags) != 0 {
		t.Errorf("%+v, %v", tags, err)
	}

	direct, err := akin.Open(t.Context(), o.Collection, o.Open)
	if err != nil {
		t.Fatal(err)
	}
	defer direct.Close()
	exported, err := direct.Export(t.Context(), "")
	if err != nil {
		t.Fatal(err)
	}
	for _, format := range akin.ExportFormats {
		body, err := c.Export(t.Context(), collection, akin.DefaultModel, format)
		if err != nil {
			t.Fatal(err)
		}
		got, err := io.ReadAll(body)
		body.Close()
		var want bytes.Buffer
		if err := exported.Write(&want, format); err != nil {
			t.Fatal(err)
		}
		if err != nil || !bytes.Equal(got, want.Bytes()) {
			t.Errorf("%s: %d bytes, want %d: %v", format, len(got), want.Len(), err)
		}
	}
	if _, err := c.Export(t.Context(), collection, "nobody", "csv"); status(err) != http.StatusUnprocessableEntity {
		t.Errorf("a model that is not there: %v", err)
	}
}
