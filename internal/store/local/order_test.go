package local

import (
	"cmp"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/akin-search/akin/internal/record"
)

// ordered returns the ids of the pictures in an order, as the catalog has it.
func ordered(t *testing.T, c *Collection, by string, down bool) (ids []int64, o *Order) {
	t.Helper()
	s, err := c.Catalog(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	if o, err = s.Order(t.Context(), by); err != nil {
		t.Fatal(err)
	}
	for i := range o.All(down) {
		ids = append(ids, s.Pictures.ID(i))
	}
	return ids, o
}

// bySQLite returns the ids of the pictures as SQLite sorts them.
func bySQLite(t *testing.T, c *Collection, order string) (ids []int64) {
	t.Helper()
	err := c.rows(t.Context(), `SELECT p.id FROM picture p JOIN content c ON c.id = p.content ORDER BY `+order, func(scan func(...any) error) error {
		var id int64
		err := scan(&id)
		ids = append(ids, id)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return ids
}

// byNames returns the ids of the pictures as their names are sorted, all at once.
func byNames(t *testing.T, c *Collection) (ids []int64) {
	t.Helper()
	names := map[int64]string{}
	err := c.rows(t.Context(), `SELECT id, name FROM picture`, func(scan func(...any) error) error {
		var id int64
		var name string
		err := scan(&id, &name)
		names[id] = Typed(name)
		ids = append(ids, id)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	slices.SortFunc(ids, func(a, b int64) int {
		return cmp.Or(compareNames(names[a], names[b]), cmp.Compare(a, b))
	})
	return ids
}

// After any commits an order is what sorting all pictures gives: whatever was added, changed, moved and removed, and whoever
// asked for which order meanwhile.
func TestAnOrderAfterCommitsIsThatOfAllPictures(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(7, 11))
	c, _ := create4(t)
	c.compactLeast = 10
	made := 0
	source := func(n int) string { return fmt.Sprintf("/p/%d/IMG_%d.png", n%7, n) }
	some := func(n int) record.Put {
		p := put(source(n), fmt.Sprint(r.IntN(300)))
		p.Size, p.Mtime = r.Int64N(40), r.Int64N(50)*1e9 // many alike, and some that are not known
		p.Width, p.Height = r.IntN(6), r.IntN(6)
		if r.IntN(3) == 0 {
			p.Taken = fmt.Sprintf("20%02d-07-14T10:00:00", r.IntN(30))
		}
		return p
	}
	for step := range 60 {
		var b record.Batch
		var known []int64
		if step > 0 {
			known = bySQLite(t, c, "p.id")
		}
		for range r.IntN(40) {
			switch n := r.IntN(4); {
			case made == 0 || n < 2:
				b.Puts = append(b.Puts, some(made))
				made++
			case n == 2: // changed, unless it is gone: then it comes back
				b.Puts = append(b.Puts, some(r.IntN(made)))
			case len(known) > 0:
				at := r.IntN(len(known))
				b.Remove = append(b.Remove, known[at])
				known = slices.Delete(known, at, at+1)
			}
		}
		write(t, c, func(w *Writer) error {
			err := w.Commit(t.Context(), b)
			if err == nil && step%5 == 0 {
				err = w.Prepare(t.Context(), nil) // then pixels are read from the list
			}
			return err
		})
		dates := "CASE WHEN c.taken != '' THEN unixepoch(c.taken) WHEN p.mtime = 0 THEN NULL ELSE unixepoch(p.mtime / 1000000000, 'unixepoch', 'localtime') END"
		for _, x := range []struct{ by, value string }{
			{ByAge, "p.id"},
			{ByBytes, "nullif(p.size, 0)"},
			{ByPixels, "nullif(c.width * c.height, 0)"},
			{ByDate, dates},
		} {
			if r.IntN(2) == 0 {
				continue // the next time it is made from an order that is older than the last commit
			}
			for _, down := range []bool{false, true} {
				order := x.value + " ASC NULLS LAST, p.id"
				if down {
					order = x.value + " DESC NULLS LAST, p.id DESC"
				}
				if got, _ := ordered(t, c, x.by, down); !slices.Equal(got, bySQLite(t, c, order)) {
					t.Fatalf("step %d, by %s, down %v: %v, want %v", step, x.by, down, got, bySQLite(t, c, order))
				}
			}
		}
		if got, _ := ordered(t, c, ByName, false); !slices.Equal(got, byNames(t, c)) {
			t.Fatalf("step %d, by name: %v, want %v", step, got, byNames(t, c))
		}
	}
	if made < 500 {
		t.Errorf("only %d pictures were made", made)
	}
}

// Who gives tags changes no order, and nothing is sorted again; who rests forgets all.
func TestOrdersAreKeptUntilPicturesChange(t *testing.T) {
	t.Parallel()
	c, _ := create4(t)
	two(t, c)
	_, first := ordered(t, c, ByName, false)
	write(t, c, func(w *Writer) error {
		_, err := w.Tag(t.Context(), []record.Tagging{{Picture: 1, Tag: "x"}})
		return err
	})
	if _, again := ordered(t, c, ByName, false); again != first {
		t.Error("a tag changed the order of names")
	}
	write(t, c, func(w *Writer) error {
		return w.Commit(t.Context(), record.Batch{Puts: []record.Put{put("/p/0.png", "0")}})
	})
	ids, changed := ordered(t, c, ByName, false)
	if changed == first || len(ids) != 3 {
		t.Errorf("after a picture came: %v", ids)
	}
	c.Rest()
	if c.current.orders != nil {
		t.Error("a collection at rest keeps orders")
	}
}
