package local

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/akin-search/akin/internal/record"
)

// A collection whose spaces have segments of 1 GiB, and one with larger segments, are each continued as they were begun.
func TestASpaceKeepsItsRowsOfASegment(t *testing.T) {
	t.Parallel()
	c, dir := create4(t)
	c.segmentBytes = 4 * 4 * dim // four rows
	var space record.Space
	write(t, c, func(w *Writer) (err error) {
		if space, err = w.Space(t.Context(), "m", "f", dim); err != nil {
			return err
		}
		return w.Commit(t.Context(), numbered(space, 0, 6))
	})
	for _, bytes := range []int{4 * 7 * dim, segmentBytes} {
		other, err := Open(dir, Options{})
		if err != nil {
			t.Fatal(err)
		}
		other.segmentBytes = bytes
		n := 6
		if bytes == segmentBytes {
			n = 11
		}
		write(t, other, func(w *Writer) error { return w.Commit(t.Context(), numbered(space, n, n+5)) })
		checkNumbered(t, other, space, n+5)
		if p := verify(t, other); len(p) > 0 {
			t.Error(p)
		}
		if err := other.Close(); err != nil {
			t.Fatal(err)
		}
	}
	files, err := filepath.Glob(filepath.Join(dir, "spaces", space.Folder, "*.vec"))
	if err != nil || len(files) != 4 {
		t.Errorf("16 rows are in %d segments of four, %v", len(files), err)
	}
}

// Where the database is lost, and the header of the first segment with it, the next one says how many rows a segment has.
func TestTheRowsOfASegmentAreFoundInItsHeaders(t *testing.T) {
	t.Parallel()
	c, dir := create4(t)
	c.segmentBytes = 4 * 4 * dim
	var space record.Space
	write(t, c, func(w *Writer) (err error) {
		if space, err = w.Space(t.Context(), "m", "f", dim); err != nil {
			return err
		}
		return w.Commit(t.Context(), numbered(space, 0, 10))
	})
	if err := c.Close(); err != nil {
		t.Fatal(err)
	}
	folder := filepath.Join(dir, "spaces", space.Folder)
	if err := os.Truncate(filepath.Join(dir, "akin.db"), 0); err != nil {
		t.Fatal(err)
	}
	if err := flip(10)(filepath.Join(folder, "000001.vec")); err != nil {
		t.Fatal(err)
	}
	if _, err := Repair(t.Context(), dir); err != nil {
		t.Fatal(err)
	}
	c, err := Open(dir, Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	spaces, err := c.Spaces(t.Context())
	if err != nil || len(spaces) != 1 {
		t.Fatalf("%v, %v", spaces, err)
	}
	if s := spaces[0]; s.Rows != 10 || s.PerSegment != 4 || s.Dim != dim {
		t.Errorf("%+v", s)
	}
	if p := verify(t, c); len(p) > 0 {
		t.Error(p)
	}
}

// A database that says another number of rows than the segments is damaged, and rebuilt from them.
func TestANumberOfRowsThatTheSegmentsDenyIsRepaired(t *testing.T) {
	t.Parallel()
	for _, per := range []string{"0", "-1", "5", "4294967296"} {
		dir := filepath.Join(t.TempDir(), "c.akin")
		damageable(t, dir)
		change(t, dir, `UPDATE space SET per_segment = `+per)
		if _, err := Repair(t.Context(), dir); err != nil {
			t.Fatal(err)
		}
		if pictures, embeddings := checkLeft(t, dir, "per_segment is "+per); pictures != many || embeddings != many {
			t.Errorf("%s: %d pictures and %d embeddings are left", per, pictures, embeddings)
		}
	}
}
