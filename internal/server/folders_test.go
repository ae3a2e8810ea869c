package server

import (
	"bytes"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/akin-search/akin"
	"github.com/akin-search/akin/api"
	"github.com/akin-search/akin/client"
)

func names(list api.FolderList) (names []string) {
	for _, f := range list.Folders {
		names = append(names, f.Name)
	}
	return names
}

// Who may index a folder may list it, and nobody else.
func TestFoldersAreListedToThoseWhoMayIndexThem(t *testing.T) {
	t.Parallel()
	dir, o := own(t)
	dir, err := filepath.EvalSymlinks(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, folder := range []string{"allowed/in", "private/deep"} {
		if err := os.MkdirAll(filepath.Join(dir, folder), 0o777); err != nil {
			t.Fatal(err)
		}
	}
	allowed, private := filepath.Join(dir, "allowed"), filepath.Join(dir, "private")
	if err := os.WriteFile(filepath.Join(allowed, "in", "cat.png"), []byte("no picture, but its name says so"), 0o666); err != nil {
		t.Fatal(err)
	}
	for _, x := range []struct {
		why         string
		under       []string
		begin       []string // nil: this user's own, which a test does not know
		may, mayNot []string
	}{
		{"a server of one's own", nil, nil, []string{allowed, private, filepath.Dir(dir)}, nil},
		{"one for others", []string{allowed}, []string{"allowed"}, []string{allowed, filepath.Join(allowed, "in")}, []string{private, dir, "/", filepath.Join(allowed, "..", "private")}},
		{"one that only refreshes", []string{}, []string{}, nil, []string{allowed, private, "/"}},
	} {
		o := o
		o.IndexUnder = x.under
		address, _ := serve(t, o)
		c := to(t, address, client.Options{})
		begin, err := c.Folders(t.Context(), "")
		if err != nil || begin.Path != "" || begin.Pictures != 0 || x.begin != nil && !slices.Equal(names(begin), x.begin) && len(x.begin)+len(begin.Folders) > 0 {
			t.Errorf("%s: it begins at %+v, %v", x.why, begin, err)
		}
		if begin.Adds != (x.under == nil) {
			t.Errorf("%s: adds is %v", x.why, begin.Adds)
		}
		for _, path := range x.may {
			list, err := c.Folders(t.Context(), path)
			if err != nil || list.Path != path {
				t.Errorf("%s: %s: %+v, %v", x.why, path, list, err)
			}
			if path == allowed && (!slices.Equal(names(list), []string{"in"}) || (list.Parent == "") != (x.under != nil)) {
				t.Errorf("%s: %+v", x.why, list)
			}
		}
		for _, path := range x.mayNot {
			if list, err := c.Folders(t.Context(), path); status(err) != http.StatusForbidden || len(list.Folders) > 0 {
				t.Errorf("%s: %s: %+v, %v", x.why, path, list, err)
			}
			if count, err := c.CountPictures(t.Context(), path); status(err) != http.StatusForbidden || count.Pictures > 0 {
				t.Errorf("%s: %s: %+v, %v", x.why, path, count, err)
			}
		}
		if len(x.may) > 0 {
			if count, err := c.CountPictures(t.Context(), allowed); err != nil || count != (api.FolderCount{Pictures: 1, Bytes: 32}) {
				t.Errorf("%s: %+v, %v", x.why, count, err)
			}
		}
		for _, path := range []string{"relative", "https://example.org/x", filepath.Join(allowed, "in", "cat.png")} {
			if _, err := c.Folders(t.Context(), path); status(err) != http.StatusUnprocessableEntity && status(err) != http.StatusForbidden {
				t.Errorf("%s: %s: %v", x.why, path, err)
			}
		}
	}
}

func TestPicturesAreAddedAndIndexed(t *testing.T) {
	t.Parallel()
	dir, o := own(t)
	chad, err := os.ReadFile(filepath.Join(depsOf(t), "flags", "Chad.png"))
	if err != nil {
		t.Fatal(err)
	}
	chad = append(chad, "another content"...)
	o.Open.Home = akin.Home(filepath.Join(dir, "home"))
	o.Limits.UploadBytes = int64(len(chad))
	address, _ := serve(t, o)
	c := to(t, address, client.Options{})
	added, err := c.AddFile(t.Context(), collection, "Trip/day 1/new.png", bytes.NewReader(chad))
	if err != nil || added.Known || added.Folder != filepath.Join(dir, "home", "pictures", "flags.akin", "Trip") {
		t.Fatalf("%+v, %v", added, err)
	}
	again, err := c.AddFile(t.Context(), collection, "Trip/day 1/new.png", bytes.NewReader(chad))
	if err != nil || !again.Known || again.Path != added.Path {
		t.Errorf("%+v, %v", again, err)
	}
	var report api.IndexReport
	if err := c.Run(t.Context(), collection, "index", map[string]any{"paths": []string{added.Folder}}, &report, nil); err != nil || report.Added != 1 {
		t.Errorf("%+v, %v", report, err)
	}
	if p, err := c.Picture(t.Context(), collection, "new"); err != nil || p.Source != added.Path {
		t.Errorf("%+v, %v", p, err)
	}
	for _, x := range []struct {
		why, collection, path string
		data                  string
		status                int
	}{
		{"too large", collection, "big.png", string(chad) + "x", http.StatusRequestEntityTooLarge},
		{"no picture", collection, "a.png", "hello", http.StatusUnsupportedMediaType},
		{"a path that leads out", collection, "../a.png", string(chad), http.StatusUnprocessableEntity},
		{"no such collection", "nobody", "a.png", string(chad), http.StatusNotFound},
	} {
		if _, err := c.AddFile(t.Context(), x.collection, x.path, strings.NewReader(x.data)); status(err) != x.status {
			t.Errorf("%s: %v", x.why, err)
		}
	}

	// Others add pictures only where the data folder may be indexed.
	o.IndexUnder = []string{}
	address, _ = serve(t, o)
	if _, err := to(t, address, client.Options{}).AddFile(t.Context(), collection, "a.png", bytes.NewReader(chad)); status(err) != http.StatusForbidden {
		t.Error(err)
	}
	pictures, err := filepath.EvalSymlinks(filepath.Join(dir, "home", "pictures"))
	if err != nil {
		t.Fatal(err)
	}
	o.IndexUnder = []string{pictures}
	address, _ = serve(t, o)
	if _, err := to(t, address, client.Options{}).AddFile(t.Context(), collection, "a.png", bytes.NewReader(chad)); err != nil {
		t.Error(err)
	}
}
