package local

import (
	"fmt"
	"path/filepath"
	"testing"

	"github.com/akin-search/akin/internal/record"
)

// numbered gives pictures first…last-1 with embeddings that tell them apart.
func numbered(space record.Space, first, last int) record.Batch {
	var b record.Batch
	for i := first; i < last; i++ {
		name := fmt.Sprint(i)
		b.Puts = append(b.Puts, put("/p/"+name+".png", name))
		b.Embeddings = append(b.Embeddings, embedding(space, name, 1, float32(i), 0, 0))
	}
	return b
}

// checkNumbered checks that pictures 0…n-1 are there with their own embeddings.
func checkNumbered(t *testing.T, c *Collection, space record.Space, n int) {
	t.Helper()
	s := snapshot(t, c, space)
	if s.Pictures.Len() != n {
		t.Errorf("%d pictures, want %d", s.Pictures.Len(), n)
	}
	for _, p := range s.Pictures.All() {
		if p.Row < 0 {
			t.Errorf("%s has no embedding", p.Name)
			continue
		}
		if r := s.Matrix.Row(p.Row); fmt.Sprintf("%.3f", r[1]/r[0]) != p.Name+".000" {
			t.Errorf("%s has the embedding of %g", p.Name, r[1]/r[0])
		}
	}
	if p := verify(t, c); len(p) > 0 {
		t.Error(p)
	}
}

func TestSegmentsRollOver(t *testing.T) {
	t.Parallel()
	for _, x := range []struct {
		why   string
		sizes []int
	}{
		{"a batch fills a segment to the last row", []int{4, 4}},
		{"one batch fills several new segments", []int{10}},
		{"a batch ends a segment and begins the next", []int{3, 3, 3}},
		{"a batch spans three segments", []int{2, 7, 1}},
	} {
		c, dir := create4(t)
		c.segmentBytes = 4 * 4 * dim // four rows
		var space record.Space
		n := 0
		write(t, c, func(w *Writer) (err error) {
			if space, err = w.Space(t.Context(), "m", "f", dim); err != nil {
				return err
			}
			for _, size := range x.sizes {
				if err := w.Commit(t.Context(), numbered(space, n, n+size)); err != nil {
					return err
				}
				n += size
			}
			return nil
		})
		checkNumbered(t, c, space, n)
		files, err := filepath.Glob(filepath.Join(dir, "spaces", space.Folder, "*.vec"))
		if err != nil || len(files) != (n+3)/4 {
			t.Errorf("%s: %d rows are in %d segments", x.why, n, len(files))
		}
		// Another writer goes on where this one ended.
		write(t, c, func(w *Writer) error { return w.Commit(t.Context(), numbered(space, n, n+5)) })
		checkNumbered(t, c, space, n+5)
		if t.Failed() {
			t.Fatalf("when %s", x.why)
		}
	}
}

// A commit that spans two segments and fails at any operation leaves the same
// writer able to go on.
func TestAFailureAcrossSegmentsChangesNothing(t *testing.T) {
	t.Parallel()
	for n := range 40 {
		c, _ := create4(t)
		c.segmentBytes = 4 * 4 * dim
		var space record.Space
		w, err := c.Writer()
		if err != nil {
			t.Fatal(err)
		}
		if space, err = w.Space(t.Context(), "m", "f", dim); err != nil {
			t.Fatal(err)
		}
		if err := w.Commit(t.Context(), numbered(space, 0, 2)); err != nil {
			t.Fatal(err)
		}
		faults := failing(n)
		w.disk = faults
		failed := w.Commit(t.Context(), numbered(space, 2, 9)) != nil
		want := 9
		if failed {
			want = 2
		}
		checkNumbered(t, c, space, want)
		faults.At = -1
		if err := w.Commit(t.Context(), numbered(space, want, 11)); err != nil {
			t.Errorf("operation %d, afterwards: %v", n, err)
		}
		checkNumbered(t, c, space, 11)
		if err := w.Close(); err != nil {
			t.Error(err)
		}
		if t.Failed() {
			t.Fatalf("operation %d", n)
		}
		if !failed {
			return
		}
	}
	t.Error("every operation failed: the last ones were not reached")
}
