package local

import (
	"fmt"
	"sync"
	"testing"

	"github.com/akin-search/akin/internal/record"
)

// picturesCalled returns pictures of these names, whose ids are 1, 2 …
func picturesCalled(names ...string) *Pictures {
	p := &Pictures{}
	for i, name := range names {
		p.ids = append(p.ids, int64(i)+1)
		p.starts = append(p.starts, uint64(len(p.text)), uint64(len(p.text)+len(name)))
		p.text = append(p.text, name...)
		p.text = append(p.text, "/a source"...)
	}
	p.starts = append(p.starts, uint64(len(p.text)))
	return p
}

func TestTheTableOfNamesFindsEachAndNoOther(t *testing.T) {
	t.Parallel()
	for _, n := range []int{0, 1, 2, 3, 5, 6, 47, 48, 49, 3000} { // 6 and 48 fill three quarters of a power of two
		var names []string
		for i := range n {
			names = append(names, fmt.Sprintf("name %d", 7*i))
		}
		p := picturesCalled(names...)
		table := newNameTable(p)
		for i, name := range names {
			if at, ok := table.find(p, name); !ok || at != i {
				t.Errorf("of %d: %q is %d, %v", n, name, at, ok)
			}
		}
		for _, other := range []string{"", "name", "name 1", "name 0/a source", "Name 0"} {
			if at, ok := table.find(p, other); ok {
				t.Errorf("of %d: %q is %d", n, other, at)
			}
		}
		if len(table.slots) > 8 && (4*n > 3*len(table.slots) || 3*n < len(table.slots)) {
			t.Errorf("of %d: %d slots", n, len(table.slots))
		}
	}
}

// Names are asked of the database at first and then of the table. One caller makes it while others go on; all find the same.
func TestNamesAreFoundWhileTheTableIsMade(t *testing.T) {
	t.Parallel()
	c, _ := create4(t)
	s := snapshot(t, c, two(t, c))
	defer s.Close()
	var wait sync.WaitGroup
	for range 4 {
		wait.Go(func() {
			for range lookups / 2 {
				for i, name := range []string{"a", "b"} {
					if at, ok := s.named(name); !ok || at != i {
						t.Errorf("%q is %d, %v", name, at, ok)
						return
					}
				}
				if at, ok := s.named("none"); ok {
					t.Errorf("none is %d", at)
					return
				}
			}
		})
	}
	wait.Wait()
	if s.names.Load() == nil {
		t.Error("no table was made")
	}
}

// Rows are filtered only where there is something to leave out.
func TestRowsAreKeptOfPicturesThatAreLeft(t *testing.T) {
	t.Parallel()
	c, _ := create4(t)
	space := two(t, c)
	whole := snapshot(t, c, space)
	if kept := whole.Kept(); kept != nil {
		t.Errorf("of all rows: %b", kept)
	}
	gone := whole.Pictures.ID(0)
	row := whole.Pictures.Row(0)
	write(t, c, func(w *Writer) error { return w.Commit(t.Context(), record.Batch{Remove: []int64{gone}}) })
	left := snapshot(t, c, space)
	if kept := left.Kept(); len(kept) != 1 || kept[0] != 3&^(1<<row) {
		t.Errorf("without the picture of row %d: %b", row, kept)
	}
}
