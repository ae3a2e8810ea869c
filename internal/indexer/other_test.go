package indexer

import (
	"maps"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/akin-search/akin/api"
	"github.com/akin-search/akin/internal/embed"
	"github.com/akin-search/akin/internal/picture"
	"github.com/akin-search/akin/internal/record"
	"github.com/akin-search/akin/internal/source"
)

// A folder of programs has thousands of files that are no pictures: they are counted, and what looks like a picture is named.
func TestWhatIsNoPictureInAFolderIsNoFailure(t *testing.T) {
	t.Parallel()
	c, store := open(t)
	dir := t.TempDir()
	paint(t, filepath.Join(dir, "a.png"), red)
	paint(t, filepath.Join(dir, "blue"), blue) // told by its content
	for name, text := range map[string]string{
		"RECORD": "pip\n", "py.typed": "", "x.pyi": "def f(): ...\n", "sub/y.PYI": "y: int\n", "module.pyc": "\xcb\r\r\n\x00\x00\x00\x00",
		"film.mp4": "not opened", "log.2024-01-02": "a line\n", "Makefile.": "all:\n",
		"text.jpg": "called a picture\n", "layers": "gimp xcf file", "cut": "\x89PNG\r\n\x1a\n\x00\x00",
	} {
		path := filepath.Join(dir, filepath.FromSlash(name))
		must(t, os.MkdirAll(filepath.Dir(path), 0o777))
		must(t, os.WriteFile(path, []byte(text), 0o666))
	}
	want := map[string]int{"": 3, ".typed": 1, ".pyi": 2, ".pyc": 1, ".mp4": 1}
	failed := func(r api.IndexReport) (names []string) {
		for _, f := range r.Failed {
			names = append(names, filepath.Base(f.Source))
		}
		slices.Sort(names)
		return names
	}
	r, err := Run(t.Context(), c, []string{dir}, api.IndexOptions{})
	must(t, err)
	if r.Added != 2 || !maps.Equal(r.Other, want) || !slices.Equal(failed(r), []string{"cut", "layers", "text.jpg"}) {
		t.Errorf("%d added, %v left out, failed: %v", r.Added, r.Other, r.Failed)
	}
	known, err := store.Known(t.Context())
	must(t, err)
	if len(known) != 5 {
		t.Errorf("%d files are kept, want 2 pictures and 3 failures: %v", len(known), known)
	}

	// What an earlier version kept as unreadable is forgotten.
	old := filepath.Join(dir, "x.pyi")
	info, err := os.Stat(old)
	must(t, err)
	w, err := c.Writer()
	must(t, err)
	must(t, w.Commit(t.Context(), record.Batch{Puts: []record.Put{{Name: "x", Source: old, Root: dir, Size: info.Size(), Mtime: info.ModTime().UnixNano(), Error: picture.ErrFormat.Error()}}}))
	must(t, w.Close())
	r, err = Run(t.Context(), c, []string{dir}, api.IndexOptions{})
	must(t, err)
	if r.Unchanged != 5 || r.Unreadable != 3 || len(r.Failed) > 0 || !maps.Equal(r.Other, want) {
		t.Errorf("%d unchanged, %d of them unreadable, %v left out, failed: %v", r.Unchanged, r.Unreadable, r.Other, r.Failed)
	}
	known, err = store.Known(t.Context())
	must(t, err)
	if _, kept := known[old]; kept {
		t.Error("a text is still kept as unreadable")
	}

	// Who names a file, or the kind of it, hears that it is no picture.
	for _, o := range []struct {
		paths []string
		api.IndexOptions
	}{{[]string{filepath.Join(dir, "RECORD")}, api.IndexOptions{}}, {[]string{dir}, api.IndexOptions{Include: []string{"RECORD"}}}} {
		c, _ := open(t)
		r, err = Run(t.Context(), c, o.paths, o.IndexOptions)
		must(t, err)
		if !slices.Equal(failed(r), []string{"RECORD"}) {
			t.Errorf("%v: failed: %v", o, r.Failed)
		}
	}
}

