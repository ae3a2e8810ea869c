package local

import (
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"testing"
	"time"

	"github.com/akin-search/akin/internal/record"
)

// What pictures are sorted by is the same out of their list and of the database, beyond one group of 4096.
func TestStampsOfPictures(t *testing.T) {
	t.Parallel()
	c, _ := create4(t)
	c.compactLeast = 10
	taken := []string{"", "2021-07-14T10:00:00", "2021-07-14T10:00:00+05:30", "2021-07-14T10:00:00-03:00", "2021-02-30T10:00:00", "2021-07-14T10:00:00+5", "nonsense", "1969-12-31T23:59:59Z"}
	write(t, c, func(w *Writer) error {
		var b record.Batch
		for i := range 5000 {
			p := put(fmt.Sprintf("/p/%d.png", i), fmt.Sprint(i))
			p.Size, p.Mtime, p.Taken = int64(i%7), int64(i%11)*1e9, taken[i%len(taken)]
			b.Puts = append(b.Puts, p)
		}
		if err := w.Commit(t.Context(), b); err != nil {
			return err
		}
		return w.Prepare(t.Context(), nil)
	})
	read := func(listed bool) (f stamps, d *Dates) {
		t.Helper()
		s, err := c.Catalog(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		defer s.Close()
		if (s.Pictures.stamps != nil) != listed {
			t.Errorf("in a list: %v", !listed)
		}
		if f, err = s.stamps(t.Context()); err == nil {
			f = append(stamps{}, f...)
			d, err = s.Dates(t.Context())
		}
		if err != nil {
			t.Fatal(err)
		}
		return f, d
	}
	listed, dates := read(true)
	for i := range 5000 {
		if clock, instant := record.DateOf(taken[i%len(taken)], int64(i%11)*1e9, time.Local); dates.Clock[i] != clock || dates.Instant[i] != instant || listed.bytes(i) != int64(i%7) {
			t.Fatalf("picture %d: %d, %d, %d bytes, want %d, %d, %d", i, dates.Clock[i], dates.Instant[i], listed.bytes(i), clock, instant, i%7)
		}
	}
	if err := os.Remove(filepath.Join(c.dir, picturesList)); err != nil {
		t.Fatal(err)
	}
	c.Rest()
	if f, d := read(false); !reflect.DeepEqual(f, listed) || !reflect.DeepEqual(d, dates) {
		t.Error("the database has other stamps than the list")
	}
}
