package local

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/akin-search/akin/internal/record"
)

// listed is a collection of pictures of all kinds, whose lists are written: with the same
// bytes twice, without an embedding, unreadable, removed, moved, with strange names.
func listed(t *testing.T) (*Collection, []record.Space, *Writer) {
	t.Helper()
	c, err := Open(filepath.Join(t.TempDir(), "c"), Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	c.compactLeast = 10
	w, err := c.Writer()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { w.Close() })
	var spaces []record.Space
	for _, model := range []string{"m", "other", "empty"} {
		s, err := w.Space(t.Context(), model, "f", dim)
		if err != nil {
			t.Fatal(err)
		}
		spaces = append(spaces, s)
	}
	for first := 0; first < 4500; first += 1500 { // beyond one group of 4096
		var b record.Batch
		for i := first; i < first+1500; i++ {
			content := fmt.Sprint(i - i%5/4) // every fifth is the one before it
			b.Puts = append(b.Puts, put(fmt.Sprintf("/p/%d/Größe %d ✓.png", i%7, i), content))
			if i%11 > 0 {
				b.Embeddings = append(b.Embeddings, embedding(spaces[i%3/2], content, 1, float32(i), 0, 0))
			}
		}
		b.Puts = append(b.Puts, record.Put{Source: fmt.Sprintf("/p/%d.txt", first), Error: "no picture"})
		if err := w.Commit(t.Context(), b); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Commit(t.Context(), record.Batch{Remove: []int64{1, 77, 4096}, Move: map[int64]record.Put{5: put("/q/elsewhere.png", "4")}}); err != nil {
		t.Fatal(err)
	}
	if spaces, err = c.Spaces(t.Context()); err != nil {
		t.Fatal(err)
	}
	return c, spaces, w
}

// told is all that a snapshot says of its pictures.
type told struct {
	Pictures []record.Picture
	Of       [][]int
	Tie      []int32
	Keep     []uint64
	Covered  []int
}

func tell(t *testing.T, c *Collection, space record.Space) told {
	t.Helper()
	s := snapshot(t, c, space)
	var out told
	for i := range s.Pictures.Len() {
		out.Pictures = append(out.Pictures, s.Pictures.At(i))
	}
	for row := range s.Space.Rows {
		out.Of = append(out.Of, slices.Collect(s.Of(row)))
	}
	out.Tie, out.Keep = slices.Clone(s.Tie), slices.Clone(s.Keep)
	spaces, err := c.Spaces(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range spaces {
		out.Covered = append(out.Covered, s.Covered)
	}
	return out
}

// queried is the same, asked of the database one by one.
func queried(t *testing.T, c *Collection, space record.Space) told {
	t.Helper()
	var out told
	err := c.rows(t.Context(), `SELECT p.id, p.name, p.source, coalesce(e.row, -1) FROM picture p
		LEFT JOIN embedding e ON e.content = p.content AND e.space = ? WHERE p.content IS NOT NULL ORDER BY p.id`,
		func(scan func(...any) error) error {
			var p record.Picture
			err := scan(&p.ID, &p.Name, &p.Source, &p.Row)
			out.Pictures = append(out.Pictures, p)
			return err
		}, space.ID)
	if err != nil {
		t.Fatal(err)
	}
	rows := 0
	for _, p := range out.Pictures {
		rows = max(rows, p.Row+1)
	}
	out.Of, out.Tie, out.Keep = make([][]int, rows), make([]int32, rows), make([]uint64, (rows+63)/64)
	for i, p := range out.Pictures {
		if p.Row >= 0 {
			out.Of[p.Row] = append(out.Of[p.Row], i)
			out.Keep[p.Row/64] |= 1 << (p.Row % 64)
		}
	}
	for row, pictures := range out.Of {
		out.Tie[row] = -1
		if len(pictures) > 0 {
			out.Tie[row] = int32(pictures[0])
		}
	}
	err = c.rows(t.Context(), `SELECT (SELECT count(*) FROM picture p JOIN embedding e ON e.content = p.content AND e.space = s.id) FROM space s ORDER BY s.id`,
		func(scan func(...any) error) error {
			out.Covered = append(out.Covered, 0)
			return scan(&out.Covered[len(out.Covered)-1])
		})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func fresh(t *testing.T, c *Collection, space record.Space) bool {
	t.Helper()
	g := generationOf(t, c)
	p, unmap := c.openPictures(g)
	if p == nil {
		return false
	}
	defer unmap()
	l, unmapRows := c.openRows(g, space, p.Len())
	if l == nil {
		return false
	}
	defer unmapRows()
	return true
}

func generationOf(t *testing.T, c *Collection) (g string) {
	t.Helper()
	err := c.read(t.Context(), func(tx *readTx) (err error) {
		g, err = generation(tx)
		return err
	})
	if err != nil || len(g) != 16 {
		t.Fatalf("generation %q: %v", g, err)
	}
	return g
}

func TestListsSayWhatTheDatabaseSays(t *testing.T) {
	t.Parallel()
	c, spaces, w := listed(t)
	check := func(when string) {
		t.Helper()
		for _, s := range spaces {
			got, want := tell(t, c, s), queried(t, c, s)
			if s.Model == "empty" {
				got.Of, got.Tie, got.Keep, want.Of, want.Tie, want.Keep = nil, nil, nil, nil, nil, nil
			}
			if !reflect.DeepEqual(got, want) {
				t.Fatalf("%s: space %s differs from what the database says", when, s.Model)
			}
		}
	}
	check("without lists")
	if err := w.Prepare(t.Context(), nil); err != nil {
		t.Fatal(err)
	}
	for _, s := range spaces[:2] {
		if !fresh(t, c, s) {
			t.Fatalf("%s has no list", s.Model)
		}
	}
	check("with lists")
	before := tell(t, c, spaces[0])
	old := snapshot(t, c, spaces[0])
	if err := w.Commit(t.Context(), record.Batch{Remove: []int64{2}, Puts: []record.Put{put("/p/new.png", "new")}, Embeddings: []record.Embedding{embedding(spaces[0], "new", 1, 1, 1, 1)}}); err != nil {
		t.Fatal(err)
	}
	if fresh(t, c, spaces[0]) {
		t.Error("lists of what was are taken for what is")
	}
	check("with old lists")
	if err := w.Prepare(t.Context(), nil); err != nil {
		t.Fatal(err)
	}
	check("with new lists")
	if got := old.Pictures.At(1); got != before.Pictures[1] || old.Pictures.Len() != len(before.Pictures) {
		t.Errorf("the snapshot of before says %v", got)
	}
	if p, err := old.Find("new"); !errors.Is(err, record.ErrNotIndexed) {
		t.Errorf("the snapshot of before finds %v", p)
	}
	if p, err := old.Find(before.Pictures[0].Name); err != nil || p != before.Pictures[0] {
		t.Errorf("the snapshot of before finds %v, %v", p, err)
	}
	if p, ok := old.BySource(before.Pictures[0].Source); !ok || p != before.Pictures[0] {
		t.Errorf("the snapshot of before finds %v", p)
	}
}

func TestNamesAreFoundInLists(t *testing.T) {
	t.Parallel()
	c, spaces, w := listed(t)
	if err := w.Prepare(t.Context(), nil); err != nil {
		t.Fatal(err)
	}
	s := snapshot(t, c, spaces[0])
	for i, want := range s.Pictures.All() { // past where a map is made of them
		if got, err := s.Find(want.Name); err != nil || got != want {
			t.Fatalf("picture %d: %v, %v; want %v", i, got, err, want)
		}
		if got, ok := s.BySource(want.Source); i%50 == 0 && (!ok || got != want) {
			t.Fatalf("picture %d: %v; want %v", i, got, want)
		}
	}
	s = snapshot(t, c, spaces[0])
	if p, err := s.Find("GRÖSSE 12 ✓"); err == nil { // ß is no ss, as before
		t.Errorf("%v", p)
	}
	if p, err := s.Find("größe 12 ✓"); err != nil || p.Name != "Größe 12 ✓" {
		t.Errorf("%v, %v", p, err)
	}
	if _, err := s.Find("Größe 12"); !errors.Is(err, record.ErrNotIndexed) || !strings.Contains(err.Error(), "did you mean") {
		t.Errorf("%v", err)
	}
	if p, ok := s.BySource("/p/nowhere"); ok {
		t.Errorf("%v", p)
	}
	catalog, err := c.Catalog(t.Context())
	if err != nil || catalog.Pictures.Len() != s.Pictures.Len() || catalog.Pictures.At(9).Row != -1 {
		t.Errorf("%d pictures: %v", catalog.Pictures.Len(), err)
	}
	if err := catalog.Close(); err != nil {
		t.Error(err)
	}
}

// Whatever a disk makes of a list, nobody dies of it, and verify tells.
func TestDamagedLists(t *testing.T) {
	t.Parallel()
	c, spaces, w := listed(t)
	if err := w.Prepare(t.Context(), nil); err != nil {
		t.Fatal(err)
	}
	r := rand.New(rand.NewPCG(1, 2))
	for _, path := range []string{filepath.Join(c.dir, picturesList), filepath.Join(c.spaceDir(spaces[0]), rowsList)} {
		whole, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		for n := range 24 {
			data := slices.Clone(whole)
			switch {
			case n < 6:
				data = data[:len(data)*n/6]
			case n == 6:
				data = append(data, 0)
			case n < 14: // the head
				data[r.IntN(listHeadBytes)] ^= byte(1 + r.IntN(255))
			default: // a run of it
				at := listHeadBytes + r.IntN(len(data)-listHeadBytes)
				for i := at; i < min(len(data), at+1000); i++ {
					data[i] = byte(r.Uint32())
				}
			}
			if err := os.WriteFile(path, data, 0o666); err != nil {
				t.Fatal(err)
			}
			if s, err := c.Snapshot(t.Context(), spaces[0]); err == nil {
				for i, p := range s.Pictures.All() {
					_, _ = s.Picture(p.ID)
					if row := s.Pictures.Row(i); row >= 0 {
						_ = s.Matrix.Row(row)
						for j := range s.Of(row) {
							_ = s.Pictures.At(j)
						}
					}
				}
				_, _ = s.Find("Größe 12 ✓")
				if err := s.Close(); err != nil {
					t.Fatal(err)
				}
			}
			if problems := verify(t, c); len(problems) != 1 || !strings.Contains(problems[0], path) || !strings.Contains(problems[0], "a repair makes it again") {
				t.Fatalf("damage %d of %s: %q", n, path, problems)
			}
		}
		if r, err := w.Repair(t.Context()); err != nil || len(r.Problems) > 0 || len(r.Done) != 1 {
			t.Fatalf("after the repair: %+v, %v", r, err)
		}
		if again, err := os.ReadFile(path); err != nil || !slices.Equal(again, whole) {
			t.Errorf("%s is made again otherwise than before (%v)", path, err)
		}
	}
}

// One flipped byte of a list, wherever it lies, changes no answer: whoever opens the collection
// asks the database instead.
func TestAFlippedByteOfAListChangesNoAnswer(t *testing.T) {
	t.Parallel()
	c, spaces, w := listed(t)
	if err := w.Prepare(t.Context(), nil); err != nil {
		t.Fatal(err)
	}
	want := tell(t, c, spaces[0])
	for _, path := range []string{filepath.Join(c.dir, picturesList), filepath.Join(c.spaceDir(spaces[0]), rowsList)} {
		whole, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		for i := range 40 {
			data := slices.Clone(whole)
			data[(len(data)-1)*i/39] ^= 1 << (i % 8)
			if err := os.WriteFile(path, data, 0o666); err != nil {
				t.Fatal(err)
			}
			other, err := Open(c.dir, Options{ReadOnly: true})
			if err != nil {
				t.Fatal(err)
			}
			other.compactLeast = c.compactLeast
			if got := tell(t, other, spaces[0]); !reflect.DeepEqual(got, want) {
				t.Errorf("%s, byte %d: another answer", path, (len(data)-1)*i/39)
			}
			if err := other.Close(); err != nil {
				t.Fatal(err)
			}
		}
		if err := os.WriteFile(path, whole, 0o666); err != nil {
			t.Fatal(err)
		}
	}
}
