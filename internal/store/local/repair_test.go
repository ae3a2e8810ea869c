package local

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/akin-search/akin/internal/record"
)

const many = 60 // pictures of a collection that is damaged

// picture i of such a collection, and its unit vector.
func sourceOf(i int) string { return fmt.Sprintf("/p/%d/picture %d.png", i%7, i) }

func vectorOf(i int) []float32 {
	v := make([]float32, dim)
	v[i%dim] = 0.6
	v[(i+1+i/dim)%dim] += 0.8
	if v[i%dim] > 1 {
		v[i%dim] = 1
	}
	return v
}

func batchOf(space record.Space, from, to int) record.Batch {
	var b record.Batch
	for i := from; i < to; i++ {
		b.Puts = append(b.Puts, put(sourceOf(i), sourceOf(i)))
		b.Embeddings = append(b.Embeddings, embedding(space, sourceOf(i), vectorOf(i)...))
	}
	return b
}

// damageable makes a collection of several commits and segments, tagged, and closes it.
func damageable(t *testing.T, dir string) (folder string) {
	t.Helper()
	c, err := Open(dir, Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	var space record.Space
	write(t, c, func(w *Writer) error {
		if space, err = w.Space(t.Context(), "m", "f", dim); err != nil {
			return err
		}
		for i := 0; i < many; i += 5 {
			if err := w.Commit(t.Context(), batchOf(space, i, i+5)); err != nil {
				return err
			}
		}
		_, err := w.Tag(t.Context(), []record.Tagging{{Picture: 1, Tag: "red"}, {Picture: 2, Tag: "red"}})
		return err
	})
	return filepath.Join(dir, "spaces", space.Folder)
}

// checkLeft opens what a repair left: every embedding that is there is the one that was
// stored, bit by bit. It gives how many pictures and embeddings are left.
func checkLeft(t *testing.T, dir, why string) (pictures, embeddings int) {
	t.Helper()
	c, err := Open(dir, Options{})
	if err != nil {
		t.Fatalf("%s: %v", why, err)
	}
	defer c.Close()
	if p := verify(t, c); len(p) > 0 {
		t.Fatalf("%s: %q", why, p)
	}
	spaces, err := c.Spaces(t.Context())
	if err != nil {
		t.Fatalf("%s: %v", why, err)
	}
	for _, space := range spaces {
		s := snapshot(t, c, space)
		pictures = s.Pictures.Len()
		for _, p := range s.Pictures.All() {
			var dir, i int
			if _, err := fmt.Sscanf(p.Source, "/p/%d/picture %d.png", &dir, &i); err != nil || p.Row < 0 {
				continue
			}
			embeddings++
			if !slices.Equal(s.Matrix.Row(p.Row), vectorOf(i)) {
				t.Fatalf("%s: %s has another's embedding", why, p.Source)
			}
		}
		s.Close()
	}
	return pictures, embeddings
}

// indexAgain stores what is missing, as an index does, and checks that then all is there.
func indexAgain(t *testing.T, dir, why string) {
	t.Helper()
	c, err := Open(dir, Options{})
	if err != nil {
		t.Fatalf("%s: %v", why, err)
	}
	defer c.Close()
	write(t, c, func(w *Writer) error {
		space, err := w.Space(t.Context(), "m", "f", dim)
		if err != nil {
			return err
		}
		have, _, err := c.Embedded(t.Context(), space.ID)
		if err != nil {
			return err
		}
		b := batchOf(space, 0, many)
		b.Embeddings = slices.DeleteFunc(b.Embeddings, func(e record.Embedding) bool { return have[e.Hash] })
		return w.Commit(t.Context(), b)
	})
	known, err := c.Known(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for i := range many {
		if _, ok := known[sourceOf(i)]; !ok {
			t.Fatalf("%s: %s is missing after an index", why, sourceOf(i))
		}
	}
	if _, n := checkLeft(t, dir, why+", indexed again"); n != many {
		t.Fatalf("%s: %d embeddings after an index", why, n)
	}
}

func TestDamagedSegmentsAreRepaired(t *testing.T) {
	t.Parallel()
	whole := filepath.Join(t.TempDir(), "whole.akin")
	folder := filepath.Base(damageable(t, whole))
	size := func(file string) int64 {
		info, err := os.Stat(filepath.Join(whole, "spaces", folder, file))
		if err != nil {
			t.Fatal(err)
		}
		return info.Size()
	}
	tried, lost := 0, 0
	for _, file := range []string{"000001.vec", "000001.rows"} {
		step := size(file)/19 + 1
		for at := int64(0); at < size(file); at += step {
			for _, way := range []string{"flip", "cut", "remove"} {
				if way == "remove" && at > 0 {
					continue
				}
				why := fmt.Sprintf("%s of %s at %d", way, file, at)
				dir := filepath.Join(t.TempDir(), "damaged.akin")
				if err := os.CopyFS(dir, os.DirFS(whole)); err != nil {
					t.Fatal(err)
				}
				path := filepath.Join(dir, "spaces", folder, file)
				damage := map[string]func(string) error{
					"flip": flip(at), "cut": func(p string) error { return os.Truncate(p, at) }, "remove": os.Remove,
				}[way]
				if err := damage(path); err != nil {
					t.Fatal(err)
				}
				r, err := Repair(t.Context(), dir)
				if err != nil || len(r.Problems) > 0 || len(r.Done) != 1 || !strings.Contains(r.Done[0], folder) {
					t.Fatalf("%s: %+v, %v", why, r, err)
				}
				pictures, left := checkLeft(t, dir, why)
				if pictures != many || way == "flip" && file == "000001.vec" && left < many-5 {
					t.Errorf("%s: %d pictures, %d embeddings are left", why, pictures, left)
				}
				if r.Reindex != (left < many) || len(r.Reimport) > 0 {
					t.Errorf("%s: %d of %d embeddings are left: %+v", why, left, many, r)
				}
				if left < many != strings.Contains(r.Done[0], fmt.Sprintf("%d were damaged", many-left)) {
					t.Errorf("%s: %d embeddings are left, and it says %q", why, left, r.Done[0])
				}
				indexAgain(t, dir, why)
				tried, lost = tried+1, lost+many-left
			}
		}
	}
	t.Logf("faults: %d damaged segments, all repaired; %d of %d embeddings had to be made again", tried, lost, tried*many)
}

// Whatever is done to a database, what is left of it and of the segments is a collection,
// no embedding is another picture's, and an index makes it whole without embedding what
// the segments have.
func TestDamagedDatabasesAreRepaired(t *testing.T) {
	t.Parallel()
	whole := filepath.Join(t.TempDir(), "whole.akin")
	damageable(t, whole)
	info, err := os.Stat(filepath.Join(whole, "akin.db"))
	if err != nil {
		t.Fatal(err)
	}
	r := rand.New(rand.NewPCG(8, 8))
	garbage := func(at, n int64) func(string) error {
		return func(path string) error {
			f, err := os.OpenFile(path, os.O_RDWR, 0)
			if err != nil {
				return err
			}
			defer f.Close()
			b := make([]byte, n)
			for i := range b {
				b[i] = byte(r.Uint32())
			}
			_, err = f.WriteAt(b, at)
			return err
		}
	}
	type damage struct {
		why string
		do  func(path string) error
	}
	damages := []damage{
		{"it is gone", os.Remove},
		{"it is empty", func(p string) error { return os.Truncate(p, 0) }},
		{"its first page is garbage", garbage(0, 4096)},
		{"its first bytes are garbage", garbage(0, 16)},
		{"half of it is cut off", func(p string) error { return os.Truncate(p, info.Size()/2/4096*4096) }},
	}
	for page := int64(0); page < info.Size()/4096; page++ {
		damages = append(damages, damage{fmt.Sprintf("page %d is garbage", page), garbage(page*4096, 4096)})
	}
	for range 60 {
		at := r.Int64N(info.Size() - 64)
		damages = append(damages, damage{fmt.Sprintf("64 bytes at %d are garbage", at), garbage(at, 64)})
	}
	pictures := 0
	for _, x := range damages {
		dir := filepath.Join(t.TempDir(), "damaged.akin")
		if err := os.CopyFS(dir, os.DirFS(whole)); err != nil {
			t.Fatal(err)
		}
		if err := x.do(filepath.Join(dir, "akin.db")); err != nil {
			t.Fatal(err)
		}
		if r, err := Repair(t.Context(), dir); err != nil || len(r.Problems) > 0 {
			t.Fatalf("%s: %+v, %v", x.why, r, err)
		}
		n, _ := checkLeft(t, dir, x.why)
		if x.why == "its first bytes are garbage" && n != many {
			t.Errorf("%s: %d of %d pictures could be read", x.why, n, many)
		}
		pictures += n
		c, err := Open(dir, Options{})
		if err != nil {
			t.Fatal(err)
		}
		spaces, err := c.Spaces(t.Context())
		c.Close()
		if err != nil || len(spaces) != 1 || spaces[0].Rows != many {
			t.Fatalf("%s: spaces %+v, %v", x.why, spaces, err)
		}
		indexAgain(t, dir, x.why)
	}
	t.Logf("faults: %d damaged databases, all repaired; no embedding lost; %d of %d pictures' records were read, the rest an index found again",
		len(damages), pictures, len(damages)*many)
}

// A file that took over an imported embedding keeps it when the database is lost: only
// the database knew of it, but for the name.
func TestARescueKnowsWhoTookOverAnImport(t *testing.T) {
	t.Parallel()
	c, dir := create4(t)
	write(t, c, func(w *Writer) error {
		space, err := w.Space(t.Context(), "clip", "imported/4", dim)
		if err != nil {
			return err
		}
		p := record.Put{Name: "Chad", Source: record.ImportedSource("Chad"), Hash: sha256.Sum256([]byte("import:Chad"))}
		if err := w.Commit(t.Context(), record.Batch{Puts: []record.Put{p}, Embeddings: []record.Embedding{{Space: space.ID, Hash: p.Hash, Vector: []float32{0, 1, 0, 0}}}}); err != nil {
			return err
		}
		if err := w.Commit(t.Context(), record.Batch{Puts: []record.Put{put("/flags/Chad.png", "pixels")}}); err != nil {
			return err
		}
		_, err = w.Review(t.Context(), []record.Review{{sha256.Sum256([]byte("pixels")): 2}})
		return err
	})
	if _, err := c.db.Exec(`DELETE FROM embedding; DELETE FROM segment; INSERT INTO embedding VALUES (1, 1, 99)`); err != nil {
		t.Fatal(err)
	}
	if err := c.Close(); err != nil {
		t.Fatal(err)
	}
	r, err := Repair(t.Context(), dir)
	if err != nil || len(r.Problems) > 0 || len(r.Done) == 0 {
		t.Fatalf("%+v, %v", r, err)
	}
	if c, err = Open(dir, Options{}); err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	spaces, err := c.Spaces(t.Context())
	if err != nil || len(spaces) != 1 {
		t.Fatal(spaces, err)
	}
	s := snapshot(t, c, spaces[0])
	if p := s.Pictures.At(0); s.Pictures.Len() != 1 || p.Source != "/flags/Chad.png" || p.Row != 0 {
		t.Errorf("%+v", p)
	}
	if reviews, err := c.Reviews(t.Context()); err != nil || len(reviews) != 1 {
		t.Errorf("reviews: %v, %v", reviews, err)
	}
}

func TestNothingIsRepairedWhereThereIsNoCollection(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	if _, err := Repair(t.Context(), dir); !errors.Is(err, record.ErrNotFound) {
		t.Errorf("%v", err)
	}
	if entries, _ := os.ReadDir(dir); len(entries) > 0 {
		t.Errorf("it left %v", entries)
	}
	c, whole := create4(t)
	two(t, c)
	if r, err := Repair(t.Context(), whole); err != nil || len(r.Done)+len(r.Problems) > 0 {
		t.Errorf("a whole one: %+v, %v", r, err)
	}
	if _, err := os.Stat(filepath.Join(whole, "akin.db.damaged")); err == nil {
		t.Error("a whole database was replaced")
	}
}

// The path of a collection is no pattern: the segments of a damaged database are found in it.
func TestARepairFindsSegmentsWhereverTheyLie(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"pictures [2024]", "[a", "a*b?", `back\slash`, "{a,b}", "ünïcode ✓"} {
		above := filepath.Join(t.TempDir(), name)
		dir := filepath.Join(above, "c.akin")
		if err := os.Mkdir(above, 0o777); err != nil {
			t.Skip(err) // a system that has no such names
		}
		folder := damageable(t, dir)
		before, err := os.ReadFile(filepath.Join(folder, "000001.vec"))
		if err != nil {
			t.Fatal(err)
		}
		if err := os.Truncate(filepath.Join(dir, "akin.db"), 0); err != nil {
			t.Fatal(err)
		}
		r, err := Repair(t.Context(), dir)
		if err != nil || len(r.Problems) > 0 || !strings.Contains(strings.Join(r.Done, "\n"), fmt.Sprintf("%d embeddings were found", many)) {
			t.Errorf("%s: %+v, %v", name, r, err)
		}
		indexAgain(t, dir, name)
		if after, err := os.ReadFile(filepath.Join(folder, "000001.vec")); err != nil || !slices.Equal(after, before) {
			t.Errorf("%s: the segment is another one: %v", name, err)
		}
	}
}

// What a rescue cannot list or read is not forgotten: it stops, and nothing is changed.
func TestARescueStopsWhereItCannotRead(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		why string
		do  func(dir, folder string) error
	}{
		{"the folder of spaces cannot be listed", func(dir, _ string) error {
			spaces := filepath.Join(dir, "spaces")
			return errors.Join(os.Rename(spaces, spaces+".away"), os.WriteFile(spaces, nil, 0o666))
		}},
		{"a segment's header cannot be read", func(_, folder string) error {
			vec := filepath.Join(folder, "000001.vec")
			return errors.Join(os.Rename(vec, vec+".away"), os.Mkdir(vec, 0o777))
		}},
		{"a segment's records cannot be read", func(_, folder string) error {
			rows := filepath.Join(folder, "000001.rows")
			return errors.Join(os.Rename(rows, rows+".away"), os.Mkdir(rows, 0o777))
		}},
	} {
		dir := filepath.Join(t.TempDir(), "c.akin")
		folder := damageable(t, dir)
		db := filepath.Join(dir, "akin.db")
		if err := errors.Join(os.Truncate(db, 0), c.do(dir, folder)); err != nil {
			t.Fatal(err)
		}
		if r, err := Repair(t.Context(), dir); err == nil {
			t.Errorf("%s: %+v", c.why, r)
		}
		if _, err := os.Stat(db + damagedSuffix); err == nil {
			t.Errorf("%s: the database was written anew", c.why)
		}
	}
}