// Who installs the library that a format needs has its files read in the next run, without touching them.
func TestAFileWithoutItsDecoderIsTriedAgain(t *testing.T) {
	t.Parallel()
	c, store := open(t)
	dir := t.TempDir()
	path := filepath.Join(dir, "a.png")
	paint(t, path, red)
	info, err := os.Stat(path)
	must(t, err)
	x, err := newIndexer(t.Context(), c, api.IndexOptions{})
	must(t, err)
	for _, failure := range []struct {
		err   error
		again bool
	}{
		{picture.ErrCorrupt, false},
		{&picture.NoDecoderError{Format: "HEIC", Library: "libheif", Err: os.ErrNotExist}, true},
	} {
		it := source.Item{Source: path, Root: dir, Size: info.Size(), ModTime: info.ModTime()}
		x.jobs[0] = it
		x.batch = []embed.Result{{Hash: embed.Hash{1}, Err: failure.err}}
		must(t, x.commit(t.Context()))
		known, err := store.Known(t.Context())
		must(t, err)
		if k := known[path]; !k.Failed || changed(it, k) != failure.again {
			t.Errorf("%v: %+v, tried again: %v", failure.err, k, changed(it, k))
		}
	}
	must(t, x.writer.Close())
	r, err := Run(t.Context(), c, []string{dir}, api.IndexOptions{})
	must(t, err)
	if r.Changed != 1 || len(r.Failed) > 0 {
		t.Errorf("%+v", r)
	}
}

// A file of a format that is not read is tried again by a program that reads more formats, and by no other.
func TestARefusedFileIsTriedAgainAfterAnUpgrade(t *testing.T) {
	t.Parallel()
	c, store := open(t)
	dir := t.TempDir()
	path := filepath.Join(dir, "a.png")
	must(t, os.WriteFile(path, []byte("gimp xcf file"), 0o666))
	old := time.Unix(1_700_000_000, 0)
	must(t, os.Chtimes(path, old, old))
	run := func() api.IndexReport {
		t.Helper()
		r, err := Run(t.Context(), c, []string{dir}, api.IndexOptions{})
		must(t, err)
		return r
	}
	if r := run(); len(r.Failed) != 1 || r.Unchanged != 0 {
		t.Errorf("%+v", r)
	}
	if r := run(); len(r.Failed) != 0 || r.Unchanged != 1 || r.Unreadable != 1 {
		t.Errorf("the same program: %+v", r)
	}

	paint(t, path, red) // as if this program could read it
	must(t, os.Chtimes(path, old, old))
	if r := run(); r.Unchanged != 1 || r.Unreadable != 1 {
		t.Errorf("the same program again: %+v", r)
	}
	known, err := store.Known(t.Context())
	must(t, err)
	w, err := c.Writer()
	must(t, err)
	put := record.Put{Source: path, Root: dir, Size: known[path].Size - 1, Mtime: old.UnixNano(), Error: "not a picture that akin knew"}
	must(t, w.Commit(t.Context(), record.Batch{Puts: []record.Put{put}})) // by a program that read other formats
	must(t, w.Close())
	if r := run(); r.Changed != 1 || r.Embedded != 1 || len(r.Failed) != 0 {
		t.Errorf("after an upgrade: %+v", r)
	}
}

func TestARefusedFileIsTriedAgainWhenItsDateChanges(t *testing.T) {
	t.Parallel()
	c, _ := open(t)
	dir := t.TempDir()
	path := filepath.Join(dir, "a.png")
	must(t, os.WriteFile(path, []byte("gimp xcf file"), 0o666))
	_, err := Run(t.Context(), c, []string{dir}, api.IndexOptions{})
	must(t, err)
	paint(t, path, red)
	touch(t, path)
	r, err := Run(t.Context(), c, []string{dir}, api.IndexOptions{})
	must(t, err)
	if r.Changed != 1 || len(r.Failed) != 0 {
		t.Errorf("%+v", r)
	}
}
