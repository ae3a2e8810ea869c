package local

import (
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"testing"

	"github.com/akin-search/akin/internal/disk"
	"github.com/akin-search/akin/internal/record"
)

// The sides of pictures are the same out of their list, of an old list without them, and of the database.
func TestSidesOfPictures(t *testing.T) {
	t.Parallel()
	c, err := Open(filepath.Join(t.TempDir(), "c"), Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	c.compactLeast = 10
	want, ids := map[int64][2]int{}, []int64{}
	write(t, c, func(w *Writer) error {
		var b record.Batch
		for i := range 5000 { // beyond one group of 4096
			p := put(fmt.Sprintf("/p/%d.png", i), fmt.Sprint(i))
			p.Width, p.Height = 3*i+1, maxSide-i
			b.Puts = append(b.Puts, p)
		}
		if err := w.Commit(t.Context(), b); err != nil {
			return err
		}
		return w.Prepare(t.Context(), nil)
	})
	for _, id := range []int64{1, 2, 4096, 4999, 5000} {
		want[id], ids = [2]int{3*int(id-1) + 1, maxSide - int(id-1)}, append(ids, id)
	}
	ids = append(ids, 9999) // no picture
	check := func(from string, listed bool) {
		t.Helper()
		p, unmap := c.openPictures(generationOf(t, c))
		if (p != nil && p.sides != nil) != listed {
			t.Errorf("%s: a list has the sides: %v", from, !listed)
		}
		if p != nil {
			defer unmap()
		}
		if got, err := c.Sides(t.Context(), ids); err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("%s: %v, %v, want %v", from, got, err, want)
		}
	}
	check("the list", true)
	path := filepath.Join(c.dir, picturesList)
	p, unmap := c.openPictures(generationOf(t, c))
	if err := writeList(disk.OS, path, generationOf(t, c), bytesOf(p.ids), bytesOf(p.starts), p.text); err != nil {
		t.Fatal(err)
	}
	unmap()
	c.Rest()
	check("an old list", false)
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	c.Rest()
	check("no list", false)
}
