package indexer

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/akin-search/akin/api"
	"github.com/akin-search/akin/internal/embed"
	"github.com/akin-search/akin/internal/picture"
	"github.com/akin-search/akin/internal/record"
	"github.com/akin-search/akin/internal/store/local"
)

// meanColour is a stage that embeds a picture as its mean colour: black has no direction.
func meanColour() embed.Model {
	return embed.Model{
		Dim: 3, Input: 3, Batch: 2,
		Prepare: func(p *picture.Picture, dst []float32) {
			clear(dst)
			for i, v := range p.Pix {
				dst[i%3] += float32(v)
			}
		},
		Run: func(_ context.Context, pixels []float32, n int, out []float32) error {
			copy(out, pixels[:3*n])
			return nil
		},
	}
}

// open returns a collection in a new folder that embeds mean colours.
func open(t *testing.T) (Collection, *local.Collection) {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "c.akin")
	c, err := local.Open(dir, local.Options{})
	must(t, err)
	t.Cleanup(func() { must(t, c.Close()) })
	return Collection{
		Location: dir, Derived: dir, Store: c,
		Writer: func() (Writer, error) { return c.Writer() },
		Models: []Model{{Name: "mean", Fingerprint: "f", Stage: meanColour()}},
	}, c
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// paint writes a picture of one colour.
func paint(t *testing.T, path string, c color.RGBA) {
	t.Helper()
	p := image.NewRGBA(image.Rect(0, 0, 4, 4))
	for i := range 16 {
		p.Set(i%4, i/4, c)
	}
	var b bytes.Buffer
	must(t, png.Encode(&b, p))
	must(t, os.MkdirAll(filepath.Dir(path), 0o777))
	must(t, os.WriteFile(path, b.Bytes(), 0o666))
}

var (
	red, green, blue = color.RGBA{255, 0, 0, 255}, color.RGBA{0, 255, 0, 255}, color.RGBA{0, 0, 255, 255}
	grey, black      = color.RGBA{128, 128, 128, 255}, color.RGBA{0, 0, 0, 255}
)

func TestOnlyWhatChangedIsEmbeddedAgain(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	at := func(name string) string { return filepath.Join(dir, name) }
	paint(t, at("a.png"), red)
	paint(t, at("b.png"), green)
	paint(t, at("c.png"), blue)
	c, store := open(t)
	type counts struct {
		added, changed, renamed, unchanged, removed, missing, embedded, failed, unreadable int
	}
	for _, step := range []struct {
		why   string
		do    func()
		prune bool
		want  counts
	}{
		{"a new folder", func() {}, false, counts{added: 3, embedded: 3}},
		{"the same again", func() {}, false, counts{unchanged: 3}},
		{"equal bytes share an embedding", func() { paint(t, at("sub/copy.png"), red) }, false, counts{added: 1, unchanged: 3}},
		{"a moved file keeps it", func() { must(t, os.Rename(at("b.png"), at("sub/b.png"))) }, false, counts{renamed: 1, unchanged: 3}},
		{"other bytes in the same file", func() { paint(t, at("c.png"), grey); touch(t, at("c.png")) }, false, counts{changed: 1, unchanged: 3, embedded: 1}},
		{"a file that is not a picture", func() { must(t, os.WriteFile(at("bad.png"), []byte("not a picture"), 0o666)) }, false, counts{unchanged: 4, failed: 1}},
		{"is not read again", func() {}, false, counts{unchanged: 5, unreadable: 1}},
		{"until it changes", func() { paint(t, at("bad.png"), blue); touch(t, at("bad.png")) }, false, counts{changed: 1, unchanged: 4}},
		{"an embedding without direction", func() { paint(t, at("black.png"), black) }, false, counts{unchanged: 5, failed: 1}},
		{"a deleted file is kept", func() { must(t, os.Remove(at("bad.png"))); must(t, os.Remove(at("black.png"))) }, false, counts{unchanged: 4, missing: 2}},
		{"unless it is pruned", func() {}, true, counts{unchanged: 4, removed: 2}},
	} {
		step.do()
		r, err := Run(t.Context(), c, []string{dir}, api.IndexOptions{Prune: step.prune})
		if err != nil {
			t.Fatalf("%s: %v", step.why, err)
		}
		got := counts{r.Added, r.Changed, r.Renamed, r.Unchanged, r.Removed, r.Missing, r.Embedded, len(r.Failed), r.Unreadable}
		if got != step.want {
			t.Errorf("%s: %+v, want %+v", step.why, got, step.want)
		}
	}
	if problems, err := store.Verify(t.Context()); err != nil || len(problems) > 0 {
		t.Errorf("verify: %v, %v", problems, err)
	}
}

