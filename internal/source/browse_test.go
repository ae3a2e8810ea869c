package source

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"testing"

	"github.com/akin-search/akin/api"
)

// tree makes files; those whose names end with a slash are folders.
func tree(t *testing.T, names ...string) string {
	t.Helper()
	dir, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range names {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
			t.Fatal(err)
		}
		if name[len(name)-1] == '/' {
			err = os.MkdirAll(path, 0o777)
		} else {
			err = os.WriteFile(path, []byte("12345"), 0o666)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func TestBrowseListsTheFoldersThatAreIndexed(t *testing.T) {
	t.Parallel()
	dir := tree(t, "b/deep/x.png", "A/", ".hidden/x.png", "node_modules/x.png", "one.png", "two.JPG", "notes.txt", ".secret.png", "akin.db")
	if err := errors.Join(os.Symlink("b", filepath.Join(dir, "link")), os.Symlink("nowhere", filepath.Join(dir, "dead")),
		os.Symlink("one.png", filepath.Join(dir, "same.png"))); err != nil {
		t.Skip(err)
	}
	got, err := Browse(t.Context(), dir, nil)
	want := api.FolderList{Path: dir, Parent: filepath.Dir(dir), Pictures: 3, Folders: []api.Subfolder{
		{Name: "A", Path: filepath.Join(dir, "A")}, {Name: "b", Path: filepath.Join(dir, "b")},
		{Name: "link", Path: filepath.Join(dir, "link"), Linked: true},
	}}
	if err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("%+v, %v\nwant %+v", got, err, want)
	}
	for _, path := range []string{filepath.Join(dir, "absent"), filepath.Join(dir, "one.png")} {
		if _, err := Browse(t.Context(), path, nil); err == nil {
			t.Errorf("%s is listed", path)
		}
	}
	count, err := Count(t.Context(), dir, nil)
	if want := (api.FolderCount{Pictures: 4, Bytes: 20}); err != nil || count != want { // the same link counts, as Walk yields it
		t.Errorf("%+v, %v", count, err)
	}
	list := filepath.Join(t.TempDir(), "list.txt")
	if err := os.WriteFile(list, []byte("a.png\nb.png\n"), 0o666); err != nil {
		t.Fatal(err)
	}
	if count, err := Count(t.Context(), list, nil); !errors.Is(err, api.ErrInvalid) || count.Pictures > 0 {
		t.Errorf("a list is counted: %+v, %v", count, err)
	}
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	if count, err := Count(ended, dir, nil); err != nil || !count.More {
		t.Errorf("%+v, %v", count, err)
	}
}

func TestBrowseLeadsNowhereElse(t *testing.T) {
	t.Parallel()
	dir := tree(t, "open/in/x.png", "private/secret.png")
	open := filepath.Join(dir, "open")
	if err := errors.Join(os.Symlink(filepath.Join(dir, "private"), filepath.Join(open, "out")), os.Symlink("in", filepath.Join(open, "inner"))); err != nil {
		t.Skip(err)
	}
	got, err := Browse(t.Context(), open, []string{open})
	want := api.FolderList{Path: open, Folders: []api.Subfolder{
		{Name: "in", Path: filepath.Join(open, "in")}, {Name: "inner", Path: filepath.Join(open, "inner"), Linked: true},
	}}
	if err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("%+v, %v\nwant %+v", got, err, want)
	}
	for _, path := range []string{dir, filepath.Join(dir, "private"), filepath.Join(open, "out"), filepath.Join(open, "..", "private"), "/"} {
		if got, err := Browse(t.Context(), path, []string{open}); !errors.Is(err, ErrOutside) || len(got.Folders) > 0 {
			t.Errorf("%s: %+v, %v", path, got, err)
		}
		if got, err := Count(t.Context(), path, []string{open}); !errors.Is(err, ErrOutside) || got.Pictures > 0 {
			t.Errorf("%s: %+v, %v", path, got, err)
		}
	}
	if got, err := Browse(t.Context(), open, []string{}); !errors.Is(err, ErrOutside) {
		t.Errorf("where none may be read: %+v, %v", got, err)
	}
}

func TestBrowseIsBounded(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	for i := range mostListed + 1 {
		if err := os.Mkdir(filepath.Join(dir, fmt.Sprint(i)), 0o777); err != nil {
			t.Fatal(err)
		}
	}
	got, err := Browse(t.Context(), dir, nil)
	if err != nil || len(got.Folders) != mostListed || !got.More || got.Folders[0].Name != "0" {
		t.Errorf("%d folders, more is %v, %v", len(got.Folders), got.More, err)
	}
}
