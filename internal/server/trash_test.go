package server

import (
	"net/http"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/akin-search/akin/api"
	"github.com/akin-search/akin/client"
)

// withCopies is a collection of pictures of which two are there twice, on a server that may move files or not.
func withCopies(t *testing.T, allow bool) (dir string, c *client.Client, found string, d api.Duplicates) {
	t.Helper()
	_, o := shared(t)
	dir = t.TempDir()
	pictures := filepath.Join(dir, "pictures")
	if err := copyFlags(depsOf(t), pictures); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"Chad", "Mali"} {
		data, err := os.ReadFile(filepath.Join(pictures, name+".png"))
		if err == nil {
			err = os.WriteFile(filepath.Join(pictures, name+" again.png"), data, 0o666)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	o.Collection, o.AllowTrash = filepath.Join(dir, "new.akin"), allow
	address, _ := serve(t, o)
	c = to(t, address, client.Options{})
	if err := c.Run(t.Context(), "new.akin", "index", map[string]any{"paths": []string{pictures}}, nil, nil); err != nil {
		t.Fatal(err)
	}
	err := c.Run(t.Context(), "new.akin", "dupes", map[string]any{"exact": true}, &d, func(j api.Job) { found = j.ID })
	if err != nil || len(d.Groups) != 2 {
		t.Fatalf("%+v, %v", d, err)
	}
	return dir, c, found, d
}

func TestFilesAreMovedToTheTrashAndPutBack(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("there is no trash for this")
	}
	t.Setenv("XDG_DATA_HOME", filepath.Join(t.TempDir(), "data"))
	dir, c, found, d := withCopies(t, true)
	g := d.Groups[0]
	best, other := g.Copies[0].Source, g.Copies[1].Source
	before, err := os.ReadFile(best)
	if err != nil {
		t.Fatal(err)
	}
	run := func(kind string, options, result any) error {
		return c.Run(t.Context(), "new.akin", kind, options, result, nil)
	}
	// The one that is chosen stays, not the one that the program would keep.
	moves := []api.DuplicateMove{{Source: best, Kept: other}}
	var r api.RemoveReport
	if err := run("trash", api.TrashRequest{Found: found, Moves: moves, DryRun: true}, &r); err != nil || len(r.Removed) != 1 || !r.DryRun {
		t.Fatalf("%+v, %v", r, err)
	}
	if _, err := os.Stat(best); err != nil {
		t.Fatal("a dry run moves nothing: ", err)
	}
	if err := run("trash", api.TrashRequest{Found: found, Moves: moves}, &r); err != nil || len(r.Removed) != 1 || len(r.Skipped) != 0 {
		t.Fatalf("%+v, %v", r, err)
	}
	moved := r.Removed[0]
	if data, err := os.ReadFile(moved.To); err != nil || string(data) != string(before) || moved.Source != best || moved.Kept != other {
		t.Errorf("%+v, %v", moved, err)
	}
	if _, err := os.Stat(best); !os.IsNotExist(err) {
		t.Errorf("%s is still there: %v", best, err)
	}
	if info, err := c.Collection(t.Context(), "new.akin"); err != nil || info.Pictures != len(flags)+1 {
		t.Errorf("%d pictures, %v", info.Pictures, err)
	}
	// Twice is once.
	if err := run("trash", api.TrashRequest{Found: found, Moves: moves}, &r); err != nil || len(r.Removed) != 0 || len(r.Skipped) != 1 {
		t.Errorf("%+v, %v", r, err)
	}
	var back api.RestoreReport
	if err := run("restore", api.RestoreRequest{Sources: []string{best}}, &back); err != nil || len(back.Restored) != 1 || len(back.Failed) != 0 {
		t.Fatalf("%+v, %v", back, err)
	}
	if data, err := os.ReadFile(best); err != nil || string(data) != string(before) {
		t.Errorf("%s is not what it was: %v", best, err)
	}
	if notes, err := filepath.Glob(filepath.Join(filepath.Dir(filepath.Dir(moved.To)), "info", "*")); err != nil || len(notes) != 0 {
		t.Errorf("%v, %v", notes, err)
	}
	if err := run("index", nil, nil); err != nil {
		t.Fatal(err)
	}
	if info, err := c.Collection(t.Context(), "new.akin"); err != nil || info.Pictures != len(flags)+2 {
		t.Errorf("%d pictures in %s, %v", info.Pictures, dir, err)
	}
}