// A folder of embeddings that nothing explains is kept under another name, and told.
func TestUnknownEmbeddingsAreKept(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "c.akin")
	folder := damageable(t, dir)
	if err := errors.Join(os.Truncate(filepath.Join(dir, "akin.db"), 0), flip(10)(filepath.Join(folder, "000001.vec"))); err != nil {
		t.Fatal(err)
	}
	r, err := Repair(t.Context(), dir)
	kept := folder + damagedSuffix
	if err != nil || len(r.Problems) != 1 || !strings.Contains(r.Problems[0], kept) {
		t.Fatalf("%+v, %v", r, err)
	}
	indexAgain(t, dir, "a header that is damaged")
	c, err := Open(dir, Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	write(t, c, func(w *Writer) error {
		s, err := w.Space(t.Context(), "other", "f", dim)
		if err != nil {
			return err
		}
		return w.Drop(t.Context(), s)
	})
	if info, err := os.Stat(filepath.Join(kept, "000001.vec")); err != nil || info.Size() != headerBytes+many*dim*4 {
		t.Errorf("%v", err)
	}
	// Where the database knows what it is, its embeddings are kept.
	dir = filepath.Join(t.TempDir(), "c.akin")
	folder = damageable(t, dir)
	change(t, dir, `UPDATE content SET hash = x'00' WHERE id = 1`)
	if err := flip(10)(filepath.Join(folder, "000001.vec")); err != nil {
		t.Fatal(err)
	}
	if r, err := Repair(t.Context(), dir); err != nil || len(r.Problems) > 0 {
		t.Fatalf("%+v, %v", r, err)
	}
	if _, n := checkLeft(t, dir, "the database knows it"); n < many-1 {
		t.Errorf("%d embeddings are left", n)
	}
}