// touch makes sure that a file's date differs from when it was indexed.
func touch(t *testing.T, path string) {
	t.Helper()
	info, err := os.Stat(path)
	must(t, err)
	must(t, os.Chtimes(path, info.ModTime(), info.ModTime().Add(1e9)))
}

// Names and ids follow the walk, whichever picture was embedded first.
func TestPicturesAreStoredInTheOrderOfTheWalk(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	var want []string
	for i := range 40 {
		name := fmt.Sprintf("%02d", i)
		want = append(want, name)
		paint(t, filepath.Join(dir, name+".png"), color.RGBA{uint8(6 * i), 100, 0, 255})
	}
	c, store := open(t)
	c.Threads, c.Calls = 4, 4
	last := api.Progress{}
	r, err := Run(t.Context(), c, []string{dir}, api.IndexOptions{Progress: func(p api.Progress) {
		if p.Done < last.Done && p.Step != api.StepOrdering || p.Done > p.Total {
			t.Errorf("progress %+v after %+v", p, last)
		}
		if p.Step != api.StepOrdering {
			last = p
		}
	}})
	must(t, err)
	if r.Added != 40 || r.Embedded != 40 || last.Done != 40 || last.Step != api.StepEmbedding {
		t.Errorf("report %+v, last progress %+v", r, last)
	}
	catalog, err := store.Catalog(t.Context())
	must(t, err)
	defer catalog.Close()
	var got []string
	for _, p := range catalog.Pictures.All() {
		got = append(got, p.Name)
	}
	if !slices.Equal(got, want) {
		t.Errorf("%v", got)
	}
}

// A cancelled run stores what it embedded, and the next one embeds the rest.
func TestACancelledRunContinues(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	for i := range 30 {
		paint(t, filepath.Join(dir, fmt.Sprintf("%02d.png", i)), color.RGBA{uint8(8 * i), 100, 0, 255})
	}
	c, _ := open(t)
	c.Threads, c.Calls = 1, 1
	ctx, cancel := context.WithCancel(t.Context())
	stage, embedded := c.Models[0].Stage, 0
	c.Models[0].Stage.Run = func(ctx context.Context, pixels []float32, n int, out []float32) error {
		if embedded += n; embedded >= 10 {
			cancel()
		}
		return stage.Run(ctx, pixels, n, out)
	}
	first, err := Run(ctx, c, []string{dir}, api.IndexOptions{})
	if !errors.Is(err, context.Canceled) {
		t.Fatalf("%+v, %v", first, err)
	}
	c.Models[0].Stage = stage
	second, err := Run(t.Context(), c, []string{dir}, api.IndexOptions{})
	must(t, err)
	if first.Added+second.Added != 30 || second.Unchanged != first.Added || first.Embedded+second.Embedded != 30 {
		t.Errorf("first %+v, then %+v", first, second)
	}
}

