package indexer

import (
	"archive/zip"
	"errors"
	"image/color"
	"io/fs"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/akin-search/akin/api"
)

// pack writes the files of a folder into an archive, in which all have one date, as in those that are made to be the same
// each time.
func pack(t *testing.T, dir, archive string) {
	t.Helper()
	f, err := os.Create(archive + ".new")
	must(t, err)
	w := zip.NewWriter(f)
	must(t, fs.WalkDir(os.DirFS(dir), ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		data, err := os.ReadFile(filepath.Join(dir, name))
		must(t, err)
		member, err := w.CreateHeader(&zip.FileHeader{Name: name, Modified: time.Date(2021, 5, 6, 7, 8, 10, 0, time.UTC)})
		must(t, err)
		_, err = member.Write(data)
		return err
	}))
	must(t, errors.Join(w.Close(), f.Close(), os.Rename(archive+".new", archive)))
}

func TestOnlyWhatChangedInAnArchiveIsEmbeddedAgain(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	pictures, archive := filepath.Join(dir, "pictures"), filepath.Join(dir, "in", "x.zip")
	must(t, os.Mkdir(filepath.Dir(archive), 0o777))
	at := func(name string) string { return filepath.Join(pictures, name) }
	again := func() { pack(t, pictures, archive) }
	changed := func(name string, c color.RGBA) func() { return func() { paint(t, at(name), c); again() } }
	paint(t, at("a.png"), red)
	paint(t, at("sub/b.png"), green)
	again()
	c, store := open(t)
	type counts struct{ added, changed, renamed, unchanged, removed, missing, embedded, failed int }
	for _, step := range []struct {
		why   string
		do    func()
		paths []string // in dir
		o     api.IndexOptions
		want  counts
	}{
		{"an archive in a folder is left alone", func() {}, []string{"in"}, api.IndexOptions{}, counts{}},
		{"unless that is said", func() {}, []string{"in"}, api.IndexOptions{Archives: true}, counts{added: 2, embedded: 2}},
		{"from then on it is read unasked", func() {}, []string{"in"}, api.IndexOptions{}, counts{unchanged: 2}},
		{"named, it is the same", func() {}, []string{"in/x.zip"}, api.IndexOptions{}, counts{unchanged: 2}},
		{"the same members in another archive", again, []string{"in"}, api.IndexOptions{}, counts{unchanged: 2}},
		{"a member of the same size and date has other bytes", changed("a.png", blue), []string{"in"}, api.IndexOptions{}, counts{changed: 1, unchanged: 1, embedded: 1}},
		{"a new member", changed("c.png", grey), []string{"in"}, api.IndexOptions{}, counts{added: 1, unchanged: 2, embedded: 1}},
		{"a member that moved", func() { must(t, os.Rename(at("c.png"), at("d.png"))); again() }, []string{"in"}, api.IndexOptions{}, counts{renamed: 1, unchanged: 2}},
		{"a member that is no picture", func() { must(t, os.WriteFile(at("e.png"), []byte("no"), 0o666)); again() }, []string{"in"}, api.IndexOptions{}, counts{unchanged: 3, failed: 1}},
		{"a member that is gone is kept", func() { must(t, os.Remove(at("d.png"))); must(t, os.Remove(at("e.png"))); again() }, []string{"in"}, api.IndexOptions{}, counts{unchanged: 2, missing: 2}},
		{"unless it is pruned", func() {}, []string{"in"}, api.IndexOptions{Prune: true}, counts{unchanged: 2, removed: 2}},
		{"a damaged archive loses nothing", func() { must(t, os.WriteFile(archive, []byte("no zip"), 0o666)) }, []string{"in/x.zip"}, api.IndexOptions{Prune: true}, counts{}},
		{"its pictures in a folder of its name", func() { must(t, os.Remove(archive)); must(t, os.Rename(pictures, archive)) }, []string{"in"}, api.IndexOptions{Prune: true}, counts{unchanged: 0, changed: 2}},
	} {
		step.do()
		paths := make([]string, len(step.paths))
		for i, p := range step.paths {
			paths[i] = filepath.Join(dir, filepath.FromSlash(p))
		}
		r, err := Run(t.Context(), c, paths, step.o)
		if err != nil {
			t.Fatalf("%s: %v", step.why, err)
		}
		got := counts{r.Added, r.Changed, r.Renamed, r.Unchanged, r.Removed, r.Missing, r.Embedded, len(r.Failed)}
		if got != step.want {
			t.Errorf("%s: %+v, want %+v", step.why, got, step.want)
		}
	}
	if problems, err := store.Verify(t.Context()); err != nil || len(problems) > 0 {
		t.Errorf("verify: %v, %v", problems, err)
	}
}

// A pruned archive takes its pictures along; the archive beside it is left alone.
func TestAnArchiveThatIsGoneIsPruned(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	pictures := filepath.Join(dir, "pictures")
	in := filepath.Join(dir, "in")
	must(t, os.Mkdir(in, 0o777))
	paint(t, filepath.Join(pictures, "a.png"), red)
	pack(t, pictures, filepath.Join(in, "x.zip"))
	pack(t, pictures, filepath.Join(in, "y.zip"))
	c, _ := open(t)
	for _, step := range []struct {
		added, removed int
		gone           string
	}{{added: 2}, {gone: "x.zip", removed: 1}} {
		if step.gone != "" {
			must(t, os.Remove(filepath.Join(in, step.gone)))
		}
		r, err := Run(t.Context(), c, []string{in}, api.IndexOptions{Archives: true, Prune: true})
		if err != nil || r.Added != step.added || r.Removed != step.removed {
			t.Errorf("%+v, %v; want %+v", r, err, step)
		}
	}
}
