package akin_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/akin-search/akin"
	"github.com/akin-search/akin/api"
	"github.com/akin-search/akin/internal/golden"
)

// A folder whose disk is away is empty: its pictures are forgotten only when that is said.
func TestAnEmptiedFolderIsNotPrunedUnasked(t *testing.T) {
	t.Parallel()
	golden.Deps(t)
	dir := t.TempDir()
	pictures := filepath.Join(dir, "pictures")
	for _, name := range []string{"Chad", "Romania", "Mali"} {
		copyFile(t, filepath.Join(golden.Flags(t), "images", name+".png"), filepath.Join(pictures, name+".png"))
	}
	c := open(t, filepath.Join(dir, "c.akin"), akin.Options{})
	index := func(o api.IndexOptions) (r api.IndexReport, said string) {
		o.Problem = func(path string, err error) { said += path + ": " + err.Error() }
		r, err := c.Index(t.Context(), []string{pictures}, o)
		must(t, err)
		return r, said
	}
	index(api.IndexOptions{})
	must(t, os.Remove(filepath.Join(pictures, "Mali.png")))
	if r, said := index(api.IndexOptions{Prune: true}); r.Removed != 1 || r.Missing != 0 || said != "" {
		t.Errorf("one of three is gone: %+v, %s", r, said)
	}
	must(t, os.RemoveAll(pictures))
	must(t, os.Mkdir(pictures, 0o777))
	if r, said := index(api.IndexOptions{Prune: true}); r.Removed != 0 || r.Missing != 2 || !strings.Contains(said, "its 2 pictures are kept") {
		t.Errorf("all are gone: %+v, %s", r, said)
	}
	if r, said := index(api.IndexOptions{Prune: true, PruneEmpty: true}); r.Removed != 2 || r.Missing != 0 || said != "" {
		t.Errorf("all are gone, and it is said: %+v, %s", r, said)
	}
}

// Names out of Wikipedia's tables end with the mark of a footnote.
func TestAnImportedNameMayHaveAFootnote(t *testing.T) {
	t.Parallel()
	golden.Deps(t)
	dir := t.TempDir()
	c := open(t, filepath.Join(dir, "c.akin"), akin.Options{})
	pictures := []string{filepath.Join(dir, "Denmark.png"), filepath.Join(dir, "Norwayi.png")} // either way to leave the brackets out
	copyFile(t, filepath.Join(golden.Flags(t), "images", "Chad.png"), pictures[0])
	copyFile(t, filepath.Join(golden.Flags(t), "images", "Kenya.png"), pictures[1])
	_, err := c.Index(t.Context(), pictures, api.IndexOptions{})
	must(t, err)
	csv := filepath.Join(dir, "e.csv")
	must(t, os.WriteFile(csv, []byte("name,x,y\nDenmark[i],1,0\nNorway[i],1,1\nDenmark [1],0,1\n"), 0o666))
	r, err := c.Import(t.Context(), api.ImportOptions{Model: "m", File: csv})
	must(t, err)
	if r.Matched != 2 {
		t.Errorf("%+v: want the first two rows alone to be pictures that are there", r)
	}
}