// A new model embeds the pictures that are known already.
func TestAnotherModelEmbedsKnownPictures(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	paint(t, filepath.Join(dir, "a.png"), red)
	c, _ := open(t)
	_, err := Run(t.Context(), c, []string{dir}, api.IndexOptions{})
	must(t, err)
	c.Models = append(c.Models, Model{Name: "other", Fingerprint: "g", Stage: meanColour()})
	r, err := Run(t.Context(), c, []string{dir}, api.IndexOptions{})
	must(t, err)
	if r.Unchanged != 1 || r.Embedded != 1 || !slices.Equal(r.Models, []string{"mean", "other"}) {
		t.Errorf("%+v", r)
	}
}

// A folder without any picture may be where a disk is not mounted: its pictures are kept.
func TestPruningKeepsThePicturesOfAnEmptiedFolder(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	paint(t, filepath.Join(dir, "a.png"), red)
	c, _ := open(t)
	_, err := Run(t.Context(), c, []string{dir}, api.IndexOptions{})
	must(t, err)
	must(t, os.Remove(filepath.Join(dir, "a.png")))
	var problem error
	r, err := Run(t.Context(), c, []string{dir}, api.IndexOptions{Prune: true, Problem: func(_ string, err error) { problem = err }})
	must(t, err)
	var emptied *EmptiedFolderError
	if !errors.As(problem, &emptied) || *emptied != (EmptiedFolderError{dir, 1}) || r.Missing != 1 || r.Removed != 0 {
		t.Errorf("%+v, %v", r, problem)
	}
	r, err = Run(t.Context(), c, []string{dir}, api.IndexOptions{Prune: true, PruneEmpty: true})
	must(t, err)
	if r.Removed != 1 {
		t.Errorf("%+v", r)
	}
}

func TestTagsOfListsAreAddedAndNoneRemoved(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	paint(t, filepath.Join(dir, "a.png"), red)
	list := filepath.Join(dir, "list.csv")
	must(t, os.WriteFile(list, []byte("path,tags\na.png,warm;flat\n"), 0o666))
	c, store := open(t)
	r, err := Run(t.Context(), c, []string{list}, api.IndexOptions{})
	must(t, err)
	if r.Tagged != 2 || r.Added != 1 {
		t.Errorf("%+v", r)
	}
	must(t, os.WriteFile(list, []byte("path,tags\na.png,warm;new\n"), 0o666))
	r, err = Run(t.Context(), c, []string{list}, api.IndexOptions{})
	must(t, err)
	tags, err := store.Tags(t.Context())
	must(t, err)
	if r.Tagged != 1 || len(tags) != 3 {
		t.Errorf("%+v, tags %v", r, tags)
	}
}

// failingWriter fails at its nth commit.
type failingWriter struct {
	Writer
	left int
}

func (w *failingWriter) Commit(ctx context.Context, b record.Batch) error {
	if w.left--; w.left < 0 {
		return errors.New("disk full")
	}
	return w.Writer.Commit(ctx, b)
}

func TestAFailedCommitEndsTheRun(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	paint(t, filepath.Join(dir, "a.png"), red)
	c, store := open(t)
	writer := c.Writer
	c.Writer = func() (Writer, error) {
		w, err := writer()
		return &failingWriter{Writer: w}, err
	}
	r, err := Run(t.Context(), c, []string{dir}, api.IndexOptions{})
	if err == nil || !strings.Contains(err.Error(), "disk full") || r.Added != 0 {
		t.Errorf("%+v, %v", r, err)
	}
	w, err := store.Writer() // the lock was released
	must(t, err)
	must(t, w.Close())
}

// Damage is reported before a run adds to it.
func TestADamagedSpaceIsNotAddedTo(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	paint(t, filepath.Join(dir, "a.png"), red)
	c, store := open(t)
	c.Check = func(context.Context, record.Space) error { return record.ErrDamaged }
	if r, err := Run(t.Context(), c, []string{dir}, api.IndexOptions{}); !errors.Is(err, record.ErrDamaged) || r.Added != 0 {
		t.Errorf("%+v, %v", r, err)
	}
	if info, err := store.Info(t.Context()); err != nil || info.Pictures != 0 {
		t.Errorf("%+v, %v", info, err)
	}
}