func TestOnlyWhatWasFoundIsMoved(t *testing.T) {
	t.Parallel()
	dir, c, found, d := withCopies(t, true)
	secret := filepath.Join(dir, "secret.txt")
	if err := os.WriteFile(secret, []byte("mine"), 0o666); err != nil {
		t.Fatal(err)
	}
	best, other := d.Groups[0].Copies[0].Source, d.Groups[0].Copies[1].Source
	index, err := c.Start(t.Context(), "new.akin", "index", nil)
	if err != nil {
		t.Fatal(err)
	}
	for why, o := range map[string]api.TrashRequest{
		"is in no group of duplicates with":          {Found: found, Moves: []api.DuplicateMove{{Source: secret, Kept: best}}},
		"it is in no group":                          {Found: found, Moves: []api.DuplicateMove{{Source: other, Kept: d.Groups[1].Copies[0].Source}}},
		"is to be moved as well":                     {Found: found, Moves: []api.DuplicateMove{{Source: other, Kept: best}, {Source: best, Kept: other}}},
		"not found or expired":                       {Found: "another", Moves: []api.DuplicateMove{{Source: other, Kept: best}}},
		"has found no duplicates in this collection": {Found: index.ID, Moves: []api.DuplicateMove{{Source: other, Kept: best}}},
	} {
		err := c.Run(t.Context(), "new.akin", "trash", o, nil, nil)
		if err == nil || !strings.Contains(err.Error(), why) {
			t.Errorf("%v, want %q", err, why)
		}
	}
	for _, path := range []string{secret, best, other} {
		if _, err := os.Stat(path); err != nil {
			t.Error(err)
		}
	}
}

func TestNoFileIsMovedUnlessTheServerWasStartedForIt(t *testing.T) {
	t.Parallel()
	_, c, found, d := withCopies(t, false)
	best, other := d.Groups[0].Copies[0].Source, d.Groups[0].Copies[1].Source
	moves := []api.DuplicateMove{{Source: other, Kept: best}}
	for kind, o := range map[string]any{
		"trash":   api.TrashRequest{Found: found, Moves: moves},
		"restore": api.RestoreRequest{},
	} {
		err := c.Run(t.Context(), "new.akin", kind, o, nil, nil)
		if err == nil || !strings.Contains(err.Error(), "this server moves no files; its owner starts it with --allow-trash") {
			t.Errorf("%s: %v", kind, err)
		}
	}
	if _, err := os.Stat(other); err != nil {
		t.Error(err)
	}
}

// Who has no token, and other sites, move nothing.
func TestMovingNeedsTheTokenAndTheServersOwnPage(t *testing.T) {
	t.Parallel()
	const token = "an-open-s3cret-42"
	h := handler(t, func(o *Options) { o.AllowTrash, o.Token = true, token })
	body := `{"kind": "trash", "options": {"found": "x", "moves": [{"source": "/a", "kept": "/b"}]}}`
	for _, c := range []struct {
		why    string
		header map[string]string
		status int
	}{
		{"no token", nil, http.StatusUnauthorized},
		{"the token: there is no such job", map[string]string{"Authorization": "Bearer " + token}, http.StatusNotFound},
		{"another site", map[string]string{"Authorization": "Bearer " + token, "Origin": "https://example.org", "Sec-Fetch-Site": "cross-site"}, http.StatusForbidden},
		{"another port of this machine", map[string]string{"Authorization": "Bearer " + token, "Sec-Fetch-Site": "same-site"}, http.StatusForbidden},
	} {
		if w := get(t, h, "POST", "/api/v1/collections/"+collection+"/jobs", c.header, strings.NewReader(body)); w.Code != c.status {
			t.Errorf("%s: %d %s", c.why, w.Code, w.Body)
		}
	}
}
