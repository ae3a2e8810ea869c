package server

import (
	"errors"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/akin-search/akin/api"
	"github.com/akin-search/akin/client"
)

// A folder that clients may have indexed gives away no file outside of it, whatever someone
// puts there: a list that names it, a link to it, or a link in the place of what was indexed.
func TestIndexUnderLeadsNowhereElse(t *testing.T) {
	t.Parallel()
	dir, o := own(t)
	shared, _ := shared(t)
	allowed, private := filepath.Join(dir, "allowed"), filepath.Join(dir, "private")
	for _, folder := range []string{filepath.Join(allowed, "deep"), private} {
		if err := os.MkdirAll(folder, 0o777); err != nil {
			t.Fatal(err)
		}
	}
	put := func(flag, path string) string {
		t.Helper()
		data, err := os.ReadFile(filepath.Join(shared, "flags", flag+".png"))
		if err == nil {
			data = append(data, path...) // another content than that of the collection
			err = os.WriteFile(path, data, 0o666)
		}
		if err != nil {
			t.Fatal(err)
		}
		return path
	}
	secret := put("Chad", filepath.Join(private, "secret.png"))
	put("Mali", filepath.Join(allowed, "deep", "open.png"))
	put("Italy", filepath.Join(allowed, "top.png"))
	shadow := filepath.Join(private, "shadow")
	if err := os.WriteFile(shadow, []byte("root:$6$salt$hash:19000::::::\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(secret, filepath.Join(allowed, "deep", "link.png")); err != nil {
		t.Skip(err)
	}
	list := filepath.Join(allowed, "list.csv")
	if err := os.WriteFile(list, []byte("name,path\nsecret,"+secret+"\nrelative,../private/secret.png\nshadow,"+shadow+"\ntop,top.png\n"), 0o666); err != nil {
		t.Fatal(err)
	}
	allowed, err := filepath.EvalSymlinks(allowed)
	if err != nil {
		t.Fatal(err)
	}
	o.IndexUnder = []string{allowed}
	address, _ := serve(t, o)
	c := to(t, address, client.Options{})
	index := func(paths ...string) (r api.IndexReport, err error) {
		t.Helper()
		options := map[string]any{}
		if len(paths) > 0 {
			options["paths"] = paths
		}
		err = c.Run(t.Context(), collection, "index", options, &r, func(j api.Job) {
			for _, hidden := range []string{"secret", "shadow", "root:", "$6$"} {
				if strings.Contains(j.Progress.Note, hidden) && !strings.Contains(j.Progress.Note, "link.png") {
					t.Errorf("a note tells %s: %s", hidden, j.Progress.Note)
				}
			}
		})
		return r, err
	}
	given := func(when string) {
		t.Helper()
		found, err := c.Pictures(t.Context(), collection, api.ListOptions{Limit: 500})
		if err != nil {
			t.Fatal(err)
		}
		for _, p := range found.Pictures {
			file, err := c.File(t.Context(), collection, p.Name)
			if err == nil {
				_ = file.Close()
			}
			if strings.Contains(p.Source, "private") || strings.Contains(p.Name, "secret") || strings.HasSuffix(p.Source, "link.png") {
				t.Errorf("%s: %s is a picture, %v", when, p.Source, err)
			}
		}
	}
	r, err := index(list, filepath.Join(allowed, "deep"))
	if err != nil || r.Added != 2 || len(r.Failed) != 3 {
		t.Errorf("%+v, %v", r, err)
	}
	for _, f := range r.Failed { // of what lies outside nothing is told, not even whether it is there
		if f.Source != list || !strings.HasSuffix(f.Error, "it names nothing that may be read") {
			t.Errorf("%+v", f)
		}
	}
	given("a list and a link")

	// What was indexed, and is a link out of the folder now, is asked for again: all that was.
	deep := filepath.Join(allowed, "deep")
	if err := errors.Join(os.Rename(deep, deep+"-away"), os.Symlink(private, deep)); err != nil {
		t.Fatal(err)
	}
	_, _ = index()
	given("a folder that became a link")

	var p *api.Problem
	if _, err := index(deep); !errors.As(err, &p) || p.Status != http.StatusForbidden {
		t.Errorf("the link: %v", err)
	}
}

// What is no picture is refused without a byte of it.
func TestErrorsTellNoBytesOfFiles(t *testing.T) {
	t.Parallel()
	dir, o := own(t)
	secret := filepath.Join(dir, "shadow")
	if err := os.WriteFile(secret, []byte("root:$6$salt$hash:19000::::::\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	address, _ := serve(t, o)
	c := to(t, address, client.Options{})
	var r api.IndexReport
	err := c.Run(t.Context(), collection, "index", map[string]any{"paths": []string{secret}}, &r, nil)
	if err != nil || len(r.Failed) != 1 {
		t.Fatalf("%+v, %v", r, err)
	}
	if told := r.Failed[0].Error; strings.Contains(told, "root") || strings.Contains(told, "72 6f 6f 74") || !strings.Contains(told, "text") {
		t.Errorf("it is told: %s", told)
	}
	up, err := c.Upload(t.Context(), strings.NewReader("\x01\x02 secret bytes"))
	if err == nil || strings.Contains(err.Error(), "secret") || strings.Contains(err.Error(), "01 02") {
		t.Errorf("%+v, %v", up, err)
	}
}
